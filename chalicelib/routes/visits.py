"""From a browser's request to a page and back: the one way in for the pages.

For every page: who is it, may they, is the form that they sent ours, and then the answer.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

from chalice.app import Blueprint, Request, Response

from chalicelib.observability import logger
from chalicelib.routes.access import REVIEWERS, roles_of
from chalicelib.routes.flashes import flash
from chalicelib.routes.http import address_of, current_request, stage_of
from chalicelib.routes.presentation import TEMPLATES, render
from chalicelib.routes.problems import Unauthenticated, status_of
from chalicelib.routes.sessions import Session, session_of, set_cookie
from chalicelib.services.access import Caller
from chalicelib.services.errors import Forbidden, invalid
from chalicelib.services.limits import check_size
from chalicelib.services.redaction import redacted, scope_of

FORM = "application/x-www-form-urlencoded"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
_STYLE_DIGEST = hashlib.sha256(STYLE.encode()).hexdigest()[:12]
_MAX_FIELDS = 2_000
#: The pages that every page leads to, and for whom; anybody may see the first to sign in there.
_PLACES = (
    ("Queue", "/review", REVIEWERS),
    ("Playbooks", "/review/playbooks", roles_of("GET", "/review/playbooks")),
    ("Gaps", "/review/gaps", roles_of("GET", "/review/gaps")),
    ("Audit", "/review/audit", roles_of("GET", "/review/audit")),
)


@dataclass(frozen=True)
class Visit:
    """What a page is told."""

    request: Request
    session: Session
    form: dict[str, str]
    now: datetime

    @property
    def caller(self) -> Caller:
        """The reviewer; only pages that need one ask."""
        if self.session.caller is None:
            raise Unauthenticated("Sign in first.")
        return self.session.caller.coming("page", address_of(self.request))

    @property
    def places(self) -> dict[str, str]:
        """The pages to lead to from everywhere: those that the visitor may see, by name."""
        role = self.session.caller.role if self.session.caller else None
        return {name: path for name, path, roles in _PLACES if role in roles}

    @property
    def query(self) -> dict[str, str]:
        """What stands behind the question mark."""
        return dict(self.request.query_params or {})

    def url(self, path: str) -> str:
        """A path of ours as the browser has to ask for it."""
        return f"{stage_of(self.request)}{path}"

    def cleaned(self, **names: str) -> dict[str, str]:
        """What was typed, redacted as the scope of the thing wants it, such as `playbook_id=…`."""
        return dict(redacted(self.form, scope_of(names, {}, None)).value)

    @property
    def origin(self) -> str:
        """Where the browser has found us, as `https://host/stage`, for showing how to call us."""
        headers = self.request.headers
        local = headers.get("host", "").partition(":")[0] in ("127.0.0.1", "localhost")
        scheme = headers.get("x-forwarded-proto") or ("http" if local else "https")
        return f"{scheme}://{headers.get('host', '')}{self.url('')}"

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """An answer with a page in it."""
        values |= {"visit": self, "url": self.url, "style": _STYLE_DIGEST}
        values.setdefault("told", flash(self.query.get("told", "")))
        return self._answer(render(template, **values), status, HEADERS)

    def go_to(self, path: str, session: Session | None = None) -> Response:
        """An answer that sends the browser to another page of ours."""
        return self._answer("", HTTPStatus.SEE_OTHER, {"Location": self.url(path)}, session)

    def _answer(
        self, body: str, status: int, headers: dict[str, str], session: Session | None = None
    ) -> Response:
        session = session or self.session
        if session.fresh:
            headers = headers | {"Set-Cookie": set_cookie(session, self.url("/"))}
        return Response(body=body, status_code=int(status), headers=dict(headers))


View = Callable[..., Response]


def page(blueprint: Blueprint, method: str, path: str) -> Callable[[View], View]:
    """Register a view as a page: for whom the table of roles says, and against forged forms."""
    roles = roles_of(method, path)
    accepted = [FORM] if method == "POST" else ["application/json"]

    def register(view: View) -> View:
        @blueprint.route(path, methods=[method], name=f"{method} {path}", content_types=accepted)
        @functools.wraps(view)
        def answer(**parameters: str) -> Response:
            request = current_request.get()
            visit = Visit(request, session_of(request), {}, datetime.now(UTC))
            try:
                if roles and visit.session.caller is None:
                    return visit.go_to(_to_sign_in(visit, path.format(**parameters)))
                if roles and visit.caller.role not in roles:
                    raise Forbidden(f"This page is for the role {' or '.join(sorted(roles))}.")
                if method == "POST":
                    visit = _with_form(visit)
                return view(visit, **parameters)
            except Exception as error:
                return _problem(visit, error)

        return view

    return register


def _with_form(visit: Visit) -> Visit:
    """The visit with what was typed, once the form is known to be ours."""
    try:
        sent = visit.request.raw_body
        check_size(sent)
        text = sent.decode() if isinstance(sent, bytes) else sent
        typed = parse_qs(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise invalid("form", "must be a form of these pages") from None
    form = {name: values[0].replace("\r\n", "\n") for name, values in typed.items()}
    visit.session.check(form.pop("csrf", ""))
    return Visit(visit.request, visit.session, form, visit.now)


def _to_sign_in(visit: Visit, asked: str) -> str:
    """Where to sign in, and then be led to what was asked for."""
    target = f"/review?next={quote(_page_of(asked))}"
    if not visit.session.ended:
        return target
    unsent = "-unsent" if visit.request.method == "POST" else ""
    return f"{target}&told=session-ended{unsent}"


def _page_of(path: str) -> str:
    """The page that a path of ours belongs to: forms may be sent to paths that show nothing."""
    return "/".join(path.split("/")[:4])


def _problem(visit: Visit, error: Exception) -> Response:
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("unforeseen error")
        said = "Something went wrong on our side. It has been logged."
    else:
        said = str(error)
    # Chalice's request knows no path but the one with names in it.
    again = _page_of(str(visit.request.to_original_event().get("path") or "/review"))
    values = {"title": status.phrase, "said": said, "code": int(status), "again": again}
    return visit.page("problem.html", int(status), **values)
