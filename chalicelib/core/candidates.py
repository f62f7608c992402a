"""A playbook as one that may be recommended: what it is found by, and what is known of it."""

import hashlib
import json
import re

from chalicelib.core.bm25 import Row, row_of
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.situations import Candidate
from chalicelib.core.versions import Playbook

#: A step's name is often how its text begins.
_SAME_BEGINNING = 40
#: The first sentence of a description says what the playbook is for; a heading is none.
_LONGEST_LEAD = 400
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
    told = max(len(playbook.incident_texts), 1)
    return row_of(fields_of(playbook), {"incidents": 1 / told})


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
