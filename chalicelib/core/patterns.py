"""What a recurring kind of incident is, how one is described, and how it is known again."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, computed_field

from chalicelib.core import confidence as trust
from chalicelib.core import times
from chalicelib.core.confidence import Contribution, contributions
from chalicelib.core.confidence import Factors as Factors
from chalicelib.core.extraction import infer
from chalicelib.core.features import ORDINARY_TERMS
from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.incidents import Incident, Severity
from chalicelib.core.outcomes import Outcome, outcome
from chalicelib.core.text import mask, terms
from chalicelib.core.times import TimeToResolve, Trend, Week

_LONGEST_TYPE = 120
_MOST_KEYWORDS = 12
_MOST_LISTED = 20
_LEADING_TO = r"\b(?:after|at|by|for|from|in|of|on|to)\s+"
_MASK = re.compile(rf"(?:{_LEADING_TO})?[-_#:=]*<[a-z]+>")
#: What a mask that is gone leaves: a gap before a comma or bracket, brackets with nothing in them.
_GAP = re.compile(r" (?=[,;:.)\]])|[(\[][\s,;:/-]*[)\]]")


class PatternState(StrEnum):
    """Whether a kind still recurs; the others keep their ids and come back when seen again."""

    ACTIVE = "active"
    RETIRED = "retired"
    MERGED = "merged"


class Pattern(Value):
    """A recurring kind of incident, as the last analysis that saw it described it.

    Attributes:
        state: whether it still recurs.
        state_since: the time of the analysis that found it so.
        discovered_at: the time of the analysis that saw it first.
        merged_into: of a merged one, the pattern that took its incidents.
        split_from: the pattern that its incidents were part of before it stood by itself.
        error_signatures: what identifies its errors, with what varies masked.
        inferred: the fields that were taken from the incidents' texts, as no report gave them.
        success_rate: the share that was solved of those solved and failed; 0 where there are none.
        success_interval: its 95% Wilson interval.
        outcomes: how many incidents ended in which way; one that is open is in none.
        reopened: how many incidents were reported as resolved, and then as not.
        mean_time_to_resolve_seconds, time_to_resolve: of the solved ones that tell a time.
        median_interval_seconds: from one incident to the next.
        weeks: how many incidents came in each of the last weeks.
        centroid: the weight of each term in its centre: how it is known again when members changed.
    """

    pattern_id: str
    scope: Scope
    state: PatternState = PatternState.ACTIVE
    state_since: Time | None = None
    discovered_at: Time | None = None
    merged_into: str | None = None
    split_from: str | None = None
    incident_type: str
    systems: list[str]
    keywords: list[str]
    symptoms: list[str]
    error_signatures: list[str] = []
    inferred: list[str] = []
    frequency: Annotated[int, Field(ge=0)]
    success_rate: Rate
    success_interval: tuple[float, float]
    outcomes: dict[Outcome, int] = {}
    reopened: Annotated[int, Field(ge=0)] = 0
    mean_time_to_resolve_seconds: float | None = None
    time_to_resolve: TimeToResolve | None = None
    severity_distribution: dict[Severity, int]
    confidence: Rate
    confidence_factors: Factors
    qualifies: bool
    first_seen: Time
    last_seen: Time
    trend: Trend | None = None
    median_interval_seconds: float | None = None
    weeks: list[Week] = []
    centroid: dict[str, float]

    @computed_field
    def confidence_explained(self) -> list[Contribution]:
        """What each factor adds to the confidence, with its weight."""
        return contributions(self.confidence_factors)


def describe(
    members: Sequence[Incident],
    *,
    pattern_id: str,
    scope: str,
    centroid: Mapping[str, float],
    now: datetime,
    min_frequency: int,
    min_success_rate: float,
    names: Iterable[str] = (),
    feedback: float = 0.0,
) -> Pattern:
    """The pattern that some incidents make, an incident that is given twice counted once.

    Its success rate is the share of what was tried that solved it (see `Outcome`): an incident
    that ended by itself counts neither for nor against it.

    Args:
        members: the incidents, at least one.
        pattern_id: the id to give it.
        scope: whose incidents these are.
        centroid: the weights of the terms at its centre (see `core.clustering`).
        now: the time that recency is measured from.
        min_frequency: the least number of incidents that a playbook may be made of.
        min_success_rate: the least share of them solved.
        names: the systems of the scope (see `core.extraction`), for what reports leave out.
        feedback: what people think of what was made of it before (see `core.feedback`).

    Raises:
        ValueError: there are no members.
    """
    members = sorted({each.incident_id: each for each in members}.values(), key=_by_time)
    if not members:
        raise ValueError("a pattern needs at least one incident")
    ends = [outcome(incident) for incident in members]
    outcomes = Counter(end for end in ends if end is not None)
    tried = outcomes[Outcome.SOLVED] + outcomes[Outcome.FAILED]
    success_rate = outcomes[Outcome.SOLVED] / tried if tried else 0.0
    solved = [each for each, end in zip(members, ends, strict=True) if end is Outcome.SOLVED]
    opened = [incident.opened_at for incident in members]
    said = infer(members, names)
    systems = _commonest(incident.affected_systems for incident in members)
    symptoms = _commonest(incident.symptoms for incident in members)
    inferred = {
        "systems": not systems and bool(said.systems),
        "symptoms": not symptoms and bool(said.symptoms),
        "error_signatures": not any(incident.error_messages for incident in members)
        and bool(said.error_signatures),
        "severity_distribution": any("severity" in incident.inferred for incident in members),
    }
    systems, symptoms = systems or said.systems, symptoms or said.symptoms
    last_seen = members[-1].opened_at
    factors = trust.factors(
        members=members,
        success_rate=success_rate,
        last_seen=last_seen,
        now=now,
        systems_in_texts=inferred["systems"],
        feedback=feedback,
    )
    severities = Counter(incident.severity for incident in members)
    return Pattern(
        pattern_id=pattern_id,
        scope=scope,
        incident_type=_incident_type(members, centroid, systems),
        systems=systems,
        keywords=_by_weight(centroid)[:_MOST_KEYWORDS],
        symptoms=symptoms,
        error_signatures=said.error_signatures,
        inferred=[name for name, so in inferred.items() if so],
        frequency=len(members),
        success_rate=round(success_rate, 4),
        success_interval=trust.wilson_interval(len(solved), tried),
        outcomes={each: outcomes[each] for each in Outcome if outcomes[each]},
        reopened=sum(incident.reopened > 0 for incident in members),
        mean_time_to_resolve_seconds=_mean(times.plausible_seconds(solved)),
        time_to_resolve=times.time_to_resolve(solved),
        severity_distribution={each: severities[each] for each in Severity if severities[each]},
        confidence=trust.confidence(factors),
        confidence_factors=factors,
        qualifies=len(members) >= min_frequency and success_rate >= min_success_rate,
        first_seen=members[0].opened_at,
        last_seen=last_seen,
        trend=times.trend(opened, now),
        median_interval_seconds=times.median_interval(opened),
        weeks=times.weeks(opened, now),
        centroid=dict(centroid),
    )


def _by_time(incident: Incident) -> tuple[datetime, str]:
    return incident.opened_at, incident.incident_id


def _by_weight(centroid: Mapping[str, float]) -> list[str]:
    return sorted(centroid, key=lambda term: (-centroid[term], term))


def _mean(seconds: Sequence[float]) -> float | None:
    return round(sum(seconds) / len(seconds), 3) if seconds else None


def _commonest(lists: Iterable[Sequence[str]]) -> list[str]:
    """The entries by how many lists hold them, letters' case aside, each in its usual spelling."""
    spellings: dict[str, Counter[str]] = {}
    for entries in lists:
        for entry in {entry.casefold(): entry for entry in reversed(entries)}.values():
            spellings.setdefault(entry.casefold(), Counter())[entry] += 1
    ranked = sorted(spellings.items(), key=lambda item: (-item[1].total(), item[0]))
    usual = [min(counts, key=lambda entry: (-counts[entry], entry)) for _, counts in ranked]
    return usual[:_MOST_LISTED]


def _incident_type(
    members: Sequence[Incident], centroid: Mapping[str, float], systems: Sequence[str]
) -> str:
    """A short title: the most typical member's where the titles agree, else what they share.

    Titles agree where the typical one has two telling terms that half of the members name. It is
    told without the systems that are this member's alone: "TLS certificate expired on <one host>".
    """
    said = {incident.incident_id: set(terms(mask(incident.title))) for incident in members}
    naming = Counter(term for title in said.values() for term in title)
    shared = {term for term, count in naming.items() if 2 * count >= len(members)} - ORDINARY_TERMS
    typical = max(
        members,
        key=lambda each: (_typicality(said[each.incident_id], centroid), each.incident_id),
    )
    title = _tidy(_MASK.sub(" ", mask(_without_own_systems(typical, members))))
    if title and (len(shared & said[typical.incident_id]) > 1 or not centroid):
        return _shortened(title)
    named = set(terms(mask(" ".join(systems))))
    telling = [term for term in _by_weight(centroid) if term not in named][:4]
    head = ", ".join(systems[:2]) or "".join(telling[:1]).capitalize()
    rest = telling if systems else telling[1:]
    return _shortened(": ".join(filter(None, [head, ", ".join(rest)])) or typical.title)


def _without_own_systems(incident: Incident, members: Sequence[Incident]) -> str:
    """An incident's title, less `on NAME` where few of the members name that system."""
    title = incident.title
    for name in sorted(incident.affected_systems, key=len, reverse=True):
        naming = sum(name in each.affected_systems for each in members)
        if 2 * naming < len(members):
            own = rf"{_LEADING_TO}(?:the\s+)?{re.escape(name)}(?![\w-]|\.\w)"
            title = re.sub(own, " ", title, flags=re.IGNORECASE)
    return title


def _tidy(title: str) -> str:
    """A title without gaps, punctuation around it, and brackets of which the other is missing."""
    title = " ".join(_GAP.sub("", " ".join(title.split())).split()).strip(" -:,.;")
    for pair in ("()", "[]"):
        if title.count(pair[0]) != title.count(pair[1]):
            title = title.strip(pair + " -:,.;")
    return title


def _typicality(title: set[str], centroid: Mapping[str, float]) -> float:
    """The cosine, but for the centroid's length, of a title's terms and a centroid."""
    weight = sum(centroid.get(term, 0.0) for term in sorted(title))
    return round(weight / math.sqrt(max(len(title), 1)), 6)


def _shortened(title: str) -> str:
    if len(title) <= _LONGEST_TYPE:
        return title
    return title[: _LONGEST_TYPE - 1].rsplit(" ", 1)[0] + "…"
