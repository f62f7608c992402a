"""The audit trail's chain: whatever is done to it shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.fields import Value
from chalicelib.core.trail import (
    ERASED,
    BadLink,
    End,
    Entry,
    changes,
    end_of,
    first_bad_link,
    linked,
)


def told(action: str, **details: object) -> dict[str, object]:
    return {"action": action, "actor": "reviewer:ann", "details": details, "salt": "5a17"}


def trail(length: int) -> tuple[list[Entry], End]:
    end, entries = End(), []
    for number in range(length):
        entries.append(linked(told(f"action {number}"), end))
        end = end_of(entries[-1])
    return entries, end


@given(st.integers(0, 8))
def test_a_trail_that_nobody_touched_holds(length: int) -> None:
    entries, end = trail(length)
    assert [entry["number"] for entry in entries] == list(range(1, length + 1))
    assert first_bad_link(entries, end) is None


@given(
    st.integers(0, 7),
    st.sampled_from(["action", "actor", "details", "salt", "seal", "number", "previous", "hash"]),
)
def test_an_altered_entry_shows_where_it_is(place: int, field: str) -> None:
    entries, end = trail(8)
    entries[place] = {**entries[place], field: "forged"}
    bad = first_bad_link(entries, end)
    assert bad is not None
    assert bad.number == place + 1


@given(st.integers(0, 7))
def test_an_entry_that_was_altered_and_sealed_again_shows_in_the_next(place: int) -> None:
    entries, end = trail(8)
    before = end_of(entries[place - 1]) if place else End()
    entries[place] = linked(told("forged"), before)
    bad = first_bad_link(entries, end)
    assert bad is not None
    assert bad.number == place + 2


@given(st.integers(0, 7))
def test_a_missing_entry_shows(place: int) -> None:
    entries, end = trail(8)
    del entries[place]
    bad = first_bad_link(entries, end)
    assert bad is not None
    assert bad.number == place + 1


@given(st.permutations(range(6)))
def test_another_order_shows(order: list[int]) -> None:
    entries, end = trail(6)
    bad = first_bad_link([entries[place] for place in order], end)
    assert (bad is None) == (order == sorted(order))


def test_a_person_can_be_taken_out_by_who_says_so() -> None:
    entries, end = trail(3)
    entries[1] = {**entries[1], "actor": "reviewer:p7k", "salt": ""}
    bad = first_bad_link(entries, end)
    assert bad is not None
    assert bad.number == 2
    entries.append(linked(told(ERASED, entries=[2]), end))
    assert first_bad_link(entries, end_of(entries[-1])) is None
    # What is not about a person stays sealed.
    entries[1] = {**entries[1], "action": "forged"}
    assert first_bad_link(entries, end_of(entries[-1])) == BadLink(2, "entry 2 was altered")


def test_a_trail_cut_short_or_replaced_by_none_shows() -> None:
    entries, end = trail(3)
    assert first_bad_link(entries[:2], end) == BadLink(3, "the trail does not end with entry 3")
    assert first_bad_link([], end) == BadLink(1, "the trail does not end with entry 3")


class Thing(Value):
    name: str
    text: str = ""
    size: int = 1


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (Thing(name="a"), Thing(name="a"), {}),
        (Thing(name="a"), Thing(name="a", size=2), {"size": [1, 2]}),
        (None, Thing(name="a"), {"name": [None, "a"], "size": [None, 1], "text": [None, ""]}),
        (None, None, {}),
    ],
)
def test_changes_name_the_fields_that_differ(
    before: Thing | None, after: Thing | None, told: dict[str, list[object]]
) -> None:
    assert changes(before, after) == told


def test_a_long_value_is_told_by_its_digest() -> None:
    [[before, after]] = changes(Thing(name="a"), Thing(name="a", text="x" * 1_000)).values()
    assert before == ""
    assert after.startswith("1002 characters, sha256 ")
