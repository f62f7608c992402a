"""Take in what other tools send: each delivery is a part of a ticket, which makes an incident."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from chalicelib.core.fields import Scope, Value
from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.tickets import Ticket, merged, report_of, shortened
from chalicelib.formats.tickets import AWS_EVENTS, SOURCES, Source
from chalicelib.observability import count
from chalicelib.services.access import SYSTEM, Caller, check_scope, missing
from chalicelib.services.errors import InvalidInput, field_errors, invalid, validated
from chalicelib.services.redaction import redacted
from chalicelib.settings import settings
from chalicelib.store import tickets as store
from chalicelib.store.secrets import webhook_secret
from chalicelib.store.transaction import retried

#: The `detail-type`s of AWS's own events that incidents are made of.
FROM_AWS = sorted(AWS_EVENTS)


@dataclass(frozen=True)
class TakenIn:
    """The incidents that a delivery was about; none where it was about something else."""

    incident_ids: list[str]


class _Place(Value):
    scope: Scope


def sender_of(source: str, scope: str, body: bytes, headers: Mapping[str, str]) -> Caller | None:
    """The tool that signed a body for a scope, None where it is not signed, or not so.

    Args:
        source: the tool's name.
        scope: where its incidents are to go.
        body: as it was sent, byte for byte.
        headers: of the request, by their names in lower case.
    """
    signature = SOURCES[source].signature if source in SOURCES else None
    sent = headers.get(signature.header) if signature else None
    if signature is None or sent is None:
        return None
    validated(_Place, {"scope": scope})
    secret = webhook_secret(source, scope)
    if secret is None or not signature.fits(secret, body, sent):
        return None
    return Caller(name=source, role="agent", scopes=[scope])


def take_in(source: str, body: Any, scope: str, caller: Caller, now: datetime) -> TakenIn:
    """Put what a tool says together with what it said before, and keep the incidents that it makes.

    Raises:
        NotFound: we know no such tool.
        InvalidInput: this is nothing that the tool sends.
        Forbidden: the scope is not the caller's.
        Conflict: very much was said of one ticket at once; try again.
    """
    if source not in SOURCES:
        raise missing("source", f"{source}; there are {', '.join(SOURCES)}")
    validated(_Place, {"scope": scope})
    check_scope(caller, scope)
    tickets = _read(SOURCES[source], body, scope)
    for ticket in tickets:
        retried(partial(_join, ticket, source, scope, caller, now))
    count("TicketsTakenIn", len(tickets))
    return TakenIn(list(dict.fromkeys(ticket.incident_id for ticket in tickets)))


def take_in_from_aws(event: dict[str, Any], now: datetime) -> TakenIn:
    """Take in an event of the account's own bus, if the settings say into which scope.

    Raises:
        InvalidInput, Conflict: as `take_in`.
    """
    scope = settings().aws_events_scope
    if not scope:
        return TakenIn([])
    clean = redacted(event, scope).value
    return take_in(AWS_EVENTS[event["detail-type"]], clean, scope, SYSTEM, now)


def _read(source: Source, body: Any, scope: str) -> list[Ticket]:
    try:
        tickets = [each.model_dump(mode="json") for each in source.read(body)]
        # What stood in parts or escaped in the delivery was hidden from the request's redaction.
        return [Ticket.model_validate(redacted(each, scope).value) for each in tickets]
    except ValidationError as error:
        raise InvalidInput(field_errors(error)) from None
    except RecursionError:
        raise invalid("body", "must not be nested so deep") from None


def _join(ticket: Ticket, source: str, scope: str, caller: Caller, now: datetime) -> None:
    before, revision = store.get(scope, ticket.incident_id)
    joined = merged(before, ticket) if before else ticket
    if joined == before:
        return
    told = redacted(report_of(joined, source, scope), scope).value
    report = validated(IncidentReport, shortened(told))
    try:
        incident = incident_of(report, ticket.incident_id, now)
    except ValueError as error:
        field, _, message = str(error).partition(": ")
        raise invalid(field, message) from None
    store.save(joined, revision, incident, caller, now)
