"""Exports read back to the same values, whoever reads them."""

import io
import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats import FORMATS
from chalicelib.formats.as_cacao import EXTENSION
from chalicelib.formats.document import Source
from tests.formats.cases import CREATED, NASTY, hostile, ordinary, source, texts

TRICKY = [
    *("no", "on", "y", "null", "~", "1:30", "0o17", "017", "1e3", "0x1F", "2026-01-31", "=", "<<"),
    *(
        "- item",
        "key: value",
        "# not a comment",
        "'",
        '"',
        "\\",
        "\t",
        " lead",
        "trail ",
        "é\u2028x",
    ),
    *(
        "line one\nline two\n",
        "\x85",
        "\ufeff",
        "😀",
        "%percent",
        "@at",
        "`tick`",
        "{a}",
        "[b]",
        "!tag",
    ),
]
READABLE = ["json", "yaml", "cacao"]


def spec(text: str, number: float = 1.0) -> PlaybookSpec:
    return PlaybookSpec.model_validate(
        {
            "name": text.strip() or "name",
            "description": text,
            "steps": [
                {"id": "one", "name": "One", "action": "noop", "args": {"message": f"m {text}"}}
            ],
            "metadata": {"key " + text: [text, number, True, None, 3]},
        }
    )


def of(values: PlaybookSpec) -> Source:
    return Source("pb_1", "1.0.0", values, CREATED, CREATED)


def read_back(name: str, text: str) -> PlaybookSpec:
    read = FORMATS[name].read
    assert read is not None
    return PlaybookSpec.model_validate(read(text))


def yaml_1_1(text: str) -> object:
    return yaml.safe_load(text)


def yaml_1_2(text: str) -> object:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    return reader.load(io.StringIO(text))


@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("read", [yaml_1_1, yaml_1_2])
def test_yaml_reads_back(text: str, read) -> None:
    values = spec(text)
    assert read(FORMATS["yaml"].write(of(values)).text) == values.model_dump(mode="json")


printable = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), min_size=1
)


@given(printable, st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_and_number_reads_back(text: str, number: float) -> None:
    values = spec(text, number)
    expected = values.model_dump(mode="json")
    for read in (yaml_1_1, yaml_1_2):
        assert read(FORMATS["yaml"].write(of(values)).text) == expected
    assert json.loads(FORMATS["json"].write(of(values)).text) == expected
    for name in READABLE:
        assert read_back(name, FORMATS[name].write(of(values)).text) == values


@settings(max_examples=30)
@given(texts)
def test_whatever_stands_in_any_field_reads_back(text: str) -> None:
    playbook = source(hostile(text))
    for name in READABLE:
        assert read_back(name, FORMATS[name].write(playbook).text) == playbook.spec


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("name", READABLE)
def test_nasty_texts_read_back(name: str, text: str) -> None:
    playbook = source(hostile(text))
    assert read_back(name, FORMATS[name].write(playbook).text) == playbook.spec


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_playbook_is_the_same_file(name: str) -> None:
    first, second = (FORMATS[name].write(source(ordinary())) for _ in range(2))
    assert first == second


def test_no_two_formats_share_a_file() -> None:
    assert len({each.file for each in FORMATS.values()}) == len(FORMATS)


LOST: dict[str, set[str]] = {
    "json": set(),
    "yaml": set(),
    "markdown": {"metadata"},
    "skill": {"metadata"},
    "confluence": {"metadata"},
    "cacao": {"parameters.pattern"},
    "ssm": {
        *("parameters.pattern", "category", "parameters.examples", "steps.evidence"),
        *("steps.outputs", "metadata"),
    },
    "ansible": {
        *("description", "parameters.pattern", "category", "parameters.examples"),
        *("steps.evidence", "steps.outputs", "metadata"),
    },
    "rundeck": {
        *("steps", "parameters.pattern", "parameters.examples", "steps.evidence"),
        *("steps.outputs", "metadata"),
    },
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_carried_over_is_told(name: str) -> None:
    written = FORMATS[name].write(source(ordinary()))
    assert {each.partition(":")[0] for each in written.not_carried} == LOST[name]
    if name not in ("cacao", "markdown", "skill"):  # JSON has no comments, Markdown escapes
        assert all(each.split(": ")[1][:20] in written.text for each in written.not_carried)


@pytest.mark.parametrize("name", ["markdown", "skill"])
def test_a_command_that_cannot_be_shown_as_it_is_is_told(name: str) -> None:
    for command, shown in (("echo 'a\tb'\r\nls", True), ("echo 'a\u00a0b'", False)):
        step = {"id": "say", "name": "Say", "action": "shell", "args": {"command": command}}
        written = FORMATS[name].write(source({"name": "x", "steps": [step]}))
        assert (written.not_carried == ()) == shown


def test_a_cacao_playbook_that_another_tool_changed_is_what_its_workflow_says() -> None:
    simple = {"name": "Look", "steps": [ordinary()["steps"][0]], "parameters": [
        {"name": "namespace"}, {"name": "pod"}]}  # fmt: skip
    document: dict[str, Any] = json.loads(FORMATS["cacao"].write(source(simple)).text)
    action = next(each for each in document["workflow"].values() if each["type"] == "action")
    action["commands"] = [{"type": "bash", "command": "kubectl get pod __pod__:value"}]
    changed = read_back("cacao", json.dumps(document))
    assert [step.args for step in changed.steps] == [{"command": "kubectl get pod ${pod}"}]
    assert [each.name for each in changed.parameters] == ["pod"]
    assert EXTENSION in document["playbook_extensions"]


@pytest.mark.parametrize("name", ["ssm", "cacao", "rundeck"])
def test_an_output_that_no_script_has_is_told_not_to_be_judged(name: str) -> None:
    step = {
        "id": "look",
        "name": "Look",
        "action": "noop",
        "args": {"message": "Look at the dashboard"},
        "validations": [{"type": "contains", "value": "green"}],
    }
    written = FORMATS[name].write(source({"name": "Looked at", "steps": [step]}))
    assert "steps.validations: those of look" in written.not_carried
