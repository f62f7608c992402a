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
