"""Pages of a listing, and the cursors that lead from one to the next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from itsdangerous import BadData, URLSafeTimedSerializer
from pynamodb.pagination import ResultIterator

from chalicelib.store.secrets import signing_key
from chalicelib.store.tables import Item

T = TypeVar("T")
U = TypeVar("U")
ItemT = TypeVar("ItemT", bound=Item)
Position = dict[str, Any]

MAX_CHARACTERS = 2_000_000  # of a page's documents; Lambda answers with 6 MB at most
_CURSOR_LASTS = timedelta(days=1)


class BadCursor(Exception):
    """The cursor is not one that we handed out for this listing within the last day."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a listing, and where the rest begins (None: there is no more)."""

    items: list[T]
    position: Position | None

    def of(self, make: Callable[[T], U]) -> "Page[U]":
        """The same page with something made of every item."""
        return Page([make(item) for item in self.items], self.position)


def page_of(results: ResultIterator[ItemT]) -> Page[ItemT]:
    """The page that a query with a limit gives, or as much of it as fits an answer."""
    items: list[ItemT] = []
    size = 0
    for item in results:
        items.append(item)
        size += len(item.text)
        if size > MAX_CHARACTERS:
            break
    return Page(items, results.last_evaluated_key)


def slice_of(values: Iterable[T], limit: int, position: Position | None) -> Page[T]:
    """A page of values that are all in memory."""
    everything = list(values)
    start = (position or {}).get("index", 0)
    end = start + limit
    return Page(everything[start:end], {"index": end} if end < len(everything) else None)


def write_cursor(position: Position | None, listing: str) -> str | None:
    """A signed cursor, so that nobody can read elsewhere by making one up."""
    if position is None:
        return None
    return str(_signed(listing).dumps(position))


def read_cursor(cursor: str, listing: str) -> Position:
    """The position that a cursor of the same listing stands for.

    Raises:
        BadCursor: it is none of ours, another listing's, or older than a day.
    """
    try:
        position, written = _signed(listing).loads(cursor, return_timestamp=True)
    except BadData:
        raise BadCursor(listing) from None
    # Not by `max_age`, which also refuses what a clock that was ahead of this one has written.
    if datetime.now(UTC) - written > _CURSOR_LASTS:
        raise BadCursor(listing)
    return dict(position)


def _signed(listing: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_key(), salt=f"cursor {listing}")
