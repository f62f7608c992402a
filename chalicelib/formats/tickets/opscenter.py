"""OpsItems of Systems Manager's OpsCenter: its events, and the item itself as GetOpsItem gives it.

Read after the examples of EventBridge events in the user guide of Systems Manager, and its API. The
events have neither severity nor resources; the item has both.
"""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib.core.fields import Time, Value
from chalicelib.core.tickets import Ticket, severity_of, ticket

SOURCE = "opscenter"

_RESOURCES = "/aws/resources"


class _Told(Value):
    id: Annotated[str, Field(alias="ops-item-id", min_length=1)]
    title: str = ""
    description: str = ""
    status: str
    source: str = ""
    created: Annotated[Time, Field(alias="created-time")]
    modified: Annotated[Time | None, Field(alias="modified-time")] = None


class _Event(Value):
    detail: _Told


class _Data(Value):
    value: Annotated[str, Field(alias="Value")] = ""


class _Item(Value):
    id: Annotated[str, Field(alias="OpsItemId", min_length=1)]
    title: Annotated[str, Field(alias="Title")] = ""
    description: Annotated[str, Field(alias="Description")] = ""
    status: Annotated[str, Field(alias="Status")]
    source: Annotated[str, Field(alias="Source")] = ""
    severity: Annotated[str, Field(alias="Severity"), BeforeValidator(str)] = ""
    created: Annotated[Time, Field(alias="CreatedTime")]
    modified: Annotated[Time | None, Field(alias="LastModifiedTime")] = None
    data: Annotated[dict[str, _Data], Field(alias="OperationalData")] = {}


class _Answer(Value):
    item: Annotated[_Item, Field(alias="OpsItem")]


def read(payload: Any) -> list[Ticket]:
    """What an event, or an item, says.

    Raises:
        ValidationError: it is neither.
    """
    if isinstance(payload, dict) and "OpsItem" in payload:
        item = _Answer.model_validate(payload).item
        severity = severity_of(item.severity)
        more = {"affected_systems": _resources(item), "severity": severity}
        return [_ticket(item, more)]
    return [_ticket(_Event.model_validate(payload).detail, {})]


def _ticket(item: _Told | _Item, more: dict[str, Any]) -> Ticket:
    at = item.modified or item.created
    resolved = item.status.lower() in ("resolved", "closed")
    given = {
        "title": item.title,
        "description": item.description,
        "tags": [item.source] if item.source else [],
        "opened_at": item.created,
        "status": "resolved" if resolved else "open",
        **more,
    }
    said = {name: value for name, value in given.items() if value}
    return ticket(SOURCE, item.id, at, said | {"resolved_at": at if resolved else None})


def _resources(item: _Item) -> list[str]:
    """The names of the resources that the item is about: the last part of each ARN."""
    try:
        listed = json.loads(item.data.get(_RESOURCES, _Data()).value or "[]")
        return [str(each["arn"]).rsplit(":", 1)[-1] for each in listed]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
