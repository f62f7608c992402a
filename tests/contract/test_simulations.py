"""Simulations over HTTP: a playbook written by somebody, tried by an agent."""

import json
from typing import Any

import pytest

from tests.api import Api

SPEC = {
    "version": 1,
    "name": "Scale the consumers",
    "parameters": [
        {"name": "namespace", "pattern": "^[a-z0-9-]+$", "examples": ["shop"]},
        {"name": "replicas", "type": "integer", "default": "3"},
        {"name": "password", "type": "secure_string"},
        {"name": "backlog", "type": "boolean", "required": False},
    ],
    "prerequisites": [{"type": "non_empty", "param": "namespace"}],
    "steps": [
        {
            "id": "login",
            "name": "Log in",
            "action": "shell",
            "args": {"command": "oc login -u ops -p ${password}"},
        },
        {
            "id": "scale",
            "name": "Scale",
            "action": "shell",
            "args": {"command": "kubectl -n ${namespace} scale deploy/c --replicas=${replicas}"},
            "validations": [{"type": "contains", "value": "scaled"}],
        },
        {
            "id": "purge",
            "name": "Purge",
            "action": "shell",
            "args": {"command": "rabbitmqctl purge_queue orders"},
            "when": [{"type": "equals", "param": "backlog", "value": True}],
        },
    ],
}


@pytest.fixture
def path(agent: Api, scope: str) -> str:
    written = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC})
    assert written.status == 201
    return f"/v1/playbooks/{written.body['playbook_id']}/simulations"


def test_an_agent_sees_each_step_as_it_would_run(path: str, agent: Api) -> None:
    secret = "".join(["hun", "ter", "2hunter"])
    values = {"namespace": "shop", "replicas": 5, "password": secret, "backlog": False}
    answer = agent.post(path, {"parameters": values})
    assert answer.status == 200
    told = answer.body
    assert told["playbook_id"] == path.split("/")[3]
    assert (told["version"], told["runnable"], told["risk"]) == ("1.0.0", True, "changes")
    assert (told["missing"], told["refused"]) == ([], [])
    assert told["prerequisites"] == [{"type": "non_empty", "param": "namespace", "holds": "yes"}]
    login, scale, purge = told["steps"]
    assert login["command"] == "oc login -u ops -p '<secure:password>'"
    assert scale["command"] == "kubectl -n shop scale deploy/c --replicas=5"
    assert (scale["runs"], scale["needs_confirmation"]) == ("yes", False)
    assert "number of replicas" in scale["rollback_hint"]
    assert scale["validations"][0]["passes"] == "unknown"
    assert (purge["runs"], purge["reasons"]) == ("no", ["backlog is true: no"])
    assert (purge["risk"], purge["needs_confirmation"]) == ("destroys", True)
    assert told["parameters"]["password"] == "<secure:password>"
    assert secret not in json.dumps(answer.body)


def test_what_is_missing_or_refused_is_told_and_is_no_error(path: str, agent: Api) -> None:
    answer = agent.post(path, {"parameters": {"namespace": "a; reboot", "replica": 1}})
    assert (answer.status, answer.body["runnable"]) == (200, False)
    assert answer.body["missing"] == ["password"]
    refused = {each["field"]: each["message"] for each in answer.body["refused"]}
    assert list(refused) == ["parameters.replica", "parameters.namespace"]
    assert "namespace, replicas, password, backlog" in refused["parameters.replica"]
    assert "reboot" not in json.dumps(answer.body)
    assert answer.body["steps"][1]["command"].startswith("kubectl -n ${namespace} scale")


def test_an_output_is_judged(path: str, agent: Api) -> None:
    answer = agent.post(path, {"outputs": {"scale": "deployment.apps/c scaled"}})
    assert answer.body["steps"][1]["validations"][0]["passes"] == "yes"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"parameters": "x"}, ["parameters"]),
        ({"version": "1"}, ["version"]),
        ({"parameters": 1, "outputs": 2}, ["parameters", "outputs"]),
    ],
)
def test_a_malformed_body_is_refused_by_its_fields(
    path: str, agent: Api, body: dict[str, Any], fields: list[str]
) -> None:
    answer = agent.post(path, body)
    assert (answer.status, answer.bad_fields) == (400, fields)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_recommendation_says_what_a_playbook_destroys(path: str, agent: Api, scope: str) -> None:
    incident = {"title": "Scale the consumers of the orders queue"}
    asked = {"scope": scope, "incident": incident, "min_relevance": 0}
    [best] = agent.post("/v1/recommendations", asked).body["recommendations"]
    assert (best["risk"], best["destructive_steps"]) == ("destroys", ["purge"])
