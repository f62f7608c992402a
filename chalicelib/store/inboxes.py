"""Agents' inboxes: what each is to be told, numbered in the order that it came.

The numbers have no gaps, and the counter is raised in the transaction that writes what it counts.
So whoever has read up to a number has missed nothing before it, however many wrote at once.
"""

import json
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.core.agents import Agent
from chalicelib.core.callers import SYSTEM
from chalicelib.core.events import Event
from chalicelib.core.fields import Time, Value, format_time
from chalicelib.settings import settings
from chalicelib.store.expiry import end_of, lasts
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import AgentItem
from chalicelib.store.transaction import Transaction

_DIGITS = 12


class Notification(Value):
    """An event in an inbox.

    Attributes:
        through: the scope of the agent's by which it hears of the event.
    """

    event: Event
    through: str


class InboxEntry(Event):
    """A notification as it stands in an inbox.

    Attributes:
        sequence: its number there; the numbers have no gaps.
        through: the scope of the agent's by which it hears of the event.
        told_at: when it came into the inbox.
    """

    sequence: Annotated[int, Field(ge=1)]
    through: str
    told_at: Time


def add(agent: Agent, notification: Notification, now: datetime) -> bool:
    """Put a notification into an inbox; return False where its event is there already.

    Raises:
        Conflict: something else came in at the same time; try again.
    """
    event = notification.event
    if number_of(agent, event.event_id) is not None:
        return False
    inbox = _inbox(agent)
    count, revision = _counter(inbox)
    number = count + 1
    told = InboxEntry(
        **dict(event), sequence=number, through=notification.through, told_at=now
    ).model_dump(mode="json")
    expires_at = end_of(now, settings().retention.retention_notification_days)
    counter = AgentItem(inbox, "counter", document=json.dumps(number), revision=revision + 1)
    with Transaction(SYSTEM, now) as transaction:
        for place, document in ((_place(number), told), (_seen(event.event_id), number)):
            transaction.create(
                AgentItem(inbox, place, document=json.dumps(document), expires_at=expires_at)
            )
        if revision:
            transaction.replace(counter)
        else:
            transaction.create(counter)
    return True


def page(
    agent: Agent, after: int, now: datetime, limit: int, position: Position | None
) -> Page[InboxEntry]:
    """A page of what came into an inbox after a number, in order; nothing whose time is over."""
    results = AgentItem.query(
        _inbox(agent),
        AgentItem.sk.between(_place(after + 1), _place(10**_DIGITS - 1)),
        lasts(AgentItem, now),
        consistent_read=True,
        limit=limit,
        last_evaluated_key=position,
    )
    return page_of(results).of(lambda item: InboxEntry.model_validate_json(item.text))


def number_of(agent: Agent, event_id: str) -> int | None:
    """The number that an event has in an inbox, None where it is not (any more) in it."""
    item = AgentItem.find(_inbox(agent), _seen(event_id))
    return int(json.loads(item.text)) if item else None


def _counter(inbox: str) -> tuple[int, int]:
    """How much ever came into an inbox, and the revision of that; zeros for a new one."""
    item = AgentItem.find(inbox, "counter")
    return (int(json.loads(item.text)), int(item.revision)) if item else (0, 0)


def _inbox(agent: Agent) -> str:
    """The partition of an inbox. Who takes the id of one that is gone gets no letters of its."""
    return f"inbox#{agent.agent_id}#{format_time(agent.registered_at)}"


def _place(number: int) -> str:
    return f"notification#{number:0{_DIGITS}d}"


def _seen(event_id: str) -> str:
    return f"event#{event_id}"
