"""The pages that everybody starts from: signing in and out, and the queue."""

import re
from http import HTTPStatus

from chalice.app import Blueprint, Response

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.core.suggestions import SuggestionStatus
from chalicelib.routes.access import AUDITOR
from chalicelib.routes.sessions import new_session
from chalicelib.routes.visits import STYLE, Visit, page
from chalicelib.services import publish, review, understand
from chalicelib.services.access import sign_in
from chalicelib.services.listing import Wanted

pages = Blueprint(__name__)

_OUR_PAGE = re.compile(r"/review[/\w.-]*")
_QUEUE = 20


@page(pages, "GET", "/review")
def dashboard(visit: Visit) -> Response:
    """The form to sign in, or the queue with the figures around it."""
    following = visit.query.get("next", "")
    if visit.session.caller is None:
        return visit.page("sign_in.html", following=following, username="", said="")
    if visit.session.caller.role == AUDITOR:
        return visit.go_to("/review/audit")
    scopes = understand.list_scopes(visit.caller)
    scope = visit.query.get("scope") or DEFAULT_SCOPE
    status = visit.query.get("status") or SuggestionStatus.PENDING
    wanted = Wanted(_QUEUE, visit.query.get("cursor"))
    return visit.page(
        "dashboard.html",
        scope=scope,
        scopes=sorted({*scopes, scope}),
        statuses=list(SuggestionStatus),
        chosen=status,
        figures=understand.statistics(scope, visit.caller),
        patterns=understand.list_patterns(scope, Wanted(8), visit.caller).items,
        suggestions=review.list_suggestions(scope, status, wanted, visit.caller),
        playbooks=publish.list_playbooks(scope, Wanted(_QUEUE), visit.caller).items,
    )


@page(pages, "GET", "/review/style.css")
def style(visit: Visit) -> Response:
    """The stylesheet; its address changes with it."""
    headers = {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=STYLE, headers=dict(headers))


@page(pages, "POST", "/review/sign-in")
def let_in(visit: Visit) -> Response:
    """Let a reviewer in."""
    username, following = visit.form.get("username", ""), visit.form.get("next", "")
    caller = sign_in(username, visit.form.get("password", "")) if username else None
    if caller is None:
        said = "Name or password is not right."
        told = {"following": following, "username": username, "said": said}
        return visit.page("sign_in.html", HTTPStatus.UNAUTHORIZED, **told)
    target = following if _OUR_PAGE.fullmatch(following) else "/review"
    return visit.go_to(target, new_session(caller))


@page(pages, "POST", "/review/sign-out")
def let_out(visit: Visit) -> Response:
    """Forget who was signed in."""
    return visit.go_to("/review", new_session(None))
