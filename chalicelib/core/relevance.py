"""Which playbook fits a situation, how well, and why.

relevance = .25 text + .30 systems + .15 severity + .20 symptoms + .10 historical success. A part
that the situation says nothing about is left out, and the weights of the others are scaled to sum
to 1.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.core.bm25 import Corpus, corpus_of
from chalicelib.core.fields import Rate, Value
from chalicelib.core.incidents import AnySeverity, Entries, Severity, Text
from chalicelib.core.recommendations import SimilarIncident
from chalicelib.core.text import terms

#: How many runs the success among the incidents behind a playbook counts for.
PRIOR_RUNS = 4
#: The share of what was asked for at which a text is as likely to be about it as not. Two people's
#: words for one trouble share more than this, for two troubles less.
HALF_SIMILAR = 0.35

#: A system's name that more than this share of the playbooks hold, such as `node`, is a word like
#: any other: it names a system only where it is given as one.
COMMON_NAME = 0.25

_TITLE_WEIGHT = 2
_WORST_FIRST = list(Severity)
_TERMS_NAMED = 5


class Situation(Value):
    """What somebody faces and asks a playbook for."""

    title: Text = ""
    description: Text = ""
    affected_systems: Entries = []
    severity: AnySeverity | None = None
    symptoms: Entries = []
    error_messages: Entries = []
    monitoring_alerts: Entries = []

    @property
    def signs(self) -> list[str]:
        """All that was observed: symptoms, error messages and alerts."""
        return [*self.symptoms, *self.error_messages, *self.monitoring_alerts]


class Weights(Value):
    """How much each part counts; only their ratios matter."""

    text_similarity: Rate = 0.25
    system_match: Rate = 0.30
    severity_match: Rate = 0.15
    symptom_match: Rate = 0.20
    historical_success: Rate = 0.10


DEFAULT_WEIGHTS = Weights()
PARTS = tuple(Weights.model_fields)


class Candidate(Value):
    """A playbook that may be recommended, with what is known of it.

    `success_rate` is that of the incidents behind it, 0.5 where there are none.
    """

    playbook_id: str
    version: str
    title: str
    text: str
    systems: list[str] = []
    symptoms: list[str] = []
    severities: list[Severity] = []
    incident_texts: list[str] = []
    confidence: Rate = 0.5
    success_rate: Rate = 0.5
    successes: int = 0
    executions: int = 0


@dataclass(frozen=True)
class Index:
    """Candidates made ready to be ranked."""

    candidates: Sequence[Candidate]
    corpus: Corpus
    #: The terms of each candidate's signs: its symptoms and incidents, else its own text.
    signs: Sequence[frozenset[str]]
    #: The terms of everything that each candidate says.
    said: Sequence[frozenset[str]]


@dataclass(frozen=True)
class Scored:
    """A candidate's relevance.

    Attributes:
        relevance_score: 0 to 1, the sum of the contributions.
        scores: each part, 0 to 1; None for a part that the situation says nothing about.
        weights: what each part that is not None counts for; they sum to 1.
        contributions: what each part adds to the relevance: its score by its weight.
        reasoning: in short sentences, what matched and what was left out.
    """

    candidate: Candidate
    relevance_score: float
    scores: dict[str, float | None]
    weights: dict[str, float]
    contributions: dict[str, float]
    reasoning: list[str]


def index_of(candidates: Sequence[Candidate]) -> Index:
    """The index over the candidates: what each playbook says, and the incidents behind it."""
    texts, signs, said = [], [], []
    for candidate in candidates:
        counts = Counter(terms("\n".join([candidate.text, *candidate.systems])))
        # The title may be in the text already; what a playbook is called tells most.
        counts.update(terms(candidate.title))
        incidents = Counter(terms("\n".join([*candidate.symptoms, *candidate.incident_texts])))
        texts.append(_together(counts, incidents, len(candidate.incident_texts)))
        signs.append(frozenset(incidents or counts))
        said.append(frozenset(counts) | frozenset(incidents))
    return Index(candidates, corpus_of(texts), signs, said)


def rank(index: Index, situation: Situation, weights: Weights = DEFAULT_WEIGHTS) -> list[Scored]:
    """Every candidate with its relevance, best first; equals by id.

    The caller cuts off below its least relevance; the first below it is the nearest miss.
    """
    query = _query(situation)
    similarities = index.corpus.similarities(query)
    systems = situation.affected_systems or _systems_mentioned(index, query)
    ranked = []
    for number, candidate in enumerate(index.candidates):
        scores = {
            "text_similarity": _likeness(similarities[number]) if query else None,
            "system_match": _system_match(index, number, systems),
            "severity_match": _severity_match(situation.severity, candidate.severities),
            "symptom_match": _symptom_match(index, number, situation.signs),
            "historical_success": historical_success(candidate),
        }
        reasoning = _reasoning(index, number, situation, systems, query, scores)
        ranked.append(_scored(candidate, scores, weights, reasoning))
    return sorted(
        ranked, key=lambda scored: (-scored.relevance_score, scored.candidate.playbook_id)
    )


def scaled_weights(scored: Scored) -> dict[str, float]:
    """What each part counted for in a relevance; a part that was left out counted 0."""
    return {part: scored.weights.get(part, 0.0) for part in PARTS}


def similar_texts(texts: Mapping[str, str], situation: Situation) -> list[SimilarIncident]:
    """The incidents like the situation, best first: `incident_id` and `similarity`, 0 to 1.

    Args:
        texts: what the incidents said, by their ids.
        situation: what they are compared with.
    """
    ids = sorted(texts)
    corpus = corpus_of([Counter(terms(texts[each])) for each in ids])
    found = zip(ids, map(_likeness, corpus.similarities(_query(situation))), strict=True)
    alike = sorted((-likeness, each) for each, likeness in found if likeness)
    return [{"incident_id": each, "similarity": -negative} for negative, each in alike]


def historical_success(candidate: Candidate) -> float:
    """The rate of successful runs, 0 to 1, so that one lucky run does not make a best playbook.

    It is the mean of a Beta distribution: the runs, and before them `PRIOR_RUNS` imagined ones that
    went as the incidents behind the playbook did.
    """
    imagined = PRIOR_RUNS * candidate.success_rate
    return (candidate.successes + imagined) / (candidate.executions + PRIOR_RUNS)


def _query(situation: Situation) -> Counter[str]:
    query = Counter(terms(situation.title) * _TITLE_WEIGHT)
    query.update(terms(situation.description))
    query.update(terms("\n".join([*situation.affected_systems, *situation.signs])))
    return query


def _scored(
    candidate: Candidate, scores: dict[str, float | None], weights: Weights, reasoning: list[str]
) -> Scored:
    known = {part: score for part, score in scores.items() if score is not None}
    total = math.fsum(getattr(weights, part) for part in known)
    scaled = {part: getattr(weights, part) / total if total else 0.0 for part in known}
    added = {part: scaled[part] * score for part, score in known.items()}
    relevance = min(math.fsum(added.values()), 1.0)
    return Scored(candidate, relevance, scores, scaled, added, reasoning)


def _together(
    own: Counter[str], incidents: Counter[str], number_of_incidents: int
) -> dict[str, float]:
    # Many incidents must not drown what the playbook says: they count as one incident on average.
    share = 1 / max(number_of_incidents, 1)
    return {term: own[term] + share * incidents[term] for term in own.keys() | incidents.keys()}


def _likeness(share: float) -> float:
    """The share found as a likeness, 0 to 1, by Hill's equation: half at `HALF_SIMILAR`."""
    return share**2 / (share**2 + HALF_SIMILAR**2)


def _name_terms(system: str) -> frozenset[str]:
    return frozenset(term for term in terms(system) if not term.isdigit())


def _systems_mentioned(index: Index, query: Counter[str]) -> list[str]:
    """The candidates' systems whose names stand in what was asked, but for common words."""
    names = {system for candidate in index.candidates for system in candidate.systems}
    most = max(1, COMMON_NAME * len(index.candidates))
    mentioned = []
    for name in sorted(names):
        words = _name_terms(name)
        if words and words <= query.keys() and sum(words <= said for said in index.said) <= most:
            mentioned.append(name)
    return mentioned


def _sameness(index: Index, number: int, system: str) -> float:
    """How surely a candidate is about a system: 1 by its own systems, half where it names it."""
    asked = _name_terms(system)
    if not asked:
        return 0.0
    for own in map(_name_terms, index.candidates[number].systems):
        if own and (own <= asked or asked <= own):
            return 1.0
    return 0.5 if asked <= index.said[number] else 0.0


def _system_match(index: Index, number: int, systems: Sequence[str]) -> float | None:
    """Half for the system that fits best, half for the share of the named ones that fit."""
    if not systems:
        return None
    same = [_sameness(index, number, system) for system in systems]
    return (max(same) + math.fsum(same) / len(same)) / 2


def _severity_match(asked: Severity | None, seen: Sequence[Severity]) -> float | None:
    """1 for a severity seen before, a third less for each step away; half where none is known."""
    if asked is None:
        return None
    if not seen:
        return 0.5
    steps = min(abs(_WORST_FIRST.index(asked) - _WORST_FIRST.index(one)) for one in seen)
    return 1 - steps / 3


def _symptom_match(index: Index, number: int, signs: Sequence[str]) -> float | None:
    asked = terms("\n".join(signs))
    return _likeness(index.corpus.coverage(asked, index.signs[number])) if asked else None


def _reasoning(
    index: Index,
    number: int,
    situation: Situation,
    systems: Sequence[str],
    query: Counter[str],
    scores: dict[str, float | None],
) -> list[str]:
    candidate = index.candidates[number]
    same = [system for system in systems if _sameness(index, number, system) == 1]
    reasons = []
    if same:
        reasons.append(f"Is about the same system: {', '.join(same)}")
    elif systems:
        reasons.append(f"Is about another system than {', '.join(systems)}")
    shared = sorted(
        (term for term in query if term in index.said[number]),
        key=lambda term: (-index.corpus.weight(term), term),
    )
    if shared:
        reasons.append(f"Shares the terms {', '.join(shared[:_TERMS_NAMED])}")
    if situation.severity and situation.severity in candidate.severities:
        reasons.append(f"Has been needed at severity {situation.severity}")
    if candidate.executions:
        reasons.append(f"{candidate.successes} of {candidate.executions} runs succeeded")
    else:
        reasons.append("Has not been run yet: success is estimated from the incidents behind it")
    missing = [part.replace("_", " ") for part in PARTS if scores[part] is None]
    if missing:
        reasons.append(f"Not told, so left out and the rest scaled up: {', '.join(missing)}")
    return reasons
