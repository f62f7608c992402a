"""Incidents are compared by the terms of each part of their report."""

from chalicelib.core.features import features
from chalicelib.core.incidents import IncidentReport, incident_of
from tests.unit.five_incidents import NOW


def _features(**fields):
    return features(incident_of(IncidentReport(**fields), "inc-1", NOW))


def test_each_part_of_the_report_has_its_terms_once_in_order():
    found = _features(
        title="Replica lags",
        symptoms=["stale reads", "stale pages"],
        error_messages=["lag is 900 s"],
        affected_systems=["postgres"],
        description="The standby cannot follow, cannot follow.",
    )
    assert found.title == ("lag", "replica")
    assert found.symptoms == ("page", "read", "stale")
    assert found.errors == ("lag",)
    assert found.systems == ("postgres",)
    assert found.description == ("follow", "standby")


def test_the_resolution_and_what_varies_make_no_difference():
    one = _features(title="Disk full on db-01", resolution="Deleted old dumps")
    other = _features(title="Disk full on db-77", resolution="Grew the volume")
    assert one == other
