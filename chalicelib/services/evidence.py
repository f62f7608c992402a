"""What a reviewer weighs a suggestion by: the incidents behind it, and playbooks like it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.experience import Heard
from chalicelib.core.incidents import Incident
from chalicelib.core.situations import Failures, Situation, Weights
from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import Playbook
from chalicelib.settings import settings
from chalicelib.store import incidents, playbooks

MOST_INCIDENTS = 500
_MOST_SIMILAR = 5
#: How well a playbook has done tells nothing of how like another it is.
_BY_LIKENESS = Weights(historical_success=0)


@dataclass(frozen=True)
class Similar:
    """A playbook like a suggestion, with how like it is, 0 to 1, and why."""

    playbook: Playbook
    relevance: float
    reasons: list[str]


def incidents_behind(suggestion: Suggestion) -> list[Incident]:
    """The incidents that a suggestion was made of, the latest first; at most `MOST_INCIDENTS`."""
    ids = suggestion.supporting_incidents[:MOST_INCIDENTS]
    found = incidents.get_many(suggestion.scope, ids)
    return sorted(found, key=lambda each: (each.opened_at, each.incident_id), reverse=True)


def similar_playbooks(suggestion: Suggestion, symptoms: list[str], now: datetime) -> list[Similar]:
    """The scope's playbooks that would be recommended where the suggestion fits, the likest first.

    Args:
        suggestion: its own playbook, if it has become one, is left out.
        symptoms: those of its pattern.
        now: the time.
    """
    # These load NumPy, which no other page needs.
    from chalicelib.core.reasons import reasons
    from chalicelib.core.relevance import rank
    from chalicelib.services import library

    asked = Situation(
        title=suggestion.title,
        description=suggestion.playbook_spec.text,
        affected_systems=suggestion.systems,
        symptoms=symptoms,
    )
    least = settings().recommendations.min_relevance_score
    index = library.index_now(suggestion.scope, now)
    found = [
        each
        for each in rank(index, asked, _BY_LIKENESS, _MOST_SIMILAR + 1)
        if each.relevance_score >= least and each.candidate.playbook_id != suggestion.playbook_id
    ][:_MOST_SIMILAR]
    known = playbooks.get_many(each.candidate.playbook_id for each in found)
    return [
        Similar(
            known[each.candidate.playbook_id],
            each.relevance_score,
            reasons(known[each.candidate.playbook_id], asked, each, Heard(), Failures())[:2],
        )
        for each in found
        if each.candidate.playbook_id in known
    ]
