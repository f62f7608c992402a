"""What the pictures consist of: everything within its box, and as much of it as the figures say."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.before_and_since import Spread
from chalicelib.core.calibration import calibration
from chalicelib.core.playbooks import Condition, Step
from chalicelib.routes import charts
from chalicelib.routes.charts import BOTTOM, LEFT, RIGHT, TOP, Happening
from chalicelib.routes.flow import LANES, flow

START = datetime(2026, 1, 5, tzinfo=UTC)
numbers = st.integers(0, 5_000)


def weeks(number: int) -> list[date]:
    return [START.date() + timedelta(weeks=each) for each in range(number)]


def test_the_marks_of_an_axis_are_round_numbers() -> None:
    assert charts.steps_to(0) == [0, 1]
    assert charts.steps_to(3) == [0, 1, 2, 3]
    assert charts.steps_to(18) == [0, 5, 10, 15, 20]
    assert charts.steps_to(4_999) == [0, 2_000, 4_000, 6_000]


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=26))
@settings(max_examples=40)
def test_columns_are_as_high_as_their_numbers_and_stand_beside_each_other(
    values: list[tuple[int, int]],
) -> None:
    above, below = [up for up, _ in values], [down for _, down in values]
    drawn = charts.columns(weeks(len(values)), above, below)
    up = [bar for bar in drawn.bars if bar.kind == "above"]
    assert len(up) == sum(value > 0 for value in above)
    for bars, told in ((up, above), ([b for b in drawn.bars if b.kind == "below"], below)):
        highest = max(told)
        for bar, value in zip(bars, filter(None, told), strict=True):
            tallest = max(each.height for each in bars)
            assert bar.height == pytest.approx(tallest * value / highest, abs=0.11)
            assert bar.x >= LEFT
            assert bar.x + bar.width <= RIGHT + 0.1
            assert bar.y >= TOP
            assert bar.y + bar.height <= BOTTOM + 0.1
        assert all(one.x + one.width < next_.x + 0.2 for one, next_ in itertools.pairwise(bars))
    assert all(bar.y + bar.height == pytest.approx(drawn.base, abs=0.11) for bar in up)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
@settings(max_examples=40)
def test_a_calibration_counts_every_decision_once(decided: list[tuple[float, bool]]) -> None:
    bands = calibration(decided)
    assert sum(band.decided for band in bands) == len(decided)
    assert sum(band.approved for band in bands) == sum(approved for _, approved in decided)
    assert [band.low for band in bands] == sorted({band.low for band in bands})
    drawn = charts.curve(bands)
    for band, point in zip(bands, drawn.points, strict=True):
        assert band.interval[0] <= band.share <= band.interval[1]
        assert TOP <= point.top <= point.y <= point.bottom <= BOTTOM
        assert LEFT <= point.x <= RIGHT


def test_a_calibration_tells_the_share_approved_by_confidence() -> None:
    low, high = calibration([(0.76, True), (0.79, False), (0.95, True), (1.0, True), (0.96, True)])
    assert (low.low, low.high, low.decided, low.share) == (0.75, 0.8, 2, 0.5)
    assert (high.low, high.high, high.decided, high.share) == (0.95, 1.0, 3, 1.0)


@given(st.lists(st.tuples(st.integers(0, 400), st.none() | st.floats(1, 3e7)), min_size=1))
@settings(max_examples=40)
def test_a_timeline_places_everything_in_order(told: list[tuple[int, float | None]]) -> None:
    happened = [Happening(START + timedelta(days=d), "resolved", s) for d, s in told]
    drawn = charts.timeline(happened)
    [places] = drawn.places.values()
    assert len(places) == len(told)
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in places)
    assert len(drawn.up) <= len(charts._DURATIONS)


def test_what_takes_longer_lies_higher_and_what_tells_no_time_at_the_bottom() -> None:
    kinds = {"a": 60.0, "b": 3_600.0, "c": None}
    drawn = charts.timeline([Happening(START, kind, seconds) for kind, seconds in kinds.items()])
    short, long, untold = (drawn.places[kind][0][1] for kind in kinds)
    assert long < short < untold == drawn.untimed
    assert "1 min" in [tick.label for tick in drawn.up]


def test_a_median_lies_within_its_range() -> None:
    spreads = {
        "before": Spread(incidents=9, median_seconds=600, interval=(300, 1_200)),
        "since": Spread(incidents=1, median_seconds=60),
        "none": Spread(),
    }
    drawn = charts.ranges(spreads)
    assert drawn == {
        "before": charts.Range(25, 100, 50),
        "since": charts.Range(5, 5, 5),
    }


def step(number: int, **values: object) -> Step:
    return Step(id=f"s{number}", name="Look", action="noop", args={"message": "Look"}, **values)


def when(param: str, value: str) -> list[Condition]:
    return [Condition(type="equals", param=param, value=value)]


def test_steps_that_part_by_a_value_have_a_lane_each_and_come_together_again() -> None:
    steps = [
        step(1, kind="check"),
        step(2, when=when("way", "restart")),
        step(3, when=when("way", "reindex")),
        step(4, optional=True, alternatives=["reboot"]),
    ]
    rows = flow(steps)
    assert [row.lane for row in rows] == [0, 0, 1, 0]
    assert [row.conditional for row in rows] == [False, True, True, False]
    assert rows[1].leaves == rows[2].enters == {0, 1}
    assert [line.kind for line in rows[3].lines] == ["way", "instead", "bypass"]
    assert rows[0].shape == "look"


def test_a_lone_condition_has_a_way_around_it() -> None:
    [row] = flow([step(1, when=when("full", "yes"))])
    assert [line.kind for line in row.lines] == ["way", "bypass"]


@given(
    st.lists(
        st.builds(
            lambda param, value, optional, wait: {
                "when": when(param, value) if param else [],
                "optional": optional,
                "alternatives": ["other"] if wait else [],
            },
            st.sampled_from(["", "way", "full"]),
            st.sampled_from("abcde"),
            st.booleans(),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=60)
def test_every_way_that_leaves_a_step_enters_the_next(told: list[dict[str, object]]) -> None:
    rows = flow([step(number, **values) for number, values in enumerate(told)])
    assert len(rows) == len(told)
    assert rows[0].enters == rows[-1].leaves == {0}
    for one, following in itertools.pairwise(rows):
        assert one.leaves == following.enters
    for row in rows:
        assert row.lane in row.enters | row.leaves or row.lane < len(LANES)
        assert len([line for line in row.lines if line.kind == "way"]) > row.lane
