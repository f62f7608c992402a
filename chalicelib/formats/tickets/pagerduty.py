"""PagerDuty's V3 webhooks: one event a delivery; what responders did is in the notes.

Read after https://developer.pagerduty.com/docs/webhooks-overview.
"""

from typing import Any, Generic, TypeVar

from chalicelib.core.fields import Time, Value
from chalicelib.core.tickets import Ticket, note, severity_of, ticket

D = TypeVar("D", bound=Value)
SOURCE = "pagerduty"


class _Reference(Value):
    id: str
    summary: str = ""


class _Incident(Value):
    id: str
    title: str = ""
    status: str
    created_at: Time | None = None
    service: _Reference | None = None
    priority: _Reference | None = None
    urgency: str = ""


class _Note(Value):
    id: str
    content: str = ""
    incident: _Reference


class _Other(Value):
    type: str = ""


class _Event(Value, Generic[D]):
    event_type: str
    occurred_at: Time
    data: D


class _Delivery(Value, Generic[D]):
    event: _Event[D]


def read(payload: Any) -> list[Ticket]:
    """What a delivery says; nothing where it is of another matter than an incident or its notes.

    Raises:
        ValidationError: it is no delivery of PagerDuty's.
    """
    kind = _Delivery[_Other].model_validate(payload).event.data.type
    if kind == "incident":
        return [_incident(_Delivery[_Incident].model_validate(payload).event)]
    if kind == "incident_note":
        return [_note(_Delivery[_Note].model_validate(payload).event)]
    return []


def _incident(event: _Event[_Incident]) -> Ticket:
    incident, at = event.data, event.occurred_at
    fields: dict[str, Any] = {"status": "resolved" if incident.status == "resolved" else "open"}
    if event.event_type == "incident.resolved" or fields["status"] == "open":
        fields["resolved_at"] = at if fields["status"] == "resolved" else None
    if incident.title:
        fields["title"] = incident.title
    if incident.created_at:
        fields["opened_at"] = incident.created_at
    if incident.service and incident.service.summary:
        fields["affected_systems"] = [incident.service.summary]
    severity = severity_of(incident.priority.summary) if incident.priority else None
    severity = severity or severity_of(incident.urgency)
    if severity:
        fields["severity"] = severity
    return ticket(SOURCE, incident.id, at, fields)


def _note(event: _Event[_Note]) -> Ticket:
    written, at = event.data, event.occurred_at
    fields = {"title": written.incident.summary} if written.incident.summary else {}
    return ticket(SOURCE, written.incident.id, at, fields, {written.id: note(at, written.content)})
