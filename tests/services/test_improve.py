"""Improvements in the review queue: proposed once, refreshed, rejected for good, published."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import Playbook
from chalicelib.services import improve, operate, publish, record, review, versions
from chalicelib.services.errors import Conflict, InvalidInput, NotFound, Unconfirmed
from chalicelib.services.listing import Wanted
from chalicelib.store import executions
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    STEPS,
    analysed,
    disk_full,
    suggested,
    suggestions,
    told,
    written,
)

pytestmark = pytest.mark.usefixtures("stack")

Set = Callable[..., None]
INSTEAD = "Failed. Ran `sudo journalctl --rotate` instead."


@pytest.fixture
def playbook(scope: str) -> Playbook:
    """A playbook that a person wrote, of one step, `rotate`."""
    return written(scope)


def ran(playbook: Playbook, *numbers: int, notes: str = INSTEAD, **fields: Any) -> None:
    """Runs whose one step failed."""
    result = {"step_id": "rotate", "status": "failure", "error": "Permission denied"}
    for number in numbers:
        body = {"execution_id": f"run-{number}", "status": "failure", "notes": notes}
        body |= {"step_results": [result]} | fields
        record.record_execution(playbook.playbook_id, body, AGENT, NOW)


def proposed(scope: str) -> list[Suggestion]:
    """The improvements that were ever suggested, the latest first."""
    return [each for each in suggestions(scope) if each.kind == "improvement"]


def decided(suggestion: Suggestion, action: str, **body: Any) -> Any:
    return review.decide(suggestion.suggestion_id, {"action": action, **body}, REVIEWER, NOW)


def test_the_run_that_crosses_the_line_proposes_an_improvement(playbook: Playbook) -> None:
    ran(playbook, 1, 2)
    assert proposed(playbook.scope) == []
    ran(playbook, 3)
    [found] = proposed(playbook.scope)
    assert (found.status, found.playbook_id, found.base_version, found.pattern_id) == (
        "pending", playbook.playbook_id, "1.0.0", None,
    )  # fmt: skip
    [change] = found.changes
    assert (change.kind, change.execution_ids) == ("replace", ["run-1", "run-2", "run-3"])
    assert found.diff is not None
    assert [(step.step_id, step.change) for step in found.diff.steps] == [("rotate", "changed")]
    assert found.playbook_spec.steps[0].text == "sudo journalctl --rotate"
    assert 0 < found.confidence_score < 1
    [entry] = operate.list_audit(f"suggestion:{found.suggestion_id}", Wanted(), AGENT).items
    assert (entry["action"], entry["actor"]) == ("created", "system:precedent")


def test_further_runs_refresh_it_and_well_ones_and_dry_ones_leave_it(playbook: Playbook) -> None:
    ran(playbook, 1, 2, 3, 4)
    [found] = proposed(playbook.scope)
    assert (found.revision, found.changes[0].support) == (2, 4)
    ran(playbook, 5, dry_run=True)
    done = {"step_id": "rotate", "status": "success"}
    ran(playbook, 6, status="success", notes="", step_results=[done])
    assert proposed(playbook.scope) == [found]


def test_approving_makes_the_next_minor_version_and_only_a_reviewer_may(
    playbook: Playbook,
) -> None:
    ran(playbook, 1, 2, 3)
    [found] = proposed(playbook.scope)
    kept = decided(found, "approve", revision=found.revision)
    assert (kept.playbook_id, kept.version) == (playbook.playbook_id, "1.1.0")
    now, version = publish.find_version(playbook.playbook_id, None, None, AGENT)
    assert (version.change_type, version.based_on, version.author) == ("improved", "1.0.0", "ann")
    assert found.changes[0].reason in version.changelog
    assert now.spec == version.spec == found.playbook_spec
    assert (now.executions, now.created_at) == (3, playbook.created_at)
    assert [each.status for each in proposed(playbook.scope)] == ["approved"]
    ran(playbook, 4)  # of the new version, which has no bad record yet
    assert len(proposed(playbook.scope)) == 1


def test_a_rejected_one_stays_rejected_until_three_more_runs_speak_for_it(
    playbook: Playbook,
) -> None:
    ran(playbook, 1, 2, 3)
    [found] = proposed(playbook.scope)
    decided(found, "reject", reviewer_notes="We fix the permission.")
    ran(playbook, 4, 5)
    improve.improve_scope(playbook.scope, NOW)
    assert [each.status for each in proposed(playbook.scope)] == ["rejected"]
    ran(playbook, 6)
    states = {each.status: each for each in proposed(playbook.scope)}
    assert set(states) == {"pending", "rejected"}
    assert states["pending"].changes[0].support == 6
    decided(states["pending"], "reject")
    ran(playbook, 7, 8)
    assert {each.status for each in proposed(playbook.scope)} == {"rejected"}


def test_an_undone_rejection_says_nothing_any_more(playbook: Playbook) -> None:
    ran(playbook, 1, 2, 3)
    [found] = proposed(playbook.scope)
    decided(found, "reject")
    [found] = proposed(playbook.scope)
    decided(found, "undo")
    assert executions.proposals(playbook.playbook_id).rejected == {}
    ran(playbook, 4)
    [found] = proposed(playbook.scope)
    assert (found.status, found.changes[0].support) == ("pending", 4)


def test_a_rejection_stands_once_another_improvement_was_proposed(playbook: Playbook) -> None:
    ran(playbook, 1, 2, 3)
    [first] = proposed(playbook.scope)
    decided(first, "reject")
    [first] = proposed(playbook.scope)
    ran(playbook, 4, 5, 6)
    with pytest.raises(Conflict, match="has taken the place"):
        decided(first, "undo")


def test_another_version_makes_it_outdated(playbook: Playbook) -> None:
    ran(playbook, 1, 2, 3)
    [found] = proposed(playbook.scope)
    spec = playbook.spec.model_copy(update={"description": "Say when."})
    versions.edit(playbook.playbook_id, {"spec": spec.model_dump(mode="json")}, REVIEWER, NOW)
    with pytest.raises(Conflict, match=r"1\.0\.1 by now"):
        decided(found, "approve")
    assert [each.status for each in proposed(playbook.scope)] == ["pending"]
    improve.improve_scope(playbook.scope, NOW)
    assert [each.status for each in proposed(playbook.scope)] == ["superseded"]


def test_a_reviewer_may_change_it_but_not_away(playbook: Playbook) -> None:
    ran(playbook, 1, 2, 3)
    [found] = proposed(playbook.scope)
    old = {"steps": [step.model_dump(mode="json") for step in playbook.spec.steps]}
    with pytest.raises(InvalidInput, match="nothing of the improvement"):
        decided(found, "approve", modifications=old)
    wipe = found.playbook_spec.steps[0].model_copy(update={"args": {"command": "rm -rf /var/log"}})
    changes = {"steps": [wipe.model_dump(mode="json")]}
    with pytest.raises(Unconfirmed):
        decided(found, "approve", modifications=changes)
    decided(found, "needs_revision", modifications=changes)
    [back] = proposed(playbook.scope)
    assert back.diff is not None
    [field] = [each for each in back.diff.steps[0].fields if each.field.endswith("command")]
    assert field.after == "rm -rf /var/log"
    kept = decided(back, "approve", confirmed_steps=["rotate"])
    assert kept.version == "1.1.0"


def test_nothing_improves_itself(playbook: Playbook, set_settings: Set) -> None:
    set_settings(required_for_approval=False, auto_approve_high_confidence=True)
    ran(playbook, *range(12))
    analysed(playbook.scope)
    assert [each.status for each in proposed(playbook.scope)] == ["pending"]
    [found] = proposed(playbook.scope)
    with pytest.raises(NotFound):
        review.decide(
            found.suggestion_id,
            {"action": "approve"},
            AGENT.model_copy(update={"scopes": ["elsewhere"]}),
            NOW,
        )


def test_the_line_is_a_setting(playbook: Playbook, set_settings: Set) -> None:
    set_settings(auto_improve_threshold=0.01)
    ran(playbook, 1, 2, 3)
    assert proposed(playbook.scope) == []
    set_settings(auto_improve_threshold=0.9)
    improve.improve_scope(playbook.scope, NOW)
    assert len(proposed(playbook.scope)) == 1


def test_many_runs_at_once_propose_one_improvement(playbook: Playbook) -> None:
    def one(number: int) -> None:
        with suppress(Conflict):
            ran(playbook, number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    [found] = proposed(playbook.scope)
    assert found.status == "pending"
    assert executions.proposals(playbook.playbook_id).latest == found.suggestion_id


def test_a_run_is_recorded_even_if_improving_fails(
    playbook: Playbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("improving is broken")

    monkeypatch.setattr(improve, "_propose", fail)
    ran(playbook, 1, 2, 3)
    assert record.playbook_metrics(playbook.playbook_id, Wanted(), AGENT)["executions"] == 3
    assert improve.improve_scope(playbook.scope, NOW) == 0


def test_further_incidents_solved_otherwise_are_found_by_the_analysis(scope: str) -> None:
    kept = decided(suggested(scope), "approve")
    assert proposed(scope) == []
    stop = "Stopped the writer: sudo systemctl stop ingest"
    told(scope, *(disk_full(number, [STEPS[0], stop, *STEPS[1:]]) for number in range(6, 10)))
    run = analysed(scope)
    assert (run.status, run.improvements_suggested) == ("completed", 1)
    [found] = proposed(scope)
    [change] = found.changes
    assert (change.kind, change.incident_ids) == ("add", [f"disk-{n}" for n in range(6, 10)])
    assert found.supporting_incidents == change.incident_ids
    assert found.pattern_id is not None
    assert analysed(scope).improvements_suggested == 0
    decided(found, "approve")
    playbook = publish.find_playbook(kept.playbook_id, AGENT)
    assert [step.name for step in playbook.spec.steps][1] == "Stop the writer"
    assert set(change.incident_ids) < set(playbook.supporting_incidents)
    assert analysed(scope).improvements_suggested == 0


def test_the_analysis_compares_incidents_with_and_without_the_playbook(scope: str) -> None:
    kept = decided(suggested(scope), "approve")
    metrics = record.playbook_metrics(kept.playbook_id, Wanted(), AGENT)
    assert metrics["effect"] is None
    quick = [
        disk_full(number, resolved_at=(NOW - timedelta(days=number, minutes=-number)).isoformat())
        for number in range(6, 11)
    ]
    told(scope, *quick)
    for number in range(6, 11):
        body = {"status": "success", "incident_id": f"disk-{number}"}
        record.record_execution(kept.playbook_id, body, AGENT, NOW)
    body = {"status": "success", "incident_id": "disk-1", "dry_run": True}
    record.record_execution(kept.playbook_id, body, AGENT, NOW)
    analysed(scope, dry_run=True)
    assert record.playbook_metrics(kept.playbook_id, Wanted(), AGENT)["effect"] is None
    analysed(scope)
    effect = record.playbook_metrics(kept.playbook_id, Wanted(), AGENT)["effect"]
    assert (effect.verdict, effect.with_playbook, effect.without_playbook) == (
        "better", {"high": 5}, {"high": 5},
    )  # fmt: skip
    assert effect.difference_seconds == -52 * 60
