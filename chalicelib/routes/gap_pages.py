"""The page of coverage gaps: what people ask for that no playbook answers."""

from chalice.app import Blueprint, Response

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.routes.visits import Visit, page
from chalicelib.services import coverage, understand
from chalicelib.services.listing import Wanted

gap_pages = Blueprint(__name__)

_SHOWN = 50


@page(gap_pages, "GET", "/review/gaps")
def gaps(visit: Visit) -> Response:
    """A scope's gaps, those that were asked for most often first."""
    scope = visit.query.get("scope") or DEFAULT_SCOPE
    wanted = Wanted(_SHOWN, visit.query.get("cursor"))
    return visit.page(
        "gaps.html",
        scope=scope,
        scopes=sorted({*understand.list_scopes(visit.caller), scope}),
        gaps=coverage.list_gaps(scope, wanted, visit.caller, visit.now),
    )
