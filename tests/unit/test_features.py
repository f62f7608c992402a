"""Incidents are compared by the terms of each part of their report."""

from chalicelib.core.features import BLOCKS, features
from chalicelib.core.incidents import IncidentReport, incident_of
from tests.unit.five_incidents import NOW


def _features(**fields):
    return features(incident_of(IncidentReport(**fields), "inc-1", NOW))


def test_each_part_of_the_report_has_its_block():
    found = _features(
        title="Replica lags",
        symptoms=["stale reads", "stale pages"],
        error_messages=["lag is 900 s"],
        affected_systems=["postgres"],
        description="The standby cannot follow.",
    )
    assert tuple(found) == BLOCKS
    assert found["title"] == {"replica": 1, "lag": 1}
    assert found["symptoms"] == {"stale": 2, "read": 1, "page": 1}
    assert found["errors"] == {"lag": 1}
    assert found["systems"] == {"postgres": 1}
    assert found["description"] == {"standby": 1, "follow": 1}


def test_the_resolution_and_what_varies_make_no_difference():
    one = _features(title="Disk full on db-01", resolution="Deleted old dumps")
    other = _features(title="Disk full on db-77", resolution="Grew the volume")
    assert one == other
