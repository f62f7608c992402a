"""What a recommendation tells beside the playbooks, and what is kept of it and of its feedback."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chalicelib.core.fields import format_time
from chalicelib.services import coverage, feedback, library, operate, recommend, record, review
from chalicelib.services.access import Caller
from chalicelib.services.errors import Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.store import alarms, objects
from chalicelib.store import recommendations as store
from chalicelib.store.tables import RecommendationItem
from tests.services.cases import AGENT, NOW, REVIEWER, disk_full, suggested, told, written

pytestmark = pytest.mark.usefixtures("stack")

SITUATION = {
    "title": "PostgreSQL cannot write",
    "affected_systems": ["PostgreSQL"],
    "symptoms": ["writes fail"],
    "error_messages": ["No space left on device"],
    "severity": "high",
}


def asked(scope: str, **body: Any) -> dict[str, Any]:
    return recommend.recommend({"scope": scope, "incident": SITUATION, **body}, AGENT, NOW)


@pytest.fixture
def playbook_id(scope: str) -> str:
    """A playbook made of five incidents."""
    waiting = suggested(scope)
    decided = review.decide(waiting.suggestion_id, {"action": "approve"}, REVIEWER, NOW)
    assert decided.playbook_id is not None
    return decided.playbook_id


def test_a_playbook_tells_of_the_incidents_behind_it(scope: str, playbook_id: str) -> None:
    [best] = asked(scope)["recommendations"]
    assert (best["playbook_id"], best["version"]) == (playbook_id, "1.0.0")
    assert {each["incident_id"] for each in best["similar_incidents"]} <= {
        f"disk-{number}" for number in range(1, 6)
    }
    assert best["similar_incidents"]
    assert best["estimated_duration_seconds"] == 3600
    assert best["required_permissions"]
    assert [each["param"] for each in best["prerequisites"]] == ["affected_system"]


def test_runs_that_fail_make_success_less_probable(scope: str, playbook_id: str) -> None:
    [before] = asked(scope)["recommendations"]
    for _ in range(3):
        record.record_execution(playbook_id, {"status": "failure"}, AGENT, NOW)
    [after] = asked(scope)["recommendations"]
    assert after["success_probability"] < before["success_probability"]
    assert after["relevance_score"] < before["relevance_score"]


def test_a_scope_without_playbooks_gets_an_honest_nothing(scope: str) -> None:
    answer = asked(scope)
    assert (answer["recommendations"], answer["nearest_miss"]) == ([], None)
    [gap] = coverage.list_gaps(scope, Wanted(), AGENT, NOW).items
    assert (gap.title, gap.nearest_miss) == ("PostgreSQL cannot write", None)


def test_the_evidence_is_named(scope: str, playbook_id: str) -> None:
    [best] = asked(scope)["recommendations"]
    assert (
        "5 of 5 past incidents on postgresql told of `No space left on device`"
        in (best["reasoning"])
    )
    assert sum(best["contributions"].values()) == pytest.approx(best["relevance_score"])
    first = best["similar_incidents"][0]
    assert first["title"] == "PostgreSQL cannot write, disk full"
    assert len(first["solved_by"]) == 3
    low, high = best["success_interval"]
    assert low <= best["success_probability"] <= high
    assert best["success_prior"] == {"runs": 4, "rate": 1.0}
    assert best["parameter_values"] == [
        {"name": "affected_system", "value": "PostgreSQL", "from": "affected_systems"}
    ]


def test_what_is_shared_is_spelt_as_it_was_asked_and_named_once(
    scope: str, playbook_id: str
) -> None:
    incident = {"title": "PostgreSQL writes failing, device FULL"}
    body = {"scope": scope, "incident": incident, "min_relevance": 0}
    [best] = recommend.recommend(body, AGENT, NOW)["recommendations"]
    [shared] = [reason for reason in best["reasoning"] if reason.startswith("Shares")]
    named = shared.removeprefix("Shares the terms ").split(", ")
    assert "writes failing" in named
    assert "device" in named
    assert len(named) == len(set(named))


def test_a_playbook_that_just_failed_there_sinks_until_it_goes_well_again(
    scope: str, playbook_id: str
) -> None:
    def relevance(**changed: Any) -> float:
        body = {"scope": scope, "incident": SITUATION | changed, "min_relevance": 0}
        return float(recommend.recommend(body, AGENT, NOW)["recommendations"][0]["relevance_score"])

    elsewhere = {"affected_systems": ["nginx"]}
    before, before_elsewhere = relevance(), relevance(**elsewhere)
    told(scope, disk_full(9, opened_at=None, resolved_at=None))
    failure = {"status": "failure", "incident_id": "disk-9"}
    record.record_execution(playbook_id, failure, AGENT, NOW - timedelta(hours=3))
    assert relevance() < 0.8 * before
    assert relevance(**elsewhere) > 0.8 * before_elsewhere
    [best] = asked(scope, min_relevance=0)["recommendations"]
    assert "Failed once on these systems, last 3 h ago, so it sinks" in best["reasoning"]
    success = {"status": "success", "incident_id": "disk-9"}
    record.record_execution(playbook_id, success, AGENT, NOW - timedelta(hours=1))
    assert relevance() > 0.9 * before


def test_after_feedback_the_helpful_one_comes_first(scope: str) -> None:
    """And for other troubles, and by one caller's many clicks, nothing of the kind happens."""
    found_by = {"systems": ["postgresql"], "symptoms": ["No space left on device"]}
    some = {
        written(scope, "PostgreSQL cannot write, disk full", **found_by).playbook_id
        for _ in range(2)
    }

    def order(situation: dict[str, Any] = SITUATION) -> tuple[str, list[str]]:
        body = {"scope": scope, "incident": situation, "min_relevance": 0}
        answer = recommend.recommend(body, AGENT, NOW)
        found = [each["playbook_id"] for each in answer["recommendations"]]
        return answer["recommendation_id"], found

    given, (first, second) = order()
    assert {first, second} == some
    people = [Caller(name=name, role="reviewer", scopes=["*"]) for name in ("ann", "bob", "eve")]
    for person in people:
        feedback.give_feedback(given, {"playbook_id": second, "helpful": True}, person, NOW)
        feedback.give_feedback(given, {"playbook_id": first, "resolved": False}, person, NOW)
    assert order()[1] == [second, first]
    for _ in range(20):
        feedback.give_feedback(given, {"playbook_id": second, "rating": 1}, AGENT, NOW)
        feedback.give_feedback(given, {"playbook_id": first, "rating": 5}, AGENT, NOW)
    assert order()[1] == [second, first]
    other = {"title": "PostgreSQL replica lags behind", "affected_systems": ["postgresql"]}
    assert order(other)[1] == [first, second]


@pytest.mark.parametrize("works", [True, False])
def test_alarms_that_ring_on_the_systems_are_signs_where_the_settings_say_so(
    scope: str,
    playbook_id: str,
    set_settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    works: bool,
) -> None:
    set_settings(cloudwatch_alarms="true")
    if not works:
        refuse = Config(connect_timeout=0.1, retries={"max_attempts": 0})
        monkeypatch.setattr(alarms, "_PATIENCE", refuse)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:1")
    alarms._client.cache_clear()
    if works:
        _ring("postgresql-disk", "ALARM")
        _ring("postgresql-cpu", "OK")
        _ring("nginx-5xx", "ALARM")
    answer = asked(scope)
    alarms._client.cache_clear()
    assert [each["name"] for each in answer["alarms"]] == (["postgresql-disk"] if works else [])
    assert len(answer["unknown"]) == (0 if works else 1)
    assert answer["recommendations"]


def _ring(name: str, state: str) -> None:
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription="No space left on device",
        MetricName="used",
        Namespace="test",
        Period=60,
        EvaluationPeriods=1,
        Threshold=90,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Maximum",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="tested")


def test_a_new_process_begins_with_the_index_that_was_kept(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "_KEPT_AFTER", 2)
    for name in ("Disk full", "Certificate expired"):
        written(scope, name)
    assert len(library.index_now(scope, NOW).candidates) == 2
    library.forget()
    later = written(scope, "Queue grows")
    monkeypatch.setattr("chalicelib.store.playbooks.changed_since", None)  # nobody reads them all
    index = library.index_now(scope, NOW)
    assert later.playbook_id in {each.playbook_id for each in index.candidates}
    assert len(index.candidates) == 3
    objects.write(f"indexes/{scope}.npz", b"no index", "text/plain")
    library.forget()
    monkeypatch.undo()
    assert len(library.index_now(scope, NOW).candidates) == 3


def test_few_scopes_indexes_stay_in_memory(scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_MOST_SHELVES", 2)
    library.forget()
    written(scope)
    indexes = [library.index_now(each, NOW) for each in (scope, "first", "second", scope)]
    assert [len(each.candidates) for each in indexes] == [1, 0, 0, 1]
    assert list(library._shelves) == ["second", scope]


@pytest.mark.parametrize("hours", [24, 100])
def test_recent_incidents_are_those_of_the_same_systems_within_the_window(
    scope: str, set_settings: Callable[..., None], hours: int
) -> None:
    set_settings(context_window_hours=hours)
    ages = {"now": 0, "edge": 24, "older": 25, "oldest": 101}
    for name, age in ages.items():
        opened = format_time(NOW - timedelta(hours=age))
        told(scope, disk_full(1, incident_id=name, opened_at=opened, resolved_at=None))
    told(scope, disk_full(1, incident_id="else", affected_systems=["nginx"], opened_at=None))
    recent = [each["incident_id"] for each in asked(scope)["recent_incidents"]]
    assert recent == [name for name, age in ages.items() if age <= hours]
    nowhere = {"title": "PostgreSQL cannot write"}
    assert asked(scope, incident=nowhere)["recent_incidents"] == []


def test_what_was_recommended_is_kept_for_a_season(scope: str, playbook_id: str) -> None:
    answer = asked(scope, agent_id="bot-7")
    kept = store.get(answer["recommendation_id"], NOW)
    assert kept is not None
    assert kept.items() >= answer.items()
    assert (kept["agent_id"], kept["at"]) == ("bot-7", format_time(NOW))
    assert kept["situation"]["title"] == SITUATION["title"]
    item = RecommendationItem.get(answer["recommendation_id"], "recommendation")
    assert item.expires_at == int((NOW + timedelta(days=90)).timestamp())


def test_feedback_is_kept_beside_its_recommendation_and_on_record(
    scope: str, playbook_id: str
) -> None:
    recommendation_id = asked(scope)["recommendation_id"]
    body = {"playbook_id": playbook_id, "helpful": True, "resolved": False, "rating": 4}
    given = feedback.give_feedback(recommendation_id, body, AGENT, NOW)
    assert given.items() >= {**body, "given_by": "bot"}.items()
    [item] = RecommendationItem.query(
        recommendation_id, RecommendationItem.sk.startswith("feedback#")
    )
    assert json.loads(item.text) == given
    trail = operate.list_audit(f"playbook:{playbook_id}", Wanted(), AGENT).items
    [entry] = [each for each in trail if each["action"] == "recommendation rated"]
    assert entry["details"] == given


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"min_relevance": 1.1}, "min_relevance"),
        ({"incident": {"severity": "purple"}}, "incident.severity"),
        ({"incident": "PostgreSQL"}, "incident"),
    ],
)
def test_what_is_no_request_is_named(scope: str, body: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        asked(scope, **body)
    assert [each["field"] for each in raised.value.errors] == [field]


def test_nothing_is_recommended_from_or_told_to_another_scope(scope: str) -> None:
    stranger = Caller(name="other", role="agent", scopes=[f"{scope}-b"])
    playbook_id = written(scope, systems=["postgresql"]).playbook_id
    with pytest.raises(Forbidden):
        recommend.recommend({"scope": scope, "incident": SITUATION}, stranger, NOW)
    elsewhere = {"scope": f"{scope}-b", "incident": SITUATION, "min_relevance": 0}
    assert recommend.recommend(elsewhere, stranger, NOW)["recommendations"] == []
    recommendation_id = asked(scope, min_relevance=0)["recommendation_id"]
    said = {"playbook_id": playbook_id, "helpful": True}
    with pytest.raises(NotFound):
        feedback.give_feedback(recommendation_id, said, stranger, NOW)
    with pytest.raises(NotFound):
        feedback.give_feedback("rec_of_nobody", said, AGENT, NOW)
