"""What a run does to the patterns: what became of each, and which incidents it holds now."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from chalicelib.core.confidence import PAST
from chalicelib.core.fields import Value
from chalicelib.core.patterns import PatternState
from chalicelib.core.reconciliation import FoundPattern, KnownPattern, Reconciliation, reconcile

#: A pattern whose last incident was so long ago retires: its recency weighs nothing any more. It
#: keeps its id and all that hangs on it, and comes back as itself when it is seen again.
RETIRED_AFTER = PAST


#: Tells which single incidents are of which kinds, of the kinds' centroids by their ids.
Recurs = Callable[[Mapping[str, Mapping[str, float]]], dict[str, set[str]]]


class Fate(StrEnum):
    """What became of a pattern in a run.

    A dissolved one retires at once: all its incidents were looked at, and make no kind any more.
    """

    DISCOVERED = "discovered"
    UPDATED = "updated"
    SPLIT = "split"
    REVIVED = "revived"
    REDUCED = "reduced"
    MERGED = "merged"
    RETIRED = "retired"
    DISSOLVED = "dissolved"


#: The fates of the patterns that a run has found.
FOUND = frozenset({Fate.DISCOVERED, Fate.UPDATED, Fate.SPLIT, Fate.REVIVED})


class Change(Value):
    """What a run does to one pattern.

    Attributes:
        members: the incidents that it holds from then on.
        same_members: whether these are the ones that it held before.
        split_from: of a new pattern, the one that held some of its incidents and lives on.
        split_into: of one that was split, the new ones.
        merged_into: of one that was merged, the pattern that holds its incidents from then on.
        absorbed: the patterns that were merged into this one.
    """

    pattern_id: str
    fate: Fate
    members: list[str]
    same_members: bool
    centroid: dict[str, float]
    split_from: str | None = None
    split_into: list[str] = []
    merged_into: str | None = None
    absorbed: list[str] = []


def _nothing_recurs(kinds: Mapping[str, Mapping[str, float]]) -> dict[str, set[str]]:
    return {}


def changes(
    known: Sequence[KnownPattern],
    found: Sequence[FoundPattern],
    *,
    looked_at: frozenset[str] | None,
    now: datetime,
    new_id: Callable[[frozenset[str]], str],
    recurs: Recurs = _nothing_recurs,
) -> list[Change]:
    """What has to be written for the patterns to be those that a run found.

    After it, no incident is in two active patterns. A pattern keeps the members that the run did
    not look at; of those that it did, the ones found elsewhere or nowhere leave a pattern that
    was found again. What gives incidents away comes before what takes them.

    Args:
        known: every pattern of the scope, in whatever state.
        found: the groups of this run, in the order that they are to be written in.
        looked_at: the incidents of the window; None where a few were chosen to learn from, and so
            say nothing of the patterns that they leave out: then incidents leave a pattern only
            for another, nothing retires for being unseen, and what is known keeps its centroid.
        now: the time of the run.
        new_id: gives a new pattern's id from its members.
        recurs: which single incidents of the window are of which of some kinds, by their ids and
            centroids (see `core.recurrence`). It is asked for patterns that the run did not find,
            but for those whose incidents were all looked at: the groups have judged these.
    """
    seen = reconcile(known, found)
    by_id = {each.pattern_id: each for each in known}
    names = [seen.carried.get(f) or new_id(each.members) for f, each in enumerate(found)]
    kept = _kept(by_id, found, seen, looked_at)
    taking = _taking(by_id, found, names, seen, kept, learning=looked_at is None)
    into = {each: names[f] for f, ids in seen.merged.items() for each in ids}
    giving = [
        _plain(by_id[each], Fate.MERGED, by_id[each].members, merged_into=into[each])
        for each in sorted(into)
    ]
    joined = _joined(by_id, seen, kept, looked_at, recurs)
    left = (each for each in seen.unseen if each not in joined)
    giving += filter(None, (_unseen(by_id[each], kept[each], looked_at, now) for each in left))
    owned = {incident for change in giving + taking for incident in change.members}
    for each, incidents in sorted(joined.items()):
        before = by_id[each]
        held = kept.get(each, before.members - owned)
        held |= incidents - owned.union(*kept.values())
        if before.members != held:
            fate = Fate.UPDATED if before.active else Fate.REVIVED
            taking.append(_plain(before, fate, held))
    return giving + taking


def _taking(
    by_id: Mapping[str, KnownPattern],
    found: Sequence[FoundPattern],
    names: Sequence[str],
    seen: Reconciliation,
    kept: Mapping[str, frozenset[str]],
    *,
    learning: bool,
) -> list[Change]:
    """What the groups that were found hold from now on, by the names that they have."""
    parts = {
        f: known_id for known_id, places in sorted(seen.split.items()) for f in reversed(places)
    }
    taking = []
    for f, (name, group) in enumerate(zip(names, found, strict=True)):
        before = by_id.get(name)
        absorbed = seen.merged.get(f, [])
        older = [kept[each] for each in [name, *absorbed] if each in kept]
        members = group.members.union(*older)
        change = Change(
            pattern_id=name,
            fate=_fate(before, seen),
            members=sorted(members),
            same_members=before is not None and before.members == members,
            centroid=dict(before.centroid if before and learning else group.centroid),
            split_from=parts.get(f),
            split_into=[names[part] for part in seen.split.get(name, [])],
            absorbed=absorbed,
        )
        taking.append(change)
    return taking


def _joined(
    by_id: Mapping[str, KnownPattern],
    seen: Reconciliation,
    kept: Mapping[str, frozenset[str]],
    looked_at: frozenset[str] | None,
    recurs: Recurs,
) -> dict[str, frozenset[str]]:
    """The single incidents that are one more occurrence of a pattern which no group carries on."""
    if looked_at is None:
        return {}
    away = set(seen.carried.values()) | {each for ids in seen.merged.values() for each in ids}
    kinds = {
        pattern_id: each.centroid
        for pattern_id, each in by_id.items()
        if pattern_id not in away
        and not each.merged
        and not kept.get(pattern_id, each.members) <= looked_at
    }
    return {each: frozenset(incidents) for each, incidents in recurs(kinds).items()}


def _fate(before: KnownPattern | None, seen: Reconciliation) -> Fate:
    if before is None:
        return Fate.DISCOVERED
    if not before.active:
        return Fate.REVIVED
    return Fate.SPLIT if before.pattern_id in seen.split else Fate.UPDATED


def _kept(
    by_id: dict[str, KnownPattern],
    found: Sequence[FoundPattern],
    seen: Reconciliation,
    looked_at: frozenset[str] | None,
) -> dict[str, frozenset[str]]:
    """For each pattern that lives on, the members that it had before and that no group holds now.

    A merged pattern that stands apart again takes its own from the one that it had gone into; a
    retired one takes nothing from those that were active all the while.
    """
    owned = set().union(*(group.members for group in found)) if found else set()
    again, unseen = set(seen.carried.values()), set(seen.unseen)
    absorbed = {each for ids in seen.merged.values() for each in ids}
    kept: dict[str, frozenset[str]] = {}
    turns = [
        [each for each in again if by_id[each].merged],
        [each for each in again | absorbed | unseen if by_id[each].active],
        [each for each in again if by_id[each].state is PatternState.RETIRED],
    ]
    for turn in turns:
        for pattern_id in sorted(turn):
            members = by_id[pattern_id].members - owned
            if pattern_id not in unseen and looked_at is not None:
                members -= looked_at
            kept[pattern_id] = members
            owned |= members
    return kept


def _unseen(
    pattern: KnownPattern,
    left: frozenset[str],
    looked_at: frozenset[str] | None,
    now: datetime,
) -> Change | None:
    """What becomes of a pattern that the run did not find; None where nothing does."""
    if not left or (looked_at is not None and left <= looked_at):
        return _plain(pattern, Fate.DISSOLVED, left)
    if looked_at is not None and _long_ago(pattern.last_seen, now):
        return _plain(pattern, Fate.RETIRED, left)
    if left != pattern.members:
        return _plain(pattern, Fate.REDUCED, left)
    return None


def _long_ago(last_seen: datetime | None, now: datetime) -> bool:
    return last_seen is not None and now - last_seen > RETIRED_AFTER


def _plain(
    pattern: KnownPattern,
    fate: Fate,
    members: frozenset[str],
    merged_into: str | None = None,
) -> Change:
    return Change(
        pattern_id=pattern.pattern_id,
        fate=fate,
        members=sorted(members),
        same_members=members == pattern.members,
        centroid=dict(pattern.centroid),
        merged_into=merged_into,
    )


class Plan(Value):
    """All that a run is to write, kept so that one that was cut short can go on.

    Attributes:
        total_incidents: how many closed incidents the run looked at.
        incidents_in_patterns: how many of these are in the patterns that it found.
        fingerprint: what it was made of.
        systems: the names of the scope's systems, as the window shows them.
        redactions: how much was taken out of the incidents' texts, by kind.
        changes: in the order in which they are written.
    """

    total_incidents: int
    incidents_in_patterns: int
    fingerprint: str
    systems: list[str] = []
    redactions: dict[str, int] = {}
    changes: list[Change]

    def figures(self) -> dict[str, int]:
        """What the changes add up to, in the terms of a run."""
        fates = Counter(change.fate for change in self.changes)
        found = sum(fates[each] for each in FOUND)
        return {
            "total_incidents": self.total_incidents,
            "incidents_in_patterns": self.incidents_in_patterns,
            "patterns_found": found,
            "new_patterns": fates[Fate.DISCOVERED],
            "updated_patterns": found - fates[Fate.DISCOVERED],
            "split_patterns": fates[Fate.SPLIT],
            "merged_patterns": fates[Fate.MERGED],
            "retired_patterns": fates[Fate.RETIRED] + fates[Fate.DISSOLVED],
            "revived_patterns": fates[Fate.REVIVED],
        }
