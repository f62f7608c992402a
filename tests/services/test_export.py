"""Playbooks as files in S3: what is written, what is recorded of it, and what S3's faults do."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import yaml
from botocore.exceptions import ClientError

from chalicelib.formats import FORMATS
from chalicelib.services import export, operate, publish, record, review
from chalicelib.services.access import Caller
from chalicelib.services.errors import Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.services.suggestions import list_suggestions
from chalicelib.store import objects
from tests.services.cases import AGENT, NOW, REVIEWER, suggested, written

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def broken_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """S3 refuses to keep anything; the keys that it refused."""
    refused: list[str] = []
    error = {"Error": {"Code": "SlowDown", "Message": "Please reduce your request rate."}}

    write = objects.write

    def refuse(key: str, body: bytes, content_type: str) -> str:
        if not key.startswith("playbooks/"):
            return write(key, body, content_type)
        refused.append(key)
        raise ClientError(error, "PutObject")

    with monkeypatch.context() as patch:
        patch.setattr(objects, "write", refuse)
        yield refused


def approve(scope: str) -> str:
    """The playbook that approving a suggestion makes."""
    suggestion = suggested(scope)
    decided = review.decide(suggestion.suggestion_id, {"action": "approve"}, REVIEWER, NOW)
    assert decided.playbook_id is not None
    return decided.playbook_id


def test_an_approval_is_exported_as_json_and_yaml(scope: str) -> None:
    playbook_id = approve(scope)
    spec = publish.find_playbook(playbook_id, AGENT).spec.model_dump(mode="json")
    kept = {each["format"]: each for each in export.list_exports(playbook_id, AGENT)}
    assert sorted(kept) == ["json", "yaml"]
    assert json.loads(objects.read(kept["json"]["key"])) == spec
    assert yaml.safe_load(objects.read(kept["yaml"]["key"])) == spec
    for each in kept.values():
        assert each["sha256"] == hashlib.sha256(objects.read(each["key"])).hexdigest()
        assert each["key"] in each["url"]


def test_the_approval_stands_when_s3_fails(scope: str, broken_s3: list[str]) -> None:
    playbook_id = approve(scope)
    assert len(broken_s3) == 2
    assert publish.find_playbook(playbook_id, AGENT).version == "1.0.0"
    assert [each.status for each in list_suggestions(scope, None, Wanted(), AGENT).items] == [
        "approved"
    ]
    assert export.list_exports(playbook_id, AGENT) == []


def test_what_is_missing_after_a_fault_can_be_asked_for_again(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = objects.write

    def refuse_json(key: str, body: bytes, content_type: str) -> str:
        if key.startswith("playbooks/") and key.endswith(".json"):
            raise ConnectionError("S3 does not answer")
        return write(key, body, content_type)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "write", refuse_json)
        playbook_id = approve(scope)
    assert [each["format"] for each in export.list_exports(playbook_id, AGENT)] == ["yaml"]
    export.export_playbook(playbook_id, {"format": "json"}, AGENT, NOW)
    assert [each["format"] for each in export.list_exports(playbook_id, AGENT)] == ["json", "yaml"]


def test_a_fault_of_s3_leaves_no_record_of_an_export_on_request(
    scope: str, broken_s3: list[str]
) -> None:
    playbook_id = written(scope).playbook_id
    with pytest.raises(ClientError):
        export.export_playbook(playbook_id, {"format": "yaml"}, AGENT, NOW)
    assert len(broken_s3) == 1
    assert export.list_exports(playbook_id, AGENT) == []
    trail = operate.list_audit(f"playbook:{playbook_id}", Wanted(), AGENT).items
    assert [each["action"] for each in trail] == ["published"]


def test_the_same_export_again_is_the_same_file(scope: str) -> None:
    playbook_id = written(scope).playbook_id
    first, second = (
        export.export_playbook(playbook_id, {"format": "yaml"}, AGENT, NOW) for _ in range(2)
    )
    assert (first["key"], first["sha256"]) == (second["key"], second["sha256"])
    assert len(export.list_exports(playbook_id, AGENT)) == 1


@pytest.mark.parametrize("body", [{"format": "papyrus"}, {"format": ""}, {}, {"format": 3}])
def test_a_format_that_there_is_not_is_named(scope: str, body: dict[str, object]) -> None:
    playbook_id = written(scope).playbook_id
    for call in (
        lambda: export.export_playbook(playbook_id, body, AGENT, NOW),
        lambda: export.export_scope({**body, "scope": scope}, AGENT, NOW),
    ):
        with pytest.raises(InvalidInput) as raised:
            call()
        assert [each["field"] for each in raised.value.errors] == ["format"]


def test_every_format_is_a_file_of_its_own_with_what_it_leaves_out(scope: str) -> None:
    playbook_id = written(scope).playbook_id
    kept = {}
    for name, target in FORMATS.items():
        made = export.export_playbook(playbook_id, {"format": name}, AGENT, NOW)
        kept[made["key"]] = name
        assert made["key"].endswith(f"/1.0.0/{target.file}")
        assert hashlib.sha256(objects.read(made["key"])).hexdigest() == made["sha256"]
    assert sorted(kept.values()) == sorted(FORMATS)
    listed = {each["format"]: each for each in export.list_exports(playbook_id, AGENT)}
    assert set(listed) == set(FORMATS)
    assert listed["json"]["not_carried"] == []


def test_runs_of_a_playbook_do_not_change_its_export(scope: str) -> None:
    playbook_id = written(scope).playbook_id
    before = export.export_playbook(playbook_id, {"format": "cacao"}, AGENT, NOW)
    record.record_execution(playbook_id, {"status": "success"}, AGENT, NOW + timedelta(days=1))
    after = export.export_playbook(playbook_id, {"format": "cacao"}, AGENT, NOW)
    assert before["sha256"] == after["sha256"]


def test_a_scope_is_exported_whole_however_many_pages_it_has(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_LIMIT", 2)
    names = {f"Playbook {number}" for number in range(5)}
    ids = {written(scope, name).playbook_id for name in names}
    answer = export.export_scope({"scope": scope, "format": "json"}, AGENT, NOW)
    assert (answer["scope"], answer["format"]) == (scope, "json")
    assert {each["playbook_id"] for each in answer["items"]} == ids
    said = {json.loads(objects.read(each["key"]))["name"] for each in answer["items"]}
    assert said == names


def test_what_is_not_there_or_not_ones_own_is_not_exported(scope: str) -> None:
    playbook_id = written(scope).playbook_id
    stranger = Caller(name="other", role="agent", scopes=["elsewhere"])
    wanted = {"format": "json", "scope": scope}
    with pytest.raises(NotFound):
        export.export_playbook("pb_of_nobody", wanted, AGENT, NOW)
    with pytest.raises(NotFound):
        export.export_playbook(playbook_id, wanted, stranger, NOW)
    with pytest.raises(Forbidden):
        export.export_scope(wanted, stranger, NOW)
    with pytest.raises(NotFound):
        export.list_exports(playbook_id, stranger)
