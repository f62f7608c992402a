"""Whether an incident was solved is read from its status and its resolution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.outcomes import Outcome, outcome, solved
from tests.unit.five_incidents import NOW


def _incident(resolution, **fields):
    return incident_of(IncidentReport(title="x", resolution=resolution, **fields), "inc-1", NOW)


@pytest.mark.parametrize(
    "resolution",
    [
        "Restarting did not help.",
        "Restarting the pods didn’t work and the issue remains unresolved",
        "Restarted the pod but the error persists.",
        "Tried a restart, didnt help",
        "We can't fix it, cant solve it either",
        "No fix found, still failing.",
        "Restart had no effect; escalated to the vendor.",
        "Restarted it. The error returned an hour later",
        "Fixed the config, but it is still failing",
        "Tried a rollback, to no avail. Ticket closed.",
        "Attempted a restart. Still down. Waiting for the vendor.",
        "Was unable to resolve it and gave up.",
    ],
)
def test_a_failure_is_told_last(resolution):
    assert not solved(_incident(resolution, status="resolved"))


@pytest.mark.parametrize(
    "resolution",
    [
        "Clearing the cache did not help, then a restart fixed it.",
        "Restart didn't help. Raised the heap and it recovered.",
        "After clearing the cache did not help, we restarted the node.",
        "Restarted it because the cache flush had not helped.",
        "Cleared the cache without success. Then rolled back to 1.2.",
        "Service did not respond, so increased the heap",
        "Nginx was not working, so we restarted it.",
        "Restarted it, which returned to normal",
        "Restart fixed it; the problem has not come back.",
        "Raised the limit; errors stopped. The root cause is still unknown.",
        "1. Restarted the service\n2. Verified its health",
    ],
)
def test_a_cure_or_a_further_attempt_is_told_last(resolution):
    assert solved(_incident(resolution))


def test_an_incident_that_is_not_resolved_is_not_solved_whatever_it_says():
    assert not solved(_incident("Restart fixed it", status="unresolved"))
    assert not solved(_incident("Restart fixed it", status="open"))


@pytest.mark.parametrize(
    "resolution",
    [
        "Resolved itself after ten minutes.",
        "The queue drained and the alert cleared on its own",
        "Self-resolved before anyone looked",
        "Checked the logs, found nothing. Recovered by itself.",
        "No action was taken; load went back down.",
        "Latency went back to normal without any intervention, auto-resolved",
    ],
)
def test_what_nobody_did_proves_nothing(resolution):
    assert outcome(_incident(resolution, status="resolved")) is Outcome.BY_ITSELF


@pytest.mark.parametrize(
    "resolution",
    [
        "Restarted it. Came back an hour later.",
        "Cleared the cache; the alert fired again.",
        "Raised the limit. The ticket was reopened",
        "Fixed the DNS entry, reopened a day later",
        "Restarted the pod; the issue has come back since.",
    ],
)
def test_what_came_back_has_failed(resolution):
    assert outcome(_incident(resolution, status="resolved")) is Outcome.FAILED


@pytest.mark.parametrize(
    "resolution",
    [
        "It had cleared by itself before, but not now, so restarted the pods.",
        "Reopened the connection pool, which fixed it",
        "Ticket was reopened. Rolled back to 1.2 and it recovered.",
        "Set up auto-recovery and restarted the node",
        "Nothing helped until we resolved the lock by hand",
    ],
)
def test_a_deed_after_it_counts_again(resolution):
    assert outcome(_incident(resolution)) is Outcome.SOLVED


def test_what_is_open_has_no_outcome_unless_it_was_resolved_before():
    waiting = _incident("", status="open")
    assert outcome(waiting) is None
    assert outcome(waiting.model_copy(update={"reopened": 1})) is Outcome.FAILED
    assert outcome(_incident("Restarted", status="unresolved")) is Outcome.FAILED


@given(st.text(max_size=300))
def test_any_text_has_one_outcome(text):
    assert outcome(_incident(text, status="resolved")) in Outcome


@pytest.mark.parametrize("blank", [" ", "\t", "\n", " \n"])
def test_a_long_gap_is_passed_over_in_linear_time(blank):
    """Where it were quadratic, any of these would take minutes."""
    gap = blank * (99_000 // len(blank))
    assert outcome(_incident(f"restarted it{gap}then it was still failing")) is Outcome.FAILED
