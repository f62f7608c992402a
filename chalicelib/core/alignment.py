"""Steps of different incidents that are the same step, and the order that most take them in."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from chalicelib.core.commands import is_sql
from chalicelib.core.likeness import LEAST_ALIKE, Statement, alike, deed_of, statement
from chalicelib.core.steps import Mention

#: The least share of incidents that a step is kept for.
LEAST_SUPPORT = 0.3

_AGAIN = re.compile(r"\bagain\b", re.IGNORECASE)
_Key = tuple[str, tuple[int, int], str]


@dataclass(frozen=True)
class AlignedStep:
    """One step as several incidents tell of it, in the order of their ids.

    Attributes:
        mentions: by those that did it; none where it only failed.
        position: where in their accounts it stands on average, 0 to 1.
        failed: by those that tried it in vain.
    """

    mentions: tuple[Mention, ...]
    position: float
    failed: tuple[Mention, ...] = ()

    @property
    def incident_ids(self) -> list[str]:
        """The incidents that tell that it was done."""
        return sorted({mention.incident_id for mention in self.mentions})

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Its commands, each behind the id of the incident that tells of it."""
        told = self.mentions or self.failed
        return [(each.incident_id, each.command) for each in told if each.command]


@dataclass(frozen=True)
class Alignment:
    """The steps in order, the pairs (before, after) that incidents disagree on, and what failed.

    `attempts` has what was tried in vain and is none of the steps.
    """

    steps: list[AlignedStep]
    conflicts: list[tuple[int, int]]
    attempts: list[AlignedStep]


def align(told: Sequence[Sequence[Mention]], failed: Sequence[Mention] = ()) -> Alignment:
    """The steps that incidents share, in the order of the majority.

    Steps that fewer than `LEAST_SUPPORT` of the incidents tell of are left out.

    Args:
        told: for each incident the steps that were done, in its order.
        failed: what was tried in vain, by these incidents or by others.
    """
    least = max(1, math.ceil(LEAST_SUPPORT * len(told) - 1e-9))
    places = _places(told)
    steps, attempts = [], []
    for group in grouped(told, failed):
        done = tuple(each for each in group if each.outcome == "done")
        in_vain = tuple(each for each in group if each.outcome == "failed")
        if len({mention.incident_id for mention in done}) >= least:
            steps.append(AlignedStep(done, _mean_place(done, places), in_vain))
        elif in_vain:
            attempts.append(AlignedStep((), 0.0, in_vain))
    order, conflicts = _in_order(steps, places)
    attempts.sort(key=lambda each: (-len(each.failed), each.failed[0].quote))
    return Alignment([steps[at] for at in order], conflicts, attempts)


def grouped(
    told: Sequence[Sequence[Mention]], failed: Sequence[Mention] = ()
) -> Iterator[list[Mention]]:
    """The mentions of the same step, together, whatever their number; arguments as for `align`."""
    return _groups(_statements(told, failed))


def _statements(told: Sequence[Sequence[Mention]], failed: Sequence[Mention]) -> list[Statement]:
    """The different things said, in an order that does not depend on the incidents'."""
    said: dict[tuple[str, str, int], list[Mention]] = defaultdict(list)
    for mentions in told:
        for mention, repeat in _repeats(mentions):
            said[mention.command or "", mention.text, repeat].append(mention)
    for mention in failed:
        said[mention.command or "", mention.text, 0].append(mention)
    return [statement(mentions, repeat) for (_, _, repeat), mentions in sorted(said.items())]


def _repeats(mentions: Sequence[Mention]) -> Iterator[tuple[Mention, int]]:
    """Each mention with the number of times that the same look was taken before a change.

    To look before and after is two steps: the second one shows whether it helped.
    """
    seen: Counter[str] = Counter()
    last: dict[str, int] = {}
    changes = 0
    for mention in mentions:
        kind = mention.kind
        changes += kind == "change"
        if kind not in ("check", "verify"):
            yield mention, 0
            continue
        look = mention.command or mention.text
        again = changes > 0 and look not in last and bool(_AGAIN.search(mention.quote))
        seen[look] += again or last.get(look, changes) < changes
        last[look] = changes
        yield mention, seen[look]


def _groups(statements: Sequence[Statement]) -> Iterator[list[Mention]]:
    """The mentions of the same step, together.

    The most alike come together first. What one incident tells of as two steps stays two, and a
    step in words joins the command that does it, but never makes one of two commands.
    """
    group_of = list(range(len(statements)))
    tellers = [set(each.tellers) for each in statements]
    commands = [bool(each.command) for each in statements]
    for likeness, _, one, other in sorted(
        _pairs(statements), key=lambda pair: (-pair[0], -pair[1], *pair[2:])
    ):
        first, second = sorted((_root(group_of, one), _root(group_of, other)))
        in_words = not (statements[one].command and statements[other].command)
        if (
            first == second
            or (likeness < 1 and not tellers[first].isdisjoint(tellers[second]))
            or (in_words and commands[first] and commands[second])
        ):
            continue
        group_of[second] = first
        tellers[first] |= tellers[second]
        commands[first] |= commands[second]
    groups: dict[int, list[Mention]] = defaultdict(list)
    for at, each in enumerate(statements):
        groups[_root(group_of, at)] += each.mentions
    for group in groups.values():
        yield sorted(group, key=lambda each: (each.incident_id, each.span, each.command or ""))


def _root(group_of: list[int], at: int) -> int:
    while group_of[at] != at:
        at = group_of[at]
    return at


def _pairs(statements: Sequence[Statement]) -> Iterator[tuple[float, int, int, int]]:
    """The pairs of statements that may be of one step, each behind how alike they are, 0 to 1.

    Of pairs that are as alike, those are more so that have more words in common, values included.

    Only those with something in common are looked at: the program and what it is asked, or the
    kind of action.
    """
    related: dict[object, list[int]] = defaultdict(list)
    for at, each in enumerate(statements):
        if each.command and not is_sql(each.command):
            related[deed_of(each.command)].append(at)
        if each.words[0]:
            related[each.words[0]].append(at)
    queries = [at for at, each in enumerate(statements) if is_sql(each.command)]
    every = [at for at, each in enumerate(statements) if each.command]
    seen = {pair for places in related.values() for pair in combinations(places, 2)}
    seen |= {(min(at, other), max(at, other)) for at in queries for other in every if at != other}
    for one, other in seen:
        likeness = alike(statements[one], statements[other])
        if likeness >= LEAST_ALIKE:
            yield likeness, len(statements[one].all & statements[other].all), one, other


def _places(told: Sequence[Sequence[Mention]]) -> dict[_Key, float]:
    """Where in its incident's account each mention stands, 0 to 1."""
    return {
        _key(mention): number / max(len(mentions) - 1, 1)
        for mentions in told
        for number, mention in enumerate(mentions)
    }


def _key(mention: Mention) -> _Key:
    return mention.incident_id, mention.span, mention.command or ""


def _mean_place(group: Sequence[Mention], places: dict[_Key, float]) -> float:
    return sum(places[_key(mention)] for mention in group) / len(group)


def _in_order(
    steps: Sequence[AlignedStep], places: dict[_Key, float]
) -> tuple[list[int], list[tuple[int, int]]]:
    """The order in which as many incidents as can be find theirs, and where some do not."""
    firsts = [_first_places(step, places) for step in steps]
    before = [[_votes(one, other) for other in firsts] for one in firsts]
    left = sorted(
        range(len(steps)), key=lambda at: (steps[at].position, steps[at].mentions[0].quote)
    )
    order: list[int] = []
    while left:
        free = [at for at in left if all(before[other][at] <= before[at][other] for other in left)]
        following = (free or left)[0]
        order.append(following)
        left.remove(following)
    conflicts = [
        (first, second)
        for first, second in combinations(range(len(order)), 2)
        if before[order[second]][order[first]] > 0
    ]
    return order, conflicts


def _first_places(step: AlignedStep, places: dict[_Key, float]) -> dict[str, float]:
    """Where each incident takes a step first."""
    return {each.incident_id: places[_key(each)] for each in reversed(step.mentions)}


def _votes(first: dict[str, float], second: dict[str, float]) -> int:
    """How many incidents take the one step before the other."""
    return sum(first[each] < second[each] for each in first.keys() & second.keys())
