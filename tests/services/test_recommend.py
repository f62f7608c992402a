"""What a recommendation tells beside the playbooks, and what is kept of it and of its feedback."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.fields import format_time
from chalicelib.services import operate, recommend, record, review
from chalicelib.services.access import Caller
from chalicelib.services.errors import Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
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
    kept = store.get(answer["recommendation_id"])
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
    given = recommend.give_feedback(recommendation_id, body, AGENT, NOW)
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
    feedback = {"playbook_id": playbook_id, "helpful": True}
    with pytest.raises(NotFound):
        recommend.give_feedback(recommendation_id, feedback, stranger, NOW)
    with pytest.raises(NotFound):
        recommend.give_feedback("rec_of_nobody", feedback, AGENT, NOW)
