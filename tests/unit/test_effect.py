"""Times to resolve with and without a playbook: told apart where they can be, by their ranks."""

import itertools
from datetime import timedelta
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core import effect as module
from chalicelib.core.effect import compared, effect
from chalicelib.core.incidents import Incident
from chalicelib.core.learning import Metrics
from tests.unit.five_incidents import NOW


def taking(minutes, severity="high", name="without"):
    return [
        Incident(
            incident_id=f"{name}-{severity}-{number}",
            title="Disk full",
            resolution="Rotated the logs",
            severity=severity,
            status="resolved",
            opened_at=NOW - timedelta(minutes=each),
            resolved_at=NOW,
        )
        for number, each in enumerate(minutes)
    ]


def found(ones, others):
    return effect([*ones, *others], [each.incident_id for each in ones], NOW)


def with_it(minutes, severity="high"):
    return taking(minutes, severity, "with")


def test_what_is_clearly_faster_is_better_with_an_interval_around_the_difference():
    result = found(with_it([10, 12, 14, 16, 18]), taking([40, 50, 60, 70, 80]))
    assert result.verdict == "better"
    assert result.difference_seconds == -46 * 60
    low, high = result.interval_seconds
    assert low < result.difference_seconds < high < 0
    assert (result.with_playbook, result.without_playbook) == ({"high": 5}, {"high": 5})


def test_what_is_clearly_slower_is_worse_and_what_overlaps_is_not_told_apart():
    assert found(with_it([40, 50, 60, 70]), taking([10, 12, 14, 16])).verdict == "worse"
    assert found(with_it([10, 30, 50, 70]), taking([20, 40, 60, 80])).verdict == "not_told_apart"


@pytest.mark.parametrize(("with_number", "number"), [(0, 9), (1, 90), (2, 90), (3, 3), (9, 0)])
def test_too_few_tell_nothing(with_number, number):
    result = found(with_it([1] * with_number), taking([90] * number))
    assert (result.verdict, result.interval_seconds) == ("too_few", None)


def test_severities_are_compared_each_with_its_own():
    ones = with_it([10, 11, 12, 13], "critical") + with_it([200, 210, 220, 230], "low")
    others = taking([20, 21, 22, 23], "critical") + taking([300, 310, 320, 330], "low")
    alone = taking([1, 2], "medium")
    result = found(ones, [*others, *alone])
    assert (result.verdict, result.unmatched) == ("better", 2)
    differences = [
        one.seconds_to_resolve - other.seconds_to_resolve
        for one, other in itertools.product(ones, others)
        if one.severity == other.severity
    ]
    assert result.difference_seconds == median(differences)
    # Without the matching, the mixture would hide the difference.
    flat = [each.model_copy(update={"severity": "high"}) for each in ones]
    others = [each.model_copy(update={"severity": "high"}) for each in others]
    assert found(flat, others).verdict == "not_told_apart"


def test_only_incidents_that_were_solved_in_a_time_that_can_be_count():
    odd = [
        each.model_copy(update=changed)
        for each, changed in zip(
            taking([1, 2, 3], name="odd"),
            [{"status": "unresolved"}, {"resolved_at": None}, {"opened_at": NOW}],
            strict=True,
        )
    ]
    result = found(with_it([10, 12, 14, 16]), [*odd, *taking([40, 50, 60, 70])])
    assert result.without_playbook == {"high": 4}


MINUTES = st.lists(st.integers(1, 500), min_size=3, max_size=9)


@settings(max_examples=40)
@given(MINUTES, MINUTES, MINUTES, MINUTES)
def test_order_statistics_are_those_of_all_differences(one, other, third, fourth):
    strata = [(sorted(one), sorted(other)), (sorted(third), sorted(fourth))]
    listed = sorted(a - b for ones, others in strata for a in ones for b in others)
    for place in (0, len(listed) // 3, len(listed) - 1):
        assert module._difference(strata, place) == listed[place] / 1_000


@pytest.mark.parametrize(
    ("one", "other", "critical"), [(3, 5, 0), (5, 5, 2), (8, 8, 13), (10, 10, 23), (20, 20, 127)]
)
def test_the_ranks_are_those_of_the_published_tables(one, other, critical):
    # The critical values of U, two-sided at 5% (Mann and Whitney's statistic, as tabulated).
    assert module._left_out([([1] * one, [1] * other)]) == critical


def test_by_the_normal_distribution_it_is_nearly_the_same(monkeypatch):
    exact = module._left_out([([1] * 25, [1] * 30)])
    monkeypatch.setattr(module, "_MOST_COUNTED", 0)
    assert abs(module._left_out([([1] * 25, [1] * 30)]) - exact) <= 2


@pytest.mark.parametrize(
    ("older", "newer", "verdict"),
    [((1, 4), (4, 4), "better"), ((4, 4), (0, 4), "worse"), ((2, 4), (3, 4), "not_told_apart")],
)
def test_versions_are_told_apart_by_their_success_rates(older, newer, verdict):
    first, second = (
        Metrics(version=version, executions=runs, outcomes={"success": successes})
        for version, (successes, runs) in (("1.0.0", older), ("1.1.0", newer))
    )
    told = compared(second, first)
    assert (told.version, told.verdict) == ("1.0.0", verdict)
    assert told.interval[0] <= told.difference <= told.interval[1]


def test_a_difference_of_rates_has_the_published_interval():
    # Newcombe 1998, table II: 56/70 against 48/80, method 10.
    one = Metrics(version="1.1.0", executions=70, outcomes={"success": 56})
    other = Metrics(version="1.0.0", executions=80, outcomes={"success": 48})
    assert compared(one, other).interval == (0.0524, 0.3339)
