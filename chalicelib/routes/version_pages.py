"""The pages of a playbook's versions: what they are, how they differ, edit, branch, merge."""

from http import HTTPStatus

from chalice.app import Blueprint, Response

from chalicelib.core.diff import diff, pieces
from chalicelib.core.playbooks import Risk
from chalicelib.core.versions import MAIN, ChangeType, PlaybookVersion
from chalicelib.routes.edit_form import Typed, rearranged, typed_in, typed_of
from chalicelib.routes.presentation import place
from chalicelib.routes.problems import status_of
from chalicelib.routes.version_forms import (
    CHANGE_TYPES,
    decided,
    edit_of,
    merge_of,
    number_decided,
    rollback_of,
)
from chalicelib.routes.visits import Visit, page
from chalicelib.services import branches, compare, publish, versions
from chalicelib.services.errors import Conflict, InvalidInput, Unconfirmed, Unresolved
from chalicelib.services.listing import MAX_LIMIT, Wanted
from chalicelib.services.next_version import Outcome

version_pages = Blueprint(__name__)

_PLACE = "/review/playbooks/{playbook_id}"
_SHOWN = 50


@page(version_pages, "GET", f"{_PLACE}/versions")
def list_versions(visit: Visit, playbook_id: str) -> Response:
    """The versions of a branch, and what can be done with them."""
    branch = visit.query.get("branch") or MAIN
    wanted = Wanted(_SHOWN, visit.query.get("cursor"))
    return visit.page(
        "versions.html",
        playbook=publish.find_playbook(playbook_id, visit.caller),
        branch=branch,
        branches=branches.list_branches(playbook_id, Wanted(MAX_LIMIT), visit.caller).items,
        versions=publish.list_versions(playbook_id, branch, wanted, visit.caller),
    )


@page(version_pages, "GET", f"{_PLACE}/diff")
def compare_versions(visit: Visit, playbook_id: str) -> Response:
    """Any two versions side by side."""
    asked = visit.query.get("from"), visit.query.get("to")
    found = compare.compare_versions(playbook_id, *asked, visit.caller)
    return visit.page(
        "diff.html",
        playbook=publish.find_playbook(playbook_id, visit.caller),
        comparison=found,
        branches=branches.list_branches(playbook_id, Wanted(MAX_LIMIT), visit.caller).items,
    )


@page(version_pages, "GET", "/review/suggestions/{suggestion_id}/compare/{playbook_id}")
def compare_suggestion(visit: Visit, suggestion_id: str, playbook_id: str) -> Response:
    """A suggestion beside a playbook."""
    suggestion, playbook, found = compare.compare_suggestion(
        suggestion_id, playbook_id, visit.caller
    )
    return visit.page("compare.html", suggestion=suggestion, playbook=playbook, diff=found)


@page(version_pages, "GET", f"{_PLACE}/edit")
def edit_form(visit: Visit, playbook_id: str) -> Response:
    """The form to change a playbook by hand."""
    _, version = publish.find_version(
        playbook_id, None, visit.query.get("branch") or MAIN, visit.caller
    )
    return _edit_form(visit, version, visit.query, typed_of(version.spec))


@page(version_pages, "POST", f"{_PLACE}/edit")
def edit(visit: Visit, playbook_id: str) -> Response:
    """Make the next version as it was typed; what cannot be taken is shown again.

    Who was overtaken keeps what they typed on a branch of its own, and merges that.
    """
    form = visit.cleaned(playbook_id=playbook_id)
    aside = form.get("aside", "").strip()
    _, seen = publish.find_version(playbook_id, form.get("based_on"), None, visit.caller)
    typed = typed_in(form, seen.spec)
    moved = rearranged(typed, form.get("action", ""))
    if moved is not None:
        return _edit_form(visit, seen, form, moved)
    try:
        body = edit_of(form, typed, seen.spec)
        if aside:
            begun = {"name": aside, "from_version": seen.version}
            branches.create_branch(playbook_id, begun, visit.caller, visit.now)
            body["branch"] = aside
        outcome = versions.edit(playbook_id, body, visit.caller, visit.now)
    except (InvalidInput, Conflict) as error:
        return _edit_form(visit, seen, form, typed, error)
    if aside:
        return visit.go_to(f"/review/playbooks/{playbook_id}/merges?branch={aside}")
    return _done(visit, outcome, form.get("branch") or MAIN, "edited")


@page(version_pages, "POST", f"{_PLACE}/rollbacks")
def roll_back(visit: Visit, playbook_id: str) -> Response:
    """Make a version with the content of an earlier one; what that destroys is asked first."""
    wanted = rollback_of(visit.cleaned(playbook_id=playbook_id))
    try:
        outcome = versions.roll_back(playbook_id, wanted, visit.caller, visit.now)
    except Unconfirmed as error:
        return _rollback_form(visit, playbook_id, wanted["version"], error)
    return _done(visit, outcome, outcome.version.branch, "rolled-back")


@page(version_pages, "POST", f"{_PLACE}/deprecations")
def deprecate(visit: Visit, playbook_id: str) -> Response:
    """Say that the playbook is not to be used any more."""
    reason = visit.cleaned(playbook_id=playbook_id).get("changelog", "").strip()
    wanted = {"changelog": reason or "Deprecated."}
    outcome = versions.deprecate(playbook_id, wanted, visit.caller, visit.now)
    return _done(visit, outcome, MAIN, "deprecated")


@page(version_pages, "POST", f"{_PLACE}/branches")
def create_branch(visit: Visit, playbook_id: str) -> Response:
    """Begin a branch at a version."""
    form = visit.cleaned(playbook_id=playbook_id)
    wanted = {name: form.get(name, "").strip() for name in ("name", "from_version")}
    branch = branches.create_branch(playbook_id, wanted, visit.caller, visit.now)
    return visit.go_to(
        f"/review/playbooks/{playbook_id}/versions?branch={branch.name}&told=branched"
    )


@page(version_pages, "POST", f"{_PLACE}/branches/deletions")
def delete_branch(visit: Visit, playbook_id: str) -> Response:
    """Delete a branch that is merged or given up."""
    form = visit.cleaned(playbook_id=playbook_id)
    name, seen = form.get("name", ""), {"based_on": form.get("based_on")}
    branches.delete_branch(playbook_id, name, seen, visit.caller, visit.now)
    return visit.go_to(f"/review/playbooks/{playbook_id}/versions?told=branch-deleted")


@page(version_pages, "GET", f"{_PLACE}/merges")
def merge_form(visit: Visit, playbook_id: str) -> Response:
    """What merging a branch would make, with what both changed to decide on."""
    return _merge_form(visit, playbook_id, visit.query)


@page(version_pages, "POST", f"{_PLACE}/merges")
def merge(visit: Visit, playbook_id: str) -> Response:
    """Merge a branch; what is not decided yet is asked again."""
    form = visit.cleaned(playbook_id=playbook_id)
    wanted = merge_of(form)
    try:
        outcome = branches.merge_branch(playbook_id, wanted, visit.caller, visit.now)
    except (Unresolved, Unconfirmed) as error:
        return _merge_form(visit, playbook_id, form, error)
    except (InvalidInput, Conflict) as error:  # the branches are others than those decided on
        asked = {name: form.get(name, "") for name in ("branch", "into")}
        return _merge_form(visit, playbook_id, asked, error)
    return _done(visit, outcome, wanted["into"], "merged")


def _done(visit: Visit, outcome: Outcome, branch: str, what: str) -> Response:
    told = "unchanged" if outcome.unchanged else what
    place = f"/review/playbooks/{outcome.playbook.playbook_id}/versions"
    return visit.go_to(f"{place}?branch={branch}&told={told}")


def _edit_form(
    visit: Visit,
    version: PlaybookVersion,
    form: dict[str, str],
    typed: Typed,
    error: Exception | None = None,
) -> Response:
    return visit.page(
        "edit_playbook.html",
        status_of(error) if error else HTTPStatus.OK,
        playbook=publish.find_playbook(version.playbook_id, visit.caller),
        branch=form.get("branch") or MAIN,
        version=version,
        typed=typed,
        risks=list(Risk),
        changelog=form.get("changelog", ""),
        change_type=form.get("change_type") or ChangeType.MODIFIED,
        change_types=CHANGE_TYPES,
        errors=_errors(error),
        to_confirm=error.steps if isinstance(error, Unconfirmed) else [],
        overtaken=isinstance(error, Conflict) or "aside" in form,
        aside=form.get("aside", ""),
    )


def _rollback_form(visit: Visit, playbook_id: str, version: str, error: Unconfirmed) -> Response:
    return visit.page(
        "rollback.html",
        status_of(error),
        playbook=publish.find_playbook(playbook_id, visit.caller),
        comparison=compare.compare_versions(playbook_id, MAIN, version, visit.caller),
        to_confirm=error.steps,
        errors=_errors(error),
    )


def _merge_form(
    visit: Visit, playbook_id: str, form: dict[str, str], error: Exception | None = None
) -> Response:
    tried = branches.try_merge(playbook_id, merge_of(form), visit.caller)
    left = tried.merge.conflicts if tried.merge else []
    spec = tried.merge.spec if tried.merge else None
    kept = decided(form, left)
    return visit.page(
        "merge.html",
        status_of(error) if error else HTTPStatus.OK,
        playbook=publish.find_playbook(playbook_id, visit.caller),
        branch=form.get("branch", ""),
        into=form.get("into") or MAIN,
        tried=tried,
        conflicts=left,
        decided=kept,
        number_decided=number_decided(kept),
        typed=form,
        diff=diff(tried.ours.spec, spec) if spec else None,
        pieces=pieces,
        errors=_errors(error),
    )


def _errors(error: Exception | None) -> list[dict[str, str]]:
    if error is None:
        return []
    if isinstance(error, Unconfirmed):
        said = "destroys something; tick its box if you mean it"
        return [{"field": step.name, "message": said} for step in error.steps]
    if isinstance(error, InvalidInput):
        return error.errors
    if isinstance(error, Unresolved):
        said = "is not decided yet"
        return [
            {"field": place(each.field.split(".")), "message": said} for each in error.conflicts
        ]
    return [{"field": "version", "message": str(error)}]
