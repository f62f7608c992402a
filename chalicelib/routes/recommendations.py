"""Recommendations over HTTP."""

from chalice.app import Blueprint

from chalicelib.core.recommendations import Recommendation, RecommendationFeedback
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import recommend

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
    takes=recommend.RecommendationRating,
)
def give_feedback(call: Call, recommendation_id: str) -> RecommendationFeedback:
    """Say whether a recommendation helped."""
    return recommend.give_feedback(recommendation_id, call.body, call.caller, call.now)
