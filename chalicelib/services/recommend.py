"""Recommend playbooks for a live incident, or say honestly that none fits."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from chalicelib.core.fields import DEFAULT_SCOPE, Rate, Scope, Value, format_time
from chalicelib.core.incidents import AnySeverity, Entries, Text
from chalicelib.core.recommendations import Recommendation
from chalicelib.core.situations import Situation
from chalicelib.observability import count
from chalicelib.services import agents
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.coverage import note_gap
from chalicelib.services.errors import validated
from chalicelib.services.listing import MAX_LIMIT
from chalicelib.services.repeats import new_id
from chalicelib.services.surroundings import look_around
from chalicelib.settings import settings
from chalicelib.store import playbooks
from chalicelib.store import recommendations as store
from chalicelib.store.transaction import Transaction, retried


class Context(Value):
    """What somebody wants to do, when there is no incident (yet)."""

    query: Text = ""
    systems: Entries = []
    severity: AnySeverity | None = None


class RecommendationRequest(Value):
    """What to recommend for: an incident or a context, one of the two."""

    scope: Scope = DEFAULT_SCOPE
    incident: Situation | None = None
    context: Context | None = None
    agent_id: Annotated[str, Field(max_length=300)] = ""
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] | None = None
    min_relevance: Rate | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.incident is None) == (self.context is None):
            raise ValueError("incident: send either an incident or a context")
        return self

    @property
    def situation(self) -> Situation:
        """What is asked for, whichever way it was asked."""
        if self.incident is not None:
            return self.incident
        asked = self.context or Context()
        return Situation(title=asked.query, affected_systems=asked.systems, severity=asked.severity)


def recommend(body: Any, caller: Caller, now: datetime) -> Recommendation:
    """The playbooks that fit an incident best, with reasons; none when nothing fits well enough.

    What nothing fits is noted as a gap, unless the caller asked for more than the settings do.

    Raises:
        InvalidInput: the body does not say what to recommend for.
        Forbidden: the scope is not the caller's.
        Conflict: very many ask at once for the same that nothing fits.
    """
    from chalicelib.services import judge  # loads NumPy, which nothing else on this path needs

    request = validated(RecommendationRequest, body)
    check_scope(caller, request.scope)
    options = settings().recommendations
    around = look_around(request.scope, request.situation, now)
    situation = around.situation
    least = options.min_relevance_score
    if request.min_relevance is not None:
        least = request.min_relevance
    limit = request.limit or options.max_recommendations
    judged = judge.judge(request.scope, situation, least, limit, options, now)
    best = [each for each in judged if each.relevance >= least][:limit]
    chosen = [each.playbook for each in best]
    able = agents.runners(chosen, request.scope, request.agent_id)
    missed = None if best or not judged else judge.missed(judged[0], least)
    recommendation: Recommendation = {
        "recommendation_id": new_id("rec"),
        "scope": request.scope,
        "recommendations": [
            judge.recommended(each, situation, runners)
            for each, runners in zip(best, able, strict=True)
        ],
        "weights": judge.weights_of(judged[0]) if judged else {},
        "min_relevance": least,
        "nearest_miss": missed,
        "recent_incidents": around.recent_incidents,
        "alarms": around.alarms,
        "unknown": around.unknown,
    }
    given = {**recommendation, "agent_id": request.agent_id, "at": format_time(now)}
    asked = situation.model_dump(mode="json")
    is_gap = not best and (not judged or judged[0].relevance < options.min_relevance_score)

    def keep() -> None:
        with Transaction(caller, now) as transaction:
            store.save(transaction, {**given, "situation": asked}, now)
            if is_gap:
                note_gap(transaction, request.scope, situation, missed, caller, now)

    retried(keep)
    playbooks.mark_recommended([each.playbook_id for each in chosen])
    count("RecommendationsGiven" if best else "RecommendationsWithheld")
    return recommendation
