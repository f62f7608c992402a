"""Runs add up to figures, one at a time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core.executions import ExecutionReport, ExecutionStatus, StepResult
from chalicelib.core.learning import Metrics
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
    assert _lasting(90).duration == timedelta(seconds=90)
    assert ExecutionReport(status="success", started_at=NOW).duration is None
    assert ExecutionReport(status="success").duration is None


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
    assert _metrics(_lasting(0)).summary()["p90_duration_seconds"] == 0


def test_only_steps_that_failed_are_counted():
    runs = [_steps(("a", "failure"), ("b", "skipped")), _steps(("a", "failure"), ("b", "success"))]
    assert _metrics(*runs).summary()["step_failures"] == {"a": 2}


def test_the_most_failing_step_is_told_with_how_often_it_was_taken():
    runs = [
        _steps(("a", "failure"), ("b", "success")),
        _steps(("a", "skipped"), ("b", "failure")),
        _steps(("a", "success"), ("b", "failure")),
    ]
    told = _metrics(*runs).summary()["most_failing_step"]
    assert (told["step_id"], told["taken"], told["failed"]) == ("b", 3, 2)
    assert told["failure_interval"][0] < 2 / 3 < told["failure_interval"][1]
    assert _metrics(_steps(("a", "success"))).summary()["most_failing_step"] is None


def test_adding_a_run_leaves_the_figures_before_it_alone():
    before = _metrics(_steps(("a", "failure")))
    after = before.plus(_steps(("a", "failure")))
    assert (before.executions, before.revision, before.steps["a"].failed) == (1, 1, 1)
    assert (after.executions, after.revision, after.steps["a"].failed) == (2, 2, 2)


MILLISECOND = timedelta(milliseconds=1)
RUNS = st.lists(
    st.builds(
        ExecutionReport,
        status=st.sampled_from(list(ExecutionStatus)),
        satisfaction=st.none() | st.integers(min_value=1, max_value=5),
        started_at=st.just(NOW),
        finished_at=st.none() | st.integers(0, 10**9).map(lambda ms: NOW + ms * MILLISECOND),
        step_results=st.lists(
            st.builds(
                StepResult,
                step_id=st.sampled_from("abc"),
                status=st.sampled_from(["success", "failure", "skipped"]),
            ),
            max_size=3,
        ),
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


@given(RUNS, st.integers(0, 20))
def test_figures_of_parts_add_up_to_those_of_the_whole(runs, cut):
    merged = _metrics(*runs[:cut]).merged(_metrics(*runs[cut:]))
    assert merged.model_copy(update={"revision": len(runs)}) == _metrics(*runs)
    kept = Metrics.model_validate_json(merged.model_dump_json())
    assert kept == merged
