"""The audit trail for people: what was done in a scope or to a thing, and by whom."""

from chalice.app import Blueprint, Response

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.routes.visits import Visit, page
from chalicelib.services import operate
from chalicelib.services.listing import Wanted

audit_pages = Blueprint(__name__)

_SHOWN = 50


@page(audit_pages, "GET", "/review/audit")
def trail(visit: Visit) -> Response:
    """A scope's trail, the latest first, or what was done to one thing."""
    entity = visit.query.get("entity", "").strip()
    scope = visit.query.get("scope") or DEFAULT_SCOPE
    wanted = Wanted(_SHOWN, visit.query.get("cursor"))
    if entity:
        entries = operate.list_audit(entity, wanted, visit.caller)
    else:
        entries = operate.list_trail(scope, wanted, visit.caller)
    return visit.page("audit.html", entries=entries, entity=entity, scope=scope)
