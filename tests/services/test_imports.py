"""Playbooks from files: what they are afterwards, and what is refused without a trace."""

import json
from typing import Any

import pytest

from chalicelib.core.playbooks import Risk
from chalicelib.services import export, imports, publish, recommend
from chalicelib.services.access import Caller
from chalicelib.services.errors import Forbidden, InvalidInput
from chalicelib.services.listing import Wanted
from chalicelib.store import objects
from tests.services.cases import AGENT, NOW, written

pytestmark = pytest.mark.usefixtures("stack")

PAGE = "<h1>Disk full on db</h1><ol><li>Look: <code>df -h</code></li><li>Delete old logs: " \
       "<code>sudo rm -rf /var/log/old</code></li></ol>"  # fmt: skip


def imported(scope: str, kind: str, content: Any, **more: Any) -> Any:
    body = {"scope": scope, "format": kind, "content": content, **more}
    return imports.import_playbook(body, AGENT, NOW)


def refused(scope: str, **body: Any) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        imports.import_playbook({"scope": scope, **body}, AGENT, NOW)
    assert publish.list_playbooks(scope, Wanted(), AGENT).items == []
    return [each["field"] for each in raised.value.errors]


@pytest.mark.parametrize("name", ["json", "yaml", "cacao"])
def test_what_was_exported_can_be_imported(scope: str, name: str) -> None:
    made = export.export_playbook(written(scope).playbook_id, {"format": name}, AGENT, NOW)
    content = objects.read(made["key"]).decode()
    playbook = imported(f"{scope}-b", name, content, systems=["db"], severity="SEV2")
    assert playbook.spec == publish.find_playbook(made["playbook_id"], AGENT).spec
    assert (playbook.version, playbook.systems, playbook.severities) == ("1.0.0", ["db"], ["high"])
    [version] = publish.list_versions(playbook.playbook_id, "main", Wanted(), AGENT).items
    assert version.changelog == f"Imported from {name}."


def test_a_page_is_an_ordinary_playbook_with_risks(scope: str) -> None:
    playbook = imported(scope, "confluence", PAGE, symptoms=["writes fail"])
    assert playbook.title == "Disk full on db"
    assert [step.risk for step in playbook.spec.steps] == [Risk.READ_ONLY, Risk.DESTROYS]
    asked = {"scope": scope, "incident": {"title": "Disk full on db", "symptoms": ["writes fail"]}}
    answer = recommend.recommend(asked, AGENT, NOW)
    assert [each["playbook_id"] for each in answer["recommendations"]] == [playbook.playbook_id]


def test_the_request_may_name_the_playbook(scope: str) -> None:
    assert imported(scope, "confluence", PAGE, name="Free it").title == "Free it"
    nameless = PAGE.partition("</h1>")[2]
    assert imported(scope, "confluence", nameless, name="Free it").title == "Free it"


def test_a_step_gets_the_risk_that_its_words_have_at_least(scope: str) -> None:
    step = {"id": "a", "name": "A", "action": "shell", "args": {"command": "rm -rf /x"}}
    looks = {**step, "id": "c", "args": {"command": "df -h"}, "risk": "changes"}
    spec = {"name": "N", "steps": [step, {**step, "id": "b", "risk": "changes"}, looks]}
    for content in (json.dumps(spec), spec):
        playbook = imported(scope, "json", content)
        assert [each.risk for each in playbook.spec.steps] == [
            *(Risk.DESTROYS, Risk.DESTROYS, Risk.CHANGES),
        ]


def test_secrets_that_were_escaped_in_the_file_are_not_stored(scope: str) -> None:
    value = "hunter" + "2" * 12
    hidden = "".join(f"\\u{ord(each):04x}" for each in f"mysql --password={value}")
    content = ('{"name": "N", "steps": [{"id": "a", "name": "A", "action": "shell", '
               f'"args": {{"command": "{hidden}"}}}}]}}')  # fmt: skip
    playbook = imported(scope, "json", content)
    assert value not in playbook.model_dump_json()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["format", "content"]),
        ({"format": "json", "content": ""}, ["content"]),
        ({"format": "json", "content": 3}, ["content"]),
        ({"format": "json", "content": "x" * 500_001}, ["content"]),
        ({"format": "markdown", "content": "# x"}, ["format"]),
        ({"format": "json", "content": "{"}, ["content"]),
        ({"format": "json", "content": "{}"}, ["name"]),
        ({"format": "json", "content": '{"name": "N"}'}, ["content.steps"]),
        (
            {"format": "yaml", "content": "name: N\nsteps: [{id: a, name: A, action: x}]"},
            ["content.steps.0.action"],
        ),
        ({"format": "yaml", "content": "name: N\nsteps: [a]"}, ["content.steps.0"]),
        ({"format": "confluence", "content": "<ol><li>Look</li></ol>"}, ["name"]),
        ({"format": "confluence", "content": PAGE, "severity": "awful"}, ["severity"]),
    ],
)
def test_what_cannot_be_imported_is_named(
    scope: str, body: dict[str, Any], fields: list[str]
) -> None:
    assert refused(scope, **body) == fields


def test_a_playbook_that_is_too_large_is_refused(scope: str) -> None:
    step = {"id": "a", "name": "A", "action": "noop", "args": {"message": "x" * 200_000}}
    assert refused(scope, format="json", content={"name": "N", "steps": [step]}) == ["content"]


def test_another_ones_scope_is_not_imported_to(scope: str) -> None:
    stranger = Caller(name="other", role="agent", scopes=["elsewhere"])
    with pytest.raises(Forbidden):
        imports.import_playbook({"scope": scope, "format": "confluence", "content": PAGE},
                                stranger, NOW)  # fmt: skip
