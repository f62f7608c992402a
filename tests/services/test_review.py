"""What a decision on a suggestion changes, and what a person may change in it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.caution import destructive
from chalicelib.core.suggestions import Review, Suggestion
from chalicelib.services import discuss, operate, publish, review
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, Forbidden, InvalidInput, NotFound, Unconfirmed
from chalicelib.services.listing import Wanted
from chalicelib.services.suggestions import list_suggestions
from chalicelib.store import suggestions as store
from tests.services.cases import AGENT, DESTROYS, NOW, REVIEWER, STEPS, suggested, suggestions

pytestmark = pytest.mark.usefixtures("stack")

OTHER = Caller(name="bob", role="reviewer", scopes=["*"])
STRANGER = Caller(name="eve", role="reviewer", scopes=["elsewhere"])


@pytest.fixture
def waiting(scope: str) -> Suggestion:
    return suggested(scope)


def decided(suggestion: Suggestion, action: str, by: Caller = REVIEWER, **body: Any) -> Review:
    return review.decide(suggestion.suggestion_id, {"action": action, **body}, by, NOW)


def test_what_the_reviewer_modified_is_published_and_named_in_the_review(
    waiting: Suggestion,
) -> None:
    steps = [step.model_dump(mode="json") for step in waiting.playbook_spec.steps]
    changes = {"steps": steps[:2], "name": "Free the disk"}
    kept = decided(waiting, "approve", modifications=changes, reviewer_notes="Without restart.")
    assert kept.modified_fields == ["name", "steps"]
    assert (kept.reviewer, kept.reviewer_notes, kept.revision) == ("ann", "Without restart.", 1)
    assert kept.playbook_id is not None
    playbook, version = publish.find_version(kept.playbook_id, None, "main", AGENT)
    assert (playbook.title, playbook.spec.name) == ("Free the disk", "Free the disk")
    assert version.spec == playbook.spec
    assert version.spec.steps == waiting.playbook_spec.steps[:2]
    assert version.spec.parameters == waiting.playbook_spec.parameters


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": "x", "colour": 1}, ["modifications.colour", "modifications.title"]),
        ({"name": ""}, ["modifications.name"]),
        ({"steps": [{"id": "a", "name": "A", "action": "pray"}]}, ["modifications.steps.0.action"]),
        ({"parameters": []}, ["modifications.prerequisites"]),
    ],
)
def test_modifications_that_make_no_playbook_are_named_and_decide_nothing(
    waiting: Suggestion, changes: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as raised:
        decided(waiting, "approve", modifications=changes)
    assert [each["field"] for each in raised.value.errors] == fields
    assert suggestions(waiting.scope) == [waiting]


def test_sent_back_it_is_approved_later_with_what_was_changed_on_the_way(
    waiting: Suggestion,
) -> None:
    decided(waiting, "needs_revision", modifications={"description": "Say when."})
    [back] = suggestions(waiting.scope, "needs_revision")
    assert (back.revision, back.playbook_spec.description) == (2, "Say when.")
    kept = decided(back, "approve", OTHER, revision=2)
    assert kept.playbook_id is not None
    assert publish.find_playbook(kept.playbook_id, AGENT).spec.description == "Say when."
    reviews = review.list_reviews(waiting.suggestion_id, Wanted(), AGENT).items
    assert sorted((each.action, each.revision) for each in reviews) == [
        ("approve", 2),
        ("needs_revision", 1),
    ]


@pytest.mark.parametrize("last", ["approve", "reject"])
def test_what_is_approved_or_rejected_is_decided_for_good(waiting: Suggestion, last: str) -> None:
    decided(waiting, last)
    [after] = suggestions(waiting.scope)
    for action in ("approve", "reject", "needs_revision"):
        with pytest.raises(Conflict, match="already"):
            decided(waiting, action, OTHER)
    assert suggestions(waiting.scope) == [after]
    published = publish.list_playbooks(waiting.scope, Wanted(), AGENT).items
    assert len(published) == (last == "approve")


@pytest.mark.parametrize("first", ["approve", "reject", "needs_revision"])
def test_of_two_reviewers_at_once_the_first_wins_and_the_other_is_told(
    waiting: Suggestion, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    save: Callable[..., None] = store.save

    def while_another_decides(*arguments: Any) -> None:
        monkeypatch.setattr(store, "save", save)
        decided(waiting, first, OTHER)
        save(*arguments)

    monkeypatch.setattr(store, "save", while_another_decides)
    with pytest.raises(Conflict):
        decided(waiting, "approve")
    [kept] = review.list_reviews(waiting.suggestion_id, Wanted(), AGENT).items
    assert (kept.action, kept.reviewer) == (first, "bob")
    trail = operate.list_audit(f"suggestion:{waiting.suggestion_id}", Wanted(), AGENT).items
    decisions = [each["action"] for each in trail if not each["action"].startswith("back-test")]
    assert sorted(decisions) == sorted(["created", first])
    published = publish.list_playbooks(waiting.scope, Wanted(), AGENT).items
    assert len(published) == (first == "approve")


def test_a_person_may_approve_what_destroys_something_by_confirming_it(scope: str) -> None:
    waiting = suggested(scope, [*STEPS, DESTROYS])
    [wipe] = destructive(waiting.playbook_spec)
    for confirmed in ([], ["another"]):
        with pytest.raises(Unconfirmed, match=f'"confirmed_steps": \\["{wipe.id}"\\]'):
            decided(waiting, "approve", confirmed_steps=confirmed)
    assert suggestions(scope) == [waiting]
    kept = decided(waiting, "approve", confirmed_steps=[wipe.id, "another"])
    assert kept.confirmed_steps == [wipe.id]
    assert kept.playbook_id is not None
    spec = publish.find_playbook(kept.playbook_id, AGENT).spec
    assert [step.risk for step in spec.steps].count("destroys") == 1
    trail = operate.list_audit(f"suggestion:{waiting.suggestion_id}", Wanted(), AGENT).items
    [entry] = [each for each in trail if each["action"] == "approve"]
    assert entry["details"]["confirmed_steps"] == [wipe.id]


@pytest.mark.parametrize("action", ["reject", "needs_revision"])
def test_what_is_not_approved_needs_no_confirmation(scope: str, action: str) -> None:
    assert decided(suggested(scope, [*STEPS, DESTROYS]), action).confirmed_steps == []


def test_a_modification_understates_no_risk(waiting: Suggestion) -> None:
    wipe = {"command": "sudo rm -rf /var/lib/postgresql"}
    step = {"id": "wipe", "name": "Wipe", "action": "shell", "args": wipe, "risk": "read_only"}
    changes = {"steps": [step], "metadata": {"risk": "read_only"}}
    with pytest.raises(Unconfirmed):
        decided(waiting, "approve", modifications=changes)
    kept = decided(waiting, "approve", modifications=changes, confirmed_steps=["wipe"])
    assert kept.playbook_id is not None
    spec = publish.find_playbook(kept.playbook_id, AGENT).spec
    assert (spec.steps[0].risk, spec.metadata["risk"]) == ("destroys", "destroys")


def test_without_the_step_that_destroys_nothing_is_to_confirm(scope: str) -> None:
    waiting = suggested(scope, [*STEPS, DESTROYS])
    steps = [each for each in waiting.playbook_spec.steps if each.risk != "destroys"]
    changes = {"steps": [step.model_dump(mode="json") for step in steps]}
    assert decided(waiting, "approve", modifications=changes).confirmed_steps == []


def test_only_ones_own_suggestions_are_seen_decided_and_rated(waiting: Suggestion) -> None:
    with pytest.raises(NotFound):
        decided(waiting, "approve", STRANGER)
    with pytest.raises(Forbidden):
        list_suggestions(waiting.scope, None, Wanted(), STRANGER)
    with pytest.raises(NotFound):
        discuss.rate(waiting.suggestion_id, {"rating": 1}, STRANGER, NOW)
    with pytest.raises(NotFound):
        review.decide("sug_of_nobody", {"action": "approve"}, REVIEWER, NOW)
    assert suggestions(waiting.scope) == [waiting]


def test_suggestions_are_listed_by_status_the_latest_first(waiting: Suggestion) -> None:
    assert suggestions(waiting.scope, "pending") == [waiting]
    assert suggestions(waiting.scope, "approved") == []
    with pytest.raises(InvalidInput) as raised:
        suggestions(waiting.scope, "splendid")
    assert [each["field"] for each in raised.value.errors] == ["status"]


def test_ratings_are_kept_with_who_gave_them(waiting: Suggestion) -> None:
    given = discuss.rate(
        waiting.suggestion_id, {"rating": 2, "comment": "Vague."}, AGENT, NOW + timedelta(hours=1)
    )
    assert (given.rating, given.given_by) == (2, "bot")
    trail = operate.list_audit(f"suggestion:{waiting.suggestion_id}", Wanted(), AGENT).items
    [entry] = [each for each in trail if each["action"] == "rated"]
    assert (entry["action"], entry["details"]) == ("rated", {"rating": 2, "tags": []})
    assert suggestions(waiting.scope) == [waiting]
