"""Incidents over HTTP."""

from chalice.app import Blueprint

from chalicelib.core.incidents import Incident, IncidentReport
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import report
from chalicelib.services.listing import Listing

incidents = Blueprint(__name__)

_EXAMPLE = {
    "title": "Redis does not accept writes",
    "affected_systems": ["redis"],
    "error_messages": ["OOM command not allowed when used memory > 'maxmemory'"],
    "severity": "SEV2",
    "resolution": "Checked `redis-cli info memory`, then ran `redis-cli config set maxmemory 4gb`.",
}


@endpoint(incidents, "POST", "/v1/incidents", status=201, takes=IncidentReport, example=_EXAMPLE)
def report_incident(call: Call) -> Incident:
    """Report one incident."""
    return report.report(call.body, call.caller, call.now)


@endpoint(incidents, "POST", "/v1/incidents/batch", takes=report.Batch)
def report_batch(call: Call) -> report.BatchOutcome:
    """Report up to 500 incidents."""
    bodies = call.body.get("incidents") if isinstance(call.body, dict) else None
    return report.report_batch(bodies, call.caller, call.now)


@endpoint(incidents, "GET", "/v1/incidents", asks=SCOPE)
def list_incidents(call: Call) -> Listing[Incident]:
    """A scope's incidents, the latest first."""
    return report.list_incidents(call.scope, call.wanted, call.caller)


@endpoint(incidents, "GET", "/v1/incidents/{incident_id}", asks=SCOPE)
def get_incident(call: Call, incident_id: str) -> Incident:
    """One incident."""
    return report.find_incident(call.scope, incident_id, call.caller)
