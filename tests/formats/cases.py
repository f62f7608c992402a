"""Playbooks that formats have to write: an ordinary one, and ones full of what could break them."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats.document import Source

CREATED = datetime(2026, 1, 31, 12, tzinfo=UTC)

NASTY = (
    '"; rm -rf / #',
    "' || reboot '",
    "$(reboot) `reboot` ${undeclared} $HOME",
    "{{ lookup('pipe', 'id') }} {% raw %} {# no #} {{{ }}}",
    "]]> <script>alert(1)</script> &amp; &nbsp; <!-- -->",
    "- item: [1, 2] # no comment\n--- \n...\n? key\n%TAG",
    "@option.namespace@ ${option.namespace} @x@",
    "__namespace__:value __x__:value",
    "*bold* _em_ `` ` `` ``` ```` [link](http://x) ![i](x) <http://x> # head\n> quote\n| a | b |",
    "\x00\x01\x08\x1b\x7f\x85\u2028\ufeff\ufffe 😀 é",
    "--leading --dashes",
    "{${namespace} {{${namespace}}} {%${namespace}%}",
    "~~~\nfence\n~~~\n```\nfence\n```",
    "EOF\nEOF\n<<EOF",
    "C:\\new\\table \\' \\\" \\",
)


def source(spec: dict[str, Any]) -> Source:
    return Source("pb_0123", "1.2.0", PlaybookSpec.model_validate(spec), CREATED, CREATED)


def ordinary() -> dict[str, Any]:
    """Every kind of step, parameter, condition and validation, without tricks."""
    return {
        "name": "Restart a pod that does not come up",
        "category": "incident_response",
        "description": "What solved it five times.\n\nBegin with the events.",
        "parameters": [
            {"name": "namespace", "default": "prod", "examples": ["prod", "test"]},
            {"name": "pod", "description": "The pod.", "pattern": "^[a-z0-9-]+$"},
            {"name": "replicas", "type": "integer", "default": 3},
            {"name": "disk_full", "type": "boolean", "required": False, "default": False},
            {"name": "note", "required": False, "pattern": "^.*$"},
            {"name": "api_token", "type": "secure_string", "description": "The API token."},
        ],
        "prerequisites": [{"type": "non_empty", "param": "pod"}],
        "steps": [
            shell("look", "kubectl describe pod ${pod} -n ${namespace}", risk="read_only",
                  evidence={"support": 2, "incident_ids": ["i-1", "i-2"], "quotes": ["Looked."]},
                  outputs=[{"name": "events", "description": "What happened to it."}]),
            shell("logs", "kubectl logs '${pod}' --prefix \"${namespace}\" | grep -c 'x' || true",
                  validations=[{"type": "contains", "value": "pod ${pod}"},
                               {"type": "not_contains", "value": "it's broken"},
                               {"type": "matches", "value": "^[0-9]+ ${pod}$"}]),
            shell("free", "rm -rf /var/cache/${pod}", risk="destroys",
                  when=[{"type": "equals", "param": "disk_full", "value": True,
                         "text": "Is the disk full?"}]),
            shell("scale", "kubectl scale deploy web --replicas=${replicas}",
                  when=[{"type": "not_equals", "param": "namespace", "value": "test"},
                        {"type": "non_empty", "param": "note"}]),
            {"id": "call", "name": "Tell the API", "action": "http_request",
             "args": {"url": "https://api.example/pods/${pod}", "method": "POST",
                      "headers": {"Authorization": "Bearer ${api_token}"},
                      "body": {"pod": "${pod}"}}},
            {"id": "wait", "name": "Wait", "action": "wait", "args": {"seconds": 30}},
            {"id": "watch", "name": "Watch the dashboard", "action": "noop",
             "args": {"message": "Watch the dashboard for ${namespace}."},
             "when": [{"type": "equals", "param": "replicas", "value": 3}]},
        ],
        "metadata": {"keywords": ["pod"], "mined_incidents": 5, "none": None, "rate": 0.5},
    }  # fmt: skip


def shell(own: str, command: str, **more: Any) -> dict[str, Any]:
    args = {"command": command}
    return {"id": own, "name": own.capitalize(), "action": "shell", "args": args, **more}


def hostile(text: str) -> dict[str, Any]:
    """The text wherever a text may stand."""
    line = text[:300]
    return {
        "name": line.strip() or "x",
        "category": text[:100],
        "description": text,
        "parameters": [
            {"name": "namespace", "description": text, "default": text, "examples": [text]},
            {"name": "PATH", "required": False, "pattern": text, "type": text[:60]},
            {"name": "secret", "type": "secure_string", "description": text},
        ],
        "prerequisites": [{"type": "non_empty", "param": "namespace"}],
        "steps": [
            shell("1 " + text[:90], f"echo ${{namespace}} '${{PATH}}' \"${{secret}}\" {text}",
                  when=[{"type": "equals", "param": "namespace", "value": text, "text": text}],
                  outputs=[{"name": "out", "description": text}],
                  validations=[
                      {"type": kind, "value": f"{text}${{namespace}}", "text": text}
                      for kind in ("contains", "not_contains", "matches")
                  ],
                  evidence={"support": 1, "incident_ids": [text], "quotes": [text]},
                  risk="destroys"),
            shell("2", text.strip() or "true"),
            {"id": "3", "name": line.strip() or "x", "action": "http_request",
             "args": {"url": f"https://x/{text}", "method": text, "headers": {text: text},
                      "body": {"a": text}}},
            {"id": "4", "name": "Say", "action": "noop", "args": {"message": f"m {text}"},
             "when": [{"type": "not_equals", "param": "PATH", "value": text}]},
            {"id": "5", "name": "Odd", "action": "wait", "args": {"seconds": text}},
        ],
        "metadata": {text: text},
    }  # fmt: skip


texts = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.lists(
        st.sampled_from([
            *("'", '"', "\\", "$", "{", "}", "{{", "}}", "${namespace}", "${PATH}", "`", "\n", " "),
            *("#", "<<", "EOF", "$(", ")", "]]>", "@option.x@", "__x__:value", "<", "&", ";", "-"),
            *("{%", "{#", "*", "|", "a", "b", ":", "~"),
        ]),
        min_size=1, max_size=12,
    ).map("".join),
)  # fmt: skip
