"""Steps of different incidents that are the same step, and the order that most take them in."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from chalicelib.core.commands import deeds_of, is_sql, program_of, resource_of
from chalicelib.core.playbooks import Risk
from chalicelib.core.risk import risk_of
from chalicelib.core.steps import Mention
from chalicelib.core.text import mask, terms
from chalicelib.core.verbs import KIN_OF, verb_of

#: The least share of incidents that a step is kept for.
LEAST_SUPPORT = 0.3

#: How alike two steps are that are one: of commands the share of their fixed words that both have,
#: of texts the share of the shorter one's words that the other has too.
_LEAST_ALIKE = 0.6

#: Words for whatever is concerned: "the service" may be any.
_ANYTHING = frozenset(
    terms("service services server instance node cluster process system application app it")
)
#: What commands are told apart by beside their program: words, and options without their values.
_SKIPPED = frozenset({"sudo", "doas"})

_AGAIN = re.compile(r"\bagain\b", re.IGNORECASE)
#: An address with a path, of which each part says what is asked.
_ADDRESS = re.compile(r"[\"']?(?:https?://|[\w.-]{1,100}:\d+/)")
_WORD = re.compile(r"[^\s/:=,@\"']+")

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


@dataclass(frozen=True)
class _Statement:
    """What some mentions say in the same words.

    Attributes:
        mentions: all that say it.
        tellers: the incidents in which it was done.
        command: the command, if it is one.
        repeat: how often a look was taken before, with a change in between.
        words: the kind of action, and the words of what it is done to.
        fixed: the words of the command that do not vary.
        all: all words of the command.
    """

    mentions: tuple[Mention, ...]
    tellers: frozenset[str]
    command: str
    repeat: int
    words: tuple[str, frozenset[str]]
    fixed: Counter[str]
    all: frozenset[str]


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
    for group in _groups(_statements(told, failed)):
        done = tuple(each for each in group if each.outcome == "done")
        in_vain = tuple(each for each in group if each.outcome == "failed")
        if len({mention.incident_id for mention in done}) >= least:
            steps.append(AlignedStep(done, _mean_place(done, places), in_vain))
        elif in_vain:
            attempts.append(AlignedStep((), 0.0, in_vain))
    order, conflicts = _in_order(steps, places)
    attempts.sort(key=lambda each: (-len(each.failed), each.failed[0].quote))
    return Alignment([steps[at] for at in order], conflicts, attempts)


def _statements(told: Sequence[Sequence[Mention]], failed: Sequence[Mention]) -> list[_Statement]:
    """The different things said, in an order that does not depend on the incidents'."""
    said: dict[tuple[str, str, int], list[Mention]] = defaultdict(list)
    for mentions in told:
        for mention, repeat in _repeats(mentions):
            said[mention.command or "", mention.text, repeat].append(mention)
    for mention in failed:
        said[mention.command or "", mention.text, 0].append(mention)
    return [
        _Statement(
            mentions=tuple(mentions),
            tellers=frozenset(each.incident_id for each in mentions if each.outcome == "done"),
            command=command,
            repeat=repeat,
            words=_words(text, command),
            fixed=Counter(_fixed(command)),
            all=frozenset(_WORD.findall(command)),
        )
        for (command, text, repeat), mentions in sorted(said.items())
    ]


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


def _groups(statements: Sequence[_Statement]) -> Iterator[list[Mention]]:
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
    for at, statement in enumerate(statements):
        groups[_root(group_of, at)] += statement.mentions
    for group in groups.values():
        yield sorted(group, key=lambda each: (each.incident_id, each.span, each.command or ""))


def _root(group_of: list[int], at: int) -> int:
    while group_of[at] != at:
        at = group_of[at]
    return at


def _pairs(statements: Sequence[_Statement]) -> Iterator[tuple[float, int, int, int]]:
    """The pairs of statements that may be of one step, each behind how alike they are, 0 to 1.

    Of pairs that are as alike, those are more so that have more words in common, values included.

    Only those with something in common are looked at: the program and what it is asked, or the
    kind of action.
    """
    alike: dict[object, list[int]] = defaultdict(list)
    for at, each in enumerate(statements):
        if each.command and not is_sql(each.command):
            alike[_deed(each.command)].append(at)
        if each.words[0]:
            alike[each.words[0]].append(at)
    queries = [at for at, each in enumerate(statements) if is_sql(each.command)]
    every = [at for at, each in enumerate(statements) if each.command]
    seen = {pair for places in alike.values() for pair in combinations(places, 2)}
    seen |= {(min(at, other), max(at, other)) for at in queries for other in every if at != other}
    for one, other in seen:
        likeness = _alike(statements[one], statements[other])
        if likeness >= _LEAST_ALIKE:
            yield likeness, len(statements[one].all & statements[other].all), one, other


def _alike(one: _Statement, other: _Statement) -> float:
    """How surely two statements are of one step."""
    if one.repeat != other.repeat:
        # Before and after, unless nobody does both.
        return _LEAST_ALIKE * (one.command == other.command != "")
    if one.command and other.command:
        return _commands_alike(one, other)
    # Below what two commands can have: words join what commands have made.
    return 0.9 * _texts_alike(one.words, other.words)


def _commands_alike(one: _Statement, other: _Statement) -> float:
    """1 for the same command; else the share of its fixed parts that two of one program share.

    A query is the same in a client's command as alone. What a program is asked to do never varies,
    nor does whether it only looks.
    """
    if one.command == other.command:
        return 1.0
    if is_sql(one.command) != is_sql(other.command):
        query, client = (one, other) if is_sql(one.command) else (other, one)
        asked = query.command.rstrip(";").casefold()
        return 0.95 * (asked in client.command.casefold())
    if _deed(one.command) != _deed(other.command) or _risk(one) is not _risk(other):
        return 0.0
    if not one.fixed or not other.fixed:
        return 0.9 if one.fixed == other.fixed else 0.0
    shared = (one.fixed & other.fixed).total()
    return 0.95 * shared / max(one.fixed.total(), other.fixed.total())


def _risk(statement: _Statement) -> Risk:
    return risk_of("shell", statement.command)


@lru_cache(maxsize=4096)
def _deed(command: str) -> tuple[str, frozenset[str], str]:
    return program_of(command), deeds_of(command), resource_of(command)


@lru_cache(maxsize=4096)
def _fixed(command: str) -> tuple[str, ...]:
    """The words of a command that say what it does: no values of options, no masked names."""
    kept = []
    for token in command.split():
        if token in _SKIPPED:
            continue
        if token.startswith("-"):
            kept.append(token.split("=", 1)[0])
        elif token.replace("-", "").replace("_", "").isalpha() and mask(token) == token:
            kept.append(token)
        elif _ADDRESS.match(token):
            kept += [part for part in _WORD.findall(token) if part.strip("_").isalpha()]
        elif "/" in token and not token.startswith(("/", "~", ".")):
            kept.append(token.split("/", 1)[0] + "/")
    return tuple(kept)


@lru_cache(maxsize=4096)
def _words(text: str, command: str) -> tuple[str, frozenset[str]]:
    """The kind of action, and the words of what it is done to."""
    kin = KIN_OF.get(verb_of(text), verb_of(text))
    said = set(terms(mask(text))) - {verb_of(text)}
    if command:
        named = set(terms(mask(command)))
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
