"""Incidents over HTTP."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.core.incidents import Incident
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import report
from chalicelib.services.listing import Listing

incidents = Blueprint(__name__)


@endpoint(incidents, "POST", "/v1/incidents", status=201)
def report_incident(call: Call) -> Incident:
    """Report one incident."""
    return report.report(call.body, call.caller, call.now)


@endpoint(incidents, "POST", "/v1/incidents/batch")
def report_batch(call: Call) -> report.BatchOutcome:
    """Report up to 500 incidents."""
    bodies = call.body.get("incidents") if isinstance(call.body, dict) else None
    return report.report_batch(bodies, call.caller, call.now)


@endpoint(incidents, "GET", "/v1/incidents")
def list_incidents(call: Call) -> Listing[Incident]:
    """A scope's incidents, the latest first."""
    return report.list_incidents(call.scope, call.wanted, call.caller)


@endpoint(incidents, "GET", "/v1/incidents/{incident_id}")
def get_incident(call: Call, incident_id: str) -> Any:
    """One incident."""
    return report.find_incident(call.scope, incident_id, call.caller)
