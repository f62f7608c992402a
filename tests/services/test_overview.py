"""What a reviewer looks at first: the queue, past decisions, what playbooks changed."""

from datetime import timedelta

import pytest

from chalicelib.core.suggestions import Approval, Suggestion, SuggestionStatus
from chalicelib.services import evidence, overview, publish, review, understand
from chalicelib.services.access import SYSTEM, Caller
from chalicelib.services.errors import Forbidden
from chalicelib.services.listing import Wanted
from chalicelib.services.overview import Sought
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction
from tests.services.cases import NOW, REVIEWER, analysed, disk_full, suggested, told

pytestmark = pytest.mark.usefixtures("stack")

APPROVED, REJECTED = SuggestionStatus.APPROVED, SuggestionStatus.REJECTED


@pytest.fixture
def waiting(scope: str) -> Suggestion:
    return suggested(scope)


def kept(model: Suggestion, name: str, confidence: float, days: int = 0, **changed: object) -> None:
    """Another suggestion like the model, that old."""
    time = NOW - timedelta(days=days)
    values = {"suggestion_id": f"{model.scope}-{name}", "title": f"Case {name}", "revision": 1}
    values |= {"confidence_score": confidence, "created_at": time, "updated_at": time}
    with Transaction(SYSTEM, NOW) as transaction:
        store.save(transaction, model.model_copy(update=values | changed))


def titles(sought: Sought, limit: int = 20) -> list[str]:
    """All of a queue, page by page."""
    found: list[str] = []
    cursor = None
    while True:
        page = overview.queue(sought, Wanted(limit, cursor), REVIEWER)
        assert len(page.items) <= limit
        found += [row.title for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_the_surest_come_first_and_of_as_sure_ones_those_that_wait_longest(
    waiting: Suggestion,
) -> None:
    kept(waiting, "a", 0.81, days=1)
    kept(waiting, "b", 0.89, days=0)
    kept(waiting, "c", 0.84, days=9)
    kept(waiting, "d", 1.0)
    kept(waiting, "e", 0.79, days=99)
    scope = Sought(scope=waiting.scope, text="case")
    assert titles(scope) == titles(scope, 2) == [f"Case {each}" for each in "dcabe"]
    assert titles(Sought(scope=waiting.scope), 2)[0] == "Case d"


def test_a_queue_is_narrowed_by_systems_and_by_every_word(waiting: Suggestion) -> None:
    kept(waiting, "a", 0.9, systems=["mq-1"])
    kept(waiting, "b", 0.9, systems=["mq-2"])
    scope = waiting.scope
    assert titles(Sought(scope=scope, system="MQ-2")) == ["Case b"]
    assert titles(Sought(scope=scope, text="case MQ-1")) == ["Case a"]
    assert titles(Sought(scope=scope, text="logs postgres")) == [waiting.title]
    assert titles(Sought(scope=scope, text="case nowhere")) == []


def test_looking_for_what_is_rare_goes_on_behind_a_cursor(
    waiting: Suggestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_LOOKED_AT", 2)
    for number in range(5):
        kept(waiting, f"{number}", 0.9, days=9 - number)
    sought = Sought(scope=waiting.scope, text="case 4")
    first = overview.queue(sought, Wanted(), REVIEWER)
    assert (first.items, first.next_cursor is None) == ([], False)
    assert titles(sought) == ["Case 4"]


def test_a_decision_moves_a_suggestion_to_the_front_of_its_queue(waiting: Suggestion) -> None:
    kept(waiting, "old", 0.9, days=3, status=REJECTED)
    review.decide(waiting.suggestion_id, {"action": "reject"}, REVIEWER, NOW)
    assert titles(Sought(scope=waiting.scope)) == []
    assert titles(Sought(scope=waiting.scope, status=REJECTED)) == [waiting.title, "Case old"]


def test_nobody_reads_the_queue_of_a_scope_of_others(waiting: Suggestion) -> None:
    stranger = Caller(name="eve", role="reviewer", scopes=["elsewhere"])
    with pytest.raises(Forbidden):
        overview.queue(Sought(scope=waiting.scope), Wanted(), stranger)
    with pytest.raises(Forbidden):
        overview.calibrated(waiting.scope, stranger)


def test_decisions_are_counted_by_confidence_as_far_back_as_both_kinds_reach(
    waiting: Suggestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(4):
        kept(waiting, f"yes-{day}", 0.96, days=day, status=APPROVED)
    kept(waiting, "no-2", 0.77, days=2, status=REJECTED)
    kept(waiting, "no-9", 0.77, days=9, status=REJECTED)
    every = overview.calibrated(waiting.scope, REVIEWER)
    assert [(b.low, b.decided, b.share) for b in every.bands] == [(0.75, 2, 0.0), (0.95, 4, 1.0)]
    assert every.since is None
    monkeypatch.setattr(overview, "_DECISIONS", 3)
    latest = overview.calibrated(waiting.scope, REVIEWER)
    assert [(b.low, b.decided) for b in latest.bands] == [(0.75, 1), (0.95, 3)]
    assert latest.since == NOW - timedelta(days=2)


def test_what_the_settings_approved_is_nobodys_opinion(waiting: Suggestion) -> None:
    for name in (SYSTEM.name, "ann"):
        approval = Approval(review_id=f"rev_{name}", reviewer=name, approved_at=NOW)
        kept(waiting, name, 0.96, status=APPROVED, approvals=[approval])
    [band] = overview.calibrated(waiting.scope, REVIEWER).bands
    assert (band.decided, band.approved) == (1, 1)


def test_the_analysis_tells_what_a_playbook_changed(waiting: Suggestion) -> None:
    published = NOW - timedelta(hours=20)
    review.decide(waiting.suggestion_id, {"action": "approve"}, REVIEWER, published)
    since = NOW - timedelta(hours=3)
    times = {
        "opened_at": since.isoformat(),
        "resolved_at": (since + timedelta(minutes=5)).isoformat(),
    }
    told(waiting.scope, *(disk_full(number, **times) for number in range(10, 16)))
    told(waiting.scope, disk_full(6), disk_full(7))
    analysed(waiting.scope)
    figures = understand.summary(waiting.scope, REVIEWER)
    [effect] = figures.effects
    assert (effect.before.incidents, effect.before.median_seconds) == (7, 3_600)
    assert (effect.since.incidents, effect.since.median_seconds) == (6, 300)
    assert effect.difference == "faster"
    assert [(week.found, week.retired, week.active) for week in figures.history] == [(1, 0, 1)]


def test_a_suggestion_shows_its_incidents_and_playbooks_like_it_but_not_its_own(
    waiting: Suggestion,
) -> None:
    latest = evidence.incidents_behind(waiting)
    assert [each.incident_id for each in latest] == [f"disk-{number}" for number in range(1, 6)]
    assert evidence.similar_playbooks(waiting, ["writes fail"], NOW) == []
    kept(waiting, "twin", 0.9)
    review.decide(f"{waiting.scope}-twin", {"action": "approve"}, REVIEWER, NOW)
    [twin] = publish.list_playbooks(waiting.scope, Wanted(), REVIEWER).items
    [similar] = evidence.similar_playbooks(waiting, ["writes fail"], NOW)
    assert similar.playbook.playbook_id == twin.playbook_id
    assert similar.reasons
    own = waiting.model_copy(update={"playbook_id": twin.playbook_id})
    assert evidence.similar_playbooks(own, ["writes fail"], NOW) == []
