"""What is large, deep or odd is kept whole or refused with a reason, never a failure of ours."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.api import Api

SPEC = {
    "version": 1,
    "name": "Restart it",
    "steps": [{"id": "a", "name": "Look", "action": "shell", "args": {"command": "df -h"}}],
}


def test_an_incident_larger_than_an_item_comes_back_whole(agent: Api, scope: str) -> None:
    text = "漢" * 100_000
    report = {"incident_id": "large", "title": "Large", "description": text, "scope": scope}
    assert agent.post("/v1/incidents", report).status == 201
    assert agent.get("/v1/incidents/large", scope=scope).body["description"] == text
    assert [each["incident_id"] for each in agent.items("/v1/incidents", scope=scope)] == ["large"]


def test_an_execution_with_long_outputs_comes_back_whole(agent: Api, scope: str) -> None:
    steps = [SPEC["steps"][0] | {"id": f"s{n}"} for n in range(50)]
    made = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC | {"steps": steps}}).body
    results = [{"step_id": f"s{n}", "status": "success", "output": "o" * 20_000} for n in range(50)]
    path = f"/v1/playbooks/{made['playbook_id']}/executions"
    assert agent.post(path, {"status": "success", "step_results": results}).status == 201
    [execution] = agent.items(path)
    assert [each["output"] for each in execution["step_results"]] == ["o" * 20_000] * 50


def test_a_pattern_of_a_thousand_incidents_with_long_ids_gets_its_suggestion(
    agent: Api, scope: str
) -> None:
    now = datetime.now(UTC).isoformat()
    incidents = [
        {
            "incident_id": f"{number:04d}-" + "x" * 120,
            "title": "Disk full on the build host",
            "affected_systems": ["build"],
            "resolution": "Checked space with `df -h`, then ran `docker system prune -f`.",
            "opened_at": now,
        }
        for number in range(1_000)
    ]
    agent.report(incidents, scope)
    assert agent.analyse(scope, force_analysis=True)["suggestions_generated"] == 1
    [suggestion] = agent.items("/v1/suggestions", scope=scope)
    assert len(suggestion["supporting_incidents"]) == 1_000
    assert suggestion["playbook_spec"]["steps"][0]["evidence"]["support"] == 1_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "Lone surrogate \\ud800"}',
        b'{"title": "Overflow", "tags": [1e400]}',
        b'{"title": "Not a number", "severity": NaN}',
        b'{"title": "Many digits", "severity": ' + b"9" * 5_000 + b"}",
        b'{"title": "Before all time", "opened_at": "0001-01-01T00:00:00+14:00"}',
        b'{"title": "After all time", "opened_at": "9999-12-31T23:59:59-14:00"}',
        b'{"title": "NUL in the id", "incident_id": "\\u0000"}',
        b"\xff",
    ],
)
def test_what_json_or_a_time_cannot_be_is_refused(agent: Api, body: bytes) -> None:
    assert agent.call("POST", "/v1/incidents", body).status == 400


def test_no_answer_holds_a_number_that_json_has_not(agent: Api, scope: str) -> None:
    body = json.dumps({"scope": scope, "spec": {**SPEC, "metadata": {"cost": "LARGE"}}})
    large = body.replace('"LARGE"', "1e400").encode()
    assert agent.call("POST", "/v1/playbooks", large).bad_fields == ["body"]
    assert agent.get("/v1/playbooks", scope=scope).body["items"] == []


@pytest.mark.parametrize("name", ["%00", "%ED%A0%80", "%FF", "%E2%80%AE", "a%0Ab", "x" * 5_000])
@pytest.mark.parametrize("path", ["incidents", "playbooks", "analyses", "suggestions"])
def test_no_odd_id_is_found(agent: Api, path: str, name: str) -> None:
    assert agent.get(f"/v1/{path}/{name}").status == 404


def test_json_that_is_nested_too_deep_is_refused(agent: Api) -> None:
    for depth in (400, 900, 100_000):
        body = b'{"title": "Deep", "tags": ' + b"[" * depth + b"]" * depth + b"}"
        assert agent.call("POST", "/v1/incidents", body).status == 400


def test_a_body_larger_than_is_taken_at_once_is_refused(agent: Api) -> None:
    answer = agent.post("/v1/incidents", {"title": "Large", "description": "x" * 5_000_000})
    assert answer.status == 413
    assert "Send it in parts" in answer.body["detail"]


def test_a_token_that_asks_too_often_is_told_when_to_come_back(
    operator: Api, set_settings: Callable[..., None]
) -> None:
    token = operator.post("/v1/tokens", {"name": "eager", "role": "agent"}).body["token"]
    set_settings(requests_per_minute=3)
    eager = Api(operator.url, token)
    # The minute may turn once while this runs.
    answers = [eager.get("/v1/settings") for _ in range(8)]
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.status for answer in answers} == {200, 429}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in refused)
