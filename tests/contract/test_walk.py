"""The walk: from reported incidents to an approved, exported, recommended, executed playbook."""

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from tests.api import Api
from tests.queues import notifications

ELASTICSEARCH = {"es-1", "es-2", "es-3"}


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def incidents() -> list[dict[str, object]]:
    """Three Elasticsearch incidents, and two others beside them."""
    return [
        {
            "incident_id": "es-1",
            "title": "Elasticsearch slow queries and high CPU",
            "description": "Search requests to Elasticsearch take over 10 seconds, CPU is at 95%.",
            "affected_systems": ["elasticsearch"],
            "symptoms": ["slow queries", "high CPU usage"],
            "severity": "high",
            "resolution": (
                "1. Checked the Elasticsearch service status: systemctl status elasticsearch\n"
                "2. Restarted the service: sudo systemctl restart elasticsearch\n"
                "3. Cleared the query cache\n"
                "4. Verified cluster health"
            ),
            "opened_at": ago(3),
            "resolved_at": ago(2.98),
        },
        {
            "incident_id": "es-2",
            "title": "Elasticsearch service unresponsive",
            "description": "Elasticsearch does not answer any requests, clients time out.",
            "affected_systems": ["elasticsearch"],
            "symptoms": ["service unresponsive", "timeouts"],
            "severity": "critical",
            "resolution": (
                "1. Checked service status\n"
                "2. Checked disk space with `df -h`\n"
                "3. Restarted Elasticsearch with `sudo systemctl restart elasticsearch`\n"
                "4. Verified cluster health"
            ),
            "opened_at": ago(2),
            "resolved_at": ago(1.99),
        },
        {
            "incident_id": "es-3",
            "title": "Elasticsearch out of memory",
            "description": "The Elasticsearch node died with an OutOfMemoryError in the heap.",
            "affected_systems": ["elasticsearch"],
            "symptoms": ["out of memory", "service unresponsive"],
            "severity": "critical",
            "resolution": (
                "1. Increased the heap size in jvm.options\n"
                "2. Restarted the service: sudo systemctl restart elasticsearch\n"
                "3. Verified cluster health"
            ),
            "opened_at": ago(1),
            "resolved_at": ago(0.95),
        },
        {
            "incident_id": "nginx-1",
            "title": "Nginx 504 gateway timeout",
            "description": "Nginx answers 504 because the upstream is slow.",
            "affected_systems": ["nginx"],
            "symptoms": ["504 errors"],
            "severity": "high",
            "resolution": "Raised proxy_read_timeout and reloaded nginx.",
            "opened_at": ago(2),
            "resolved_at": ago(1.9),
        },
        {
            "incident_id": "redis-1",
            "title": "Redis connection refused",
            "description": "The application cannot connect to Redis.",
            "affected_systems": ["redis"],
            "symptoms": ["connection errors"],
            "severity": "medium",
            "resolution": "Restarted Redis and raised maxclients.",
            "opened_at": ago(2),
            "resolved_at": ago(1.9),
        },
    ]


ORIGINAL_SETTINGS = {
    "min_pattern_frequency": 2,
    "min_success_rate": 0.6,
    "similarity_threshold": 0.6,
    "confidence_threshold": 0.6,
}


@pytest.mark.parametrize("changed", [{}, ORIGINAL_SETTINGS], ids=["defaults", "original"])
def test_the_five_incidents_become_a_playbook(
    agent: Api, scope: str, set_settings: Callable[..., None], changed: dict[str, float]
) -> None:
    set_settings(**changed)
    agent.report(incidents(), scope)
    run = agent.analyse(scope, min_incidents=5)
    assert run["status"] == "completed"
    assert run["total_incidents"] == 5
    patterns = {each["pattern_id"]: each for each in agent.items("/v1/patterns", scope=scope)}
    members = {
        pattern_id: {m["incident_id"] for m in agent.items(f"/v1/patterns/{pattern_id}/incidents")}
        for pattern_id in patterns
    }
    (found,) = (each for each, ids in members.items() if ids == ELASTICSEARCH)
    assert patterns[found]["frequency"] == 3
    assert patterns[found]["success_rate"] == 1
    assert patterns[found]["confidence"] >= 0.75
    (suggestion,) = agent.items("/v1/suggestions", scope=scope, status="pending")
    assert suggestion["pattern_id"] == found
    assert set(suggestion["supporting_incidents"]) == ELASTICSEARCH
    spec = suggestion["playbook_spec"]
    commands = [step["args"]["command"] for step in spec["steps"] if step["action"] == "shell"]
    said = [f"{step['name']} {step['args']}".lower() for step in spec["steps"]]
    assert any("status" in each for each in said)
    assert any("df -h" in each for each in commands)
    assert "sudo systemctl restart elasticsearch" in commands
    assert any("cluster health" in each for each in said)
    for step in spec["steps"]:
        assert step["evidence"]["support"] == len(step["evidence"]["incident_ids"]) >= 1
        assert set(step["evidence"]["incident_ids"]) <= ELASTICSEARCH
    assert "affected_system" in [parameter["name"] for parameter in spec["parameters"]]


def test_from_approval_to_execution(agent: Api, reviewer: Api, scope: str) -> None:
    agent.report(incidents(), scope)
    agent.analyse(scope)
    (suggestion,) = agent.items("/v1/suggestions", scope=scope, status="pending")
    place = f"/v1/suggestions/{suggestion['suggestion_id']}"

    review = reviewer.post(
        f"{place}/reviews",
        {
            "action": "approve",
            "reviewer_notes": "Good.",
            "revision": suggestion["revision"],
            "modifications": {"name": "Restart Elasticsearch"},
        },
    )
    assert review.status == 201
    assert review.body["version"] == "1.0.0"
    playbook_id = review.body["playbook_id"]
    (kept,) = agent.items(f"{place}/reviews")
    assert kept == review.body
    assert agent.get(place).body["status"] == "approved"

    playbook = agent.get(f"/v1/playbooks/{playbook_id}").body
    assert playbook["title"] == "Restart Elasticsearch"
    assert playbook["spec"]["name"] == "Restart Elasticsearch"
    assert playbook["change_type"] == "created"
    assert [each["version"] for each in agent.items(f"/v1/playbooks/{playbook_id}/versions")] == [
        "1.0.0"
    ]

    for name, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        export = agent.post(f"/v1/playbooks/{playbook_id}/exports", {"format": name})
        assert export.status == 201
        with urllib.request.urlopen(export.body["url"]) as response:
            assert read(response.read()) == playbook["spec"]

    live = {
        "title": "Elasticsearch answers slowly",
        "description": "Queries to Elasticsearch time out and the CPU is high.",
        "affected_systems": ["elasticsearch"],
        "symptoms": ["slow queries"],
        "severity": "high",
    }
    answer = agent.post("/v1/recommendations", {"scope": scope, "incident": live}).body
    (best,) = answer["recommendations"]
    assert (best["playbook_id"], best["version"]) == (playbook_id, "1.0.0")
    assert best["relevance_score"] == pytest.approx(
        sum(answer["weights"][part] * score for part, score in best["scores"].items())
    )
    assert best["reasoning"]
    assert {each["incident_id"] for each in answer["recent_incidents"]} <= ELASTICSEARCH

    feedback = agent.post(
        f"/v1/recommendations/{answer['recommendation_id']}/feedback",
        {"playbook_id": playbook_id, "helpful": True, "resolved": True, "rating": 5},
    )
    assert feedback.status == 201

    execution = agent.post(
        f"/v1/playbooks/{playbook_id}/executions",
        {
            "version": "1.0.0",
            "incident_id": "es-4",
            "agent_id": "bot",
            "parameters": {"affected_system": "elasticsearch"},
            "status": "success",
            "started_at": "2026-01-31T10:00:00Z",
            "finished_at": "2026-01-31T10:05:00Z",
            "step_results": [{"step_id": playbook["spec"]["steps"][0]["id"], "status": "success"}],
            "satisfaction": 5,
        },
    )
    assert execution.status == 201
    metrics = agent.get(f"/v1/playbooks/{playbook_id}/metrics").body
    assert (metrics["executions"], metrics["success_rate"]) == (1, 1)
    assert metrics["versions"][0]["mean_duration_seconds"] == 300

    assert {
        "analysis.completed",
        "pattern.discovered",
        "suggestion.created",
        "suggestion.reviewed",
        "playbook.published",
        "execution.recorded",
    } <= notifications(scope, until="execution.recorded")
