"""From the outbox to the bus and the queue: at least once, in any order."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from chalicelib.settings import deployment
from chalicelib.store.tables import OutboxItem

SOURCE = "precedent"
#: What PutEvents takes: so many events, and 256 KB, of which each needs some for its frame.
_EVENTS_A_REQUEST = 10
_BYTES_A_REQUEST = 240_000


class NotDelivered(Exception):
    """The bus refused some events; they stay in the outbox for the next sweep."""


@cache
def _bus() -> Any:
    return boto3.client("events")


def documents() -> Iterator[str]:
    """The documents of the events that are not yet on the bus.

    A scan, of a table that is nearly always empty.
    """
    for item in OutboxItem.scan(OutboxItem.sk == "event"):
        yield item.text


def messages() -> list[str]:
    """The messages for the workers that are not known to be sent; a scan as `documents`."""
    return sorted(item.pk for item in OutboxItem.scan(OutboxItem.sk == "message"))


def sent(message: str) -> None:
    """Take a message out of the outbox that the queue has."""
    OutboxItem(message, "message").delete()


def deliver(events: Iterable[dict[str, Any]]) -> int:
    """Put events on the bus, take them out of the outbox, and return how many different they were.

    Raises:
        NotDelivered: the bus did not take all of them; those that it took are out of the outbox.
    """
    everything = list({event["event_id"]: event for event in events}.values())
    refused, cause = 0, None
    for group in _requests(everything):
        try:
            refused += _deliver(group)
        except ClientError as error:  # what is not taken must not hold up what comes behind it
            refused, cause = refused + len(group), error
    if refused:
        raise NotDelivered(
            f"{refused} of {len(everything)} events were refused by the bus"
        ) from cause
    return len(everything)


def _requests(events: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The events in groups that fit a request each."""
    group: list[dict[str, Any]] = []
    size = 0
    for event in events:
        length = len(_detail(event).encode())
        if group and (len(group) == _EVENTS_A_REQUEST or size + length > _BYTES_A_REQUEST):
            yield group
            group, size = [], 0
        group.append(event)
        size += length
    if group:
        yield group


def _detail(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)


def _deliver(events: Sequence[dict[str, Any]]) -> int:
    entries = [
        {
            "EventBusName": deployment().bus,
            "Source": SOURCE,
            "DetailType": event["type"],
            "Detail": _detail(event),
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
