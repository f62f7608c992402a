"""How patterns are known again from run to run: which found one carries on which known one."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.patterns import PatternState

#: Two groups are of one stock if they share so much of the smaller one; and a pattern has gone
#: into another one if that holds so much of its members.
LEAST_SHARED = 0.5

#: Without common members, as when the window has moved on, a pattern is known by its centroid.
LEAST_COSINE = 0.6

#: What rounding may take from a sum of products.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class KnownPattern:
    """A pattern of an earlier run."""

    pattern_id: str
    members: frozenset[str]
    centroid: Mapping[str, float]
    state: PatternState = PatternState.ACTIVE
    last_seen: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether the last analysis still counted it among the recurring kinds."""
        return self.state is PatternState.ACTIVE

    @property
    def merged(self) -> bool:
        """Whether it went into another pattern."""
        return self.state is PatternState.MERGED


@dataclass(frozen=True)
class FoundPattern:
    """A kind of incident that this run found."""

    members: frozenset[str]
    centroid: Mapping[str, float]


@dataclass(frozen=True)
class Reconciliation:
    """What became of the known patterns. Found ones go by their place in the sequence given.

    Attributes:
        carried: the known id that a found pattern carries on.
        new: the found patterns that carry none on, splits among them.
        split: for a known id, the new patterns that also hold some of its members.
        merged: for a found pattern, the other active ids that went into it.
        unseen: the active ids that nothing carries on and nothing has taken in.
    """

    carried: dict[int, str]
    new: list[int]
    split: dict[str, list[int]]
    merged: dict[int, list[str]]
    unseen: list[str]


def reconcile(known: Sequence[KnownPattern], found: Sequence[FoundPattern]) -> Reconciliation:
    """Which found pattern carries on which known one: one to one, the best match first.

    A match by members (those shared make `LEAST_SHARED` of the smaller group) goes before any by
    centroid (cosine of `LEAST_COSINE` or more). Among members the Jaccard index decides, taken
    over what was found again, then activity, the cosine and the ids, so the result does not
    depend on the order of either sequence. A retired pattern comes back by either match, a merged
    one by its members alone: its centroid is too like that of the pattern that it went into.

    Time grows with the shared members, and with the pairs that share a telling term where members
    match nobody.
    """
    shared = _shared(known, found)
    kin = {
        pair: count for pair, count in shared.items() if _of_one_stock(pair, count, known, found)
    }
    carried: dict[int, str] = {}
    taken: set[int] = set()

    def carry(matches: Iterable[tuple[_Rank, int, int]]) -> None:
        for _, k, f in sorted(matches, key=lambda match: match[0]):
            if k not in taken and f not in carried:
                taken.add(k)
                carried[f] = known[k].pattern_id

    carry(_by_members(kin, shared, known, found))
    carry(
        _by_centroid(
            [(k, each) for k, each in enumerate(known) if k not in taken and not each.merged],
            [(f, each) for f, each in enumerate(found) if f not in carried],
        )
    )
    new = [f for f in range(len(found)) if f not in carried]
    split: dict[str, list[int]] = {}
    homes: dict[int, tuple[int, float, list[str], int]] = {}
    for (k, f), count in kin.items():
        if not known[k].active:
            continue
        if k in taken and f not in carried:
            split.setdefault(known[k].pattern_id, []).append(f)
        elif k not in taken and count >= LEAST_SHARED * len(known[k].members):
            home = (-count, -_cosine(known[k], found[f]), sorted(found[f].members), f)
            homes[k] = min(home, homes.get(k, home))
    merged: dict[int, list[str]] = {}
    for k, home in homes.items():
        merged.setdefault(home[-1], []).append(known[k].pattern_id)
    gone = {known[k].pattern_id for k in homes} | set(carried.values())
    return Reconciliation(
        carried,
        new,
        {known_id: sorted(parts) for known_id, parts in split.items()},
        {f: sorted(ids) for f, ids in merged.items()},
        sorted(each.pattern_id for each in known if each.active and each.pattern_id not in gone),
    )


_Rank = tuple[float, bool, float, str, list[str]]


def _shared(
    known: Sequence[KnownPattern], found: Sequence[FoundPattern]
) -> dict[tuple[int, int], int]:
    """How many members each known and each found pattern share, where they share any."""
    holders: dict[str, list[int]] = {}
    for f, group in enumerate(found):
        for member in group.members:
            holders.setdefault(member, []).append(f)
    return Counter(
        (k, f)
        for k, pattern in enumerate(known)
        for member in pattern.members
        for f in holders.get(member, ())
    )


def _of_one_stock(
    pair: tuple[int, int],
    shared: int,
    known: Sequence[KnownPattern],
    found: Sequence[FoundPattern],
) -> bool:
    smaller = min(len(known[pair[0]].members), len(found[pair[1]].members))
    return shared >= LEAST_SHARED * smaller


def _by_members(
    kin: Mapping[tuple[int, int], int],
    shared: Mapping[tuple[int, int], int],
    known: Sequence[KnownPattern],
    found: Sequence[FoundPattern],
) -> Iterator[tuple[_Rank, int, int]]:
    again: Counter[int] = Counter()
    for (k, _), count in shared.items():
        again[k] += count
    for (k, f), count in kin.items():
        jaccard = count / (again[k] + len(found[f].members) - count)
        yield _rank(jaccard, _cosine(known[k], found[f]), known[k], found[f]), k, f


def _by_centroid(
    known: Sequence[tuple[int, KnownPattern]], found: Sequence[tuple[int, FoundPattern]]
) -> Iterator[tuple[_Rank, int, int]]:
    """The pairs that are alike enough, found over the terms that they share.

    Each found pattern adds up its products with the known ones term by term, the rarest first.
    What is left of it bounds what a known one can still gain, so no new candidate is taken once
    that is below `LEAST_COSINE`, and only those that can still reach it are compared in full
    (the prefix filter of Bayardo, Ma and Srikant, WWW 2007).
    """
    holders: dict[str, list[tuple[int, float]]] = {}
    for place, (_, pattern) in enumerate(known):
        for term, weight in _unit(pattern.centroid).items():
            holders.setdefault(term, []).append((place, weight))
    least = LEAST_COSINE - _ROUNDING
    for f, group in found:
        weights = _unit(group.centroid)
        products: dict[int, float] = {}
        left = 1.0
        for term in sorted(weights, key=lambda term: (len(holders.get(term, ())), term)):
            if left < least * least:
                break
            for place, weight in holders.get(term, ()):
                products[place] = products.get(place, 0.0) + weights[term] * weight
            left -= weights[term] ** 2
        still = math.sqrt(max(left, 0.0))
        for place in sorted(place for place, so_far in products.items() if so_far + still >= least):
            k, pattern = known[place]
            cosine = _cosine(pattern, group)
            if cosine >= LEAST_COSINE:
                yield _rank(0, cosine, pattern, group), k, f


def _unit(centroid: Mapping[str, float]) -> dict[str, float]:
    length = math.hypot(*centroid.values())
    return {term: weight / length for term, weight in centroid.items()} if length else {}


def _rank(jaccard: float, cosine: float, known: KnownPattern, found: FoundPattern) -> _Rank:
    return -jaccard, not known.active, -round(cosine, 9), known.pattern_id, sorted(found.members)


def _cosine(one: KnownPattern, other: FoundPattern) -> float:
    dot = sum(
        weight * other.centroid[term]
        for term, weight in sorted(one.centroid.items())
        if term in other.centroid
    )
    if not dot:
        return 0.0
    return dot / (math.hypot(*one.centroid.values()) * math.hypot(*other.centroid.values()))
