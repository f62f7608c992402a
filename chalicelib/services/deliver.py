"""Tell the world, and the workers: from the outbox to the EventBridge bus, and to the queue."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.observability import count, logger
from chalicelib.store import outbox, queue
from chalicelib.store.transaction import is_outage


def deliver(events: Sequence[dict[str, Any]]) -> int:
    """Put events on the bus and take them out of the outbox; return how many they were.

    An event may arrive twice; its `event_id` tells.

    Raises:
        NotDelivered: some were refused, and wait for the next sweep.
    """
    delivered = outbox.deliver(events)
    count("EventsDelivered", delivered)
    return delivered


def events_in(documents: Iterable[str]) -> list[dict[str, Any]]:
    """The events in documents of the outbox.

    What is there by mistake and holds none is logged, and holds up nothing else.
    """
    return [event for event in map(_event_in, documents) if event is not None]


def _event_in(document: str) -> dict[str, Any] | None:
    try:
        event = json.loads(document)
        if event["event_id"] and event["type"]:
            return dict(event)
    except (ValueError, TypeError, KeyError):
        pass
    logger.error("something in the outbox is no event")
    return None


def send(message: str) -> None:
    """Send the workers a message that a transaction left; one that cannot be sent now waits.

    A message may arrive twice; what it asks for is done once.
    """
    try:
        queue.send(message)
        outbox.sent(message)
    except Exception as error:
        if not is_outage(error):
            raise
        logger.warning("a message is left to the sweep", exc_info=True)


def sweep() -> int:
    """Deliver what is left in the outbox, and return how many events that were.

    Raises:
        NotDelivered: some were refused, and wait for the next sweep.
    """
    for message in outbox.messages():
        send(message)
    return deliver(events_in(outbox.documents()))
