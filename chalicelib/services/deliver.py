"""Tell the world, and the workers: from the outbox to the EventBridge bus, and to the queue."""

from collections.abc import Sequence
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
    return deliver(list(outbox.waiting()))
