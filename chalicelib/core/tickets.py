"""Another tool's record of an incident, put together from what its deliveries say.

Deliveries repeat and overtake each other. So a ticket keeps, for each field, what was said last by
the tool's own clock, and each note by its id. Merging is commutative, associative and idempotent:
whatever comes, however often and in whatever order, the same ticket comes out of it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.core.fields import Time, Value, format_time, parse_time
from chalicelib.core.incidents import parse_severity

_TITLE = 300
_TEXT = 100_000
_ENTRIES = 200
_ENTRY = 10_000
_ID = 200
_NOT_IN_AN_ID = re.compile(r"[/\x00-\x1f]")


class Said(Value):
    """What was said of a field, and when; None says that it has no value (any more)."""

    at: Time
    value: Any = None


class Note(Value):
    """What somebody wrote beside the ticket; an empty text is one that was taken back."""

    since: Time
    at: Time
    text: str = ""


class Ticket(Value):
    """What is known of one ticket.

    Attributes:
        incident_id: by which we keep it.
        fields: of an incident report, by name.
        notes: by the tool's own ids.
    """

    incident_id: str
    fields: dict[str, Said] = {}
    notes: dict[str, Note] = {}


def ticket(
    source: str,
    name: str,
    at: datetime,
    fields: Mapping[str, Any],
    notes: Mapping[str, Note] | None = None,
) -> Ticket:
    """What one delivery says of a ticket.

    Args:
        source: the tool.
        name: the tool's own name for the ticket.
        at: when it was so, by the tool's clock.
        fields: what it says of an incident report's fields.
        notes: what it says of notes.
    """
    return Ticket(
        incident_id=_incident_id(source, name),
        fields={field: Said(at=at, value=_plain(value)) for field, value in fields.items()},
        notes=dict(notes or {}),
    )


def note(at: datetime, text: str, since: datetime | None = None) -> Note:
    """A note as it read at a time; `since` is when it was first written, where that is known."""
    return Note(since=since or at, at=at, text=text)


def merged(one: Ticket, other: Ticket) -> Ticket:
    """What two parts of the same ticket say together."""
    fields = dict(one.fields)
    for name, said in other.fields.items():
        fields[name] = max(fields.get(name, said), said, key=_rank)
    notes = dict(one.notes)
    for name, written in other.notes.items():
        before = notes.get(name, written)
        latest = max(before, written, key=lambda each: (each.at, each.text))
        since = min(before.since, written.since)
        notes[name] = latest.model_copy(update={"since": since})
    return Ticket(
        incident_id=one.incident_id,
        fields=dict(sorted(fields.items())),
        notes=dict(sorted(notes.items())),
    )


def report_of(ticket: Ticket, source: str, scope: str) -> dict[str, Any]:
    """The incident report that a ticket makes: its notes, oldest first, are the resolution.

    What is too long for a report is cut, as nobody could shorten it in the other tool.
    """
    report = {name: said.value for name, said in ticket.fields.items() if said.value is not None}
    notes = sorted(ticket.notes.items(), key=lambda each: (each[1].since, each[0]))
    texts = [written.text for _, written in notes] + [str(report.get("resolution", ""))]
    report["resolution"] = "\n\n".join(text.strip() for text in texts if text.strip())
    title = " ".join(str(report.get("title", "")).split())
    report["title"] = title or ticket.incident_id
    # A note that comes before the rest is no sign that it is over.
    if report.setdefault("status", "open") != "resolved":
        report.pop("resolved_at", None)
    if "opened_at" in report and "resolved_at" in report:
        report["resolved_at"] = max(report["opened_at"], report["resolved_at"], key=parse_time)
    return {
        **shortened(report),
        "incident_id": ticket.incident_id,
        "reported_by": source,
        "scope": scope,
    }


def shortened(report: dict[str, Any]) -> dict[str, Any]:
    """The report with all that is too long for one cut; placeholders may have made it longer."""
    texts = {name: str(report.get(name, ""))[:_TEXT] for name in ("description", "resolution")}
    lists = {
        name: [str(entry)[:_ENTRY] for entry in report.get(name, [])][:_ENTRIES]
        for name in ("affected_systems", "symptoms", "error_messages", "tags")
    }
    return {**report, "title": report["title"][:_TITLE], **texts, **lists}


def severity_of(word: str) -> str | None:
    """A tool's word for a severity in ours, None where it is none."""
    try:
        return str(parse_severity(word))
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    return format_time(value) if isinstance(value, datetime) else value


def _rank(said: Said) -> tuple[datetime, bool, str]:
    """What was said later counts; at the same time something, rather than nothing."""
    return said.at, said.value is not None, json.dumps(said.value, sort_keys=True)


def _incident_id(source: str, name: str) -> str:
    whole = f"{source}:{_NOT_IN_AN_ID.sub('-', name)}"
    if len(whole) <= _ID:
        return whole
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{whole[: _ID - len(digest) - 1]}:{digest}"
