"""One use case, one transaction: its changes, their audit entries and their events, or nothing.

DynamoDB takes at most 100 items and 4 MB a transaction. The events go to the outbox in the same
transaction, and from there to the bus (`services.deliver`), so no event is lost and none is sent
for a change that did not happen.
"""

import json
import random
import secrets
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core.callers import Caller
from chalicelib.core.events import version_of
from chalicelib.core.fields import format_time
from chalicelib.core.trail import changes
from chalicelib.store import audit, repeats
from chalicelib.store.documents import spill
from chalicelib.store.tables import AuditItem, Item, OutboxItem

T = TypeVar("T")

MAX_ITEMS = 100
MAX_BYTES = 3_500_000
#: A condition does not hold, or another transaction is just writing the item.
_TOO_LATE, _BUSY = "ConditionalCheckFailed", "TransactionConflict"
#: How often a transaction that met others is tried anew, and how long, in seconds, one waits before
#: that at most.
_ATTEMPTS = 20
_LONGEST_PAUSE = 0.3


@cache
def _connection() -> Connection:
    """Made once: loading botocore's description of DynamoDB takes a fifth of a second."""
    return Connection()


def is_outage(error: Exception) -> bool:
    """Whether an error is AWS's and may pass, so that the same thing can be tried again later."""
    cause = error.cause if isinstance(error, PynamoDBException) else error
    if isinstance(cause, ClientError):
        return bool(cause.response["Error"]["Code"] != "ValidationException")
    return isinstance(cause, BotoCoreError)


class Conflict(Exception):
    """Somebody else changed it first; nothing of this transaction was written."""


class Transaction:
    """Collects what a use case writes, and writes it when its `with` block ends well.

    Args:
        caller: who does it, and from where; for the audit trail.
        now: when.

    Raises:
        Conflict: on leaving the block, when a condition does not hold any more.
    """

    def __init__(self, caller: Caller, now: datetime) -> None:
        self._caller = caller
        self._now = format_time(now)
        self._writes: list[tuple[Item, Condition | None]] = []
        self._created: list[Item] = []
        self._deletes: list[tuple[Item, Condition | None]] = []
        self._entries: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and (self._writes or self._deletes or self._entries):
            receipt = repeats.receipt(self._created[0]) if self._created else None
            if receipt is not None:
                self.create(receipt)
            self._commit(receipt)

    def put(self, item: Item, condition: Condition | None = None) -> None:
        """Write an item, over whatever is there unless a condition forbids it.

        A document that is too large for an item goes to S3, before the item that points at it.
        """
        spill(item)
        self._writes.append((item, condition))

    def create(self, item: Item) -> None:
        """Write an item that must not be there yet."""
        self.put(item, type(item).pk.does_not_exist())
        self._created.append(item)

    def replace(self, item: Item) -> None:
        """Write an item over the revision just before its own, and over no other."""
        self.put(item, type(item).revision == item.revision - 1)

    def delete(self, item: Item, condition: Condition | None = None) -> None:
        """Remove an item, if it is there, unless a condition forbids it."""
        self._deletes.append((item, condition))

    def audit(
        self,
        scope: str,
        entity: str,
        action: str,
        details: dict[str, Any] | None = None,
        *,
        before: BaseModel | None = None,
        after: BaseModel | None = None,
    ) -> None:
        """Say in a scope's audit trail what was done to an entity such as `suggestion:ID`.

        Where the states `before` and `after` are given, the entry tells how they differ.
        """
        self._entries.append(
            {
                "audit_id": uuid.uuid4().hex,
                "scope": scope,
                "entity": entity,
                "action": action,
                "actor": self._caller.actor,
                "origin": self._caller.origin.model_dump(),
                "at": self._now,
                "details": details or {},
                "changes": changes(before, after),
                "salt": secrets.token_hex(16),
            }
        )

    def event(self, event_type: str, scope: str, detail: dict[str, Any]) -> None:
        """Tell the world through the outbox; `core.events` says what the detail holds."""
        event_id = uuid.uuid4().hex
        event = {
            "event_id": event_id,
            "type": event_type,
            "version": version_of(event_type),
            "scope": scope,
            "at": self._now,
            "detail": detail,
        }
        self.put(OutboxItem(event_id, "event", document=json.dumps(event)))

    def message(self, body: str) -> None:
        """Leave a message for the workers in the outbox, to be sent by `services.deliver.send`."""
        self.put(OutboxItem(body, "message"))

    def _commit(self, receipt: Item | None) -> None:
        """Write it all, the audit entries as the next ones of their trails.

        Another transaction of the scope may have gone on with the trail in the meantime; then the
        entries follow that one's. It may be writing one of the items at this moment; afterwards
        the conditions tell whether this one still may. An answer that is lost on its way makes the
        same write come twice; then what only this transaction writes is there already, and tells.
        """
        for attempt in range(_ATTEMPTS):
            links = audit.following(self._entries) if self._entries else []
            try:
                self._write(links)
                return
            except TransactWriteError as error:
                if any(map(_stands, self._telling(links, receipt))):
                    return
                codes = [each.code if each else None for each in error.cancellation_reasons]
                if _TOO_LATE in codes[: len(codes) - len(links)]:
                    raise Conflict("it was changed by somebody else in the meantime") from error
                if _TOO_LATE not in codes and _BUSY not in codes:
                    raise
            _pause(attempt)
        raise Conflict("too much is going on in this scope; try again in a moment")

    def _telling(self, links: Sequence[AuditItem], receipt: Item | None) -> list[Item]:
        """The items each of which stands where it belongs only if this transaction was written."""
        own = links[:1] or self._created[:1]
        return [*own, receipt] if receipt is not None else [*own]

    def _write(self, links: list[AuditItem]) -> None:
        with TransactWrite(connection=_connection()) as transaction:
            for item, condition in self._deletes:
                transaction.delete(item, condition=condition)
            for item, condition in self._writes:
                transaction.save(item, condition=condition)
            for link in links:
                spill(link)
                new = AuditItem.pk.does_not_exist() if link.entity else None
                transaction.save(link, condition=new)


def batches(things: Iterable[T], most: int) -> Iterator[list[T]]:
    """The things in groups of so many at most, for a transaction each."""
    rest = iter(things)
    while some := list(islice(rest, most)):
        yield some


def retried(act: Callable[[], T], tries: int = 5) -> T:
    """What an act gives that reads, and then writes over what it has read.

    It is done anew, after a pause, while others change the same in between.

    Raises:
        Conflict: they still did at the last try.
    """
    for attempt in range(tries - 1):
        try:
            return act()
        except Conflict:
            _pause(attempt)
    return act()


def _pause(attempt: int) -> None:
    """Wait a random while, so that those who raced do not race again all at once."""
    time.sleep(random.uniform(0, min(0.01 * 2**attempt, _LONGEST_PAUSE)))


def _stands(item: Item) -> bool:
    """Whether an item is stored just as it is here."""
    there = type(item).find(item.pk, item.sk)
    if there is None:
        return False
    return (there.document, there.object_key) == (item.document, item.object_key)
