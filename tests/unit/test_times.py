"""When a kind of incident comes, and how long each takes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.times import (
    MOST_WEEKS,
    median_interval,
    plausible_seconds,
    time_to_resolve,
    trend,
    weeks,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
HOUR = 3600


def _days_ago(*days):
    return [NOW - timedelta(days=each) for each in days]


def _took(*seconds):
    opened = NOW - timedelta(days=900)
    return [
        incident_of(
            IncidentReport(
                title="x",
                resolution="Restarted it",
                opened_at=opened,
                resolved_at=opened + timedelta(seconds=each),
            ),
            f"inc-{place}",
            NOW,
        )
        for place, each in enumerate(seconds)
    ]


@pytest.mark.parametrize(
    ("recent", "earlier", "direction", "p_value"),
    [
        (0, 0, "steady", 1),
        (3, 2, "steady", 1),
        (4, 0, "steady", 0.125),
        (5, 0, "rising", 0.0625),
        (0, 5, "falling", 0.0625),
        (8, 2, "steady", 0.1094),
        (9, 2, "rising", 0.0654),
        (400, 300, "rising", 0.0002),
        (355, 345, "steady", 0.7338),
    ],
)
def test_a_trend_is_one_if_chance_hardly_makes_it(recent, earlier, direction, p_value):
    found = trend(_days_ago(*[1] * recent, *[40] * earlier, *[100] * 9), NOW)
    assert (found.direction, found.recent, found.earlier) == (direction, recent, earlier)
    assert found.p_value == pytest.approx(p_value, abs=1e-3)


@given(st.lists(st.integers(0, 55), max_size=40))
def test_a_trend_turned_round_is_the_opposite_trend(ages):
    ahead = trend(_days_ago(*(age + 0.5 for age in ages)), NOW)
    back = trend(_days_ago(*(55.5 - age for age in ages)), NOW)
    assert (back.recent, back.earlier) == (ahead.earlier, ahead.recent)
    opposite = {"rising": "falling", "falling": "rising", "steady": "steady"}
    assert (back.p_value, back.direction) == (ahead.p_value, opposite[ahead.direction])


def test_an_incident_opened_ahead_of_the_clock_is_recent():
    assert trend(_days_ago(-0.5), NOW).recent == 1


def test_the_interval_is_the_median_of_those_between_neighbours():
    assert median_interval(_days_ago(10, 1, 3)) == 4.5 * 24 * HOUR
    assert median_interval(_days_ago(1)) is None


def test_weeks_begin_on_mondays_and_those_without_incidents_are_told():
    told = weeks(_days_ago(0, 2, 3, 15), NOW)
    assert [(each.week, each.incidents) for each in told] == [
        (date(2026, 2, 16), 1),
        (date(2026, 2, 23), 1),
        (date(2026, 3, 2), 2),
    ]
    assert len(weeks(_days_ago(0, 4000), NOW)) == MOST_WEEKS


def test_times_to_resolve_that_cannot_be_are_ignored():
    found = _took(0, HOUR, 2 * HOUR, 9 * HOUR, 400 * 86_400)
    assert plausible_seconds(found) == [HOUR, 2 * HOUR, 9 * HOUR]
    told = time_to_resolve(found)
    assert (told.incidents, told.ignored, told.median_seconds) == (3, 2, 2 * HOUR)
    assert (told.p10_seconds, told.p90_seconds) == (1.2 * HOUR, 7.6 * HOUR)
    assert time_to_resolve(_took(0)) is None


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=30))
def test_the_spread_lies_around_the_median_within_what_was_seen(seconds):
    told = time_to_resolve(_took(*seconds))
    assert min(seconds) <= told.p10_seconds <= told.median_seconds <= told.p90_seconds
    assert told.p90_seconds <= max(seconds)
