"""From the outbox to the bus: at least once, in any order."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import boto3

from chalicelib.settings import deployment
from chalicelib.store.tables import OutboxItem

SOURCE = "precedent"
_EVENTS_A_REQUEST = 10  # what PutEvents takes


class NotDelivered(Exception):
    """The bus refused some events; they stay in the outbox for the next sweep."""


@cache
def _bus() -> Any:
    return boto3.client("events")


def waiting() -> Iterator[dict[str, Any]]:
    """The events that are not yet on the bus. A scan, of a table that is nearly always empty."""
    for item in OutboxItem.scan():
        yield json.loads(item.text)


def deliver(events: Iterable[dict[str, Any]]) -> int:
    """Put events on the bus, take them out of the outbox, and return how many they were.

    Raises:
        NotDelivered: the bus did not take all of them; those that it took are out of the outbox.
    """
    everything = list(events)
    refused = 0
    for start in range(0, len(everything), _EVENTS_A_REQUEST):
        refused += _deliver(everything[start : start + _EVENTS_A_REQUEST])
    if refused:
        raise NotDelivered(f"{refused} of {len(everything)} events were refused by the bus")
    return len(everything)


def _deliver(events: Sequence[dict[str, Any]]) -> int:
    entries = [
        {
            "EventBusName": deployment().bus,
            "Source": SOURCE,
            "DetailType": event["type"],
            "Detail": json.dumps(event),
        }
        for event in events
    ]
    answers = _bus().put_events(Entries=entries)["Entries"]
    taken = [
        event for event, answer in zip(events, answers, strict=True) if "ErrorCode" not in answer
    ]
    with OutboxItem.batch_write() as batch:
        for event in taken:
            batch.delete(OutboxItem(event["event_id"], "event"))
    return len(events) - len(taken)
