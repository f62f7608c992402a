"""The confidence in a pattern and its factors."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.confidence import (
    Factors,
    confidence,
    detail,
    factors,
    recency,
    wilson_interval,
)
from chalicelib.core.incidents import IncidentReport, incident_of
from tests.unit.five_incidents import NOW, SEARCH_ENGINE, VARIANTS

_share = st.floats(0, 1)


def _incident(**fields):
    return incident_of(IncidentReport(title="Disk full", **fields), "inc-1", NOW)


def test_confidence_is_the_weighted_sum_of_its_factors():
    assert confidence(Factors(frequency=1, success=1, detail=1, recency=1)) == 1
    assert confidence(Factors(frequency=0.5, success=0.9, detail=0.25, recency=0)) == 0.56


@given(_share, _share, _share, _share, _share)
def test_confidence_grows_with_each_factor(frequency, success, detail, recency, more):
    given_factors = Factors(frequency=frequency, success=success, detail=detail, recency=recency)
    for name in Factors.model_fields:
        better = max(more, getattr(given_factors, name))
        raised = given_factors.model_copy(update={name: better})
        assert 0 <= confidence(given_factors) <= confidence(raised) <= 1


@pytest.mark.parametrize("told", VARIANTS)
def test_three_solved_incidents_of_today_with_real_resolutions_reach_three_quarters(told):
    members = [VARIANTS[told][at] for at in SEARCH_ENGINE]
    found = factors(members=members, success_rate=1.0, last_seen=NOW, now=NOW)
    assert found.frequency == 0.3
    assert confidence(found) >= 0.75


def test_ten_incidents_are_often_and_more_are_no_more_often():
    for count, share in ((1, 0.1), (10, 1), (25, 1)):
        found = factors(members=[_incident()] * count, success_rate=0, last_seen=NOW, now=NOW)
        assert found.frequency == share


def test_detail_is_what_a_playbook_can_be_written_from():
    full = "Deleted old logs, grew the volume and verified free space"
    assert detail([]) == 0
    assert detail([_incident()]) == 0
    assert detail([_incident(affected_systems=["db"])]) == pytest.approx(0.2)
    assert detail([_incident(resolution=full)]) == pytest.approx(0.6)
    # A command says where to act as plainly as a reported system does.
    assert detail([_incident(resolution="Ran `kubectl -n shop delete pod cart-0` at last")]) == (
        pytest.approx(0.8)
    )
    assert 0 < detail([_incident(resolution="Fixed")]) < 0.2
    everything = _incident(resolution=full, affected_systems=["db"], description="No space left")
    assert detail([everything]) == pytest.approx(1)
    assert detail([everything, _incident()]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("days", "share"), [(-1, 1), (0, 1), (30, 1), (105, 0.5), (180, 0), (4000, 0)]
)
def test_recency_falls_evenly_from_a_month_to_half_a_year(days, share):
    assert recency(NOW - timedelta(days=days), NOW) == pytest.approx(share)


def test_wilson_intervals_are_those_of_the_literature():
    assert wilson_interval(0, 0) == (0, 1)
    assert wilson_interval(3, 3) == pytest.approx((0.4385, 1.0), abs=1e-4)
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate_and_narrows_with_more_trials(observed):
    successes, trials = observed
    low, high = wilson_interval(successes, trials)
    wider_low, wider_high = wilson_interval(successes * 4, trials * 4)
    assert 0 <= low <= round(successes / trials, 4) <= high <= 1
    assert wider_high - wider_low < high - low


def test_detail_of_many_incidents_is_read_from_some_of_them_evenly():
    half = [_incident(affected_systems=["db"] if at < 500 else []) for at in range(1_001)]
    assert detail(half) == pytest.approx(0.1, abs=0.01)
