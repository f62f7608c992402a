"""Edits, comments, assignments, ratings and back-tests over HTTP."""

import time
from typing import Any

import pytest

from tests.api import Api
from tests.contract.incidents import RESTART, alike


@pytest.fixture
def path(agent: Api, scope: str) -> str:
    """Where a suggestion is."""
    agent.report(alike(RESTART, range(4)), scope)
    other = {"title": "Certificate of the shop expired", "affected_systems": ["nginx"]}
    agent.report([{**other, "incident_id": f"tls-{n}", "severity": "low"} for n in (1, 2)], scope)
    agent.analyse(scope, min_incidents=1)
    [suggestion] = agent.items("/v1/suggestions", scope=scope)
    return f"/v1/suggestions/{suggestion['suggestion_id']}"


def test_an_edit_is_answered_with_the_next_revision_and_listed(
    path: str, agent: Api, reviewer: Api
) -> None:
    before = agent.get(path).body
    spec = before["playbook_spec"] | {"name": "As we do it"}
    body = {"revision": 1, "playbook_spec": spec}
    assert agent.call("PUT", path, body).status == 403
    after = reviewer.call("PUT", path, body)
    assert (after.status, after.body["revision"], after.body["title"]) == (200, 2, "As we do it")
    assert agent.get(path).body == after.body
    assert reviewer.call("PUT", path, body).status == 409
    [change] = agent.items(f"{path}/changes")
    assert (change["changed_by"], change["revision"]) == ("local-reviewer", 1)
    assert change["fields"] == [
        {"path": ["name"], "before": before["title"], "after": "As we do it", "field": "name"}
    ]
    wrong = reviewer.call("PUT", path, {"revision": 2, "modifications": {"steps": [{"id": 3}]}})
    assert wrong.status == 400
    assert "modifications.steps.0.id" in wrong.bad_fields


def test_a_decision_is_undone_over_http(path: str, reviewer: Api) -> None:
    reject = {"action": "reject", "reviewer_notes": "Not this one."}
    assert reviewer.post(f"{path}/reviews", reject).body["status"] == "rejected"
    undone = reviewer.post(f"{path}/reviews", {"action": "undo"})
    assert (undone.status, undone.body["status"]) == (201, "pending")
    assert reviewer.post(f"{path}/reviews", {"action": "undo"}).status == 409
    actions = [each["action"] for each in reviewer.items(f"{path}/reviews")]
    assert actions == ["reject", "undo"]


def test_comments_are_kept_in_their_order(path: str, agent: Api, reviewer: Api) -> None:
    said = agent.post(f"{path}/comments", {"text": " Why restart it? "})
    assert (said.status, said.body["text"]) == (201, "Why restart it?")
    reviewer.post(f"{path}/comments", {"text": "It leaks."})
    told = [(each["written_by"], each["text"]) for each in agent.items(f"{path}/comments")]
    assert told == [("local-agent", "Why restart it?"), ("local-reviewer", "It leaks.")]
    assert agent.post(f"{path}/comments", {"text": " "}).bad_fields == ["text"]
    assert agent.get(path).body["revision"] == 1


def test_a_suggestion_is_found_by_who_is_to_decide(
    path: str, agent: Api, reviewer: Api, scope: str
) -> None:
    def of(name: str, **more: Any) -> int:
        return len(list(agent.items("/v1/suggestions", scope=scope, assignee=name, **more)))

    assert reviewer.call("PUT", f"{path}/assignee", {"assignee": "ann"}).body["assignee"] == "ann"
    assert agent.get(path).body["assignee"] == "ann"
    assert (of("ann"), of("ann", status="approved"), of("bob")) == (1, 0, 0)
    reviewer.call("PUT", f"{path}/assignee", {"assignee": "bob"})
    assert (of("ann"), of("bob", status="pending")) == (0, 1)
    reviewer.call("PUT", f"{path}/assignee", {"assignee": None})
    assert (of("bob"), agent.get(path).body["assignee"]) == (0, None)
    assert reviewer.call("PUT", f"{path}/assignee", {}).bad_fields == ["assignee"]
    assert agent.call("PUT", f"{path}/assignee", {"assignee": "ann"}).status == 403


def test_ratings_show_in_the_statistics_and_in_the_confidence_of_what_comes_next(
    path: str, agent: Api, reviewer: Api, scope: str
) -> None:
    before = agent.get(path).body["confidence_score"]
    for rating in (5, 1):
        agent.post(f"{path}/feedback", {"rating": rating, "tags": ["Vague ", "vague"]})
    reviewer.post(f"{path}/feedback", {"rating": 1, "comment": "Restarting hides it."})
    figures = agent.get("/v1/patterns/statistics", scope=scope).body["feedback"]
    assert (figures["ratings"], figures["mean_rating"], figures["tags"]) == (2, 1, {"vague": 1})
    assert figures["distribution"] == {"1": 2, "2": 0, "3": 0, "4": 0, "5": 0}
    agent.analyse(scope, min_incidents=1)
    after = agent.get(path).body
    assert after["confidence_factors"]["feedback"] == pytest.approx(-4 / 14, abs=1e-4)
    assert before - after["confidence_score"] == pytest.approx(0.15 * 4 / 14, abs=1e-4)
    assert len(list(agent.items(f"{path}/feedback"))) == 3
    assert agent.post(f"{path}/feedback", {"rating": 3, "tags": [""]}).bad_fields == ["tags.0"]
    assert agent.post(f"{path}/feedback", {"rating": 3, "tags": [[]]}).bad_fields == ["tags.0"]


def test_a_new_suggestion_is_tried_on_the_past_and_again_on_request(path: str, agent: Api) -> None:
    first = _tried(agent, path)
    assert first["requested_by"] == "precedent"
    result = first["result"]
    assert (result["incidents"], result["recommended"], result["first"]) == (4, 4, 4)
    assert (result["others"], result["wrongly_offered"]) == (2, 0)
    assert result["coverage"]["median"] == 1
    asked = agent.post(f"{path}/backtests")
    assert (asked.status, asked.body["status"]) == (202, "queued")
    again = _tried(agent, path, asked.body["backtest_id"])
    assert (again["requested_by"], again["result"]) == ("local-agent", result)
    assert agent.get("/v1/suggestions/none/backtest").status == 404


def _tried(agent: Api, path: str, backtest_id: str | None = None) -> Any:
    """The back-test, or the one with that id, when it is completed."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = agent.get(f"{path}/backtest").body
        named = backtest_id in (None, answer.get("backtest_id"))
        if named and answer.get("status") == "completed":
            return answer
        time.sleep(0.1)
    raise AssertionError("the back-test did not end")
