"""Recommendations over HTTP."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.routes.http import Call, endpoint
from chalicelib.services import recommend

recommendations = Blueprint(__name__)


@endpoint(recommendations, "POST", "/v1/recommendations")
def recommend_playbooks(call: Call) -> dict[str, Any]:
    """Recommend playbooks for a live incident."""
    return recommend.recommend(call.body, call.caller, call.now)


@endpoint(recommendations, "POST", "/v1/recommendations/{recommendation_id}/feedback", status=201)
def give_feedback(call: Call, recommendation_id: str) -> dict[str, Any]:
    """Say whether a recommendation helped."""
    return recommend.give_feedback(recommendation_id, call.body, call.caller, call.now)
