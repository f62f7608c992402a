"""What a suggested playbook would have done in the past.

Each incident of its pattern is left out in turn: the playbook is then known by the words, systems,
symptoms and severities of the other incidents alone, and it is asked whether it would have been
recommended for the one that was left out, among all other playbooks (leave-one-out
cross-validation). Its steps stay as they are: it is these that somebody is to decide on. Other
incidents of the same scope tell how often it would have been offered for something else.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.core.backtest import Offered, Quartiles, Recalled, Replay
from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.confidence import wilson_interval
from chalicelib.core.incidents import Incident
from chalicelib.core.likeness import LEAST_ALIKE, Statement, alike, statement
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.relevance import Index, rank, updated
from chalicelib.core.situations import Scored, Situation
from chalicelib.core.steps import Mention, mentions
from chalicelib.core.versions import Playbook

#: The id of the playbook that is tried; it sorts behind those of the others that are as good.
_OWN = "~"
_MOST_NAMED = 20
#: So many incidents' words a playbook is found by.
_TEXTS = 20

Report = Callable[[float], None]


@dataclass(frozen=True)
class Proposal:
    """A playbook that is to be tried.

    Attributes:
        playbook: as approving it would make it, found by the words of all its incidents.
        incidents: those to leave out in turn.
    """

    playbook: Playbook
    incidents: Sequence[Incident]


def replay(
    proposal: Proposal,
    rivals: Index,
    others: Sequence[Incident],
    *,
    min_relevance: float,
    most: int,
    report: Report = lambda share: None,
) -> Replay:
    """Try a playbook on the past.

    Args:
        proposal: the playbook, and the incidents to leave out in turn.
        rivals: the playbooks that it would stand among, without itself.
        others: incidents of other kinds.
        min_relevance: below it nothing is recommended.
        most: how many playbooks are recommended at once.
        report: told the share that is done.
    """
    statements = _statements(proposal.playbook.spec)
    tried = []
    for number, incident in enumerate(proposal.incidents):
        own, place = _place(_index(proposal, rivals, without=incident), incident)
        steps, covered = _covered(statements, incident)
        tried.append(
            Recalled(
                incident_id=incident.incident_id,
                rank=place,
                relevance=own.relevance_score,
                recommended=own.relevance_score >= min_relevance and place <= most,
                steps=steps,
                covered=covered,
            )
        )
        report(0.8 * (number + 1) / len(proposal.incidents))
    wrong = _offered(_index(proposal, rivals), others, min_relevance)
    recommended = sum(each.recommended for each in tried)
    return Replay(
        incidents=len(tried),
        recommended=recommended,
        first=sum(each.recommended and each.rank == 1 for each in tried),
        recommended_rate=_rate(recommended, len(tried)),
        recommended_interval=wilson_interval(recommended, len(tried)),
        ranks=_spread([each.rank for each in tried]),
        others=len(others),
        wrongly_offered=len(wrong),
        wrong_rate=_rate(len(wrong), len(others)),
        wrong_interval=wilson_interval(len(wrong), len(others)),
        coverage=_spread([each.covered / each.steps for each in tried if each.steps]),
        playbooks=len(rivals.candidates),
        tried=tried,
        wrong=wrong[:_MOST_NAMED],
    )


def situation_of(incident: Incident) -> Situation:
    """An incident as it was when somebody asked what to do: without what was done."""
    return Situation(
        title=incident.title,
        description=incident.description,
        affected_systems=incident.affected_systems,
        severity=incident.severity,
        symptoms=incident.symptoms,
        error_messages=incident.error_messages,
    )


def _index(proposal: Proposal, rivals: Index, without: Incident | None = None) -> Index:
    """All playbooks, the tried one as it would be known without one of its incidents."""
    known = proposal.playbook
    rest = [each for each in proposal.incidents if each is not without]
    told = {each.incident_id for each in rest}
    texts = {each: text for each, text in known.incident_texts.items() if each in told}
    seen = {each.severity for each in rest}
    own = known.model_copy(
        update={
            "playbook_id": _OWN,
            "systems": _told_by(rest, without, known.systems, lambda each: each.affected_systems),
            "symptoms": _told_by(rest, without, known.symptoms, lambda each: each.symptoms),
            "severities": [each for each in known.severities if each in seen],
            "incident_texts": dict(list(texts.items())[:_TEXTS]),
        }
    )
    return updated(rivals, {_OWN: (candidate_of(own), found_by(own))})


def _told_by(
    rest: Sequence[Incident],
    without: Incident | None,
    known: Sequence[str],
    of: Callable[[Incident], Sequence[str]],
) -> list[str]:
    """What is known of the pattern, but for what the incident that is left out alone tells."""
    if without is None:
        return list(known)
    theirs = {entry.casefold() for each in rest for entry in of(each)}
    own = {entry.casefold() for entry in of(without)}
    return [each for each in known if each.casefold() in theirs or each.casefold() not in own]


def _place(index: Index, incident: Incident) -> tuple[Scored, int]:
    """How relevant the tried playbook is to an incident, and its place among all, from 1."""
    ranked = rank(index, situation_of(incident), most=len(index.candidates))
    at = next(at for at, each in enumerate(ranked) if each.candidate.playbook_id == _OWN)
    return ranked[at], at + 1


def _offered(index: Index, others: Sequence[Incident], min_relevance: float) -> list[Offered]:
    """The incidents of other kinds that it would be recommended first for, the surest first."""
    found = []
    for incident in others:
        own, place = _place(index, incident)
        if place == 1 and own.relevance_score >= min_relevance:
            found.append(
                Offered(
                    incident_id=incident.incident_id,
                    title=incident.title,
                    relevance=own.relevance_score,
                )
            )
    return sorted(found, key=lambda each: (-each.relevance, each.incident_id))


def _statements(spec: PlaybookSpec) -> list[Statement]:
    """What the steps say, each in its usual way and in its other ones."""
    told = []
    for step in spec.steps:
        ways = [step.text, *step.alternatives] if step.action == "shell" else [None]
        words = step.name if step.action == "shell" else step.text
        told += [Mention("", words, command, "", (0, 0)) for command in ways]
    return [statement([mention], 0) for mention in told]


def _covered(statements: Sequence[Statement], incident: Incident) -> tuple[int, int]:
    """How many steps an incident's resolution tells of, and how many of them these have."""
    done = [statement([each], 0) for each in mentions(incident) if each.outcome == "done"]
    covered = sum(any(alike(own, each) >= LEAST_ALIKE for each in statements) for own in done)
    return len(done), covered


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _spread(values: Sequence[float]) -> Quartiles | None:
    """The quartiles, by linear interpolation between the values."""
    if not values:
        return None
    if len(values) == 1:
        return Quartiles(lower=values[0], median=values[0], upper=values[0])
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Quartiles(lower=round(lower, 4), median=round(median, 4), upper=round(upper, 4))
