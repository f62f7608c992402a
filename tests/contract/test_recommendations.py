"""What is recommended, how many, and when nothing is."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api import Api

NOTHING_LIKE = {"title": "The coffee machine is out of beans"}


@pytest.fixture
def playbooks(agent: Api, scope: str) -> list[str]:
    """Three playbooks for databases, on three systems."""
    return [_written(agent, scope, system) for system in ("postgresql", "mysql", "oracle")]


def _written(agent: Api, scope: str, system: str) -> str:
    command = f"sudo systemctl restart {system}"
    spec = {
        "version": 1,
        "name": f"Too many connections to {system}",
        "steps": [{"id": "a", "name": "Restart", "action": "shell", "args": {"command": command}}],
    }
    body = {"scope": scope, "spec": spec, "systems": [system], "symptoms": ["connections refused"]}
    return str(agent.post("/v1/playbooks", body).body["playbook_id"])


def asked(agent: Api, scope: str, **body: Any) -> dict[str, Any]:
    incident = {"title": "Too many connections to mysql", "affected_systems": ["mysql"]}
    answer = agent.post("/v1/recommendations", {"scope": scope, "incident": incident, **body})
    assert answer.status == 200, answer
    return dict(answer.body)


def test_the_one_for_the_system_comes_first(agent: Api, scope: str, playbooks: list[str]) -> None:
    answer = asked(agent, scope, min_relevance=0)
    found = [each["playbook_id"] for each in answer["recommendations"]]
    assert found[0] == playbooks[1]
    assert sorted(found) == sorted(playbooks)
    scores = [each["relevance_score"] for each in answer["recommendations"]]
    assert scores == sorted(scores, reverse=True)


def test_below_the_least_relevance_nothing_is_recommended_and_the_nearest_is_named(
    agent: Api, scope: str, playbooks: list[str]
) -> None:
    answer = asked(agent, scope, incident=NOTHING_LIKE)
    assert answer["recommendations"] == []
    assert answer["nearest_miss"]["playbook_id"] in playbooks
    assert answer["nearest_miss"]["relevance_score"] < answer["min_relevance"] == 0.6
    assert "says little of what was asked" in answer["nearest_miss"]["missing"]


def test_what_no_playbook_answers_is_listed_once_however_often_it_is_asked(
    agent: Api, reviewer: Api, scope: str, playbooks: list[str]
) -> None:
    for _ in range(2):
        asked(agent, scope, incident=NOTHING_LIKE)
    asked(agent, scope, incident={"title": "Coffee machine out of beans again"})
    asked(agent, scope, incident={"title": "The printer is jammed"})
    asked(agent, scope, min_relevance=1)  # whoever asks for more than the settings shows no gap
    gaps = list(reviewer.items("/v1/coverage-gaps", scope=scope, limit=1))
    assert [(each["title"], each["count"]) for each in gaps] == [
        (NOTHING_LIKE["title"], 3),
        ("The printer is jammed", 1),
    ]
    assert gaps[0]["nearest_miss"]["playbook_id"] in playbooks
    assert gaps[0]["examples"][0] == "Coffee machine out of beans again"


def test_alerts_are_signs_whether_texts_or_objects(
    agent: Api, scope: str, playbooks: list[str]
) -> None:
    alert = {"labels": {"alertname": "Connections"}, "annotations": {"summary": "refused"}}
    incident = {"title": "Alert", "affected_systems": ["oracle"]}
    for alerts in ([alert], ["Connections refused"]):
        told = {**incident, "monitoring_alerts": alerts}
        answer = asked(agent, scope, incident=told, min_relevance=0)
        best = answer["recommendations"][0]
        assert best["playbook_id"] == playbooks[2]
        assert best["scores"]["symptom_match"] > 0.9
    wrong = {**incident, "monitoring_alerts": [7]}
    refused = agent.post("/v1/recommendations", {"scope": scope, "incident": wrong})
    assert refused.bad_fields == ["incident.monitoring_alerts.0"]


def test_the_settings_say_how_many_and_how_relevant_unless_the_caller_does(
    agent: Api, scope: str, playbooks: list[str], set_settings: Callable[..., None]
) -> None:
    set_settings(max_recommendations=2, min_relevance_score=0)
    assert len(asked(agent, scope)["recommendations"]) == 2
    assert len(asked(agent, scope, limit=1)["recommendations"]) == 1
    assert asked(agent, scope, min_relevance=1)["recommendations"] == []


def test_a_context_is_enough_and_both_are_too_much(
    agent: Api, scope: str, playbooks: list[str]
) -> None:
    context = {"query": "too many connections", "systems": ["oracle"]}
    answer = agent.post("/v1/recommendations", {"scope": scope, "context": context}).body
    assert answer["recommendations"][0]["playbook_id"] == playbooks[2]
    both = {"scope": scope, "context": context, "incident": NOTHING_LIKE}
    assert agent.post("/v1/recommendations", both).bad_fields == ["incident"]
    assert agent.post("/v1/recommendations", {"scope": scope}).bad_fields == ["incident"]


def test_feedback_is_for_what_was_recommended(agent: Api, scope: str, playbooks: list[str]) -> None:
    answer = asked(agent, scope)
    path = f"/v1/recommendations/{answer['recommendation_id']}/feedback"
    best = answer["recommendations"][0]["playbook_id"]
    assert agent.post(path, {"playbook_id": best, "helpful": False}).status == 201
    assert agent.post(path, {"playbook_id": "pb_none"}).bad_fields == ["playbook_id"]
    nowhere = "/v1/recommendations/rec_none/feedback"
    assert agent.post(nowhere, {"playbook_id": best}).status == 404


def test_a_new_playbook_is_found_at_once(agent: Api, scope: str, playbooks: list[str]) -> None:
    asked(agent, scope)
    latest = _written(agent, scope, "cassandra")
    answer = asked(agent, scope, incident={"title": "x", "affected_systems": ["cassandra"]})
    found = [each["playbook_id"] for each in answer["recommendations"]]
    assert latest in found or answer["nearest_miss"]["playbook_id"] == latest
