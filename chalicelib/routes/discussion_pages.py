"""What goes on around a suggestion: comments, ratings, who is to decide, and back-tests."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.routes.suggestion_pages import show
from chalicelib.routes.visits import Visit, page
from chalicelib.services import backtest, discuss
from chalicelib.services.errors import InvalidInput
from chalicelib.services.suggestions import find_suggestion

discussion_pages = Blueprint(__name__)


@page(discussion_pages, "POST", "/review/suggestions/{suggestion_id}/comments")
def comment(visit: Visit, suggestion_id: str) -> Response:
    """Keep a comment."""
    return _kept(
        visit, suggestion_id, discuss.comment, visit.cleaned(suggestion_id=suggestion_id), "comment"
    )


@page(discussion_pages, "POST", "/review/suggestions/{suggestion_id}/assignee")
def assign(visit: Visit, suggestion_id: str) -> Response:
    """Keep who is to decide: the visitor, whoever was named, or nobody."""
    form = visit.cleaned(suggestion_id=suggestion_id)
    name = visit.caller.name if form.get("to") == "me" else form.get("assignee", "").strip()
    return _kept(visit, suggestion_id, discuss.assign, {"assignee": name or None}, "assign")


@page(discussion_pages, "POST", "/review/suggestions/{suggestion_id}/feedback")
def rate(visit: Visit, suggestion_id: str) -> Response:
    """Keep a rating."""
    form = visit.cleaned(suggestion_id=suggestion_id)
    body = {
        "rating": form.get("rating"),
        "comment": form.get("comment", ""),
        "tags": [tag for tag in form.get("tags", "").split(",") if tag.strip()],
    }
    return _kept(visit, suggestion_id, discuss.rate, body, "rate")


@page(discussion_pages, "POST", "/review/suggestions/{suggestion_id}/backtests")
def request_backtest(visit: Visit, suggestion_id: str) -> Response:
    """Ask for a back-test."""
    backtest.request(suggestion_id, visit.caller, visit.now)
    return visit.go_to(f"/review/suggestions/{suggestion_id}?told=backtest#backtest")


def _kept(
    visit: Visit, suggestion_id: str, keep: Callable[..., Any], body: Any, told: str
) -> Response:
    """Do it and go back to the page, or show there what cannot be taken."""
    try:
        keep(suggestion_id, body, visit.caller, visit.now)
    except InvalidInput as error:
        found = find_suggestion(suggestion_id, visit.caller)
        return show(visit, found, HTTPStatus.BAD_REQUEST, errors=error.errors)
    return visit.go_to(f"/review/suggestions/{suggestion_id}?told={told}")
