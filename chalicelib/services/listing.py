"""Listings as callers see them: items, and a cursor to the next ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.services.errors import invalid
from chalicelib.store.paging import BadCursor, Page, Position, read_cursor, write_cursor

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True)
class Wanted:
    """Which part of a listing is wanted."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A part of a listing."""

    items: list[T]
    next_cursor: str | None


def listing(
    name: str, wanted: Wanted, read: Callable[[int, Position | None], Page[T]]
) -> Listing[T]:
    """The wanted part of the listing that `read` reads.

    Args:
        name: the listing's own name; a cursor of one does not fit another.
        wanted: how many items, and from where.
        read: gives a page from a limit and a position.

    Raises:
        InvalidInput: the limit or the cursor is none.
    """
    if not 1 <= wanted.limit <= MAX_LIMIT:
        raise invalid("limit", f"must be from 1 to {MAX_LIMIT}")
    try:
        position = read_cursor(wanted.cursor, name) if wanted.cursor else None
    except BadCursor:
        raise invalid("cursor", "must be the next_cursor of an answer of the last day") from None
    page = read(wanted.limit, position)
    return Listing(page.items, write_cursor(page.position, name))
