"""Suggestions and their reviews over HTTP."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.core.backtest import BackTest
from chalicelib.core.feedback import Feedback, FeedbackReport
from chalicelib.core.suggestions import (
    Assignment,
    Change,
    Comment,
    Review,
    Suggestion,
    SuggestionStatus,
)
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import backtest, discuss, edit, review
from chalicelib.services import suggestions as service
from chalicelib.services.listing import Listing

suggestions = Blueprint(__name__)

_WHICH = {
    **SCOPE,
    "status": Annotated[SuggestionStatus, Field(description="Those of one status; all if absent.")],
    "assignee": Annotated[
        str, Field(max_length=100, description="Those that one reviewer is to decide on.")
    ],
}
_APPROVAL = {"action": "approve", "reviewer_notes": "As we do it.", "revision": 1}


@endpoint(suggestions, "GET", "/v1/suggestions", asks=_WHICH)
def list_suggestions(call: Call) -> Listing[Suggestion]:
    """A scope's suggestions, the latest first."""
    status, assignee = call.query.get("status"), call.query.get("assignee")
    return service.list_suggestions(call.scope, status, call.wanted, call.caller, assignee)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}")
def get_suggestion(call: Call, suggestion_id: str) -> Suggestion:
    """One suggestion."""
    return service.find_suggestion(suggestion_id, call.caller)


@endpoint(suggestions, "PUT", "/v1/suggestions/{suggestion_id}", takes=edit.SuggestionEdit)
def change(call: Call, suggestion_id: str) -> Suggestion:
    """Change what a suggestion proposes, without deciding on it."""
    return edit.edit(suggestion_id, call.body, call.caller, call.now)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}/changes")
def list_changes(call: Call, suggestion_id: str) -> Listing[Change]:
    """Who changed what in a suggestion, and when."""
    return edit.list_changes(suggestion_id, call.wanted, call.caller)


@endpoint(
    suggestions,
    "POST",
    "/v1/suggestions/{suggestion_id}/reviews",
    status=201,
    takes=review.Decision,
    example=_APPROVAL,
)
def decide(call: Call, suggestion_id: str) -> Review:
    """Approve, reject or send back a suggestion, or undo that."""
    return review.decide(suggestion_id, call.body, call.caller, call.now)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}/reviews")
def list_reviews(call: Call, suggestion_id: str) -> Listing[Review]:
    """What was decided on a suggestion."""
    return review.list_reviews(suggestion_id, call.wanted, call.caller)


@endpoint(
    suggestions,
    "POST",
    "/v1/suggestions/{suggestion_id}/comments",
    status=201,
    takes=discuss.CommentReport,
)
def comment(call: Call, suggestion_id: str) -> Comment:
    """Say something about a suggestion."""
    return discuss.comment(suggestion_id, call.body, call.caller, call.now)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}/comments")
def list_comments(call: Call, suggestion_id: str) -> Listing[Comment]:
    """What was said about a suggestion."""
    return discuss.list_comments(suggestion_id, call.wanted, call.caller)


@endpoint(suggestions, "PUT", "/v1/suggestions/{suggestion_id}/assignee", takes=discuss.Assignee)
def assign(call: Call, suggestion_id: str) -> Assignment:
    """Say who is to decide on a suggestion."""
    return discuss.assign(suggestion_id, call.body, call.caller, call.now)


@endpoint(
    suggestions,
    "POST",
    "/v1/suggestions/{suggestion_id}/feedback",
    status=201,
    takes=FeedbackReport,
)
def rate(call: Call, suggestion_id: str) -> Feedback:
    """Say what one thinks of a suggestion."""
    return discuss.rate(suggestion_id, call.body, call.caller, call.now)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}/feedback")
def list_feedback(call: Call, suggestion_id: str) -> Listing[Feedback]:
    """What people think of a suggestion."""
    return discuss.list_feedback(suggestion_id, call.wanted, call.caller)


@endpoint(suggestions, "POST", "/v1/suggestions/{suggestion_id}/backtests", status=202)
def request_backtest(call: Call, suggestion_id: str) -> BackTest:
    """Ask what a suggestion would have done in the past."""
    return backtest.request(suggestion_id, call.caller, call.now)


@endpoint(suggestions, "GET", "/v1/suggestions/{suggestion_id}/backtest")
def get_backtest(call: Call, suggestion_id: str) -> BackTest:
    """What a suggestion would have done in the past, or how far that has come."""
    return backtest.find(suggestion_id, call.caller)
