"""What the documents name is there: files that they link to, and commands that they tell."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DOCUMENTS = [
    path.relative_to(PROJECT).as_posix()
    for path in [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
]
#: What is no longer there stands in the changelog under its old name.
TELLING_COMMANDS = [name for name in DOCUMENTS if name != "CHANGELOG.md"]
COMMAND = re.compile(r"python -m ((?:infra|local|tests)\b[\w.]*\w)((?:[^\n`]|\\\n)*)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    missing = [each for each in targets if not ((PROJECT / document).parent / each).exists()]
    assert not missing


@pytest.mark.parametrize("document", TELLING_COMMANDS)
def test_every_command_has_its_module_and_options(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    for module, rest in COMMAND.findall(text):
        spec = find_spec(module)
        assert spec is not None, module
        if spec.submodule_search_locations:
            spec = find_spec(f"{module}.__main__")
        assert spec is not None, f"{module} cannot be run"
        assert spec.origin is not None
        source = Path(spec.origin).read_text(encoding="utf-8")
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest):
            assert f'"{option}"' in source, f"{module} does not know {option}"
