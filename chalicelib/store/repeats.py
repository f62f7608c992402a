"""A request that comes again under its Idempotency-Key is still the same request.

When an answer is lost for good, nobody knows whether the request took effect, and its sender can
only send it again. So every attempt goes by the time of the first one and makes the same ids, and
what a transaction creates leaves a receipt: the next attempt finds it, writes nothing, and gives
the answer that was lost.
"""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import PutError

from chalicelib.store.tables import Item, TokenItem

_KEPT_FOR = timedelta(days=1)
_FIRST = "first"


@dataclass
class _Request:
    """What all attempts of a request share, and how many ids this one has made."""

    name: str
    at: datetime
    ids: int = 0


_current: ContextVar[_Request | None] = ContextVar("repeatable", default=None)


@contextmanager
def repeatable(name: str, now: datetime) -> Iterator[datetime]:
    """While inside, what is done is one more attempt of a request; gives the first one's time.

    Args:
        name: tells the request from all others; it is not kept as it is.
        now: the time of this attempt.
    """
    at = _first_attempt(f"request#{_hash(name)}", now)
    token = _current.set(_Request(_hash(f"{name} {at.isoformat()}"), at))
    try:
        yield at
    finally:
        _current.reset(token)


def new_id(kind: str) -> str:
    """An id that nothing has yet, such as `pb_6d2f...`; for a repeated request, the same again."""
    request = _current.get()
    if request is None:
        return f"{kind}_{uuid.uuid4().hex[:20]}"
    request.ids += 1
    return f"{kind}_{_hash(f'{request.name} {request.ids}')[:20]}"


def receipt(created: Item) -> TokenItem | None:
    """What shows the next attempt that an item was created; None outside of such a request."""
    request = _current.get()
    if request is None:
        return None
    expires_at = int((request.at + _KEPT_FOR).timestamp())
    return TokenItem(f"request#{request.name}", f"{created.pk} {created.sk}", expires_at=expires_at)


def _first_attempt(key: str, now: datetime) -> datetime:
    """The time of a request's first attempt within the last day, which may be now."""
    new = TokenItem(
        key, _FIRST, document=now.isoformat(), expires_at=int((now + _KEPT_FOR).timestamp())
    )
    # DynamoDB deletes within some days of the time.
    over = TokenItem.expires_at < int(now.timestamp())
    try:
        new.save(condition=TokenItem.pk.does_not_exist() | over)
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return datetime.fromisoformat(TokenItem.get(key, _FIRST, consistent_read=True).text)
    return now


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
