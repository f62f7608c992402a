"""The audit trail as a chain: each entry seals the one before it, so that tampering shows.

An entry holds its number in its scope's trail, the hash of the entry before, and its own hash over
all of that (the hash chain of Haber and Stornetta, "How to time-stamp a digital document", 1991).
Whoever alters, removes or swaps an entry would have to make all those after it anew.

What may tell of a person is sealed by a salted digest, and the chain holds that digest alone. So a
person can be taken out of an entry, by whoever says in a later entry of which ones they did so: the
salt goes too, and with it the last means to tell what the digest was of (`docs/decisions/0029`).

The beginning of a trail may be kept no longer. What is left follows the hash of the last entry that
went, and one of its entries has to tell of just that cut.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from pydantic import BaseModel
from typing_extensions import TypedDict

from chalicelib.core.callers import Way


class Origin(TypedDict):
    """By which way a change came in, and from which address, if from any."""

    way: Way
    address: str


class Entry(TypedDict):
    """Who did what to an entity, when and from where, as one link of its scope's chain."""

    number: int
    audit_id: str
    scope: str
    entity: str
    action: str
    actor: str
    origin: Origin
    at: str
    details: dict[str, Any]
    changes: dict[str, list[Any]]
    salt: str
    seal: str
    previous: str
    hash: str


#: What the first entry of a trail has in the place of a hash before it.
NOTHING_BEFORE = "0" * 64

#: What is done to entries that a person is taken out of; `details["entries"]` has their numbers.
ERASED = "erased"

#: What is done to a trail whose beginning goes; `details` has the `End` of the part that went.
CUT = "cut"

_LONGEST_VALUE = 300
#: What may tell of a person.
_PERSONAL = ("actor", "origin", "details", "changes", "salt")


@dataclass(frozen=True)
class End:
    """The end of a trail: the number of its last entry, 0 for an empty one, and its hash."""

    number: int = 0
    hash: str = NOTHING_BEFORE


#: Where a trail that has no entry yet ends.
NOTHING = End()


@dataclass(frozen=True)
class BadLink:
    """The first place at which a trail does not hold.

    Attributes:
        number: the number that the entry there should have.
        reason: what is wrong with it, in words.
    """

    number: int
    reason: str


def linked(entry: Mapping[str, Any], end: End) -> Entry:
    """The entry as the next one of a trail that ends there."""
    link = {**entry, "seal": _seal(entry), "number": end.number + 1, "previous": end.hash}
    return cast(Entry, {**link, "hash": _hash(link)})


def end_of(entry: Mapping[str, Any]) -> End:
    """The end of a trail whose last entry this is."""
    return End(entry["number"], entry["hash"])


def first_bad_link(
    entries: Iterable[Mapping[str, Any]], end: End, cut: End = NOTHING
) -> BadLink | None:
    """Where a trail, read from its first entry to its last, does not hold; None if it does.

    Args:
        entries: the trail's entries in the order of their numbers.
        end: where the trail is said to end.
        cut: where the part of it is said to have ended that is kept no longer.
    """
    reached, told_of = cut, cut == NOTHING
    open_ones: set[int] = set()
    for entry in entries:
        place = reached.number + 1
        if entry.get("number") != place:
            return BadLink(place, f"entry {place} is missing")
        if entry.get("previous") != reached.hash:
            return BadLink(place, f"entry {place} does not follow the one before it")
        if entry.get("hash") != _hash(entry):
            return BadLink(place, f"entry {place} was altered")
        if not entry.get("salt"):
            open_ones.add(place)
        elif entry.get("seal") != _seal(entry):
            return BadLink(place, f"entry {place} was altered")
        elif entry.get("action") == ERASED:
            open_ones -= set(entry["details"].get("entries", []))
        elif entry.get("action") == CUT:
            told_of = told_of or entry["details"] == asdict(cut)
        reached = end_of(entry)
    if open_ones:
        place = min(open_ones)
        return BadLink(place, f"entry {place} was altered: no later one says that a person is gone")
    if not told_of:
        place = cut.number + 1
        return BadLink(place, f"no entry says that those before entry {place} were to go")
    if reached != end:
        return BadLink(reached.number + 1, f"the trail does not end with entry {end.number}")
    return None


def changes(before: BaseModel | None, after: BaseModel | None) -> dict[str, list[Any]]:
    """The fields that differ between two states of a thing, each as `[before, after]`.

    A long value stands as its length and the first digits of its SHA-256: the trail shows that it
    changed, and does not keep it once more. Of a thing that is new or gone the other side is null.
    """
    old = before.model_dump(mode="json") if before else {}
    new = after.model_dump(mode="json") if after else {}
    return {
        name: [_short(old.get(name)), _short(new.get(name))]
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def _short(value: Any) -> Any:
    text = _canonical(value)
    if len(text) <= _LONGEST_VALUE:
        return value
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{len(text)} characters, sha256 {digest}"


def _hash(entry: Mapping[str, Any]) -> str:
    sealed = {name: entry[name] for name in entry if name not in ("hash", *_PERSONAL)}
    return hashlib.sha256(_canonical(sealed).encode()).hexdigest()


def _seal(entry: Mapping[str, Any]) -> str:
    personal = {name: entry.get(name) for name in _PERSONAL}
    return hashlib.sha256(_canonical(personal).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
