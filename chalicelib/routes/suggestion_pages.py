"""A suggestion's page: all that speaks for it, and the form to decide on it."""

from http import HTTPStatus

from chalice.app import Blueprint, Response

from chalicelib.core.confidence import WEIGHTS
from chalicelib.core.suggestions import OPEN_STATUSES
from chalicelib.routes.decisions import decision_of, errors_of, to_confirm, typed_in
from chalicelib.routes.problems import status_of
from chalicelib.routes.visits import Visit, page
from chalicelib.services import review, understand
from chalicelib.services.errors import Conflict, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.services.redaction import redacted

suggestion_pages = Blueprint(__name__)

_SHOWN = 20


@page(suggestion_pages, "GET", "/review/suggestions/{suggestion_id}")
def suggestion(visit: Visit, suggestion_id: str) -> Response:
    """A suggestion with all that speaks for it, and the form to decide on it."""
    return _suggestion(visit, suggestion_id, HTTPStatus.OK)


@page(suggestion_pages, "POST", "/review/suggestions/{suggestion_id}")
def decide(visit: Visit, suggestion_id: str) -> Response:
    """Decide on a suggestion; what cannot be taken is shown again with what was typed."""
    found = review.find_suggestion(suggestion_id, visit.caller)
    form = redacted(visit.form, found.scope).value
    try:
        body = decision_of(form, found)
        review.decide(suggestion_id, body, visit.caller, visit.now)
    except InvalidInput as error:
        errors = errors_of(error, found)
        return _suggestion(visit, suggestion_id, status_of(error), form=form, errors=errors)
    except Conflict as error:
        errors = [{"field": "revision", "message": str(error)}]
        # The steps may be others by now, so of what was typed only the notes are kept.
        form = {"reviewer_notes": form.get("reviewer_notes", "")}
        return _suggestion(visit, suggestion_id, HTTPStatus.CONFLICT, form=form, errors=errors)
    return visit.go_to(f"/review/suggestions/{suggestion_id}?done={body['action']}")


def _suggestion(
    visit: Visit,
    suggestion_id: str,
    status: HTTPStatus,
    form: dict[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Response:
    found = review.find_suggestion(suggestion_id, visit.caller)
    try:
        pattern = understand.find_pattern(found.pattern_id, visit.caller)
        members = understand.list_members(found.pattern_id, Wanted(_SHOWN), visit.caller).items
    except NotFound:
        pattern, members = None, []
    typed = typed_in(form or {}, found)
    return visit.page(
        "suggestion.html",
        status,
        suggestion=found,
        spec=found.playbook_spec,
        pattern=pattern,
        members=members,
        weights=WEIGHTS,
        reviews=review.list_reviews(suggestion_id, Wanted(_SHOWN), visit.caller).items,
        undecided=found.status in OPEN_STATUSES,
        typed=typed,
        to_confirm=to_confirm(typed, found),
        errors=errors or [],
        done=visit.query.get("done", ""),
    )
