"""Files from elsewhere: what becomes of a page, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats import FORMATS
from chalicelib.formats.reading import Unreadable
from tests.formats.cases import NASTY, hostile, ordinary, source, texts

PAGE = """
<h1>Postgres: disk full</h1>
<p>When writes fail&nbsp;&ndash; see the <a href="https://x.example">dashboard</a>.</p>
<h2>Procedure</h2>
<ol>
<li><p>Look at the free space</p>
<ac:structured-macro ac:name="code" ac:schema-version="1" ac:macro-id="f0-12">
<ac:parameter ac:name="language">bash</ac:parameter><ac:parameter ac:name="title">Free</ac:parameter>
<ac:plain-text-body><![CDATA[$ df -h /var/lib/postgresql
Filesystem  Size  Used
/dev/sda1   100G  100G]]></ac:plain-text-body></ac:structured-macro></li>
<li>Tell <strong>the team</strong> in <ac:link><ri:user ri:username="ann" /></ac:link> the channel
<ul><li>and the manager</li></ul></li>
<li>Remove old logs: <code>sudo rm -rf /var/log/postgresql/old</code>, not <code>max_wal_size</code></li>
</ol>
<h2>Afterwards</h2>
<p>Restart it in <code>${namespace}</code>:</p>
<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[
kubectl rollout restart deploy/db -n ${namespace}
]]></ac:plain-text-body></ac:structured-macro>
<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">json</ac:parameter>
<ac:plain-text-body><![CDATA[{"status": "ok"}]]></ac:plain-text-body></ac:structured-macro>
<ac:structured-macro ac:name="info"><ac:rich-text-body><p>Done &amp; dusted</p></ac:rich-text-body>
</ac:structured-macro>
"""  # noqa: E501


def read(name: str, content: str) -> dict[str, Any]:
    reader = FORMATS[name].read
    assert reader is not None
    return reader(content)


def page(content: str) -> PlaybookSpec:
    return PlaybookSpec.model_validate(read("confluence", content))


def test_lists_and_code_of_a_page_become_steps() -> None:
    spec = page(PAGE)
    assert spec.name == "Postgres: disk full"
    assert spec.description == "When writes fail – see the dashboard."
    assert [(step.name, step.text) for step in spec.steps] == [
        ("Look at the free space", "df -h /var/lib/postgresql"),
        (
            "Tell the team in the channel",
            "Tell the team in the channel\nand the manager",
        ),
        (
            "Remove old logs: sudo rm -rf /var/log/postgresql/old, not max_wal_size",
            "sudo rm -rf /var/log/postgresql/old",
        ),
        ("Restart it in ${namespace}:", "kubectl rollout restart deploy/db -n ${namespace}"),
    ]
    assert [step.action for step in spec.steps] == ["shell", "noop", "shell", "shell"]
    assert [each.name for each in spec.parameters] == ["namespace"]
    assert spec.metadata["notes"] == {spec.steps[3].id: ['{"status": "ok"}', "Done & dusted"]}


def test_a_page_that_we_wrote_has_its_commands_again() -> None:
    playbook = source(ordinary())
    again = page(FORMATS["confluence"].write(playbook).text)
    commands = [step.text for step in playbook.spec.steps if step.action == "shell"]
    assert again.name == playbook.spec.name
    assert [step.text for step in again.steps if step.action == "shell"] == commands
    assert [step.name for step in again.steps] == [step.name for step in playbook.spec.steps]


@settings(max_examples=40, deadline=None)
@given(texts)
def test_any_page_that_we_wrote_can_be_read(text: str) -> None:
    assert page(FORMATS["confluence"].write(source(hostile(text))).text).steps


def test_a_secret_that_was_removed_becomes_a_parameter() -> None:
    spec = page("<p>password: <REDACTED:password></p><ol><li>Sign in <code>mysql -u x "
                "--password=&lt;REDACTED:password&gt; -e 'select 1'</code></li></ol>"
                .replace("<p>", "<h1>T</h1><p>"))  # fmt: skip
    assert "${password}" in spec.steps[0].text
    assert [(each.name, each.type) for each in spec.parameters] == [("password", "secure_string")]


BOMB = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n"
ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaa">]><ol><li>&a;</li></ol>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("json", "{"),
        ("json", "[]"),
        ("json", "null"),
        ("json", '{"name": NaN}'),
        ("json", '{"name": "\\ud800"}'),
        ("json", "[" * 100_000),
        ("json", '{"name": ' + "1" * 5_000 + "}"),
        ("yaml", BOMB),
        ("yaml", "name: !!python/object/apply:os.system ['id']"),
        ("yaml", "name: !!binary aGk="),
        ("yaml", "- a"),
        ("yaml", "a: [b"),
        ("yaml", "a: " + "[" * 10_000),
        ("yaml", "a: .nan"),
        ("yaml", "a: \x00"),
        ("yaml", "{? [a] : b}"),
        ("yaml", "a: !!int x"),
        ("cacao", "{}"),
        ("cacao", '{"type": "playbook", "spec_version": "cacao-2.0"}'),
        ("cacao", '{"type": "playbook", "spec_version": "cacao-1.1"}'),
        ("confluence", ENTITY),
        ("confluence", "<ol><li>one</ol>"),
        ("confluence", "</page><page>"),
        ("confluence", "</ol><ol>"),
        ("confluence", "<p>no steps</p>"),
        ("confluence", "plain text"),
        ("confluence", f"<ol>{'<li>ls</li>' * 40_000}</ol>"),
        ("confluence", "<![CDATA[" * 50_000),  # minutes, if each were looked for to the end
        ("confluence", "<p>&unknown;</p>"),
        ("confluence", "\x00"),
    ],
)
def test_what_is_not_of_the_format_is_refused(name: str, content: str) -> None:
    with pytest.raises(Unreadable):
        read(name, content)


@pytest.mark.parametrize("name", ["json", "yaml", "cacao", "confluence"])
@settings(max_examples=60, deadline=None)
@given(content=texts | st.sampled_from([*NASTY, PAGE, BOMB]).map(lambda text: text[5:]))
def test_no_content_makes_a_reader_fail_in_another_way(name: str, content: str) -> None:
    try:
        values = read(name, content)
    except Unreadable:
        return
    json.dumps(values)


def test_times_in_yaml_are_texts() -> None:
    assert read("yaml", "at: 2026-01-31\n'on': x") == {"at": "2026-01-31", "on": "x"}


def foreign(*middle: dict[str, Any], **more: Any) -> str:
    ids = [f"{each['type']}--{number}" for number, each in enumerate(middle)]
    after = [*ids[1:], "end--1"]
    steps = {own: {"on_completion": following, **each}
             for own, following, each in zip(ids, after, middle, strict=True)}  # fmt: skip
    return json.dumps({
        "type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--1", "name": "Block it",
        "workflow_start": "start--1",
        "workflow": {"start--1": {"type": "start", "on_completion": ids[0]}, **steps,
                     "end--1": {"type": "end"}},
        **more,
    })  # fmt: skip


def test_a_cacao_playbook_of_another_tool_is_a_list_of_its_actions() -> None:
    content = foreign(
        {"type": "action", "name": "Look", "commands": [
            {"type": "bash", "command": "ping -c 1 __bad-host__:value"},
            {"type": "ssh", "command_b64": "dXB0aW1l"}]},
        {"type": "action", "name": "Ask", "commands": [{"type": "manual", "command": "Ask ann."}]},
        {"type": "action", "name": "Api", "commands": [{"type": "http-api", "command": "GET /x"}]},
        playbook_variables={"__bad-host__": {"type": "string", "description": "Who."}},
    )  # fmt: skip
    spec = PlaybookSpec.model_validate(read("cacao", content))
    assert [(step.id, step.action, step.text) for step in spec.steps] == [
        ("look", "shell", "ping -c 1 ${bad_host}"),
        ("look-2", "shell", "uptime"),
        ("ask", "noop", "Ask ann."),
        ("api", "noop", "http-api: GET /x"),
    ]
    assert [(each.name, each.required) for each in spec.parameters] == [("bad_host", True)]


@pytest.mark.parametrize(
    "content",
    [
        foreign({"type": "if-condition", "condition": "x", "on_true": "end--1"}),
        foreign({"type": "action", "on_completion": "action--0", "commands": []}),
        foreign({"type": "action", "on_completion": "action--9", "commands": []}),
        foreign({"type": "action", "commands": [{"type": "bash", "command_b64": "?"}]}),
        foreign({"type": "action", "commands": ["x"]}),
        foreign({"type": "action", "on_completion": ["x"]}),
    ],
)
def test_a_workflow_that_is_no_list_is_refused(content: str) -> None:
    with pytest.raises(Unreadable):
        read("cacao", content)
