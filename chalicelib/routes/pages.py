"""Signing in and out, and what all pages are drawn with."""

import re
from http import HTTPStatus

from chalice.app import Blueprint, Response

from chalicelib.routes.sessions import new_session
from chalicelib.routes.visits import STYLE, Visit, page
from chalicelib.services.access import sign_in

pages = Blueprint(__name__)

_OUR_PAGE = re.compile(r"/review[/\w.-]*")


@page(pages, "GET", "/")
def front(visit: Visit) -> Response:
    """The way in for whoever knows no more than our address."""
    return visit.go_to("/review")


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
    return visit.go_to("/review?told=signed-out", new_session(None))
