"""Analyses over HTTP: thresholds for one run, runs that only tell, and learning."""

import pytest

from tests.api import Api
from tests.contract.incidents import RESTART, alike


def test_thresholds_are_taken_for_one_run_and_a_dry_run_keeps_nothing(
    agent: Api, scope: str
) -> None:
    agent.report(alike(RESTART, range(1, 6)), scope)
    tried = agent.analyse(scope, dry_run=True, similarity_threshold=0.6)
    assert tried["status"] == "completed"
    assert tried["thresholds"]["similarity_threshold"] == 0.6
    assert [each["frequency"] for each in tried["preview"]] == [5]
    assert list(agent.items("/v1/patterns", scope=scope)) == []
    done = agent.analyse(scope, min_pattern_frequency=6)
    assert done["suggestions_generated"] == 0
    assert done["progress"] == {"stage": "describing", "share": 1}
    [pattern] = agent.items("/v1/patterns", scope=scope)
    assert pattern["qualifies"] is False
    runs = [run["run_id"] for run in agent.items("/v1/analyses", scope=scope)]
    assert runs == [done["run_id"], tried["run_id"]]


def test_a_pattern_tells_its_past_its_times_and_what_makes_its_confidence(
    agent: Api, scope: str
) -> None:
    agent.report(alike(RESTART, range(1, 6), affected_systems=[], symptoms=[]), scope)
    run = agent.analyse(scope)
    assert (run["incidents_in_patterns"], run["failed_patterns"]) == (5, 0)
    [pattern] = agent.items("/v1/patterns", scope=scope)
    place = f"/v1/patterns/{pattern['pattern_id']}"
    assert agent.get(place).body == pattern
    assert (pattern["state"], pattern["merged_into"], pattern["outcomes"]) == (
        "active", None, {"solved": 5},
    )  # fmt: skip
    assert pattern["systems"] == ["RabbitMQ"]
    assert "systems" in pattern["inferred"]
    assert pattern["time_to_resolve"]["median_seconds"] == 3600
    assert pattern["trend"] == {
        "direction": "rising", "recent": 5, "earlier": 0, "days": 28, "p_value": 0.0625,
    }  # fmt: skip
    assert pattern["median_interval_seconds"] == 86_400
    assert sum(week["incidents"] for week in pattern["weeks"]) == 5
    parts = pattern["confidence_explained"]
    assert sum(part["contribution"] for part in parts) == pytest.approx(pattern["confidence"])
    assert {part["factor"]: part["value"] for part in parts} == pattern["confidence_factors"]
    [entry] = agent.items(f"{place}/history")
    assert (entry["what"], entry["run_id"], entry["frequency"]) == ("discovered", run["run_id"], 5)
    assert list(agent.items("/v1/patterns", scope=scope, state="retired")) == []
    assert agent.get("/v1/patterns", scope=scope, state="gone").bad_fields == ["state"]


def test_statistics_are_there_before_the_first_analysis_and_after_it(
    agent: Api, scope: str
) -> None:
    before = agent.get("/v1/patterns/statistics", scope=scope).body
    assert (before["patterns"], before["as_of"], before["last_run"]) == (0, None, None)
    agent.report(alike(RESTART, range(1, 6)), scope)
    run = agent.analyse(scope)
    after = agent.get("/v1/patterns/statistics", scope=scope).body
    assert (after["patterns"], after["severities"]) == (1, {"high": 5})
    assert after["coverage"] == {
        "incidents_in_patterns": 1, "patterns_with_suggestion": 1, "patterns_with_playbook": 0,
    }  # fmt: skip
    assert after["most_time_lost"][0]["seconds_lost"] == 5 * 3600
    assert after["last_run"]["run_id"] == run["run_id"]


@pytest.mark.parametrize("name", ["similarity_threshold", "min_success_rate", "lookback_days"])
def test_bad_options_are_named_and_queue_nothing(agent: Api, scope: str, name: str) -> None:
    answer = agent.post("/v1/analyses", {"scope": scope, name: -1})
    assert (answer.status, answer.bad_fields) == (400, [name])
    assert list(agent.items("/v1/analyses", scope=scope)) == []


def test_learning_from_unknown_incidents_is_refused(agent: Api, scope: str) -> None:
    agent.report(alike(RESTART, range(1, 4)), scope)
    body = {"scope": scope, "incident_ids": ["mq-1", "mq-2", "mq-9"]}
    answer = agent.post("/v1/patterns/learn", body)
    assert (answer.status, answer.bad_fields) == (400, ["incident_ids"])
    assert list(agent.items("/v1/analyses", scope=scope)) == []
