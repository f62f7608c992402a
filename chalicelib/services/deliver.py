"""Tell the world: from the outbox to the EventBridge bus."""

from collections.abc import Sequence
from typing import Any

from chalicelib.observability import count
from chalicelib.store import outbox


def deliver(events: Sequence[dict[str, Any]]) -> int:
    """Put events on the bus and take them out of the outbox; return how many they were.

    An event may arrive twice; its `event_id` tells.

    Raises:
        NotDelivered: some were refused, and wait for the next sweep.
    """
    delivered = outbox.deliver(events)
    count("EventsDelivered", delivered)
    return delivered


def sweep() -> int:
    """Deliver what is left in the outbox, and return how much that was.

    Raises:
        NotDelivered: some were refused, and wait for the next sweep.
    """
    return deliver(list(outbox.waiting()))
