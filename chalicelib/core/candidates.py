"""A playbook as one that may be recommended: what it is found by, and what is known of it."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.core.bm25 import (
    DETAIL_WEIGHT,
    USUAL_SHARE,
    Row,
    frequencies,
    impact,
    number_of,
    row_of,
)
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.search_terms import is_detail, search_terms, terms_of_report
from chalicelib.core.situations import Candidate
from chalicelib.core.versions import Playbook

#: A step's name is often how its text begins.
_SAME_BEGINNING = 40
#: The first sentence of a description says what the playbook is for; a heading is none.
_LONGEST_LEAD = 400
#: So many incidents are tried to learn what share of such an incident is usually answered, and
#: `USUAL_SHARE` counts as much as so many.
_TRIED, _PRIOR = 8, 2
#: Less is not usual of one kind: incidents that have nothing in common would fit anything.
_LEAST_USUAL = 0.3
_LEAD = re.compile(rf".{{40,{_LONGEST_LEAD}}}?(?:[.!?](?=\s)|\n\s{{0,9}}\n|$)", re.DOTALL)


def candidate_of(playbook: Playbook) -> Candidate:
    """The playbook without what it says, which would fill the memory."""
    return Candidate(
        playbook_id=playbook.playbook_id,
        version=playbook.version,
        title=playbook.title,
        systems=tuple(playbook.systems),
        severities=tuple(playbook.severities),
        success_rate=0.5 if playbook.solved_rate is None else playbook.solved_rate,
        successes=playbook.successes,
        executions=playbook.executions,
        revision=playbook.revision,
        digest=_digest(fields_of(playbook)),
    )


def found_by(playbook: Playbook) -> Row:
    """The terms that a playbook is found by.

    Many incidents must not drown what the playbook says: they count as one on average.
    """
    fields = {name: Counter(search_terms(said)) for name, said in fields_of(playbook).items()}
    row = row_of(fields, max(len(playbook.incident_texts), 1))
    del fields["incidents"]
    return replace(row, usual_share=_usual_share(fields, list(playbook.incident_texts.values())))


def _usual_share(fields: dict[str, Counter[str]], incident_texts: Sequence[str]) -> float:
    """The share that a playbook answers of an incident that is of its kind.

    Machines tell one trouble in the same words each time, people in others. So each incident is
    asked for with itself left out (leave-one-out cross-validation), by its terms without their
    rarity, which changes with the other playbooks. What three in four of them reach counts.

    Args:
        fields: the terms of what the playbook says, without those of the incidents.
        incident_texts: what each incident behind it said, its title in the first line.
    """
    tried = incident_texts[:_TRIED]
    if len(tried) < 2:
        return USUAL_SHARE
    told = [terms_of_report(*text.partition("\n")[::2]) for text in tried]
    said, everybody = frequencies(fields), sum(told, Counter[str]())
    shares = sorted(
        _share(own, [said, frequencies({"incidents": everybody - own}, len(told) - 1)])
        for own in told
    )
    reached = shares[len(shares) // 4]
    usual = (len(shares) * reached + _PRIOR * USUAL_SHARE) / (len(shares) + _PRIOR)
    return max(usual, _LEAST_USUAL)


def _share(asked: Counter[str], known: Sequence[dict[int, float]]) -> float:
    """The share of what is asked that a text with these frequencies of terms, summed, answers."""
    total = answered = 0.0
    for term, occurrences in asked.items():
        frequency = sum(each.get(number_of(term), 0.0) for each in known)
        if frequency or not is_detail(term):
            weight = occurrences * (DETAIL_WEIGHT if is_detail(term) else 1.0)
            total += weight
            answered += weight * impact(frequency)
    return answered / total if total else 0.0


def fields_of(playbook: Playbook) -> dict[str, str]:
    """What a playbook says, by the fields that are weighed apart."""
    incidents = [*playbook.symptoms, *playbook.incident_texts.values()]
    description = playbook.spec.description
    lead = _LEAD.match(description)
    begins = lead.end() if lead else _LONGEST_LEAD
    return {
        "title": playbook.title,
        "lead": description[:begins],
        "description": description[begins:],
        "steps": _steps(playbook.spec),
        "systems": "\n".join(playbook.systems),
        "incidents": "\n".join(incidents),
    }


def _steps(spec: PlaybookSpec) -> str:
    said = []
    for step in spec.steps:
        if not step.text.startswith(step.name[:_SAME_BEGINNING]):
            said.append(step.name)
        said.append(step.text)
    return "\n".join(said)


def _digest(fields: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]
