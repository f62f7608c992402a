"""Alertmanager's webhook, version 4: an incident for each time that an alert fires.

Read after https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. The groups that
alerts are sent in are a matter of routing and change with it, so they make no incidents.
"""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core.fields import Time, Value
from chalicelib.core.tickets import Ticket, severity_of, ticket

SOURCE = "alertmanager"

#: The labels that name a system, the most telling first.
_SYSTEMS = ("service", "app", "application", "component", "deployment", "statefulset", "job")


class _Alert(Value):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: Annotated[Time, Field(alias="startsAt")]
    ends_at: Annotated[Time | None, Field(alias="endsAt")] = None
    fingerprint: str = ""


class _Delivery(Value):
    version: Literal["4"]
    alerts: Annotated[list[_Alert], Field(max_length=500)]


def read(payload: Any) -> list[Ticket]:
    """What a delivery says of each of its alerts.

    Raises:
        ValidationError: it is no delivery of Alertmanager's.
    """
    return [_ticket(alert) for alert in _Delivery.model_validate(payload).alerts]


def _ticket(alert: _Alert) -> Ticket:
    labels, said = alert.labels, alert.annotations
    name = labels.get("alertname", "")
    system = next((labels[each] for each in _SYSTEMS if labels.get(each)), None)
    fields: dict[str, Any] = {
        "title": said.get("summary") or said.get("title") or name,
        "description": said.get("description") or said.get("message") or "",
        "affected_systems": [system] if system else [],
        "symptoms": [name] if name else [],
        "tags": [f"{label}={value}" for label, value in sorted(labels.items())],
        "opened_at": alert.starts_at,
        "status": "open",
    }
    severity = severity_of(labels.get("severity", ""))
    if severity:
        fields["severity"] = severity
    at = alert.starts_at
    if alert.status == "resolved":
        at = alert.ends_at or alert.starts_at
        fields |= {"status": "resolved", "resolved_at": at}
    return ticket(SOURCE, f"{_fingerprint(alert)}:{alert.starts_at:%Y%m%dT%H%M%SZ}", at, fields)


def _fingerprint(alert: _Alert) -> str:
    """What tells the alert's labels from other ones; older Alertmanagers do not send it."""
    labels = json.dumps(alert.labels, sort_keys=True)
    return alert.fingerprint or hashlib.sha256(labels.encode()).hexdigest()[:16]
