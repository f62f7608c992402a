"""Changing suggestions, deciding on them by several people, and undoing what was decided."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core.suggestions import Review, Suggestion
from chalicelib.services import edit, export, operate, publish, recommend, record, review
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, InvalidInput
from chalicelib.services.listing import Wanted
from chalicelib.services.suggestions import find_suggestion
from chalicelib.store import suggestions as store
from tests.services.cases import (
    AGENT,
    DESTROYS,
    NOW,
    REVIEWER,
    STEPS,
    analysed,
    disk_full,
    suggested,
    suggestions,
    told,
)

pytestmark = pytest.mark.usefixtures("stack")

BOB = Caller(name="bob", role="reviewer", scopes=["*"])
EVE = Caller(name="eve", role="reviewer", scopes=["*"])


@pytest.fixture
def waiting(scope: str) -> Suggestion:
    return suggested(scope)


def decided(suggestion: Suggestion, action: str, by: Caller = REVIEWER, **body: Any) -> Review:
    return review.decide(suggestion.suggestion_id, {"action": action, **body}, by, NOW)


def edited(suggestion: Suggestion, by: Caller = REVIEWER, **fields: Any) -> Suggestion:
    body = {"revision": suggestion.revision, "modifications": fields}
    return edit.edit(suggestion.suggestion_id, body, by, NOW)


def current(suggestion: Suggestion) -> Suggestion:
    return find_suggestion(suggestion.suggestion_id, AGENT)


def test_an_edit_is_the_next_revision_and_says_who_changed_what_in_which(
    waiting: Suggestion,
) -> None:
    steps = [step.model_dump(mode="json") for step in waiting.playbook_spec.steps]
    steps[0]["args"]["command"] = "df -h /var"
    after = edited(waiting, name="Free the disk", steps=[steps[0], steps[2]])
    assert (after.revision, after.status, after.title) == (2, "pending", "Free the disk")
    assert (after.edited_by, current(waiting)) == ("ann", after)
    [change] = edit.list_changes(waiting.suggestion_id, Wanted(), AGENT).items
    assert (change.changed_by, change.changed_at, change.revision) == ("ann", NOW, 1)
    fields = {each.field: (each.before, each.after) for each in change.fields}
    first, dropped = (waiting.playbook_spec.steps[at].id for at in (0, 1))
    assert fields[f"steps.{first}.args.command"] == ("df -h", "df -h /var")
    assert fields["name"] == (waiting.title, "Free the disk")
    assert fields[f"steps.{dropped}"][1] is None
    assert store.spec_at(after, 1) == waiting.playbook_spec
    assert store.spec_at(after, 2) == after.playbook_spec
    assert edited(after) == after


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"revision": 1}, ["playbook_spec"]),
        ({"modifications": {"name": "x"}}, ["revision"]),
        ({"revision": 1, "modifications": {"colour": 1}}, ["modifications.colour"]),
        ({"revision": 1, "playbook_spec": {"name": "x", "steps": []}}, ["playbook_spec.steps"]),
        ({"revision": 1, "modifications": {"parameters": []}}, ["modifications.prerequisites"]),
        (
            {"revision": 1, "modifications": {"description": "x" * 20_001}},
            ["modifications.description"],
        ),
    ],
)
def test_what_is_no_edit_is_named_and_changes_nothing(
    waiting: Suggestion, body: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as raised:
        edit.edit(waiting.suggestion_id, body, REVIEWER, NOW)
    assert [each["field"] for each in raised.value.errors] == fields
    assert current(waiting) == waiting
    assert edit.list_changes(waiting.suggestion_id, Wanted(), AGENT).items == []


def test_the_second_of_two_editors_is_told_and_a_decided_one_is_not_edited(
    waiting: Suggestion,
) -> None:
    after = edited(waiting, name="First")
    with pytest.raises(Conflict, match="revision 2 by now"):
        edited(waiting, BOB, name="Second")
    decided(after, "reject")
    with pytest.raises(Conflict, match="rejected already"):
        edited(current(after), BOB, name="Third")


def test_what_was_sent_back_waits_again_once_it_is_revised(waiting: Suggestion) -> None:
    decided(waiting, "needs_revision")
    with pytest.raises(Conflict, match="sent back already"):
        decided(waiting, "needs_revision")
    assert edited(current(waiting), description="When the disk is full.").status == "pending"
    decided(current(waiting), "needs_revision")


def test_an_analysis_leaves_alone_what_a_person_changed_and_says_what_is_otherwise(
    waiting: Suggestion,
) -> None:
    after = edited(waiting, name="As we do it")
    other = ["Restarted the host: sudo systemctl reboot"]
    told(waiting.scope, *(disk_full(number, other) for number in range(6, 16)))
    told(waiting.scope, disk_full(16, status="unresolved", resolution="Nothing helped."))
    analysed(waiting.scope)
    found = current(waiting)
    assert found.model_copy(update={"pattern_change": None}) == after
    change = found.pattern_change
    assert change is not None
    assert (change.new_incidents, change.gone_incidents) == (11, 0)
    assert (change.success_rate_before, change.success_rate) == (1.0, 0.9375)
    assert change.steps_added == ["sudo systemctl reboot"]
    edited(found, name="As we do it now")
    assert current(waiting).pattern_change == change


def test_it_takes_as_many_approvals_as_the_scope_and_the_risk_ask_for(
    scope: str, set_settings: Callable[..., None]
) -> None:
    own = {scope: {"approvals_required": 2, "approvals_required_destructive": 3}}
    set_settings(approvals_by_scope=json.dumps(own))
    waiting = suggested(scope, [*STEPS, DESTROYS])
    ids = [step.id for step in waiting.playbook_spec.steps]
    steps = [step.model_dump(mode="json") for step in waiting.playbook_spec.steps[:-1]]
    first = decided(waiting, "approve", confirmed_steps=ids)
    assert (first.status, first.approvals_missing, first.playbook_id) == ("pending", 2, None)
    with pytest.raises(Conflict, match="approved this already"):
        decided(waiting, "approve", confirmed_steps=ids)
    # Whoever changes it voids what was approved, and is not counted.
    mine = decided(current(waiting), "approve", BOB, modifications={"steps": steps})
    assert (mine.counted, mine.approvals_missing, mine.status) == (False, 2, "pending")
    assert decided(current(waiting), "approve", EVE).approvals_missing == 1
    assert [each.reviewer for each in current(waiting).approvals] == ["eve"]
    last = decided(current(waiting), "approve")
    assert (last.status, last.version) == ("approved", "1.0.0")
    assert publish.find_playbook(str(last.playbook_id), AGENT).created_by == "ann"


def test_ones_own_approval_is_taken_back_while_it_needs_others(
    waiting: Suggestion, set_settings: Callable[..., None]
) -> None:
    set_settings(approvals_required=2)
    decided(waiting, "approve")
    with pytest.raises(Conflict, match="no decision"):
        decided(waiting, "undo", BOB)
    assert decided(waiting, "undo").status == "pending"
    assert current(waiting).approvals == []


def test_what_a_person_proposed_somebody_else_approves(
    waiting: Suggestion, set_settings: Callable[..., None]
) -> None:
    assert review.counts(waiting.model_copy(update={"proposed_by": "bob"}), "ann")
    assert not review.counts(waiting.model_copy(update={"proposed_by": "ann"}), "ann")
    after = edited(waiting, name="As we do it")
    assert review.counts(after, "ann")
    set_settings(approvals_required=2)
    assert not review.counts(after, "ann")


@pytest.mark.parametrize("action", ["reject", "needs_revision"])
def test_a_decision_is_undone(waiting: Suggestion, action: str) -> None:
    decided(waiting, action)
    kept = decided(waiting, "undo", BOB, reviewer_notes="I misread it.")
    assert (kept.action, kept.status, kept.reviewer) == ("undo", "pending", "bob")
    assert (current(waiting).status, current(waiting).revision) == ("pending", 3)
    with pytest.raises(Conflict, match="no decision"):
        decided(waiting, "undo")
    trail = operate.list_audit(f"suggestion:{waiting.suggestion_id}", Wanted(), REVIEWER).items
    assert [each["details"].get("was") for each in trail if each["action"] == "undo"] == [
        "rejected" if action == "reject" else action
    ]


def test_an_undone_approval_withdraws_its_playbook_and_the_next_one_makes_another(
    waiting: Suggestion,
) -> None:
    first = str(decided(waiting, "approve").playbook_id)
    with pytest.raises(Conflict, match="revision 2 by now"):
        decided(waiting, "undo", revision=1)
    undone = decided(waiting, "undo", revision=2)
    assert (undone.playbook_id, current(waiting).playbook_id) == (first, None)
    assert publish.find_playbook(first, AGENT).status == "withdrawn"
    asked = {"scope": waiting.scope, "incident": disk_full(1), "min_relevance": 0}
    assert recommend.recommend(asked, AGENT, NOW)["recommendations"] == []
    exported = export.export_scope({"scope": waiting.scope, "format": "json"}, AGENT, NOW)
    assert exported["items"] == []
    second = decided(waiting, "approve").playbook_id
    assert second not in (None, first)


_USES: dict[str, Callable[[str, str], Any]] = {
    "run": lambda scope, playbook_id: record.record_execution(
        playbook_id, {"status": "success"}, AGENT, NOW
    ),
    "exported": lambda scope, playbook_id: export.export_playbook(
        playbook_id, {"format": "yaml"}, AGENT, NOW
    ),
    "recommended": lambda scope, playbook_id: recommend.recommend(
        {"scope": scope, "incident": disk_full(1)}, AGENT, NOW
    ),
}


@pytest.mark.parametrize("use", list(_USES))
def test_an_approval_that_was_used_stands(waiting: Suggestion, use: str) -> None:
    playbook_id = str(decided(waiting, "approve").playbook_id)
    _USES[use](waiting.scope, playbook_id)
    with pytest.raises(Conflict, match="cannot be undone"):
        decided(waiting, "undo")
    assert (current(waiting).status, current(waiting).playbook_id) == ("approved", playbook_id)
    assert publish.find_playbook(playbook_id, AGENT).status == "active"


def test_a_rejection_stands_once_another_suggestion_has_come_up(waiting: Suggestion) -> None:
    decided(waiting, "reject")
    told(waiting.scope, *(disk_full(number, STEPS[:1]) for number in range(1, 6)))
    analysed(waiting.scope)
    [other] = suggestions(waiting.scope, "pending")
    with pytest.raises(Conflict, match=other.suggestion_id):
        decided(waiting, "undo")


@pytest.mark.parametrize(
    ("options", "steps", "approved"),
    [
        ({"auto_approve_high_confidence": True, "high_confidence_threshold": 0.7}, STEPS, True),
        ({"auto_approve_high_confidence": True, "high_confidence_threshold": 1.0}, STEPS, False),
        ({"required_for_approval": False}, STEPS, True),
        ({"required_for_approval": False}, [*STEPS, DESTROYS], False),
        ({"required_for_approval": False}, [*STEPS, "Ran `frobnicate --all`"], False),
        ({"required_for_approval": False, "approvals_required": 2}, STEPS, False),
    ],
)
def test_nobody_is_asked_only_where_the_settings_say_so_and_nothing_is_destroyed(
    scope: str,
    set_settings: Callable[..., None],
    options: dict[str, object],
    steps: list[str],
    approved: bool,
) -> None:
    set_settings(**options)
    found = suggested(scope, steps)
    assert (found.status == "approved") == approved
    reviews = review.list_reviews(found.suggestion_id, Wanted(), AGENT).items
    assert [each.reviewer for each in reviews] == ["precedent"] * approved
