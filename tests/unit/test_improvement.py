"""When a playbook is found wanting, and how far an improvement can be trusted."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.improvement import (
    Improvement,
    Remedy,
    factors_of,
    surely_below,
    wanting,
)
from chalicelib.core.learning import Metrics, StepFigures
from chalicelib.core.playbooks import PlaybookSpec
from tests.unit.five_incidents import NOW


@pytest.mark.parametrize(
    ("hits", "trials", "so"),
    [
        (0, 2, False),
        (0, 3, True),
        (1, 3, True),
        (2, 3, False),
        (2, 5, True),
        (3, 5, False),
        (60, 100, True),
        (65, 100, False),
    ],
)
def test_a_rate_is_surely_below_a_line_where_chance_hardly_explains_it(hits, trials, so):
    assert surely_below(hits, trials, 0.7) is so


@given(st.integers(3, 60), st.data())
def test_more_hits_are_never_more_surely_below(trials, data):
    hits = data.draw(st.integers(1, trials))
    line = data.draw(st.floats(0.05, 0.95))
    assert surely_below(hits - 1, trials, line) >= surely_below(hits, trials, line)
    assert not surely_below(trials, trials, line) or line > 0.9


def figures(successes, runs, **fields):
    outcomes = {"success": successes, "failure": runs - successes}
    return Metrics(version="1.0.0", executions=runs, outcomes=outcomes, **fields)


def test_a_version_is_wanting_by_its_success_its_ratings_or_a_step():
    assert wanting(figures(1, 4), 0.7)
    assert not wanting(figures(3, 4), 0.7)
    assert not wanting(figures(1, 4), 0.1)
    assert wanting(figures(9, 9, ratings={1: 2, 2: 2, 5: 1}), 0.7)
    assert not wanting(figures(9, 9, ratings={3: 5}), 0.7)
    assert wanting(figures(9, 9, steps={"a": StepFigures(taken=4, failed=3)}), 0.7)


def change(support, asked, **fields):
    return Remedy(
        kind="optional",
        key="optional a",
        step_id="a",
        name="A",
        reason="2 of 3",
        support=support,
        asked=asked,
        **fields,
    )


def test_it_is_trusted_as_far_as_its_weakest_change():
    spec = {"name": "a", "steps": [{"id": "a", "name": "A", "action": "wait"}]}
    improvement = Improvement(
        spec=PlaybookSpec.model_validate(spec),
        changes=[
            change(4, 4, execution_ids=["x", "y", "z", "w"], quotes=["Because."]),
            change(3, 6, incident_ids=["i"]),
        ],
        last_seen=NOW,
    )
    told = factors_of(improvement, NOW + timedelta(days=1))
    assert (told.frequency, told.success, told.detail, told.recency) == (0.5, 0.5, 0.5, 1)
    assert factors_of(improvement, NOW + timedelta(days=400)).recency == 0
