"""Exports read back to the same values, whoever reads them."""

import io
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats import FORMATS

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
    assert read(FORMATS["yaml"].write(values)) == values.model_dump(mode="json")


printable = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), min_size=1
)


@given(printable, st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_and_number_reads_back(text: str, number: float) -> None:
    values = spec(text, number)
    expected = values.model_dump(mode="json")
    for read in (yaml_1_1, yaml_1_2):
        assert read(FORMATS["yaml"].write(values)) == expected
    assert json.loads(FORMATS["json"].write(values)) == expected
