"""Recommend playbooks for a live incident, or say honestly that none fits."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any, Self, cast

from pydantic import Field, model_validator

from chalicelib.core.caution import destructive, risk_of_playbook
from chalicelib.core.fields import DEFAULT_SCOPE, Rate, Scope, Value, format_time
from chalicelib.core.incidents import AnySeverity, Entries, Text
from chalicelib.core.recommendations import (
    NearestMiss,
    RecentIncident,
    Recommendation,
    RecommendationFeedback,
    RecommendedPlaybook,
    Runners,
    Scores,
)
from chalicelib.core.relevance import (
    Scored,
    Situation,
    historical_success,
    rank,
    scaled_weights,
    similar_texts,
)
from chalicelib.core.versions import Playbook
from chalicelib.observability import count
from chalicelib.services import agents, library
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid, validated
from chalicelib.services.listing import MAX_LIMIT
from chalicelib.settings import settings
from chalicelib.store import incidents, playbooks
from chalicelib.store import recommendations as store
from chalicelib.store.transaction import Transaction

_SIMILAR = 5
_RECENT = 10


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


class RecommendationRating(Value):
    """What came of a recommendation, as an agent tells it."""

    playbook_id: Annotated[str, Field(min_length=1, max_length=100)]
    helpful: bool | None = None
    resolved: bool | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    comment: Annotated[str, Field(max_length=20_000)] = ""


def recommend(body: Any, caller: Caller, now: datetime) -> Recommendation:
    """The playbooks that fit an incident best, with reasons; none when nothing fits well enough.

    Raises:
        InvalidInput: the body does not say what to recommend for.
        Forbidden: the scope is not the caller's.
    """
    request = validated(RecommendationRequest, body)
    check_scope(caller, request.scope)
    situation = request.situation
    shelf = library.shelf(request.scope)
    ranked = rank(shelf.index, situation)
    options = settings().recommendations
    least = options.min_relevance_score
    if request.min_relevance is not None:
        least = request.min_relevance
    fitting = [scored for scored in ranked if scored.relevance_score >= least]
    best = fitting[: request.limit or options.max_recommendations]
    chosen = [shelf.playbooks[scored.candidate.playbook_id] for scored in best]
    recommendation: Recommendation = {
        "recommendation_id": f"rec_{uuid.uuid4().hex[:20]}",
        "scope": request.scope,
        "recommendations": [
            _recommended(scored, playbook, situation, runners)
            for scored, playbook, runners in zip(
                best, chosen, agents.runners(chosen, request.scope, request.agent_id), strict=True
            )
        ],
        "weights": scaled_weights(ranked[0]) if ranked else {},
        "min_relevance": least,
        "nearest_miss": None if best or not ranked else _missed(ranked[0]),
        "recent_incidents": _recent(request.scope, situation, now),
    }
    given = {**recommendation, "agent_id": request.agent_id, "at": format_time(now)}
    asked = situation.model_dump(mode="json")
    playbooks.mark_recommended([scored.candidate.playbook_id for scored in best])
    with Transaction(caller.actor, now) as transaction:
        store.save(transaction, {**given, "situation": asked}, now)
    count("RecommendationsGiven" if best else "RecommendationsWithheld")
    return recommendation


def give_feedback(
    recommendation_id: str, body: Any, caller: Caller, now: datetime
) -> RecommendationFeedback:
    """Keep what an agent says of a recommendation that it got.

    Raises:
        NotFound: there is no such recommendation (any more), or its scope is not the caller's.
        InvalidInput: the body is no feedback, or names a playbook that was not recommended.
    """
    feedback = validated(RecommendationRating, body)
    recommendation = store.get(recommendation_id)
    if recommendation is None or not caller.reaches(recommendation["scope"]):
        raise missing("recommendation", recommendation_id)
    recommended = {each["playbook_id"] for each in recommendation["recommendations"]}
    if feedback.playbook_id not in recommended:
        raise invalid("playbook_id", "must be one of the playbooks that were recommended")
    kept: RecommendationFeedback = {
        "feedback_id": f"fb_{uuid.uuid4().hex[:20]}",
        "recommendation_id": recommendation_id,
        "playbook_id": feedback.playbook_id,
        "helpful": feedback.helpful,
        "resolved": feedback.resolved,
        "rating": feedback.rating,
        "comment": feedback.comment,
        "given_by": caller.name,
        "given_at": format_time(now),
    }
    with Transaction(caller.actor, now) as transaction:
        store.add_feedback(transaction, recommendation_id, {**kept}, now)
        transaction.audit(
            recommendation["scope"],
            f"playbook:{feedback.playbook_id}",
            "recommendation rated",
            {**kept},
        )
    return kept


def _recommended(
    scored: Scored, playbook: Playbook, situation: Situation, runners: Runners
) -> RecommendedPlaybook:
    metadata = playbook.spec.metadata
    return {
        **runners,
        "playbook_id": playbook.playbook_id,
        "version": playbook.version,
        "title": playbook.title,
        "relevance_score": scored.relevance_score,
        "confidence_score": playbook.confidence_score,
        "scores": cast(Scores, {part: score or 0.0 for part, score in scored.scores.items()}),
        "reasoning": scored.reasoning,
        "estimated_duration_seconds": metadata.get("estimated_duration_seconds"),
        "required_permissions": metadata.get("required_permissions", []),
        "prerequisites": [each.model_dump(mode="json") for each in playbook.spec.prerequisites],
        "risk": risk_of_playbook(playbook.spec),
        "destructive_steps": [step.id for step in destructive(playbook.spec)],
        "success_probability": historical_success(scored.candidate),
        "similar_incidents": similar_texts(playbook.incident_texts, situation)[:_SIMILAR],
    }


def _missed(scored: Scored) -> NearestMiss:
    """The best of those that were not good enough, so that an empty answer explains itself."""
    return {
        "playbook_id": scored.candidate.playbook_id,
        "title": scored.candidate.title,
        "relevance_score": scored.relevance_score,
    }


def _recent(scope: str, situation: Situation, now: datetime) -> list[RecentIncident]:
    """What else happened to the same systems within the context window, the latest first."""
    systems = {system.casefold() for system in situation.affected_systems}
    if not systems:
        return []
    start = now - timedelta(hours=settings().recommendations.context_window_hours)
    recent = [
        incident
        for incident in incidents.page(scope, MAX_LIMIT, None).items
        if start <= incident.opened_at <= now
        and systems & {system.casefold() for system in incident.affected_systems}
    ]
    return [
        {
            "incident_id": incident.incident_id,
            "title": incident.title,
            "status": incident.status,
            "opened_at": format_time(incident.opened_at),
        }
        for incident in recent[:_RECENT]
    ]
