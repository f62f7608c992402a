"""Decisions: of several people at once, out of date, or none at all."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api import Api
from tests.contract.incidents import RESTART, alike


@pytest.fixture
def path(agent: Api, scope: str) -> str:
    """Where the reviews of a suggestion are."""
    agent.report(alike(RESTART, range(4)), scope)
    agent.analyse(scope, min_incidents=1)
    [suggestion] = agent.items("/v1/suggestions", scope=scope)
    return f"/v1/suggestions/{suggestion['suggestion_id']}/reviews"


def test_of_many_who_approve_at_once_one_does(path: str, reviewer: Api, scope: str) -> None:
    body = {"action": "approve", "revision": 1}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: reviewer.post(path, body), range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert len(list(reviewer.items(path))) == 1
    assert len(list(reviewer.items("/v1/playbooks", scope=scope))) == 1


def test_a_stale_revision_is_told_what_to_do(path: str, reviewer: Api) -> None:
    assert reviewer.post(path, {"action": "needs_revision", "revision": 1}).status == 201
    late = reviewer.post(path, {"action": "approve", "revision": 1})
    assert late.status == 409
    assert "revision 2 by now" in late.body["detail"]
    assert reviewer.post(path, {"action": "approve", "revision": 2}).status == 201
    assert reviewer.post(path, {"action": "approve"}).status == 409


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"action": "perhaps"}, ["action"]),
        ({}, ["action"]),
        ({"action": "approve", "modifications": {"colour": 1}}, ["modifications.colour"]),
        ({"action": "approve", "modifications": {"steps": []}}, ["modifications.steps"]),
        ({"action": "approve", "revision": 0}, ["revision"]),
        ({"action": "approve", "confirmed_steps": "wipe"}, ["confirmed_steps"]),
    ],
)
def test_what_is_no_decision_is_named_and_changes_nothing(
    path: str, reviewer: Api, body: dict[str, Any], fields: list[str]
) -> None:
    answer = reviewer.post(path, body)
    assert (answer.status, answer.bad_fields) == (400, fields)
    assert list(reviewer.items(path)) == []


def test_what_destroys_is_approved_with_a_confirmation_that_the_error_spells_out(
    path: str, reviewer: Api
) -> None:
    steps = [
        {"id": step_id, "name": "Clean up", "action": "shell", "args": {"command": command}}
        for step_id, command in (
            ("look", "df -h"),
            ("wipe", "rm -rf /x"),
            ("drop", "dropdb x; rm y"),
        )
    ]
    body = {"action": "approve", "modifications": {"steps": steps}}
    refused = reviewer.post(path, body)
    assert (refused.status, refused.bad_fields) == (422, ["confirmed_steps"])
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert list(reviewer.items(path)) == []
    said = refused.body["errors"][0]["message"]
    spelled_out = json.loads("{" + said[said.index('"confirmed_steps"') :] + "}")
    assert spelled_out == {"confirmed_steps": ["wipe", "drop"]}
    half = reviewer.post(path, body | {"confirmed_steps": ["drop"]})
    assert (half.status, "Not confirmed: wipe." in half.body["errors"][0]["message"]) == (422, True)
    approved = reviewer.post(path, body | spelled_out)
    assert (approved.status, approved.body["confirmed_steps"]) == (201, ["wipe", "drop"])


def test_agents_propose_and_never_decide(path: str, agent: Api, operator: Api) -> None:
    for caller in (agent, operator):
        assert caller.post(path, {"action": "approve"}).status == 403


def test_feedback_on_a_suggestion_is_kept(path: str, agent: Api) -> None:
    rated = agent.post(path.replace("reviews", "feedback"), {"rating": 4, "comment": "Fine."})
    assert (rated.status, rated.body["rating"]) == (201, 4)
    assert agent.post(path.replace("reviews", "feedback"), {"rating": 6}).bad_fields == ["rating"]
