"""Report incidents, one or many, and read them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.observability import count
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import Forbidden, InvalidInput, invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.repeats import new_id
from chalicelib.store import incidents as store

MAX_BATCH = 500


class Batch(TypedDict):
    """Several incidents; each is taken or rejected by itself."""

    incidents: Annotated[list[IncidentReport], Field(max_length=MAX_BATCH)]


class Rejection(TypedDict):
    """What is wrong with one report of a batch: `field` and `message` of each error."""

    index: int
    errors: list[dict[str, str]]


@dataclass(frozen=True)
class BatchOutcome:
    """How many reports of a batch were taken, and what is wrong with each of the others."""

    accepted: int
    rejected: list[Rejection]


def report(body: Any, caller: Caller, now: datetime) -> Incident:
    """Keep one incident; the same id again replaces the report.

    Raises:
        InvalidInput: the body is no incident.
        Forbidden: its scope is not the caller's.
    """
    incident = _incident(body, caller, now)
    [kept] = store.save([incident], caller, now)
    count("IncidentsReported")
    return kept


def report_batch(bodies: Any, caller: Caller, now: datetime) -> BatchOutcome:
    """Keep the good ones of up to 500 incidents and say what is wrong with the others.

    Raises:
        InvalidInput: this is no list, or one that is too long.
    """
    if not isinstance(bodies, list) or len(bodies) > MAX_BATCH:
        raise invalid("incidents", f"must be a list of at most {MAX_BATCH} incidents")
    accepted: list[Incident] = []
    rejected: list[Rejection] = []
    for index, body in enumerate(bodies):
        try:
            accepted.append(_incident(body, caller, now))
        except InvalidInput as error:
            rejected.append({"index": index, "errors": error.errors})
        except Forbidden as error:
            errors = [{"field": "scope", "message": str(error)}]
            rejected.append({"index": index, "errors": errors})
    for scope in sorted({incident.scope for incident in accepted}):
        store.save(_latest(accepted, scope), caller, now)
    count("IncidentsReported", len(accepted))
    return BatchOutcome(len(accepted), rejected)


def find_incident(scope: str, incident_id: str, caller: Caller) -> Incident:
    """The incident of a scope with that id.

    Raises:
        Forbidden: the scope is not the caller's.
        NotFound: there is none.
    """
    check_scope(caller, scope)
    incident = store.get(scope, incident_id)
    if incident is None:
        raise missing("incident", f"{incident_id} in the scope {scope}")
    return incident


def list_incidents(scope: str, wanted: Wanted, caller: Caller) -> Listing[Incident]:
    """A scope's incidents, the latest first.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return listing(f"incidents {scope}", wanted, lambda limit, at: store.page(scope, limit, at))


def _incident(body: Any, caller: Caller, now: datetime) -> Incident:
    report = validated(IncidentReport, body)
    check_scope(caller, report.scope)
    try:
        return incident_of(report, new_id("inc"), now)
    except ValueError as error:
        field, _, message = str(error).partition(": ")
        raise invalid(field, message) from None


def _latest(incidents: Sequence[Incident], scope: str) -> list[Incident]:
    """The scope's incidents, of those with the same id the last reported one."""
    return list({each.incident_id: each for each in incidents if each.scope == scope}.values())
