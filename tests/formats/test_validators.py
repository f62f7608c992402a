"""Each format before the tool that it is for, or that tool's own checker."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, validators
from referencing import Registry, Resource
from skills_ref import validate

from chalicelib.formats import FORMATS
from chalicelib.formats.as_skill import name_of
from tests.formats.cases import NASTY, hostile, ordinary, source
from tests.npm import installed

NPM = Path(__file__).parent / "npm"
BIN = Path(sys.executable).parent
CACAO = Path(__file__).parents[3] / "shared" / "data" / "cacao-2.0"
#: What the linter holds against commands that people typed, or against quoting all texts.
NOT_OURS = "command-instead-of-module,risky-shell-pipe,yaml[line-length],var-naming[pattern]"

PLAYBOOKS = [ordinary(), *map(hostile, NASTY)]


@cache
def automation_schema() -> dict[str, Any]:
    """The JSON schema of Systems Manager's own language service, as npm has it."""
    schema = installed(NPM, "aws-ssm-document-language-service/dist/schema.json")
    found: dict[str, Any] = json.loads(schema.read_text())
    return found


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_ssm_is_what_the_schema_of_aws_says(playbook: dict[str, Any]) -> None:
    document = yaml.safe_load(FORMATS["ssm"].write(source(playbook)).text)
    errors = list(Draft7Validator(automation_schema()).iter_errors(document))
    assert not errors, errors[0]


@pytest.fixture(scope="module")
def playbooks_of_ansible(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ansible")
    for number, playbook in enumerate(PLAYBOOKS):
        text = FORMATS["ansible"].write(source(playbook)).text
        (place / f"playbook_{number}.yml").write_text(text)
    return place


def ansible(command: str, *arguments: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_HOME": str(place / "home"),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        [str(BIN / command), *arguments],
        cwd=place, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_ansible_takes_the_syntax(playbooks_of_ansible: Path) -> None:
    files = sorted(each.name for each in playbooks_of_ansible.glob("*.yml"))
    told = ansible("ansible-playbook", "--syntax-check", *files, place=playbooks_of_ansible)
    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.count("playbook: ") == len(PLAYBOOKS)


def test_ansible_lint_finds_nothing(playbooks_of_ansible: Path, tmp_path: Path) -> None:
    """All plays in one file, as the syntax of each file is looked at by a process of its own."""
    texts = [each.read_text() for each in sorted(playbooks_of_ansible.glob("*.yml"))]
    plays = [text.partition("---\n")[2].strip("\n") for text in texts]
    assert all(plays)
    (tmp_path / "plays.yml").write_text("---\n" + "\n\n".join(plays) + "\n")
    told = ansible(
        "ansible-lint", "--offline", "--profile", "production", "--skip-list", NOT_OURS,
        "-q", "--format=pep8", "plays.yml", place=tmp_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[:3000] + told.stderr[-2000:]


def test_ansible_runs_it_with_values_that_stay_values(tmp_path: Path) -> None:
    """The play as it is run: braces stay braces, conditions and validations are looked at."""
    shown = tmp_path / "shown"
    write = f"printf %s '{{{{ ${{word}} }}}} {{% x %}}' > {shown}; cat {shown}"
    hit = tmp_path / "hit"
    attack = f"{{{{ lookup('pipe', 'touch {hit}') }}}}"
    spec = {
        "name": f"Run {attack}",
        "description": attack,
        "parameters": [{"name": "word", "default": "safe"}, {"name": "go", "default": "no"}],
        "steps": [
            {"id": "a", "name": f"Write {attack}", "action": "shell",
             "args": {"command": write},
             "when": [{"type": "not_equals", "param": "go", "value": attack}],
             "validations": [{"type": "not_contains", "value": attack},
                             {"type": "contains", "value": "{{ ${word} }} {% x %}"},
                             {"type": "matches", "value": r"^\{\{ ${word} \}\} \{% x"}]},
            {"id": "b", "name": "Skip", "action": "shell", "args": {"command": f"rm {shown}"},
             "when": [{"type": "equals", "param": "go", "value": "yes"}]},
            {"id": "c", "name": "Fail", "action": "shell", "args": {"command": "echo down"},
             "validations": [{"type": "not_contains", "value": "down"}]},
        ],
    }  # fmt: skip
    (tmp_path / "play.yml").write_text(FORMATS["ansible"].write(source(spec)).text)
    python = f"ansible_python_interpreter={sys.executable}"
    here = ("-c", "local", "-i", "localhost,", "-e", python)
    told = ansible("ansible-playbook", *here, "play.yml", place=tmp_path)
    assert shown.exists(), told.stdout + told.stderr
    assert shown.read_text() == "{{ safe }} {% x %}"
    assert not hit.exists()
    assert "TASK [Fail]" in told.stdout
    assert "failed=1" in told.stdout


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_skill_is_what_its_reference_says(playbook: dict[str, Any], tmp_path: Path) -> None:
    playbook_source = source(playbook)
    skill = tmp_path / name_of(playbook_source.spec)
    skill.mkdir()
    (skill / "SKILL.md").write_text(FORMATS["skill"].write(playbook_source).text, encoding="utf-8")
    assert validate(skill) == []


@cache
def cacao_schema() -> Any:
    """The validator of OASIS's JSON schemas, which are optional data for evaluating."""
    if not CACAO.exists():
        pytest.skip("the JSON schemas of CACAO 2.0 are not there (../shared/data/cacao-2.0)")
    files = {path: json.loads(path.read_text()) for path in CACAO.rglob("*.json")}
    pairs = [(schema["$id"], Resource.from_contents(schema)) for schema in files.values()]
    entry = files[CACAO / "playbook.json"]
    return validators.validator_for(entry)(entry, registry=Registry().with_resources(pairs))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_cacao_is_what_the_schemas_of_oasis_say(playbook: dict[str, Any]) -> None:
    document = json.loads(FORMATS["cacao"].write(source(playbook)).text)
    errors = list(cacao_schema().iter_errors(document))
    assert not errors, errors[0]
