"""Listings in pages, and the cursors between them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from chalicelib.services.errors import InvalidInput
from chalicelib.services.listing import MAX_LIMIT, Wanted, listing
from chalicelib.store import paging
from chalicelib.store.paging import (
    BadCursor,
    Page,
    Position,
    page_of,
    read_cursor,
    slice_of,
    write_cursor,
)
from chalicelib.store.tables import PatternItem

KEYS = [f"{number:03d}" for number in range(7)]


@pytest.fixture
def kept(stack: object, scope: str) -> str:
    """Seven items under one key, and in one partition of an index."""
    with PatternItem.batch_write() as batch:
        for key in KEYS:
            batch.save(PatternItem(scope, key, document="x" * 100, scope=scope, scope_sk=key))
    return scope


def read(scope: str, limit: int, *, index: bool) -> list[list[str]]:
    """The keys on every page."""
    pages: list[list[str]] = []
    position: Position | None = None
    while True:
        options = {"limit": limit, "last_evaluated_key": position}
        if index:
            page = page_of(PatternItem.by_scope.query(scope, **options))
        else:
            page = page_of(PatternItem.query(scope, **options))
        pages.append([item.sk for item in page.items])
        position = page.position
        if position is None:
            return pages


@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_the_pages_make_the_whole_listing_each_item_once(
    kept: str, limit: int, index: bool
) -> None:
    pages = read(kept, limit, index=index)
    assert [key for page in pages for key in page] == KEYS
    assert max(map(len, pages)) <= limit


@pytest.mark.parametrize("index", [False, True])
def test_a_page_that_is_full_of_text_ends_early_and_the_next_goes_on(
    kept: str, index: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_CHARACTERS", 250)
    pages = read(kept, 5, index=index)
    assert [key for page in pages for key in page] == KEYS
    assert [len(page) for page in pages][:2] == [3, 3]


def test_an_item_larger_than_a_page_is_a_page_of_its_own(
    kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_CHARACTERS", 1)
    pages = read(kept, 5, index=False)
    assert [page for page in pages if page] == [[key] for key in KEYS]


@given(st.lists(st.integers(), max_size=30), st.integers(1, 10))
def test_slices_make_the_whole_and_none_is_empty_but_that_of_nothing(
    values: list[int], limit: int
) -> None:
    found: list[int] = []
    position: Position | None = None
    while True:
        page = slice_of(values, limit, position)
        found += page.items
        assert len(page.items) == min(limit, len(values) - len(found) + len(page.items))
        position = page.position
        if position is None:
            break
    assert found == values


def test_a_page_of_something_made_of_its_items_leads_on_to_the_same_place() -> None:
    assert Page([1, 2], {"index": 2}).of(str) == Page(["1", "2"], {"index": 2})


@pytest.mark.usefixtures("stack")
class TestCursors:
    def test_a_cursor_leads_back_to_its_position(self) -> None:
        position = {"day": "2026-01-31", "key": {"pk": {"S": "größe#1"}}}
        cursor = write_cursor(position, "incidents a")
        assert cursor is not None
        assert read_cursor(cursor, "incidents a") == position

    def test_at_the_end_there_is_none(self) -> None:
        assert write_cursor(None, "incidents a") is None

    def test_a_cursor_of_another_listing_is_refused(self) -> None:
        cursor = write_cursor({"index": 1}, "incidents a")
        assert cursor is not None
        with pytest.raises(BadCursor):
            read_cursor(cursor, "incidents b")

    @pytest.mark.parametrize("place", [0, 5, -1])
    def test_a_cursor_that_was_changed_is_refused(self, place: int) -> None:
        cursor = list(write_cursor({"index": 1}, "incidents a") or "")
        cursor[place] = "A" if cursor[place] != "A" else "Q"
        with pytest.raises(BadCursor):
            read_cursor("".join(cursor), "incidents a")

    def test_a_cursor_of_yesterday_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def written(seconds_ago: int) -> str:
            at = int(time.time()) - seconds_ago
            monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: at)
            return write_cursor({"index": 1}, "incidents a") or ""

        day = 24 * 3600
        # The last one was written by a clock that was ahead of ours.
        for seconds_ago in (day - 60, -30):
            assert read_cursor(written(seconds_ago), "incidents a") == {"index": 1}
        with pytest.raises(BadCursor):
            read_cursor(written(day + 60), "incidents a")

    @pytest.mark.parametrize("cursor", ["", ".", "nonsense", "a.b", "ü.ü", "eyJpbmRleCI6MX0"])
    def test_a_cursor_made_up_is_refused(self, cursor: str) -> None:
        with pytest.raises(BadCursor):
            read_cursor(cursor, "incidents a")

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (Wanted(limit=0), "limit"),
            (Wanted(limit=-1), "limit"),
            (Wanted(limit=MAX_LIMIT + 1), "limit"),
            (Wanted(cursor="made up"), "cursor"),
        ],
    )
    def test_a_bad_limit_or_cursor_is_named_and_nothing_is_read(
        self, wanted: Wanted, field: str
    ) -> None:
        asked: list[int] = []

        def page(limit: int, position: Position | None) -> Page[int]:
            asked.append(limit)
            return Page([], None)

        with pytest.raises(InvalidInput) as raised:
            listing("numbers", wanted, page)
        assert [each["field"] for each in raised.value.errors] == [field]
        assert asked == []

    def test_a_listing_is_read_to_its_end_by_its_cursors(self) -> None:
        found: list[int] = []
        cursor: str | None = None
        while True:
            part = listing(
                "numbers", Wanted(3, cursor), lambda limit, at: slice_of(range(8), limit, at)
            )
            found += part.items
            cursor = part.next_cursor
            if cursor is None:
                break
        assert found == list(range(8))
