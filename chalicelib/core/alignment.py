"""Steps of different incidents that are the same step, and the order that most take them in."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.core.commands import deeds_of, is_sql, program_of
from chalicelib.core.steps import Mention
from chalicelib.core.text import mask, terms
from chalicelib.core.verbs import KIN_OF, verb_of

#: The least share of incidents that a step is kept for.
LEAST_SUPPORT = 0.3

#: How alike the words of two steps are that are one: the share of the smaller step's that the
#: other has too.
_LEAST_ALIKE = 0.6

#: Words for whatever is concerned: "the service" may be any.
_ANYTHING = frozenset(
    terms("service services server instance node cluster process system application app it")
)
#: What commands are told apart by beside their program: words, and options without their values.
_SKIPPED = frozenset({"sudo", "doas"})


@dataclass(frozen=True)
class AlignedStep:
    """One step as several incidents tell of it, in the order of their ids."""

    mentions: tuple[Mention, ...]
    position: float

    @property
    def incident_ids(self) -> list[str]:
        """The incidents that tell of it."""
        return sorted({mention.incident_id for mention in self.mentions})

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Its commands, each behind the id of the incident that tells of it."""
        return [(each.incident_id, each.command) for each in self.mentions if each.command]


@dataclass(frozen=True)
class Alignment:
    """The steps in order, and the pairs (before, after) that incidents disagree on."""

    steps: list[AlignedStep]
    conflicts: list[tuple[int, int]]


def align(told: Sequence[Sequence[Mention]]) -> Alignment:
    """The steps that incidents share, in the order of the majority.

    Steps that fewer than `LEAST_SUPPORT` of the incidents tell of are left out.

    Args:
        told: for each incident the steps that were done, in its order.
    """
    groups = _groups([mention for mentions in told for mention in mentions])
    least = max(1, math.ceil(LEAST_SUPPORT * len(told) - 1e-9))
    kept = [group for group in groups if len({mention.incident_id for mention in group}) >= least]
    places = _places(told)
    steps = [AlignedStep(tuple(group), _mean_place(group, places)) for group in kept]
    return _in_order(steps, places)


def _groups(mentions: Sequence[Mention]) -> list[list[Mention]]:
    """The mentions of the same step, together. An incident tells of a step once.

    Each mention joins the group whose first one it is most like; mentions with commands come
    first, so that a step in words finds the command that does it.
    """
    ordered = sorted(
        mentions,
        key=lambda each: (each.command is None, each.incident_id, each.span, each.command or ""),
    )
    groups: list[list[Mention]] = []
    for mention in ordered:
        likeness = [
            max(_alike(mention, other) for other in group)
            if all(mention.incident_id != other.incident_id for other in group)
            else float(any(_same(mention, other) for other in group))
            for group in groups
        ]
        best = max(range(len(groups)), key=lambda place: likeness[place], default=None)
        if best is not None and likeness[best] >= _LEAST_ALIKE:
            groups[best].append(mention)
        else:
            groups.append([mention])
    return [sorted(group, key=lambda each: (each.incident_id, each.span)) for group in groups]


def _same(one: Mention, other: Mention) -> bool:
    """Whether an incident says the same thing twice."""
    return one.command == other.command and one.text == other.text


def _alike(one: Mention, other: Mention) -> float:
    """How surely two mentions are of one step, 0 to 1."""
    if one.command and other.command:
        return _commands_alike(one.command, other.command)
    return _texts_alike(_words(one), _words(other))


def _commands_alike(one: str, other: str) -> float:
    """1 for the same command; else the share of its fixed parts that two of one program share.

    A query is the same in a client's command as alone. What a program is asked to do never varies.
    """
    if one == other:
        return 1.0
    if is_sql(one) != is_sql(other):
        query, client = (one, other) if is_sql(one) else (other, one)
        return 0.95 * (query.rstrip(";").casefold() in client.casefold())
    if program_of(one) != program_of(other) or deeds_of(one) != deeds_of(other):
        return 0.0
    first, second = Counter(_fixed(one)), Counter(_fixed(other))
    if not first or not second:
        return 0.9 if first == second else 0.0
    shared = (first & second).total()
    return 0.95 * shared / max(first.total(), second.total())


def _fixed(command: str) -> list[str]:
    """The words of a command that say what it does: no values of options, no masked names."""
    tokens = [token for token in command.split() if token not in _SKIPPED]
    kept = []
    for token in tokens:
        if token.startswith("-"):
            kept.append(token.split("=", 1)[0])
        elif mask(token) == token and token.replace("-", "").replace("_", "").isalpha():
            kept.append(token)
        elif "/" in token and not token.startswith(("/", "~", ".")):
            kept.append(token.split("/", 1)[0] + "/")
    return kept


def _words(mention: Mention) -> tuple[str, frozenset[str]]:
    """The kind of action, and the words of what it is done to."""
    text = mention.text
    kin = KIN_OF.get(verb_of(text), verb_of(text))
    said = set(terms(mask(text))) - {verb_of(text)}
    if mention.command:
        named = set(terms(mask(mention.command)))
        if kin in ("", "use"):
            kin = next((KIN_OF[each] for each in sorted(named) if each in KIN_OF), kin)
        said |= named
    return kin, frozenset(word for word in said if KIN_OF.get(word, "") != kin)


def _texts_alike(one: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> float:
    """The share of the shorter one's words that both have, if both do the same kind of thing."""
    if one[0] != other[0] or not one[0]:
        return 0.0
    first, second = one[1] - _ANYTHING, other[1] - _ANYTHING
    if not first or not second:
        return 0.7 if first == second or one[0] not in ("check", "use") else 0.0
    return len(first & second) / min(len(first), len(second))


def _places(told: Sequence[Sequence[Mention]]) -> dict[tuple[str, tuple[int, int], str], float]:
    """Where in its incident's account each mention stands, 0 to 1."""
    return {
        _key(mention): number / max(len(mentions) - 1, 1)
        for mentions in told
        for number, mention in enumerate(mentions)
    }


def _key(mention: Mention) -> tuple[str, tuple[int, int], str]:
    return mention.incident_id, mention.span, mention.command or ""


def _mean_place(
    group: Sequence[Mention], places: dict[tuple[str, tuple[int, int], str], float]
) -> float:
    return sum(places[_key(mention)] for mention in group) / len(group)


def _in_order(
    steps: list[AlignedStep], places: dict[tuple[str, tuple[int, int], str], float]
) -> Alignment:
    """The steps so that as many incidents as can be find theirs in their own order."""
    before = [[_votes(one, other, places) for other in steps] for one in steps]
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
        for first in range(len(order))
        for second in range(first + 1, len(order))
        if before[order[second]][order[first]] > 0
    ]
    return Alignment([steps[at] for at in order], conflicts)


def _votes(
    one: AlignedStep,
    other: AlignedStep,
    places: dict[tuple[str, tuple[int, int], str], float],
) -> int:
    """How many incidents take the one step before the other."""
    first = {each.incident_id: places[_key(each)] for each in one.mentions}
    second = {each.incident_id: places[_key(each)] for each in other.mentions}
    return sum(first[each] < second[each] for each in first.keys() & second.keys())
