"""What becomes of a pattern's suggestion from one analysis to the next."""

from collections.abc import Callable
from typing import Any

from tests.api import Api
from tests.contract.incidents import LOOK, PURGE, RESTART, alike

Set = Callable[..., None]


def analysed(agent: Api, scope: str) -> list[dict[str, Any]]:
    """The scope's suggestions, the latest first, after an analysis."""
    run = agent.analyse(scope, force_analysis=True, min_incidents=1)
    assert run["status"] == "completed", run
    return list(agent.items("/v1/suggestions", scope=scope))


def test_the_same_incidents_again_leave_the_suggestion_alone(agent: Api, scope: str) -> None:
    agent.report(alike(RESTART, range(4)), scope)
    first = analysed(agent, scope)
    assert analysed(agent, scope) == first
    assert len(first) == 1


def test_further_incidents_refresh_a_suggestion_that_waits(agent: Api, scope: str) -> None:
    agent.report(alike(RESTART, range(4)), scope)
    [first] = analysed(agent, scope)
    agent.report(alike(RESTART, range(4, 6)), scope)
    [second] = analysed(agent, scope)
    assert second["suggestion_id"] == first["suggestion_id"]
    assert second["revision"] == 2
    assert len(second["supporting_incidents"]) == 6


def test_other_steps_supersede_a_suggestion_that_waits(agent: Api, scope: str) -> None:
    agent.report(alike(LOOK, range(3)), scope)
    [first] = analysed(agent, scope)
    agent.report(alike(RESTART, range(3)), scope)
    latest, before = analysed(agent, scope)
    assert (latest["status"], before["status"]) == ("pending", "superseded")
    assert before["suggestion_id"] == first["suggestion_id"]


def test_steps_that_come_back_revive_their_suggestion(agent: Api, scope: str) -> None:
    for resolution in (LOOK, RESTART, LOOK):
        agent.report(alike(resolution, range(3)), scope)
        found = analysed(agent, scope)
    assert [each["status"] for each in found] == ["superseded", "pending"]


def test_what_a_reviewer_decided_is_left_alone(agent: Api, reviewer: Api, scope: str) -> None:
    agent.report(alike(RESTART, range(4)), scope)
    [first] = analysed(agent, scope)
    path = f"/v1/suggestions/{first['suggestion_id']}/reviews"
    assert reviewer.post(path, {"action": "reject"}).status == 201
    agent.report(alike(RESTART, range(4, 6)), scope)
    [again] = analysed(agent, scope)
    assert (again["status"], len(again["supporting_incidents"])) == ("rejected", 4)


def test_a_pattern_with_a_playbook_gets_no_second_suggestion(
    agent: Api, reviewer: Api, scope: str
) -> None:
    agent.report(alike(LOOK, range(3)), scope)
    [first] = analysed(agent, scope)
    reviewer.post(f"/v1/suggestions/{first['suggestion_id']}/reviews", {"action": "approve"})
    agent.report(alike(RESTART, range(3)), scope)
    [still] = analysed(agent, scope)
    assert still["status"] == "approved"


def test_too_few_too_seldom_solved_or_too_little_known_suggests_nothing(
    agent: Api, scope: str, set_settings: Set
) -> None:
    agent.report(alike(RESTART, range(2)), scope)
    assert analysed(agent, scope) == []
    agent.report(alike("Restarted it, no effect.", range(2, 5), status="unresolved"), scope)
    assert analysed(agent, scope) == []
    [pattern] = agent.items("/v1/patterns", scope=scope)
    assert (pattern["frequency"], pattern["qualifies"]) == (5, False)
    set_settings(min_success_rate=0.3)
    assert analysed(agent, scope) == []
    set_settings(min_success_rate=0.3, confidence_threshold=0.5)
    assert len(analysed(agent, scope)) == 1


def test_without_the_need_of_a_person_it_becomes_a_playbook(
    agent: Api, scope: str, set_settings: Set
) -> None:
    set_settings(required_for_approval=False)
    agent.report(alike(RESTART, range(4)), scope)
    [suggestion] = analysed(agent, scope)
    assert suggestion["status"] == "approved"
    [playbook] = agent.items("/v1/playbooks", scope=scope)
    assert playbook["created_by"] != "local-agent"
    assert playbook["playbook_id"] == suggestion["playbook_id"]


def test_high_confidence_needs_no_person_where_the_settings_say_so(
    agent: Api, scope: str, set_settings: Set
) -> None:
    set_settings(auto_approve_high_confidence=True, high_confidence_threshold=0.99)
    agent.report(alike(RESTART, range(4)), scope)
    assert [each["status"] for each in analysed(agent, scope)] == ["pending"]
    set_settings(auto_approve_high_confidence=True, high_confidence_threshold=0.8)
    agent.report(alike(RESTART, range(4, 6)), scope)
    assert [each["status"] for each in analysed(agent, scope)] == ["approved"]


def test_what_destroys_something_waits_for_a_person_always(
    agent: Api, scope: str, set_settings: Set
) -> None:
    set_settings(required_for_approval=False)
    agent.report(alike(PURGE, range(4)), scope)
    assert [each["status"] for each in analysed(agent, scope)] == ["pending"]
