"""Branches begin, are edited, and come together again."""

from typing import Any

import pytest

from chalicelib.core.merging import MergeConflict
from chalicelib.core.versions import Branch, Playbook
from chalicelib.services import branches, compare, operate, publish, record, versions
from chalicelib.services.access import Caller
from chalicelib.services.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Unconfirmed,
    Unresolved,
)
from chalicelib.services.listing import Wanted
from chalicelib.services.next_version import Outcome
from chalicelib.store import versions as store
from tests.services.cases import AGENT, NOW, REVIEWER, described, numbers, written

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def playbook(scope: str) -> Playbook:
    """A playbook with a branch `fix` that begins with its first version."""
    made = written(scope)
    branches.create_branch(made.playbook_id, {"name": "fix"}, REVIEWER, NOW)
    return made


def commanded(playbook: Playbook, command: str, **body: Any) -> Outcome:
    """The playbook's next version, with another command in its only step."""
    spec = playbook.spec.model_dump(mode="json")
    spec["steps"][0]["args"] = {"command": command}
    return versions.edit(playbook.playbook_id, {"spec": spec} | body, REVIEWER, NOW)


def merged(playbook: Playbook, **body: Any) -> Outcome:
    return branches.merge_branch(playbook.playbook_id, {"branch": "fix"} | body, REVIEWER, NOW)


def test_a_branch_is_edited_beside_main(playbook: Playbook) -> None:
    assert publish.find_version(playbook.playbook_id, None, "fix", AGENT)[1].version == "1.0.0"
    outcome = described(playbook, "On the branch.", branch="fix")
    assert (outcome.version.version, outcome.version.branch) == ("1.0.1", "fix")
    assert outcome.version.based_on == "1.0.0"
    main = publish.find_playbook(playbook.playbook_id, AGENT)
    assert (main.version, main.spec, main.highest_version) == ("1.0.0", playbook.spec, "1.0.1")
    assert described(playbook, "On main.").version.version == "1.0.2"
    assert (numbers(playbook), numbers(playbook, "fix")) == (["1.0.2", "1.0.0"], ["1.0.1"])
    listed = branches.list_branches(playbook.playbook_id, Wanted(), AGENT).items
    assert [(each.name, each.version) for each in listed] == [("main", "1.0.2"), ("fix", "1.0.1")]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "name"),
        ({"name": "a#b"}, "name"),
        ({"name": "fix"}, "there is a branch fix already"),
        ({"name": "main"}, "there is a branch main already"),
        ({"name": "other", "from_version": "7.0.0"}, "from_version: is no version"),
    ],
)
def test_what_is_no_branch_is_named(playbook: Playbook, body: dict[str, Any], error: str) -> None:
    with pytest.raises((InvalidInput, Conflict), match=error):
        branches.create_branch(playbook.playbook_id, body, REVIEWER, NOW)
    with pytest.raises(NotFound):
        publish.list_versions(playbook.playbook_id, "other", Wanted(), AGENT)


def test_a_merge_brings_both_together_and_a_second_one_does_nothing(playbook: Playbook) -> None:
    commanded(playbook, "sudo logrotate /etc/logrotate.conf", branch="fix")
    described(playbook, "On main.")
    outcome = merged(playbook)
    assert (outcome.version.version, outcome.version.merged_from) == ("1.1.0", "1.0.1")
    assert (outcome.version.change_type, outcome.version.based_on) == ("merged", "1.0.2")
    spec = publish.find_playbook(playbook.playbook_id, AGENT).spec
    assert spec.description == "On main."
    assert spec.steps[0].args == {"command": "sudo logrotate /etc/logrotate.conf"}
    again = merged(playbook)
    assert (again.unchanged, again.version) == (True, outcome.version)
    back = merged(playbook, branch="main", into="fix")
    assert (back.version.version, back.version.spec) == ("1.2.0", spec)
    assert merged(playbook).unchanged
    assert numbers(playbook) == ["1.1.0", "1.0.2", "1.0.0"]


def conflicts(playbook: Playbook, **body: Any) -> list[MergeConflict]:
    with pytest.raises(Unresolved) as raised:
        merged(playbook, **body)
    return raised.value.conflicts


def test_conflicts_are_told_by_field_and_resolved_by_the_caller(playbook: Playbook) -> None:
    commanded(playbook, "theirs", branch="fix")
    commanded(playbook, "ours")
    [conflict] = conflicts(playbook)
    assert conflict.field == "steps.rotate.args.command"
    assert (conflict.ours, conflict.theirs) == ("ours", "theirs")
    assert conflict.base == "sudo logrotate -f /etc/logrotate.conf"
    assert numbers(playbook) == ["1.0.2", "1.0.0"]
    with pytest.raises(InvalidInput, match=r"resolutions\.name: is no conflict"):
        merged(playbook, resolutions={"name": "ours"})
    with pytest.raises(InvalidInput, match=rf"resolutions\.{conflict.field}: must be"):
        merged(playbook, resolutions={conflict.field: "mine"})
    outcome = merged(playbook, resolutions={conflict.field: {"value": "both"}})
    assert outcome.playbook.spec.steps[0].text == "both"
    commanded(playbook, "theirs again", branch="fix")
    assert merged(playbook, resolutions={conflict.field: "theirs"}, into="main").unchanged is False


@pytest.mark.parametrize("stale", [{"based_on": "1.0.0"}, {"merged_from": "1.0.0"}])
def test_nobody_merges_what_they_have_not_seen(playbook: Playbook, stale: dict[str, str]) -> None:
    described(playbook, "On the branch.", branch="fix")
    commanded(playbook, "on main")
    with pytest.raises(Conflict, match="by now"):
        merged(playbook, **stale)


def test_branches_of_nothing_are_not_merged(playbook: Playbook) -> None:
    with pytest.raises(NotFound):
        merged(playbook, branch="none")
    with pytest.raises(InvalidInput, match="another one"):
        merged(playbook, into="fix")


def test_versions_and_branches_are_compared(playbook: Playbook) -> None:
    commanded(playbook, "sudo logrotate -v", branch="fix")
    found = compare.compare_versions(playbook.playbook_id, "main", "fix", AGENT)
    assert (found.before.version, found.after.version) == ("1.0.0", "1.0.1")
    [change] = found.diff.steps[0].fields
    assert change.field == "steps.rotate.args.command"
    assert '-      "command": "sudo logrotate -f /etc/logrotate.conf"\n' in found.unified
    assert '+      "command": "sudo logrotate -v"\n' in found.unified
    by_default = compare.compare_versions(playbook.playbook_id, None, "1.0.1", AGENT)
    assert by_default == found
    assert compare.compare_versions(playbook.playbook_id, "fix", "1.0.1", AGENT).unified == ""


def test_what_destroys_comes_to_main_only_when_it_is_confirmed(playbook: Playbook) -> None:
    commanded(playbook, "sudo rm -rf /var/log/old", branch="fix")
    with pytest.raises(Unconfirmed, match='"confirmed_steps": \\["rotate"\\]'):
        merged(playbook)
    assert merged(playbook, confirmed_steps=["rotate"]).version.version == "1.1.0"
    commanded(playbook, "sudo rm -rf /var/log/old", branch="fix", change_type="bugfix")
    assert merged(playbook).unchanged


def test_on_main_what_destroys_is_confirmed_where_the_caller_asks_for_it(
    playbook: Playbook,
) -> None:
    asked: Any = {"confirmed_steps": []}
    commanded(playbook, "sudo rm -rf /var/log/older", branch="fix", **asked)
    with pytest.raises(Unconfirmed, match='"confirmed_steps": \\["rotate"\\]'):
        commanded(playbook, "sudo rm -rf /var/log/old", **asked)
    commanded(playbook, "sudo rm -rf /var/log/old", confirmed_steps=["rotate"])
    described(playbook, "It was confirmed before.", **asked)
    commanded(playbook, "df -h", **asked)
    back = {"version": "1.0.2"}
    with pytest.raises(Unconfirmed):
        versions.roll_back(playbook.playbook_id, back | asked, REVIEWER, NOW)
    done = versions.roll_back(playbook.playbook_id, back, REVIEWER, NOW)
    assert done.version.version == "1.0.5"


def deleted(playbook: Playbook, name: str = "fix", by: Caller = REVIEWER, **body: str) -> Branch:
    return branches.delete_branch(playbook.playbook_id, name, body, by, NOW)


def test_a_branch_is_deleted_but_for_what_somebody_needs(playbook: Playbook) -> None:
    where = playbook.playbook_id
    for number in range(5):  # 1.0.1 to 1.0.5
        described(playbook, f"On the branch, {number}.", branch="fix")
    record.record_execution(where, {"status": "success", "version": "1.0.2"}, AGENT, NOW)
    begun = {"name": "from-fix", "from_version": "1.0.3"}
    branches.create_branch(where, begun, REVIEWER, NOW)
    merged(playbook)
    assert deleted(playbook, based_on="1.0.5").deleted_at == NOW
    kept = {entry.version for entry in store.history(where)}
    assert kept == {"1.0.0", "1.0.2", "1.0.3", "1.0.5", "1.1.0"}
    listed = branches.list_branches(where, Wanted(), AGENT).items
    assert [each.name for each in listed] == ["main", "from-fix"]
    # What was made on it is still known to be merged.
    assert merged(playbook, branch="from-fix").unchanged
    with pytest.raises(NotFound):
        deleted(playbook)
    with pytest.raises(Conflict, match="there was a branch fix"):
        branches.create_branch(where, {"name": "fix"}, REVIEWER, NOW)
    trail = operate.list_audit(f"playbook:{where}", Wanted(), AGENT).items
    [entry] = [each for each in trail if each["action"] == "branch_deleted"]
    assert entry["details"] == {"branch": "fix", "version": "1.0.5"}


def test_the_name_of_a_branch_that_left_nothing_is_free_again(playbook: Playbook) -> None:
    described(playbook, "Given up.", branch="fix")
    deleted(playbook)
    assert [entry.version for entry in store.history(playbook.playbook_id)] == ["1.0.0"]
    branches.create_branch(playbook.playbook_id, {"name": "fix"}, AGENT, NOW)
    assert described(playbook, "Anew.", branch="fix").version.version == "1.0.2"


def test_nobody_deletes_main_or_what_is_not_theirs_or_has_moved_on(playbook: Playbook) -> None:
    with pytest.raises(InvalidInput, match="cannot be deleted"):
        deleted(playbook, "main")
    with pytest.raises(Forbidden, match="only who began"):
        deleted(playbook, by=AGENT)
    described(playbook, "Meanwhile.", branch="fix")
    with pytest.raises(Conflict, match=r"at 1\.0\.1 by now"):
        deleted(playbook, based_on="1.0.0")
    assert len(branches.list_branches(playbook.playbook_id, Wanted(), AGENT).items) == 2
