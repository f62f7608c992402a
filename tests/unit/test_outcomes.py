"""Whether an incident was solved is read from its status and its resolution."""

import pytest

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.outcomes import solved
from tests.unit.five_incidents import NOW


def _incident(resolution, **fields):
    return incident_of(IncidentReport(title="x", resolution=resolution, **fields), "inc-1", NOW)


@pytest.mark.parametrize(
    "resolution",
    [
        "Restarting did not help.",
        "Restarting the pods didn’t work and the issue remains unresolved",
        "Restarted the pod but the error persists.",
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
