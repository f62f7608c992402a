"""Playbooks change: versions follow each other, and nobody writes over what they have not seen."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.core.versions import Playbook, PlaybookStatus, content_hash
from chalicelib.services import (
    branches,
    export,
    operate,
    publish,
    recommend,
    record,
    review,
    versions,
)
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.services.next_version import Outcome
from chalicelib.store import objects
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    described,
    numbers,
    suggested,
    written,
)

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def playbook(scope: str) -> Playbook:
    return written(scope)


def spec_of(playbook: Playbook, **changed: Any) -> dict[str, Any]:
    return playbook.spec.model_dump(mode="json") | changed


def edited(playbook: Playbook, caller: Caller = REVIEWER, **body: Any) -> Outcome:
    body = {"spec": spec_of(playbook)} | body
    return versions.edit(playbook.playbook_id, body, caller, NOW)


def test_an_edit_is_the_next_version_and_the_one_before_stays(playbook: Playbook) -> None:
    outcome = described(playbook, "When it fills up.", changelog="Says when.")
    assert (outcome.version.version, outcome.version.based_on) == ("1.0.1", "1.0.0")
    assert (outcome.version.author, outcome.version.changelog) == ("ann", "Says when.")
    assert outcome.version.content_hash == content_hash(outcome.version.spec)
    now = publish.find_playbook(playbook.playbook_id, AGENT)
    assert (now.version, now.spec.description) == ("1.0.1", "When it fills up.")
    assert numbers(playbook) == ["1.0.1", "1.0.0"]
    _, first = publish.find_version(playbook.playbook_id, "1.0.0", None, AGENT)
    assert first.spec == playbook.spec


@pytest.mark.parametrize(
    ("change_type", "number"),
    [
        ("created", "2.0.0"),
        ("deprecated", "2.0.0"),
        ("improved", "1.1.0"),
        ("merged", "1.1.0"),
        ("modified", "1.0.1"),
        ("bugfix", "1.0.1"),
        ("rollback", "1.0.1"),
    ],
)
def test_the_kind_of_change_raises_the_number(
    playbook: Playbook, change_type: str, number: str
) -> None:
    outcome = described(playbook, change_type, change_type=change_type)
    assert outcome.version.version == number
    expected = PlaybookStatus.DEPRECATED if change_type == "deprecated" else PlaybookStatus.ACTIVE
    assert outcome.playbook.status is expected


def test_the_same_content_again_makes_no_version_and_says_so(playbook: Playbook) -> None:
    first = described(playbook, "New.", based_on="1.0.0")
    again = described(playbook, "New.", based_on="1.0.0", changelog="Sent twice.")
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.version == first.version
    assert numbers(playbook) == ["1.0.1", "1.0.0"]


def test_who_was_slower_is_told_who_was_faster(playbook: Playbook) -> None:
    described(playbook, "Faster.", based_on="1.0.0")
    with pytest.raises(Conflict, match=r"main is at 1\.0\.1 by now, written by ann at .*Z"):
        described(playbook, "Slower.", based_on="1.0.0", caller=AGENT)
    assert numbers(playbook) == ["1.0.1", "1.0.0"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"spec": None}, "spec"),
        ({"spec": {"name": "No steps", "steps": []}}, "spec.steps"),
        ({"change_type": "polished"}, "change_type"),
        ({"based_on": "0.9.0"}, "based_on"),
        ({"based_on": "latest"}, "based_on"),
        ({"branch": "a#b"}, "branch"),
        ({"branch": "fix", "change_type": "deprecated"}, "change_type"),
    ],
)
def test_what_is_no_edit_is_named_and_makes_no_version(
    playbook: Playbook, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        edited(playbook, **{"spec": spec_of(playbook, description="x"), **body})
    assert [each["field"] for each in raised.value.errors] == [field]
    assert numbers(playbook) == ["1.0.0"]


def test_who_may_not_see_a_playbook_may_not_change_it(playbook: Playbook) -> None:
    with pytest.raises(NotFound):
        edited(playbook, Caller(name="other", role="agent", scopes=["elsewhere"]))
    with pytest.raises(NotFound):
        versions.edit("pb_none", {"spec": spec_of(playbook)}, REVIEWER, NOW)
    with pytest.raises(NotFound):
        described(playbook, "x", branch="none")


def test_sixteen_writers_at_once_lose_nothing_and_write_nothing_twice(playbook: Playbook) -> None:
    def write(number: int) -> Outcome | Conflict:
        try:
            return described(playbook, f"Writer {number}.", changelog=f"{number}")
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(write, range(16)))
    won = [each for each in told if isinstance(each, Outcome)]
    assert won
    assert sorted(each.version.version for each in won) == sorted(set(numbers(playbook)[:-1]))
    for outcome in won:
        _, kept = publish.find_version(playbook.playbook_id, outcome.version.version, None, AGENT)
        assert kept == outcome.version
    chain = publish.list_versions(playbook.playbook_id, "main", Wanted(200), AGENT).items
    assert [each.based_on for each in chain[:-1]] == [each.version for each in chain[1:]]
    assert all("by now" in str(each) for each in told if isinstance(each, Conflict))


def test_of_sixteen_who_saw_the_same_version_one_writes_the_next(playbook: Playbook) -> None:
    def write(number: int) -> str:
        try:
            return described(playbook, f"Writer {number}.", based_on="1.0.0").version.version
        except Conflict as conflict:
            return str(conflict)

    with ThreadPoolExecutor(16) as pool:
        told = sorted(pool.map(write, range(16)))
    assert told[0] == "1.0.1"
    assert all("main is at 1.0.1 by now, written by ann" in each for each in told[1:])
    assert numbers(playbook) == ["1.0.1", "1.0.0"]


def test_a_rollback_is_a_new_version_with_the_old_content(playbook: Playbook) -> None:
    described(playbook, "Worse.")
    back = versions.roll_back(playbook.playbook_id, {"version": "1.0.0"}, REVIEWER, NOW)
    assert (back.version.version, back.version.based_on) == ("1.0.2", "1.0.1")
    assert (back.version.change_type, back.version.changelog) == ("rollback", "Back to 1.0.0.")
    assert back.playbook.spec == playbook.spec
    again = versions.roll_back(playbook.playbook_id, {"version": "1.0.0"}, REVIEWER, NOW)
    assert (again.unchanged, numbers(playbook)) == (True, ["1.0.2", "1.0.1", "1.0.0"])
    with pytest.raises(InvalidInput, match="is no version"):
        versions.roll_back(playbook.playbook_id, {"version": "3.0.0"}, REVIEWER, NOW)


def test_a_deprecated_playbook_is_readable_not_recommended_and_can_be_brought_back(
    playbook: Playbook,
) -> None:
    place = playbook.playbook_id
    asked = {"scope": playbook.scope, "context": {"query": "free the disk"}, "min_relevance": 0}
    assert len(recommend.recommend(asked, AGENT, NOW)["recommendations"]) == 1
    gone = versions.deprecate(place, {"changelog": "The disk is gone."}, REVIEWER, NOW)
    assert (gone.version.version, gone.playbook.status) == ("2.0.0", "deprecated")
    assert recommend.recommend(asked, AGENT, NOW)["recommendations"] == []
    wanted = {"scope": playbook.scope, "format": "json"}
    assert export.export_scope(wanted, AGENT, NOW)["items"] == []
    assert publish.find_version(place, None, None, AGENT)[1] == gone.version
    assert versions.deprecate(place, {}, REVIEWER, NOW).unchanged
    with pytest.raises(Conflict, match="roll back to a version to bring it back"):
        described(playbook, "Still here.")
    back = versions.roll_back(place, {"version": "1.0.0"}, REVIEWER, NOW)
    assert (back.version.version, back.playbook.status) == ("2.0.1", "active")
    assert len(recommend.recommend(asked, AGENT, NOW)["recommendations"]) == 1


def test_what_a_reviewer_approved_only_a_reviewer_changes(scope: str) -> None:
    suggestion = suggested(scope)
    review.decide(suggestion.suggestion_id, {"action": "approve"}, REVIEWER, NOW)
    approved = publish.find_playbook(publish.playbook_id_of(suggestion), AGENT)
    with pytest.raises(Forbidden, match="propose the change on a branch"):
        described(approved, "By an agent.", AGENT)
    branches.create_branch(approved.playbook_id, {"name": "proposal"}, AGENT, NOW)
    proposed = described(approved, "By an agent.", AGENT, branch="proposal")
    assert proposed.version.author == "bot"
    assert described(approved, "By a person.").version.version == "1.0.2"


def test_every_version_of_main_is_exported_and_others_where_asked(playbook: Playbook) -> None:
    place = playbook.playbook_id
    branches.create_branch(place, {"name": "fix"}, REVIEWER, NOW)
    described(playbook, "On the branch.", branch="fix")
    described(playbook, "On main.")
    listed = export.list_exports(place, AGENT)
    assert {(each["version"], each["format"]) for each in listed} == {
        ("1.0.2", "json"),
        ("1.0.2", "yaml"),
    }
    for asked, version in (({"branch": "fix"}, "1.0.1"), ({"version": "1.0.0"}, "1.0.0")):
        written_out = export.export_playbook(place, {"format": "json", **asked}, AGENT, NOW)
        assert written_out["version"] == version
        said = json.loads(objects.read(written_out["key"]))
        assert said["description"] == ("On the branch." if "branch" in asked else "")
    assert export.export_playbook(place, {"format": "json"}, AGENT, NOW)["version"] == "1.0.2"


def test_the_oldest_versions_that_nobody_needs_go(
    playbook: Playbook, set_settings: Callable[..., None]
) -> None:
    set_settings(max_versions_per_playbook=4)
    place = playbook.playbook_id
    for number in range(4):
        if number == 2:
            record.record_execution(place, {"status": "success"}, AGENT, NOW)
        described(playbook, f"Edit {number}.")
    branches.create_branch(place, {"name": "fix", "from_version": "1.0.3"}, REVIEWER, NOW)
    for number in range(4, 7):
        described(playbook, f"Edit {number}.")
    assert numbers(playbook) == ["1.0.7", "1.0.3", "1.0.2", "1.0.0"]
    assert versions.roll_back(place, {"version": "1.0.2"}, REVIEWER, NOW).version.version == "1.0.8"
    with pytest.raises(NotFound):
        publish.find_version(place, "1.0.4", None, AGENT)
    removed = {
        number
        for each in operate.list_audit(f"playbook:{place}", Wanted(200), AGENT).items
        if each["action"] == "pruned"
        for number in each["details"]["versions"]
    }
    assert removed == {"1.0.1", "1.0.4", "1.0.5", "1.0.6", "1.0.7"}
