"""How well each playbook fits a situation, in five parts.

relevance = .25 text + .30 systems + .15 severity + .20 symptoms + .10 historical success. A part
that the situation says nothing about is left out, and the weights of the others are scaled to sum
to 1. Systems, severity and success say nothing of what the trouble is, so they count as far as
words do: a playbook for something else is irrelevant, however well it works.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalicelib.core.bm25 import NOTHING, Array, Postings, Query, Row, postings_of
from chalicelib.core.experience import Record
from chalicelib.core.incidents import Severity
from chalicelib.core.search_terms import search_terms, terms_of_report, whole_names, words
from chalicelib.core.situations import (
    DEFAULT_WEIGHTS,
    PARTS,
    Candidate,
    Scored,
    Situation,
    Weights,
)

#: The shares of what was asked for at which a text, and signs, are as likely to be about it as
#: not: of the share that is usual for the playbook's own incidents, and of all.
HALF_TEXT = 0.84
HALF_SIGNS = 0.5
#: How sharply likeness rises around those.
_STEEPNESS = 4

#: A system that the playbook names in its words alone, and one that it cannot tell of, as it knows
#: no systems at all.
_NAMED, _UNTOLD = 0.5, 0.25

#: The parts that tell what the trouble is, and with where it is what a playbook is about.
WORDS = ("text_similarity", "symptom_match")
TOPICAL = (*WORDS, "system_match")

#: How many rare words a name weighs that a title tells and no playbook knows: it is another's.
_UNKNOWN_NAME = 3
#: So much of a description is looked up, as of the incidents behind a playbook: what follows in a
#: longer one are logs, which nothing answers.
_READ = 1_000
_WORST_FIRST = list(Severity)


@dataclass(frozen=True)
class Index:
    """Candidates made ready to be ranked; a candidate's number is its place.

    Attributes:
        severity: for each candidate how near each severity, worst first, is to those seen.
        success: each candidate's rate of success before anything of the situation is known.
        systems: the candidates that have a system, by the words of its name.
    """

    candidates: tuple[Candidate, ...]
    postings: Postings
    severity: Array
    success: Array
    systems: Mapping[frozenset[str], tuple[int, ...]]


def index_of(candidates: Sequence[Candidate], rows: Sequence[Row]) -> Index:
    """The index over candidates and what each is found by."""
    return index_with(tuple(candidates), postings_of(rows))


def updated(
    index: Index, changed: Mapping[str, tuple[Candidate, Row | None]], gone: Iterable[str] = ()
) -> Index:
    """The index with some candidates changed, added or gone.

    Args:
        index: the index before.
        changed: by id, each as it now is with its row; None where its row is as before.
        gone: the ids of those that are not to be recommended any more.
    """
    number = {each.playbook_id: at for at, each in enumerate(index.candidates)}
    candidates = list(index.candidates)
    moved = {number[each] for each in gone if each in number}
    added: list[tuple[Candidate, Row]] = []
    for playbook_id, (candidate, row) in sorted(changed.items()):
        at = number.get(playbook_id)
        if row is None and at is not None:
            candidates[at] = candidate
        elif row is not None:
            moved |= {at} if at is not None else set()
            added.append((candidate, row))
    stay = [each for at, each in enumerate(candidates) if at not in moved]
    postings = index.postings
    if moved or added:
        postings = postings.without(moved, [row for _, row in added])
    return index_with((*stay, *(candidate for candidate, _ in added)), postings)


def index_with(candidates: tuple[Candidate, ...], postings: Postings) -> Index:
    """The index over candidates whose postings there are."""
    systems: dict[frozenset[str], list[int]] = {}
    for number, candidate in enumerate(candidates):
        for name in {_name(system) for system in candidate.systems} - {frozenset()}:
            systems.setdefault(name, []).append(number)
    near = [[_nearness(asked, each.severities) for asked in _WORST_FIRST] for each in candidates]
    return Index(
        candidates,
        postings,
        np.array(near, np.float32).reshape(len(candidates), len(_WORST_FIRST)),
        np.array([base_record(each).rate for each in candidates], np.float32),
        {name: tuple(numbers) for name, numbers in systems.items()},
    )


EMPTY = Index((), NOTHING, np.zeros((0, 4)), np.zeros(0), {})


@dataclass(frozen=True)
class Asked:
    """A situation as it is looked up."""

    situation: Situation
    text: Query
    signs: Query


def look_up(index: Index, situation: Situation) -> Asked:
    """What a situation asks the index for."""
    rest = [situation.description[:_READ], *situation.affected_systems, *situation.signs]
    text = terms_of_report(situation.title, "\n".join(rest))
    for name in whole_names(situation.title):
        if not index.postings.holding(name).size:
            text[name] *= _UNKNOWN_NAME
    signs = dict.fromkeys(search_terms("\n".join(situation.signs)), 1)
    return Asked(situation, index.postings.weigh(text), index.postings.weigh(signs))


def rank(
    index: Index, situation: Situation, weights: Weights = DEFAULT_WEIGHTS, most: int = 200
) -> list[Scored]:
    """The `most` candidates that fit best, best first; equals by id.

    The caller cuts off below its least relevance; the first below it is the nearest miss.
    """
    if not index.candidates:
        return []
    asked = look_up(index, situation)
    parts = _parts(index, asked)
    mean = _mean(_counted(parts, weights), PARTS, weights)
    relevance = np.zeros(len(index.candidates)) if mean is None else mean
    near = relevance >= np.partition(relevance, -min(most, len(relevance)))[-most:].min() - 1e-9
    scored = [
        score(
            index.candidates[number],
            {part: None if each is None else float(each[number]) for part, each in parts.items()},
            weights,
        )
        for number in np.flatnonzero(near)
    ]
    return in_order(scored)[:most]


def in_order(scored: Iterable[Scored]) -> list[Scored]:
    """Best first; equals by id."""
    return sorted(scored, key=lambda each: (-each.relevance_score, each.candidate.playbook_id))


def score(
    candidate: Candidate,
    parts: Mapping[str, float | None],
    weights: Weights = DEFAULT_WEIGHTS,
    taken_off: float = 0.0,
) -> Scored:
    """A candidate's relevance by its parts, each on its own 0 to 1, None where nothing was told.

    Args:
        candidate: the playbook.
        parts: the five parts, severity and success not yet held against the others.
        weights: what each counts for.
        taken_off: the share of the relevance, 0 to 1, that it loses for having failed there.
    """
    counted = {part: float(value) for part, value in _counted(parts, weights).items()}
    scores = {part: counted.get(part) for part in parts}
    total = math.fsum(getattr(weights, part) for part in counted)
    scaled = {part: getattr(weights, part) / total if total else 0.0 for part in counted}
    added = {part: scaled[part] * counted[part] for part in counted}
    if taken_off:
        added["just_failed"] = -taken_off * math.fsum(added.values())
    relevance = min(max(math.fsum(added.values()), 0.0), 1.0)
    return Scored(candidate, relevance, parts, scores, scaled, added)


def scaled_weights(scored: Scored) -> dict[str, float]:
    """What each part counted for in a relevance; a part that was left out counted 0."""
    return {part: scored.weights.get(part, 0.0) for part in PARTS}


def likeness(share: Array, half: Array | float) -> Array:
    """The share found as a likeness, 0 to 1, by Hill's equation: about half at `half`, 1 at 1."""
    risen, bend = share**_STEEPNESS, half**_STEEPNESS
    return np.asarray(risen * (1 + bend) / (risen + bend))


def base_record(candidate: Candidate) -> Record:
    """How often a playbook succeeded, before anything of the situation is known."""
    return Record.of(candidate.success_rate).plus(candidate.successes, candidate.executions)


def _counted(parts: Mapping[str, Any], weights: Weights) -> dict[str, Any]:
    """The parts as they count, of one candidate or of all at once; those that are known.

    Where the trouble is says little without what it is: another trouble of the same system is
    another one. So systems count wholly from where the words make it as likely as not, below that
    in proportion; and severity and success as far as the words and the systems do.
    """
    counted = {part: value for part, value in parts.items() if value is not None}
    what = _mean(counted, WORDS, weights)
    if what is not None and "system_match" in counted:
        counted["system_match"] = counted["system_match"] * np.minimum(2 * what, 1.0)
    topic = _mean(counted, TOPICAL, weights)
    for part in counted.keys() - set(TOPICAL):
        counted[part] = counted[part] * (0.0 if topic is None else topic)
    return counted


def _mean(known: Mapping[str, Any], parts: Iterable[str], weights: Weights) -> Any:
    """The weighed mean of some parts, of those that are known; None where none is."""
    told = [(getattr(weights, part), known[part]) for part in parts if part in known]
    total = math.fsum(weight for weight, _ in told)
    return sum(weight * value for weight, value in told) / total if total else None


def _parts(index: Index, asked: Asked) -> dict[str, Array | None]:
    """The parts of every candidate at once; None for one that the situation tells nothing of."""
    severity = asked.situation.severity
    usual = index.postings.usual_shares
    text = likeness(index.postings.similarities(asked.text), HALF_TEXT * usual)
    signs = likeness(index.postings.coverage(asked.signs), HALF_SIGNS)
    return {
        "text_similarity": text if asked.text.total else None,
        "system_match": _system_match(index, asked.situation.affected_systems),
        "severity_match": index.severity[:, _WORST_FIRST.index(severity)] if severity else None,
        "symptom_match": signs if asked.signs.total else None,
        "historical_success": index.success,
    }


def _name(system: str) -> frozenset[str]:
    return frozenset(word for word in words(system) if not word.isdigit())


def _system_match(index: Index, systems: Sequence[str]) -> Array | None:
    """Half for the system that fits best, half for the share of the named ones that fit."""
    if not systems:
        return None
    fits = [_sameness(index, system) for system in systems]
    return np.asarray((np.max(fits, axis=0) + np.mean(fits, axis=0)) / 2)


def _sameness(index: Index, system: str) -> Array:
    """How surely each candidate is about a system.

    1 by its own systems, `_NAMED` where its words name it, `_UNTOLD` where it knows no systems.
    """
    untold = np.array([not each.systems for each in index.candidates])
    same = np.where(untold, _UNTOLD, 0.0)
    asked = _name(system)
    if not asked:
        return same
    holding = [index.postings.holding(word) for word in asked]
    named = np.bincount(np.concatenate(holding), minlength=len(same)) == len(asked)
    same[named] = _NAMED
    for own, numbers in index.systems.items():
        if own <= asked or asked <= own:
            same[list(numbers)] = 1.0
    return same


def _nearness(asked: Severity, seen: Sequence[Severity]) -> float:
    """1 for a severity seen before, a third less for each step away; half where none is known."""
    if not seen:
        return 0.5
    steps = min(abs(_WORST_FIRST.index(asked) - _WORST_FIRST.index(one)) for one in seen)
    return 1 - steps / 3
