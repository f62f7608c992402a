"""Suggestions and their reviews over HTTP."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.core.suggestions import (
    Feedback,
    FeedbackReport,
    Review,
    Suggestion,
    SuggestionStatus,
)
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import review
from chalicelib.services.listing import Listing

suggestions = Blueprint(__name__)

_STATUS = {
    "status": Annotated[SuggestionStatus, Field(description="Those of one status; all if absent.")]
}
_APPROVAL = {"action": "approve", "reviewer_notes": "As we do it.", "revision": 1}


@endpoint(suggestions, "GET", "/v1/suggestions", asks={**SCOPE, **_STATUS})
def list_suggestions(call: Call) -> Listing[Suggestion]:
    """A scope's suggestions, the latest first."""
    return review.list_suggestions(call.scope, call.query.get("status"), call.wanted, call.caller)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}")
def get_suggestion(call: Call, suggestion_id: str) -> Suggestion:
    """One suggestion."""
    return review.find_suggestion(suggestion_id, call.caller)


@endpoint(
    suggestions,
    "POST",
    "/v1/suggestions/{suggestion_id}/reviews",
    status=201,
    takes=review.Decision,
    example=_APPROVAL,
)
def decide(call: Call, suggestion_id: str) -> Review:
    """Approve, reject or send back a suggestion."""
    return review.decide(suggestion_id, call.body, call.caller, call.now)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}/reviews")
def list_reviews(call: Call, suggestion_id: str) -> Listing[Review]:
    """What was decided on a suggestion."""
    return review.list_reviews(suggestion_id, call.wanted, call.caller)


@endpoint(
    suggestions,
    "POST",
    "/v1/suggestions/{suggestion_id}/feedback",
    status=201,
    takes=FeedbackReport,
)
def rate(call: Call, suggestion_id: str) -> Feedback:
    """Say what one thinks of a suggestion."""
    return review.rate(suggestion_id, call.body, call.caller, call.now)
