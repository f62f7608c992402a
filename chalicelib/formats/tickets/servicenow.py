"""ServiceNow's incident records, as its Table API gives them and as a business rule sends them.

Read after the Table API's documentation. Fields come bare, as `{"link", "value"}`, or as
`{"display_value", "value"}` (with `sysparm_display_value=all`); times are in UTC in `value`.
"""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from chalicelib.core.fields import Time, Value
from chalicelib.core.tickets import Ticket, severity_of, ticket

SOURCE = "servicenow"

_RESOLVED = {"6", "7", "resolved", "closed"}
_CANCELLED = {"8", "canceled", "cancelled"}
_UNSOLVED = re.compile(r"not solved|no resolution|unsuccessful|not reproducible", re.IGNORECASE)
_SYS_ID = re.compile(r"[0-9a-f]{32}")
#: The line above each entry of a journal, which has its newest entry first.
_HEAD = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - .{0,200}\((?:Work notes|Additional comments)\)"
)


def _shown(value: Any) -> Any:
    """A field as people see it; a reference without its name tells nothing."""
    if isinstance(value, dict):
        value = value.get("display_value") or value.get("value")
    text = str(value) if isinstance(value, int) else value
    return "" if isinstance(text, str) and _SYS_ID.fullmatch(text) else text


def _stored(value: Any) -> Any:
    value = value.get("value") if isinstance(value, dict) else value
    return str(value) if isinstance(value, int) else value or None


_Text = Annotated[str, BeforeValidator(_shown)]
_When = Annotated[Time | None, BeforeValidator(_stored)]


class _Record(Value):
    number: Annotated[_Text, Field(min_length=1)]
    short_description: _Text = ""
    description: _Text = ""
    state: Annotated[str, BeforeValidator(_stored)] = ""
    priority: Annotated[str, BeforeValidator(_stored)] = ""
    cmdb_ci: _Text = ""
    business_service: _Text = ""
    category: _Text = ""
    close_code: _Text = ""
    close_notes: _Text = ""
    work_notes: _Text = ""
    opened_at: _When = None
    resolved_at: _When = None
    closed_at: _When = None
    sys_updated_on: _When = None

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if _stored(value) is not None}


class _Records(Value):
    result: Annotated[list[_Record], Field(max_length=500)]


def read(payload: Any) -> list[Ticket]:
    """What a record says, or each of those in `result`.

    Raises:
        ValidationError: there is no record of ServiceNow's.
    """
    if not isinstance(payload, dict) or "result" not in payload:
        return [_ticket(_Record.model_validate(payload))]
    result = payload["result"]
    records = result if isinstance(result, list) else [result]
    return [_ticket(each) for each in _Records.model_validate({"result": records}).result]


def _ticket(record: _Record) -> Ticket:
    given: dict[str, Any] = {
        "title": record.short_description,
        "description": record.description,
        "resolution": _resolution(record),
        "affected_systems": [each for each in (record.cmdb_ci, record.business_service) if each],
        "tags": [record.category] if record.category else [],
        "severity": severity_of(record.priority[:1]),
        "opened_at": record.opened_at,
        "resolved_at": record.resolved_at or record.closed_at,
    }
    # A business rule may send a few fields only: the others stay as they were.
    said: dict[str, Any] = {name: value for name, value in given.items() if value}
    if record.state:
        said["status"] = _status(record)
        if said["status"] != "resolved":
            said["resolved_at"] = None
    return ticket(SOURCE, record.number, _at(record), said)


def _at(record: _Record) -> datetime:
    """When the record was as it is; one without any time of its own is older than all."""
    times = (record.sys_updated_on, record.closed_at, record.resolved_at, record.opened_at)
    return next((each for each in times if each), datetime.fromisoformat("1970-01-01T00:00:00Z"))


def _status(record: _Record) -> str:
    state = record.state.lower()
    if state in _CANCELLED or (state in _RESOLVED and _UNSOLVED.search(record.close_code)):
        return "unresolved"
    return "resolved" if state in _RESOLVED else "open"


def _resolution(record: _Record) -> str:
    """The work notes, oldest first and without their heads, and what was said at the end."""
    entries: list[list[str]] = [[]]
    for line in record.work_notes.splitlines():
        if _HEAD.fullmatch(line.strip()):
            entries.append([])
        else:
            entries[-1].append(line)
    texts = ["\n".join(entry).strip() for entry in reversed(entries)] + [record.close_notes.strip()]
    return "\n\n".join(text for text in texts if text)
