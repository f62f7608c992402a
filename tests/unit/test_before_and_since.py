"""What a playbook changed, as far as it can be told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.before_and_since import Pace, effect, median_interval
from chalicelib.core.incidents import Incident, Status

PUBLISHED = datetime(2026, 3, 1, tzinfo=UTC)


def incident(days: int, minutes: int) -> Incident:
    opened = PUBLISHED + timedelta(days=days)
    return Incident(
        incident_id=f"i{days}",
        title="x",
        status=Status.RESOLVED,
        opened_at=opened,
        resolved_at=opened + timedelta(minutes=minutes),
    )


def difference(before: int, since: int, number: int) -> Pace:
    incidents = [incident(-day, before + day) for day in range(1, number + 1)]
    incidents += [incident(day, since + day) for day in range(number)]
    return effect("pb", "x", PUBLISHED, incidents).difference


def test_it_is_faster_or_slower_only_where_chance_would_not_make_it() -> None:
    assert difference(60, 10, 5) is Pace.TOO_FEW
    assert difference(60, 10, 8) is Pace.FASTER
    assert difference(10, 60, 8) is Pace.SLOWER
    assert difference(30, 31, 8) is Pace.UNCLEAR


def test_an_effect_tells_medians_and_how_many_they_are_of() -> None:
    told = effect("pb", "x", PUBLISHED, [incident(-1, 30), incident(-2, 40), incident(3, 10)])
    assert (told.before.incidents, told.before.median_seconds) == (2, 2_100)
    assert (told.since.incidents, told.since.median_seconds) == (1, 600)
    assert effect("pb", "x", PUBLISHED, []).before.median_seconds is None


@pytest.mark.parametrize(("number", "place"), [(6, 1), (8, 1), (9, 2), (20, 6), (100, 40)])
def test_a_median_lies_between_the_values_that_tables_of_the_sign_test_name(
    number: int, place: int
) -> None:
    """The places from either end, as Conover's tables of the sign test at 5% have them."""
    assert median_interval(range(1, number + 1)) == (place, number + 1 - place)


@given(st.lists(st.floats(1, 1e6), max_size=80))
@settings(max_examples=50)
def test_an_interval_is_of_values_and_symmetric_in_their_order(values: list[float]) -> None:
    interval = median_interval(sorted(values))
    assert (interval is None) == (len(values) < 6)
    if interval is not None:
        assert interval[0] <= interval[1]
        assert {*interval} <= {*values}
