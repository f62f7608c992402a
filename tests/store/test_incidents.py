"""Incidents as they are kept: once each, read by their days, and whole however large."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core.callers import SYSTEM
from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.store import audit, objects
from chalicelib.store import incidents as store

pytestmark = pytest.mark.usefixtures("stack")

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def incident(scope: str, number: int, opened_at: datetime = NOW, **fields: object) -> Incident:
    body = {"title": f"Incident {number}", "opened_at": opened_at, "scope": scope, **fields}
    return incident_of(IncidentReport.model_validate(body), f"inc-{number}", NOW)


def save(*reported: Incident) -> None:
    store.save(reported, SYSTEM, NOW)


def ids(found: Iterable[Incident]) -> list[str]:
    return [each.incident_id for each in found]


def page_ids(scope: str, limit: int) -> list[list[str]]:
    """The ids on each page of a listing."""
    pages = []
    position = None
    while True:
        page = store.page(scope, limit, position)
        pages.append(ids(page.items))
        position = page.position
        if position is None:
            return pages


def test_a_report_that_is_replaced_counts_once(scope: str) -> None:
    save(incident(scope, 1))
    latest = incident(scope, 1, resolution="Restarted it.")
    save(latest)
    assert page_ids(scope, 10) == [["inc-1"]]
    assert list(store.window(scope, NOW, NOW)) == [latest]
    assert store.get(scope, "inc-1") == latest


def test_a_report_that_moves_to_another_day_leaves_the_first_one(scope: str) -> None:
    save(incident(scope, 1, NOW - timedelta(days=3)))
    save(incident(scope, 1, NOW - timedelta(days=1)))
    assert list(store.window(scope, NOW - timedelta(days=4), NOW - timedelta(days=2))) == []
    assert ids(store.window(scope, NOW - timedelta(days=2), NOW)) == ["inc-1"]
    assert page_ids(scope, 1) in ([["inc-1"]], [["inc-1"], []])


def test_the_same_report_again_changes_nothing_and_leaves_no_trace(scope: str) -> None:
    for _ in range(3):
        save(incident(scope, 1))
    save(incident(scope, 1, severity="low"))
    trail = audit.page(f"incident:{scope}#inc-1", 10, None).items
    assert sorted(each["action"] for each in trail) == ["replaced", "reported"]


def test_the_same_id_in_two_scopes_is_two_incidents(scope: str) -> None:
    other = f"{scope}-b"
    save(incident(scope, 1))
    save(incident(other, 1, severity="low"))
    assert page_ids(scope, 10) == page_ids(other, 10) == [["inc-1"]]
    found = [store.get(each, "inc-1") for each in (scope, other)]
    assert [each.severity for each in found if each] == ["medium", "low"]
    assert {scope, other} <= set(store.scopes())


def test_a_window_has_its_first_and_last_moment_and_nothing_beyond(scope: str) -> None:
    start, end = datetime(2026, 1, 10, 6, tzinfo=UTC), datetime(2026, 1, 12, 18, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    opened = [start - tick, start, datetime(2026, 1, 11, tzinfo=UTC), end, end + tick]
    save(*(incident(scope, number, at) for number, at in enumerate(opened)))
    assert ids(store.window(scope, start, end)) == ["inc-1", "inc-2", "inc-3"]


def test_a_window_of_ten_years_reads_no_day_without_incidents(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [NOW - timedelta(days=each) for each in (3_500, 800, 1)]
    save(*(incident(scope, number, at) for number, at in enumerate(days)))
    read: list[str] = []
    query = store.IncidentItem.by_day.query

    def counting(day: str, **options: object) -> object:
        read.append(day)
        return query(day, **options)

    monkeypatch.setattr(store.IncidentItem.by_day, "query", counting)
    assert ids(store.window(scope, NOW - timedelta(days=3_650), NOW)) == ["inc-0", "inc-1", "inc-2"]
    assert len(read) == 3


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
def test_pages_go_over_the_borders_of_days_and_miss_nothing(scope: str, limit: int) -> None:
    hours = [0, 1, 2, 30, 31, 60, 100]
    save(*(incident(scope, each, NOW - timedelta(hours=each)) for each in hours))
    pages = page_ids(scope, limit)
    assert [each for page in pages for each in page] == [f"inc-{each}" for each in hours]
    assert max(map(len, pages)) <= limit


def test_a_page_ends_where_an_answer_would_be_too_large(scope: str) -> None:
    text = "x" * 90_000
    large = [
        incident(
            scope, number, NOW - timedelta(hours=8 * number), description=text, resolution=text
        )
        for number in range(24)
    ]
    save(*large)
    pages = page_ids(scope, 200)
    assert [each for page in pages for each in page] == ids(large)
    assert max(map(len, pages)) * 2 * len(text) < 3_000_000


def test_what_is_too_large_for_an_item_comes_back_whole_and_in_its_place(scope: str) -> None:
    large = incident(scope, 1, description="漢" * 100_000, resolution="字" * 20_000)
    save(incident(scope, 0, NOW - timedelta(hours=1)), large)
    assert store.get(scope, "inc-1") == large
    assert list(store.window(scope, NOW, NOW)) == [large]
    assert page_ids(scope, 1)[:2] == [["inc-1"], ["inc-0"]]


def test_more_incidents_than_a_transaction_takes_are_all_kept(scope: str) -> None:
    save(*(incident(scope, number, NOW - timedelta(days=number)) for number in range(75)))
    assert len(list(store.window(scope, NOW - timedelta(days=80), NOW))) == 75
    some = [f"inc-{number}" for number in (3, 74, 3)]
    assert sorted(ids(store.get_many(scope, [*some, "inc-of-nobody"]))) == ["inc-3", "inc-74"]
    assert store.get(scope, "inc-of-nobody") is None


def test_an_object_that_s3_does_not_take_leaves_no_incident(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise ConnectionError("S3 does not answer")

    monkeypatch.setattr(objects, "write", refuse)
    with pytest.raises(ConnectionError):
        save(incident(scope, 0), incident(scope, 1, description="漢" * 100_000))
    assert list(store.window(scope, NOW, NOW)) == []
