"""What a report leaves out is filled in, and severities are understood as people spell them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core.incidents import IncidentReport, Severity, Status, incident_of, parse_severity
from tests.unit.five_incidents import NOW


def _incident(**fields):
    return incident_of(IncidentReport(title="Disk full", **fields), "inc-1", NOW)


@pytest.mark.parametrize(
    ("spelling", "severity"),
    [
        ("SEV-1", Severity.CRITICAL),
        ("p2", Severity.HIGH),
        ("Priority 3", Severity.MEDIUM),
        ("severity_4", Severity.LOW),
        (" Warning ", Severity.MEDIUM),
        (1, Severity.CRITICAL),
        (Severity.LOW, Severity.LOW),
    ],
)
def test_usual_spellings_of_a_severity_are_understood(spelling, severity):
    assert parse_severity(spelling) is severity


@pytest.mark.parametrize("spelling", ["", "purple", "sev9", "severity", [], "p1 p2"])
def test_what_nobody_calls_a_severity_is_refused(spelling):
    with pytest.raises(ValueError, match="must be critical"):
        parse_severity(spelling)


@pytest.mark.parametrize("title", ["", " \n", "\u200b\u200b", "\x00 \u2060"])
def test_a_title_holds_something_to_read(title):
    with pytest.raises(ValidationError):
        IncidentReport(title=title)


@given(st.sampled_from(list(Severity)), st.sampled_from([str.upper, str.title, str.swapcase]))
def test_a_severity_is_understood_in_any_case(severity, spelled):
    assert parse_severity(spelled(severity.value)) is severity


def test_an_incident_with_a_resolution_is_resolved_unless_it_says_otherwise():
    assert _incident(resolution="Cleared it").status is Status.RESOLVED
    assert _incident(resolution="  ").status is Status.OPEN
    assert _incident(resolution="Tried", status=" Unresolved ").status is Status.UNRESOLVED


def test_an_id_that_is_given_is_kept():
    assert _incident().incident_id == "inc-1"
    assert _incident(incident_id="OPS-7").incident_id == "OPS-7"


def test_an_incident_without_a_time_was_opened_now_but_never_after_its_end():
    assert _incident().opened_at == NOW
    past = NOW - timedelta(days=3)
    assert _incident(resolved_at=past).opened_at == past


def test_the_time_to_resolve_is_told_of_what_was_resolved():
    times = {"opened_at": NOW - timedelta(hours=1), "resolved_at": NOW}
    assert _incident(resolution="Cleared", **times).seconds_to_resolve == 3600
    assert _incident(status="unresolved", **times).seconds_to_resolve is None
    assert _incident(resolution="Cleared").seconds_to_resolve is None


def test_an_incident_is_not_of_the_future_nor_resolved_before_it_began():
    assert _incident(opened_at=NOW + timedelta(hours=23))
    with pytest.raises(ValueError, match="future"):
        _incident(opened_at=NOW + timedelta(hours=25))
    with pytest.raises(ValidationError, match="resolved_at"):
        _incident(opened_at=NOW, resolved_at=NOW - timedelta(seconds=1))
