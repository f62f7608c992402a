"""Runs add up to figures, one at a time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core.learning import ExecutionReport, ExecutionStatus, Metrics
from tests.unit.five_incidents import NOW


def _metrics(*runs):
    metrics = Metrics(version="1.0.0")
    for run in runs:
        metrics = metrics.plus(run)
    return metrics


def _lasting(seconds):
    return ExecutionReport(
        status="success", started_at=NOW, finished_at=NOW + timedelta(seconds=seconds)
    )


def _steps(*statuses):
    results = [{"step_id": step, "status": status} for step, status in statuses]
    return ExecutionReport(status="partial", step_results=results)


def test_a_run_lasts_from_its_start_to_its_end_where_both_are_told():
    assert _lasting(90).seconds == 90
    assert ExecutionReport(status="success", started_at=NOW).seconds is None
    assert ExecutionReport(status="success").seconds is None


def test_a_run_cannot_end_before_it_starts():
    with pytest.raises(ValidationError, match="finished_at"):
        _lasting(-1)


@pytest.mark.parametrize(
    "wrong", [{"status": "great"}, {"satisfaction": 0}, {"satisfaction": 6}, {"version": "1"}]
)
def test_a_report_has_a_known_status_and_figures_within_their_bounds(wrong):
    with pytest.raises(ValidationError):
        ExecutionReport(**{"status": "success", **wrong})


def test_without_runs_nothing_is_claimed():
    summary = _metrics().summary()
    assert summary["executions"] == 0
    assert summary["success_rate"] is None
    assert summary["mean_duration_seconds"] is None
    assert summary["mean_satisfaction"] is None
    assert set(summary["outcomes"].values()) == {0}


def test_means_are_over_the_runs_that_tell():
    rated = ExecutionReport(status="failure", satisfaction=4)
    summary = _metrics(_lasting(10), _lasting(30), rated).summary()
    assert summary["executions"] == 3
    assert summary["success_rate"] == pytest.approx(2 / 3)
    assert summary["mean_duration_seconds"] == 20
    assert summary["mean_satisfaction"] == 4


def test_a_run_of_no_time_counts_as_timed():
    assert _metrics(_lasting(0)).summary()["mean_duration_seconds"] == 0


def test_only_steps_that_failed_are_counted():
    runs = [_steps(("a", "failure"), ("b", "skipped")), _steps(("a", "failure"), ("b", "success"))]
    assert _metrics(*runs).step_failures == {"a": 2}


def test_adding_a_run_leaves_the_figures_before_it_alone():
    before = _metrics(_steps(("a", "failure")))
    after = before.plus(_steps(("a", "failure")))
    assert (before.executions, before.revision, before.step_failures) == (1, 1, {"a": 1})
    assert (after.executions, after.revision, after.step_failures) == (2, 2, {"a": 2})


RUNS = st.lists(
    st.builds(
        ExecutionReport,
        status=st.sampled_from(list(ExecutionStatus)),
        satisfaction=st.none() | st.integers(min_value=1, max_value=5),
    ),
    max_size=20,
)


@given(RUNS)
def test_every_run_counts_once(runs):
    summary = _metrics(*runs).summary()
    assert summary["executions"] == len(runs) == sum(summary["outcomes"].values())
    for status in ExecutionStatus:
        assert summary["outcomes"][status] == sum(run.status is status for run in runs)


@given(RUNS.filter(bool))
def test_the_rate_lies_in_its_interval(runs):
    summary = _metrics(*runs).summary()
    low, high = summary["success_interval"]
    assert 0 <= low <= summary["success_rate"] + 1e-9
    assert summary["success_rate"] - 1e-9 <= high <= 1


@given(RUNS, st.randoms(use_true_random=False))
def test_the_order_of_the_runs_changes_nothing(runs, shuffle):
    shuffled = list(runs)
    shuffle.shuffle(shuffled)
    assert _metrics(*shuffled).summary() == _metrics(*runs).summary()
