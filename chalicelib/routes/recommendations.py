"""Recommendations over HTTP."""

from chalice.app import Blueprint

from chalicelib.core.gaps import Gap
from chalicelib.core.recommendations import Recommendation, RecommendationFeedback
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import coverage, feedback, recommend
from chalicelib.services.listing import Listing

recommendations = Blueprint(__name__)

_EXAMPLE = {
    "incident": {
        "title": "Redis refuses to write",
        "affected_systems": ["redis"],
        "error_messages": ["OOM command not allowed"],
        "severity": "high",
    }
}


@endpoint(
    recommendations,
    "POST",
    "/v1/recommendations",
    takes=recommend.RecommendationRequest,
    example=_EXAMPLE,
)
def recommend_playbooks(call: Call) -> Recommendation:
    """Recommend playbooks for a live incident."""
    return recommend.recommend(call.body, call.caller, call.now)


@endpoint(
    recommendations,
    "POST",
    "/v1/recommendations/{recommendation_id}/feedback",
    status=201,
    takes=feedback.RecommendationRating,
)
def give_feedback(call: Call, recommendation_id: str) -> RecommendationFeedback:
    """Say whether a recommendation helped."""
    return feedback.give_feedback(recommendation_id, call.body, call.caller, call.now)


@endpoint(recommendations, "GET", "/v1/coverage-gaps", asks=SCOPE)
def list_gaps(call: Call) -> Listing[Gap]:
    """What was asked for in a scope and no playbook answers, the most frequent first."""
    return coverage.list_gaps(call.scope, call.wanted, call.caller, call.now)
