"""A suggestion's page: all that speaks for it, and the form to change it and to decide on it."""

from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.core.playbooks import PlaybookSpec, Risk
from chalicelib.core.suggestions import OPEN_STATUSES, Suggestion
from chalicelib.routes import presentation
from chalicelib.routes.decisions import (
    as_typed,
    choices,
    chosen_spec,
    decision_of,
    errors_of,
    revision_of,
    to_confirm,
)
from chalicelib.routes.edit_form import Typed, modifications_of, rearranged, typed_in, typed_of
from chalicelib.routes.evidence import evidence_shown
from chalicelib.routes.flashes import flash
from chalicelib.routes.problems import status_of
from chalicelib.routes.visits import Visit, page
from chalicelib.services import backtest, edit, review, suggestions, understand, undo
from chalicelib.services.errors import Conflict, InvalidInput, NotFound
from chalicelib.services.listing import Wanted

suggestion_pages = Blueprint(__name__)

_SHOWN = 20


@page(suggestion_pages, "GET", "/review/suggestions/{suggestion_id}")
def suggestion(visit: Visit, suggestion_id: str) -> Response:
    """A suggestion with all that speaks for it, and the form to decide on it."""
    return show(visit, suggestions.find_suggestion(suggestion_id, visit.caller), HTTPStatus.OK)


@page(suggestion_pages, "POST", "/review/suggestions/{suggestion_id}")
def decide(visit: Visit, suggestion_id: str) -> Response:
    """Change a suggestion or decide on it; what cannot be taken comes back as it was typed."""
    found = suggestions.find_suggestion(suggestion_id, visit.caller)
    form = visit.cleaned(suggestion_id=suggestion_id)
    try:
        base = edit.spec_at(found, revision_of(form))
    except InvalidInput as error:
        return show(visit, found, HTTPStatus.BAD_REQUEST, errors=error.errors)
    typed = typed_in(form, base)
    moved = rearranged(typed, form.get("action", ""))
    if moved is not None:
        revision = int(form["revision"])
        return show(visit, found, HTTPStatus.OK, moved, revision=revision, editing=True)
    try:
        _carry_out(visit, found, form, typed, base)
    except InvalidInput as error:
        if form.get("action") == "merge":
            return _overtaken(visit, suggestion_id, form, typed, str(error))
        errors, revision = errors_of(error, typed), int(form["revision"])
        return show(visit, found, status_of(error), typed, errors=errors, revision=revision)
    except Conflict as error:
        return _overtaken(visit, suggestion_id, form, typed, str(error))
    if form["action"] in ("save", "merge") and typed.reviewer_notes:
        # The notes are for the decision that is still to come, so they stay in the form.
        kept = suggestions.find_suggestion(suggestion_id, visit.caller)
        filled = replace(typed_of(kept.playbook_spec), reviewer_notes=typed.reviewer_notes)
        return show(visit, kept, HTTPStatus.OK, filled, told=form["action"])
    return visit.go_to(f"/review/suggestions/{suggestion_id}?told={form['action']}")


def show(
    visit: Visit,
    found: Suggestion,
    status: HTTPStatus,
    typed: Typed | None = None,
    errors: list[dict[str, str]] | None = None,
    revision: int | None = None,
    editing: bool = False,
    told: str = "",
) -> Response:
    """The page of a suggestion, with what was typed in the place of what is stored.

    Args:
        visit: who asks.
        found: the suggestion.
        status: the HTTP status to answer with.
        typed: what the form holds.
        errors: what cannot be taken of it.
        revision: the revision that the form was made of.
        editing: whether the fields are to be seen even if they hold what is stored.
        told: the name of what was just done.
    """
    pattern = None
    with suppress(NotFound):
        if found.pattern_id is not None:
            pattern = understand.find_pattern(found.pattern_id, visit.caller)
    filled = typed or typed_of(found.playbook_spec)
    return visit.page(
        "suggestion.html",
        status,
        suggestion=found,
        spec=found.playbook_spec,
        pattern=pattern,
        **evidence_shown(found, pattern, visit.now),
        undecided=found.status in OPEN_STATUSES,
        typed=filled,
        risks=list(Risk),
        to_confirm=to_confirm(filled, found.playbook_spec),
        errors=errors or [],
        told=_told(told or visit.query.get("told", ""), found, visit.caller.name),
        editing=editing or filled.changes(found.playbook_spec),
        form_revision=revision or found.revision,
        **_around(visit, found),
    )


def _told(name: str, found: Suggestion, reviewer: str) -> str:
    """What the page says first: of a decision what came of it, if it stands."""
    if name == "approve" and found.status in OPEN_STATUSES:
        counts = "" if review.counts(found, reviewer) else ", but does not count"
        needed = presentation.count(review.approvals_required(found), "approval")
        return f"Your approval is kept{counts}. {len(found.approvals)} of {needed} so far."
    if name in ("approve", "reject", "needs_revision") and found.status != "pending":
        return f"Your decision is kept: {presentation.status(found.status)}."
    return flash(name)


def _around(visit: Visit, found: Suggestion) -> dict[str, Any]:
    """What stands around the decision: who approved, what was changed and said."""
    caller = visit.caller
    said = suggestions.said_of(found.suggestion_id, _SHOWN)
    return {
        "approvals_required": review.approvals_required(found),
        "own_counts": review.counts(found, caller.name),
        "can_undo": undo.can_undo(found, caller) and not undo.too_late(found, caller),
        "backtest": backtest.last(found.suggestion_id),
        "reviews": said.reviews,
        "changes": said.changes,
        "comments": said.comments,
        "feedback": said.feedback,
    }


def _carry_out(
    visit: Visit, found: Suggestion, form: dict[str, str], typed: Typed, base: PlaybookSpec
) -> None:
    """Do what the form asks for: save, merge, or decide; it was made of `base`."""
    suggestion_id, revision = found.suggestion_id, revision_of(form)
    if form.get("action") == "save":
        body = {"revision": revision, "modifications": modifications_of(typed, base)}
        edit.edit(suggestion_id, body, visit.caller, visit.now)
    elif form.get("action") == "merge":
        mine = as_typed(typed, base)
        seen = int(form["theirs"]) if form.get("theirs", "").isdecimal() else revision
        edit.check_current(found, seen)
        spec = chosen_spec(form, base, mine, found.playbook_spec)
        body = {"revision": seen, "playbook_spec": spec}
        edit.edit(suggestion_id, body, visit.caller, visit.now)
    else:
        review.decide(suggestion_id, decision_of(form, typed, base), visit.caller, visit.now)


def _overtaken(
    visit: Visit, suggestion_id: str, form: dict[str, str], typed: Typed, said: str
) -> Response:
    """What to see for whoever was slower: both versions where both were changed."""
    found = suggestions.find_suggestion(suggestion_id, visit.caller)
    errors = [{"field": "revision", "message": said}]
    conflict = HTTPStatus.CONFLICT
    if found.status not in OPEN_STATUSES:
        return show(visit, found, conflict, errors=errors)
    base, theirs = edit.spec_at(found, revision_of(form)), found.playbook_spec
    if theirs == base:
        return show(visit, found, conflict, typed, errors=errors)
    try:
        mine = as_typed(typed, base)
    except InvalidInput as error:
        revision = revision_of(form)
        return show(visit, found, conflict, typed, errors=error.errors, revision=revision)
    offered = choices(base, mine, theirs)
    if not offered:
        notes = typed_in({"reviewer_notes": typed.reviewer_notes}, theirs)
        return show(visit, found, conflict, notes, errors=errors)
    changes = edit.list_changes(suggestion_id, Wanted(_SHOWN), visit.caller).items
    return visit.page(
        "conflict.html",
        conflict,
        suggestion=found,
        choices=offered,
        chosen={each.number: form.get(f"choice-{each.number}", "") for each in offered},
        changes=[each for each in changes if each.revision >= revision_of(form)],
        kept={
            name: value
            for name, value in form.items()
            if name not in ("action", "theirs") and not name.startswith("choice-")
        },
        said=said,
    )
