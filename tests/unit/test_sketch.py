"""Quantiles from bars are as near to the true ones as is said, and bars add up."""

import math

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.sketch import ACCURACY, Sketch

DURATIONS = st.lists(st.floats(min_value=0.001, max_value=10**8), min_size=1, max_size=60)


def sketched(values):
    sketch = Sketch()
    for value in values:
        sketch = sketch.plus(value)
    return sketch


@given(DURATIONS, st.sampled_from([0, 0.1, 0.5, 0.9, 1]))
def test_a_quantile_is_off_by_its_share_at_most(values, share):
    true = sorted(values)[math.floor(share * (len(values) - 1))]
    told = sketched(values).quantile(share)
    assert abs(told - true) <= ACCURACY * true + 0.001  # told to the millisecond


@given(DURATIONS, DURATIONS)
def test_two_sketches_make_one_in_any_order(some, others):
    both = sketched(some + others)
    assert sketched(some).merged(sketched(others)) == both
    assert sketched(others).merged(sketched(some)) == both
    assert both.count == len(some) + len(others)
    assert Sketch.model_validate_json(both.model_dump_json()) == both


def test_no_time_at_all_is_a_value_and_nothing_is_none():
    assert Sketch().quantile(0.5) is None
    assert sketched([0, 0, 0, 8]).quantile(0.5) == 0
    assert abs(sketched([0, 0, 0, 8]).quantile(1) - 8) <= 0.08


def test_it_stays_small_whatever_is_put_in():
    spread = sketched(10 ** (exponent / 50) for exponent in range(-400, 900))
    assert spread.count == 1300
    assert len(spread.bars) <= 1325
    assert spread.quantile(1) <= 1.01 * 10 * 365 * 86_400
