"""Recommendations over HTTP."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.core.gaps import Gap
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import coverage, feedback, recommend
from chalicelib.services.listing import Listing

recommendations = Blueprint(__name__)


@endpoint(recommendations, "POST", "/v1/recommendations")
def recommend_playbooks(call: Call) -> dict[str, Any]:
    """Recommend playbooks for a live incident."""
    return recommend.recommend(call.body, call.caller, call.now)


@endpoint(recommendations, "POST", "/v1/recommendations/{recommendation_id}/feedback", status=201)
def give_feedback(call: Call, recommendation_id: str) -> dict[str, Any]:
    """Say whether a recommendation helped."""
    return feedback.give_feedback(recommendation_id, call.body, call.caller, call.now)


@endpoint(recommendations, "GET", "/v1/coverage-gaps")
def list_gaps(call: Call) -> Listing[Gap]:
    """What was asked for in a scope and no playbook answers, the most frequent first."""
    return coverage.list_gaps(call.scope, call.wanted, call.caller, call.now)
