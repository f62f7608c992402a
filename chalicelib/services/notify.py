"""Tell agents what happened: from the bus into the inboxes of those who are to hear of it."""

from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.core.agents import Agent, Sharing, hears
from chalicelib.core.events import Event
from chalicelib.observability import count
from chalicelib.services import agents as registry
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.errors import invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import agents, inboxes
from chalicelib.store.inboxes import InboxEntry as InboxEntry
from chalicelib.store.inboxes import Notification
from chalicelib.store.transaction import Transaction, retried


def tell(event: Event, now: datetime) -> int:
    """Put an event into the inboxes of all who are to hear of it; return in how many it was new.

    One that comes again makes no second notification.

    Raises:
        Conflict: very many events came for one agent at once; try again.
    """
    sharing = agents.sharing(event.scope)
    told = 0
    for agent in agents.everyone():
        through = hears(agent, event, sharing)
        if through is not None:
            told += _put(agent, Notification(event=event, through=through), now)
    count("NotificationsMade", told)
    return told


def notifications(
    agent_id: str, after: str | None, wanted: Wanted, caller: Caller, now: datetime
) -> Listing[InboxEntry]:
    """What an agent was told, in the order that it came.

    Args:
        agent_id: whose inbox it is.
        after: the `sequence`, or the `event_id`, of the last one that is not wanted again.
        wanted: how many, and from where.
        caller: who reads; what came through a scope that it does not reach is left out.
        now: what is older than two weeks then, is gone.

    Raises:
        NotFound: there is no such agent.
        Forbidden: it is another token's.
        InvalidInput: `after` is nothing that the inbox has.
    """
    agent = registry.own_agent(agent_id, caller)
    first = 0
    if after:
        found = int(after) if after.isdecimal() and len(after) <= 12 else None
        found = inboxes.number_of(agent, after) if found is None else found
        if found is None:
            raise invalid("after", "must be the sequence or the event_id of a notification")
        first = found
    page = listing(
        f"notifications {agent_id}",
        wanted,
        lambda limit, position: inboxes.page(agent, first, now, limit, position),
    )
    items = [each for each in page.items if caller.reaches(each.through)]
    return Listing(items, page.next_cursor)


def find_sharing(scope: str, caller: Caller) -> Sharing:
    """With whom a scope shares what it has learned.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return agents.sharing(scope)


def set_sharing(scope: str, body: Any, caller: Caller, now: datetime) -> Sharing:
    """Say with whom a scope shares from now on.

    Raises:
        Forbidden: the scope is not the caller's.
        InvalidInput: the body is no sharing.
    """
    check_scope(caller, scope)
    sharing = validated(Sharing, body)
    before = agents.sharing(scope)
    with Transaction(caller, now) as transaction:
        agents.share(transaction, scope, sharing)
        transaction.audit(scope, f"scope:{scope}", "shared", before=before, after=sharing)
    return sharing


def _put(agent: Agent, notification: Notification, now: datetime) -> bool:
    return retried(partial(inboxes.add, agent, notification, now))
