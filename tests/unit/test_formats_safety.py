"""No text breaks out of the file that it is written to, and no value out of its command."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2.nodes import Name
from jinja2.sandbox import SandboxedEnvironment
from markdown_it import MarkdownIt

from chalicelib.core.playbooks import Parameter
from chalicelib.formats import FORMATS
from chalicelib.formats.document import safe_pattern
from chalicelib.formats.script import bound, literal
from tests.formats.cases import NASTY, hostile, ordinary, source, texts

VALUES = ["plain", "two words", "", "$(touch HIT)", "`touch HIT`", "'; touch HIT; '",
          '"; touch HIT; "', "\n touch HIT\n", "*", "\\", "${HOME}", "a'b\"c"]  # fmt: skip


def written(name: str, text: str) -> str:
    return FORMATS[name].write(source(hostile(text))).text


def strings(values: Any) -> list[str]:
    if isinstance(values, str):
        return [values]
    if isinstance(values, dict):
        return [each for pair in values.items() for part in pair for each in strings(part)]
    return [each for part in values for each in strings(part)] if isinstance(values, list) else []


def check_ssm(text: str) -> None:
    document = yaml.safe_load(text)
    steps = document["mainSteps"]
    names = [step["name"] for step in steps]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_]{3,128}", name) for name in names)
    for said in strings(document):
        for found in re.findall(r"\{\{(.*?)\}\}", said):
            assert found.strip() in document["parameters"], said
        assert said.count("{{") == len(re.findall(r"\{\{ \w+ \}\}", said))
    for step in steps:
        inputs = step.get("inputs", {})
        for target in [c["NextStep"] for c in inputs.get("Choices", [])]:
            assert target in names
            assert inputs["Default"] in names
    for parameter in document["parameters"].values():
        if "default" in parameter:
            assert re.search(parameter["allowedPattern"], parameter["default"])
        if parameter["type"] == "String":
            for bad in ("'", "a'b", '"', "$(x)", "`x`", "a;b", "a\nb", "a b|c"):
                assert not re.search(parameter["allowedPattern"], bad)


def check_ansible(text: str) -> None:
    (play,) = yaml.safe_load(text)
    known = {f"param_{name}" for name in ("namespace", "PATH", "secret", "pod")}
    environment = SandboxedEnvironment(autoescape=False)
    for said in strings(play):
        if "{{" in said or "{%" in said or "{#" in said:
            code = environment.parse(said)
            names = {each.name for each in code.find_all(Name)}
            assert names <= known | {"target_hosts"}, said


def check_rundeck(text: str) -> None:
    (job,) = yaml.safe_load(text)
    options = {option["name"]: option for option in job["options"]}
    for command in job["sequence"]["commands"]:
        for found in re.findall(r"@([A-Za-z0-9_.-]+)@", command["script"]):
            assert found.removeprefix("option.") in options, command
    for option in options.values():
        assert not re.search(option["regex"], "a'b")


def check_cacao(text: str) -> None:
    document = json.loads(text)
    workflow = document["workflow"]
    assert document["workflow_start"] in workflow
    agents = document["agent_definitions"]
    for own, step in workflow.items():
        assert own.startswith(step["type"] + "--")
        for field in ("on_completion", "on_true", "on_success", "on_failure"):
            assert step.get(field, own) in workflow
        assert (step["type"] == "end") == ("on_completion" not in step)
        if step["type"] == "action":
            assert step["agent"] in agents
    commands = [each["command"] for step in workflow.values()
                for each in step.get("commands", []) if each["type"] == "bash"]  # fmt: skip
    for command in commands:
        for found in re.findall(r"(.*)__([A-Za-z_]\w*?)__:value", command):
            assert re.fullmatch(rf"param_{found[1]}='", found[0]), command
    assert set(document["playbook_extensions"]) == set(document["extension_definitions"])


def check_confluence(text: str) -> None:
    page = ElementTree.fromstring(f'<page xmlns:ac="ac" xmlns:ri="ri">{text}</page>')
    tags = {element.tag for element in page.iter()}
    assert tags <= {
        *("page", "h1", "h2", "p", "ol", "ul", "li", "strong", "em", "code", "table", "tbody"),
        *("tr", "th", "td", "{ac}structured-macro", "{ac}parameter", "{ac}plain-text-body"),
        "{ac}rich-text-body",
    }
    assert len(page.findall("ol/li")) == 5


def check_markdown(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(text)
    kinds = {token.type for token in tokens}
    children = {child.type for token in tokens for child in token.children or []}
    assert not kinds & {"html_block", "blockquote_open", "ordered_list_open", "hr", "code_block"}
    assert not children & {"html_inline", "link_open", "image", "em_open"}
    assert sum(token.type == "heading_open" and token.tag == "h3" for token in tokens) == 5


def check_skill(text: str) -> None:
    _, front, body = text.split("---", 2)
    assert set(yaml.safe_load(front)) == {"name", "description", "metadata"}
    check_markdown(body)


CHECKS: dict[str, Callable[[str], None]] = {
    "ssm": check_ssm,
    "ansible": check_ansible,
    "rundeck": check_rundeck,
    "cacao": check_cacao,
    "confluence": check_confluence,
    "markdown": check_markdown,
    "skill": check_skill,
}


def test_every_format_is_checked() -> None:
    assert set(CHECKS) == set(FORMATS) - {"json", "yaml"}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_stay_texts(name: str, text: str) -> None:
    CHECKS[name](written(name, text))


@pytest.mark.parametrize("name", CHECKS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=texts)
def test_any_text_stays_a_text(name: str, text: str) -> None:
    CHECKS[name](written(name, text))


@pytest.mark.parametrize("name", ["markdown", "confluence"])
def test_commands_are_shown_as_they_are(name: str) -> None:
    text = FORMATS[name].write(source(ordinary())).text
    commands = [s["args"]["command"] for s in ordinary()["steps"] if s["action"] == "shell"]
    if name == "markdown":
        shown = [t.content[:-1] for t in MarkdownIt().parse(text) if t.info == "sh"]
    else:
        page = ElementTree.fromstring(f'<page xmlns:ac="ac">{text}</page>')
        macros = page.iter("{ac}structured-macro")
        shown = [m.findtext("{ac}plain-text-body") or "" for m in macros
                 if m.findtext("{ac}parameter") == "bash"]  # fmt: skip
    assert shown == commands


@pytest.mark.parametrize("name", ["ssm", "ansible", "rundeck", "markdown", "skill", "confluence"])
def test_destructive_steps_are_guarded_or_marked(name: str) -> None:
    text = FORMATS[name].write(source(ordinary())).text
    mark = {"ssm": "aws:approve", "ansible": "Confirm: Free", "rundeck": "confirm_destructive",
            "confluence": 'ac:name="warning"'}.get(name, "**Warning")  # fmt: skip
    harmless = {**ordinary(), "steps": ordinary()["steps"][:2]}
    assert mark in text
    assert mark not in FORMATS[name].write(source(harmless)).text


def test_secrets_are_asked_for_by_each_tools_own_means() -> None:
    texts = {name: FORMATS[name].write(source(ordinary())).text for name in CHECKS}
    (play,) = yaml.safe_load(texts["ansible"])
    asked = {each["name"]: each["private"] for each in play["vars_prompt"]}
    assert asked == {"param_pod": False, "param_api_token": True}
    assert [task["name"] for task in play["tasks"] if task.get("no_log")] == ["Tell the API"]
    (job,) = yaml.safe_load(texts["rundeck"])
    assert [each["name"] for each in job["options"] if each.get("secure")] == ["api_token"]
    variable = json.loads(texts["cacao"])["playbook_variables"]["__api_token__"]
    assert variable["external"] is True
    assert "value" not in variable
    assert "get-parameter --with-decryption --name '{{ api_token }}'" in texts["ssm"]


@pytest.mark.parametrize(
    "command",
    [
        "printf %s ${x}",
        "printf %s '${x}'",
        'printf %s "${x}"',
        "printf %s pre'in'${x}\"post ${x}\"",
        "true # don't ${x}\nprintf %s ${x}",
        "printf %s $(printf %s ${x})",
        "printf %s \\\\${x}",
        "echo a; printf %s ${x} | cat",
        "echo $((1 << 2)) ${x}",
        'cat <<< "${x}"',
    ],
)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_never_becomes_a_part_of_the_program(
    command: str, value: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bound(command, ["x"])
    if made is None:
        assert "<<" in command
        return
    told = subprocess.run(
        [shutil.which("bash") or "bash", "-c", made],
        cwd=tmp_path, env={"param_x": value, "PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=True,
    ).stdout  # fmt: skip
    assert not list(tmp_path.iterdir())
    assert "".join(value.split()) in "".join(told.split())


@pytest.mark.parametrize(
    "command",
    [
        "cat <<EOF\n${x}\nEOF",
        "echo \\${x}",
        'echo "$(cat ${x})"',
        'echo "`cat ${x}`"',
        "echo $'${x}'",
        "echo '${x}",
        'echo "${x}',
    ],
)
def test_a_command_that_cannot_be_followed_is_left_to_a_person(command: str) -> None:
    assert bound(command, ["x"]) is None
    step = {"id": "one", "name": "One", "action": "shell", "args": {"command": command}}
    spec = {"name": "x", "parameters": [{"name": "x"}], "steps": [step]}
    for name in ("ssm", "ansible", "rundeck", "cacao"):
        written = FORMATS[name].write(source(spec))
        assert any("one" in each for each in written.not_carried), name


@settings(max_examples=40, deadline=None)
@given(st.lists(texts.filter(lambda text: "\0" not in text), min_size=1, max_size=8))
def test_literals_are_what_they_were(words: list[str]) -> None:
    special = re.compile(r"\{(?=\{)|@(?=option)")
    line = " ".join(literal(word, (), special) for word in words)
    printed = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True
    )
    assert printed.stdout.decode().split("\0")[:-1] == words
    assert "{{" not in line
    assert "@option" not in line


def test_what_a_script_checks_is_its_output(tmp_path) -> None:
    step = {"id": "a", "name": "A", "action": "shell", "args": {"command": "echo up; echo '1 web'"}}
    for validation, good in (
        ({"type": "contains", "value": "up\n1 w"}, True),
        ({"type": "contains", "value": "down"}, False),
        ({"type": "not_contains", "value": "down"}, True),
        ({"type": "not_contains", "value": "web"}, False),
        ({"type": "matches", "value": r"^\d ${pod}$"}, True),
        ({"type": "matches", "value": r"^\d\d"}, False),
    ):
        spec = {"name": "x", "parameters": [{"name": "pod"}],
                "steps": [{**step, "validations": [validation]}]}  # fmt: skip
        (job,) = yaml.safe_load(FORMATS["rundeck"].write(source(spec)).text)
        script = job["sequence"]["commands"][0]["script"].replace("@option.pod@", "web")
        ended = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True)
        assert (ended.returncode == 0) == good, validation


@pytest.mark.parametrize(
    "what",
    [
        {"action": "shell", "args": {"command": "echo done"}},
        {"action": "noop", "args": {"message": "Call ${who}"}},
        {"action": "wait", "args": {"seconds": 1}},
    ],
)
def test_a_rundeck_script_of_any_kind_looks_at_its_conditions(what: dict[str, Any]) -> None:
    step = {"id": "a", "name": "A", **what}
    when = [{"type": "equals", "param": "who", "value": "it's me"}]
    spec = {"name": "x", "parameters": [{"name": "who"}], "steps": [{**step, "when": when}]}
    written = FORMATS["rundeck"].write(source(spec))
    assert not any("when" in each for each in written.not_carried)
    (job,) = yaml.safe_load(written.text)
    (command,) = job["sequence"]["commands"]
    script = command["script"].replace("@option.who@", "nobody")
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("Skipped"), script


def test_ansible_asks_for_values_that_are_no_templates() -> None:
    (play,) = yaml.safe_load(FORMATS["ansible"].write(source(ordinary())).text)
    assert {each["unsafe"] for each in play["vars_prompt"]} == {True}


def test_ansible_takes_the_successes_that_curl_takes() -> None:
    (play,) = yaml.safe_load(FORMATS["ansible"].write(source(ordinary())).text)
    (asked,) = (
        task["ansible.builtin.uri"] for task in play["tasks"] if "ansible.builtin.uri" in task
    )
    assert {200, 201, 202, 204} <= set(asked["status_code"])


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("^[a-z0-9-]+$", True),
        ("^\\d{1,5}$", True),
        ("^[^ ]+$", False),
        ("^.*$", False),
        ("[a-z]+", False),
        ("^[a-z']+$", False),
        ("^[\\w.]+$", True),
        ("^[a-z]+$|.*", False),
        ("^(a|b)$", False),
        ("^[\\s\\S]*$", False),
    ],
)
def test_a_pattern_is_kept_only_where_it_is_known_to_be_safe(pattern: str, kept: bool) -> None:
    assert safe_pattern(Parameter(name="x", pattern=pattern)).endswith(pattern[1:]) == kept


@pytest.mark.parametrize(
    ("told", "taken", "refused"),
    [
        ({}, ["web-1", "/-"], ["--all", "-n", ""]),
        ({"pattern": "^[a-z-]+$"}, ["a-b"], ["-a", "--"]),
        ({"required": False}, ["", "x"], ["-x"]),
        ({"type": "integer"}, ["3", "-1"], ["", "three", "3.5"]),
        ({"type": "number"}, ["3", "-1.5", "1e3"], ["-", "x"]),
        ({"type": "boolean"}, ["true", "false"], ["yes", "True", ""]),
    ],
)
def test_a_value_is_of_its_type_and_no_option(
    told: dict[str, Any], taken: list[str], refused: list[str]
) -> None:
    pattern = safe_pattern(Parameter(name="x", **told))
    assert [value for value in taken + refused if re.search(pattern, value)] == taken
