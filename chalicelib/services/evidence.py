"""What a reviewer weighs a suggestion by: the incidents behind it, and playbooks like it."""

from dataclasses import dataclass

from chalicelib.core.incidents import Incident
from chalicelib.core.relevance import Situation, Weights, rank
from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import Playbook
from chalicelib.services import library
from chalicelib.settings import settings
from chalicelib.store import incidents

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


def similar_playbooks(suggestion: Suggestion, symptoms: list[str]) -> list[Similar]:
    """The scope's playbooks that would be recommended where the suggestion fits, the likest first.

    Args:
        suggestion: its own playbook, if it has become one, is left out.
        symptoms: those of its pattern.
    """
    shelf = library.shelf(suggestion.scope)
    asked = Situation(
        title=suggestion.title,
        description=suggestion.playbook_spec.text,
        affected_systems=suggestion.systems,
        symptoms=symptoms,
    )
    least = settings().recommendations.min_relevance_score
    return [
        Similar(
            shelf.playbooks[scored.candidate.playbook_id],
            scored.relevance_score,
            scored.reasoning[:2],
        )
        for scored in rank(shelf.index, asked, _BY_LIKENESS)
        if scored.relevance_score >= least
        and scored.candidate.playbook_id != suggestion.playbook_id
    ][:_MOST_SIMILAR]
