"""Tickets of other tools beside the incidents that they make, changed together."""

from datetime import datetime

from chalicelib.core.callers import Caller
from chalicelib.core.incidents import Incident
from chalicelib.core.tickets import Ticket
from chalicelib.store import incidents
from chalicelib.store.tables import IncidentItem
from chalicelib.store.transaction import Transaction

_TICKET = "ticket"


def get(scope: str, incident_id: str) -> tuple[Ticket | None, int]:
    """A scope's ticket and its revision; None and 0 where there is none."""
    item = IncidentItem.find(incidents.key_of(scope, incident_id), _TICKET)
    if item is None:
        return None, 0
    return Ticket.model_validate_json(item.text), int(item.revision)


def save(ticket: Ticket, revision: int, incident: Incident, caller: Caller, now: datetime) -> None:
    """Keep a ticket over the revision that it was made of, and the incident that it makes.

    Raises:
        Conflict: something else was said of the ticket at the same time.
    """
    item = IncidentItem(
        incidents.key_of(incident.scope, incident.incident_id),
        _TICKET,
        document=ticket.model_dump_json(),
        revision=revision + 1,
    )
    with Transaction(caller, now) as transaction:
        if revision:
            transaction.replace(item)
        else:
            transaction.create(item)
        incidents.save_with(transaction, incident)
