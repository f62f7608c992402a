"""Runs of playbooks over HTTP: recorded once, without secrets, added up."""

from typing import Any

import pytest

from tests.api import Api
from tests.queues import notifications

SPEC = {
    "name": "Restart the broker",
    "parameters": [{"name": "host"}, {"name": "phrase", "type": "secure_string"}],
    "steps": [
        {
            "id": "restart",
            "name": "Restart the broker",
            "action": "shell",
            "args": {"command": "ssh ${host} sudo systemctl restart rabbitmq-server"},
        },
        {"id": "look", "name": "Look at it", "action": "noop", "args": {"message": "Look at it"}},
    ],
}


@pytest.fixture
def place(reviewer: Api, scope: str) -> str:
    answer = reviewer.post("/v1/playbooks", {"scope": scope, "spec": SPEC})
    assert answer.status == 201
    return f"/v1/playbooks/{answer.body['playbook_id']}"


def body(minutes: int = 2, **fields: Any) -> dict[str, Any]:
    return {
        "status": "success",
        "agent_id": "bot",
        "parameters": {"host": "mq-1"},
        "started_at": "2026-01-31T10:00:00Z",
        "finished_at": f"2026-01-31T10:{minutes:02}:00Z",
        "step_results": [{"step_id": "restart", "status": "success"}],
        "satisfaction": 4,
        **fields,
    }


def test_runs_add_up_to_the_figures_of_their_version(agent: Api, place: str) -> None:
    failed = [{"step_id": "restart", "status": "failure", "error": "timed out"}]
    for minutes in range(1, 10):
        assert agent.post(f"{place}/executions", body(minutes)).status == 201
    agent.post(f"{place}/executions", body(30, status="failure", step_results=failed))
    agent.post(f"{place}/executions", body(59, status="failure", dry_run=True))
    metrics = agent.get(f"{place}/metrics").body
    [version] = metrics["versions"]
    for figures in (metrics, version):
        assert (figures["executions"], figures["success_rate"]) == (10, 0.9)
        assert figures["success_interval"] == [0.5958, 0.9821]
        assert figures["median_duration_seconds"] == pytest.approx(300, rel=0.01)
        assert figures["p90_duration_seconds"] == pytest.approx(540, rel=0.01)
        assert figures["mean_satisfaction"] == 4
        worst = figures["most_failing_step"]
        assert (worst["step_id"], worst["taken"], worst["failed"]) == ("restart", 10, 1)
    assert (metrics["effect"], version["against_previous"]) == (None, None)
    assert len(list(agent.items(f"{place}/executions"))) == 11


def test_the_same_run_is_recorded_once_by_its_id_or_its_key(agent: Api, place: str) -> None:
    first = agent.post(f"{place}/executions", body(execution_id="nightly-1"))
    again = agent.post(f"{place}/executions", body(execution_id="nightly-1"))
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    other = agent.post(f"{place}/executions", body(execution_id="nightly-1", status="failure"))
    assert (other.status, other.body["title"]) == (409, "Conflict")
    key = {"Idempotency-Key": "the-run"}
    keyed = [agent.post(f"{place}/executions", body(), key).body for _ in range(2)]
    assert keyed[0] == keyed[1]
    assert agent.get(f"{place}/metrics").body["executions"] == 2


def test_secrets_are_kept_nowhere(agent: Api, place: str) -> None:
    value = "".join(["open", "sesame", "42"])
    result = {"step_id": "look", "status": "success", "output": f"unlocked with {value}"}
    answer = agent.post(
        f"{place}/executions",
        body(parameters={"host": "mq-1", "phrase": value}, step_results=[result], notes=value),
    )
    listed = agent.get(f"{place}/executions").body
    assert answer.body["parameters"]["phrase"] == "<secure:phrase>"
    assert value not in str([answer.body, listed])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"step_results": [{"step_id": "reboot", "status": "success"}]}, "step_results.0.step_id"),
        ({"version": "7.0.0"}, "version"),
        ({"status": "great"}, "status"),
        ({"started_at": "2026-02-01T00:00:00Z"}, "finished_at"),
        ({"execution_id": "no/slash"}, "execution_id"),
        ({"dry_run": "perhaps"}, "dry_run"),
    ],
)
def test_what_is_no_run_is_refused_by_its_field(
    agent: Api, place: str, changed: dict[str, Any], field: str
) -> None:
    answer = agent.post(f"{place}/executions", body(**changed))
    assert answer.status == 400
    assert answer.bad_fields == [field]
    assert agent.get(f"{place}/executions").body["items"] == []


def test_an_improvement_is_told_reviewed_and_becomes_the_next_version(
    agent: Api, reviewer: Api, scope: str, place: str
) -> None:
    failed = [{"step_id": "restart", "status": "failure", "error": "timed out"}]
    notes = "Restarting timed out. Ran `ssh {} sudo rabbitmqctl force_reset` instead."
    for host in ("mq-1", "mq-2", "mq-3"):
        fields = {"parameters": {"host": host}, "notes": notes.format(host), "status": "failure"}
        assert agent.post(f"{place}/executions", body(step_results=failed, **fields)).status == 201
    [found] = agent.items("/v1/suggestions", scope=scope, status="pending")
    assert (found["kind"], found["base_version"]) == ("improvement", "1.0.0")
    [change] = found["changes"]
    assert (change["kind"], change["step_id"], change["support"]) == ("replace", "restart", 3)
    assert len(change["execution_ids"]) == 3
    assert "sudo rabbitmqctl force_reset" in change["quotes"][0]
    assert change["after"] == "ssh ${host} sudo rabbitmqctl force_reset"
    assert [step["change"] for step in found["diff"]["steps"]] == ["changed", "same"]
    reviews = f"/v1/suggestions/{found['suggestion_id']}/reviews"
    assert agent.post(reviews, {"action": "approve"}).status == 403
    decision = {"action": "approve", "revision": found["revision"]}
    needed = [step["id"] for step in found["playbook_spec"]["steps"] if step["risk"] == "destroys"]
    answer = reviewer.post(reviews, decision | {"confirmed_steps": needed})
    assert (answer.status, answer.body["version"]) == (201, "1.1.0")
    current = agent.get(place).body
    assert (current["version"], current["change_type"]) == ("1.1.0", "improved")
    told = "playbook.improvement_suggested"
    assert told in notifications(scope, until=told)
