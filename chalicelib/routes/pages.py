"""The reviewers' pages: sign in, the queue, a suggestion and its decision, a playbook."""

import functools
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

from chalice.app import Blueprint, Request, Response

from chalicelib.core.confidence import WEIGHTS
from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.core.suggestions import OPEN_STATUSES, SuggestionStatus
from chalicelib.core.versions import MAIN
from chalicelib.observability import logger
from chalicelib.redaction import redact_value
from chalicelib.routes.access import roles_of
from chalicelib.routes.decisions import decision_of, errors_of, to_confirm, typed_in
from chalicelib.routes.http import current_request
from chalicelib.routes.presentation import TEMPLATES, render
from chalicelib.routes.problems import Unauthenticated, status_of
from chalicelib.routes.sessions import Session, new_session, session_of, set_cookie
from chalicelib.routes.simulation_form import simulation_of, values_typed
from chalicelib.services import export, publish, record, review, simulate, understand
from chalicelib.services.access import Caller, sign_in
from chalicelib.services.errors import Conflict, Forbidden, InvalidInput, NotFound, invalid
from chalicelib.services.listing import Wanted

pages = Blueprint(__name__)

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
_STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
_STYLE_DIGEST = hashlib.sha256(_STYLE.encode()).hexdigest()[:12]
_OUR_PAGE = re.compile(r"/review[/\w.-]*")
_QUEUE = 20
_MAX_FIELDS = 2_000


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
        return self.session.caller

    @property
    def query(self) -> dict[str, str]:
        """What stands behind the question mark."""
        return dict(self.request.query_params or {})

    def url(self, path: str) -> str:
        """A path of ours as the browser has to ask for it: API Gateway puts its stage in front."""
        event = self.request.to_original_event()
        asked = event.get("path") or ""
        full = event["requestContext"].get("path") or ""
        stage = full[: -len(asked)] if asked and full.endswith(asked) else ""
        return f"{stage}{path}"

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """An answer with a page in it."""
        values |= {"visit": self, "url": self.url, "style": _STYLE_DIGEST}
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


def page(method: str, path: str) -> Callable[[View], View]:
    """Register a view as a page: for whom the table of roles says, and against forged forms."""
    roles = roles_of(method, path)
    accepted = [FORM] if method == "POST" else ["application/json"]

    def register(view: View) -> View:
        @pages.route(path, methods=[method], name=f"{method} {path}", content_types=accepted)
        @functools.wraps(view)
        def answer(**parameters: str) -> Response:
            request = current_request.get()
            visit = Visit(request, session_of(request), {}, datetime.now(UTC))
            try:
                if roles and visit.session.caller is None:
                    asked = quote(path.format(**parameters))
                    return visit.go_to(f"/review?next={asked}")
                if roles and visit.caller.role not in roles:
                    raise Forbidden("This page is for reviewers.")
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
        text = sent.decode() if isinstance(sent, bytes) else sent
        typed = parse_qs(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise invalid("form", "must be a form of these pages") from None
    form = {name: values[0].replace("\r\n", "\n") for name, values in typed.items()}
    visit.session.check(form.pop("csrf", ""))
    return Visit(visit.request, visit.session, form, visit.now)


def _problem(visit: Visit, error: Exception) -> Response:
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("unforeseen error")
        said = "Something went wrong on our side. Try again; it has been logged."
    else:
        said = str(error)
    return visit.page("problem.html", int(status), title=status.phrase, said=said)


@page("GET", "/review")
def dashboard(visit: Visit) -> Response:
    """The form to sign in, or the queue with the figures around it."""
    following = visit.query.get("next", "")
    if visit.session.caller is None:
        return visit.page("sign_in.html", following=following, username="", said="")
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


@page("GET", "/review/style.css")
def style(visit: Visit) -> Response:
    """The stylesheet; its address changes with it."""
    headers = {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=_STYLE, headers=dict(headers))


@page("POST", "/review/sign-in")
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


@page("POST", "/review/sign-out")
def let_out(visit: Visit) -> Response:
    """Forget who was signed in."""
    return visit.go_to("/review", new_session(None))


@page("GET", "/review/suggestions/{suggestion_id}")
def suggestion(visit: Visit, suggestion_id: str) -> Response:
    """A suggestion with all that speaks for it, and the form to decide on it."""
    return _suggestion(visit, suggestion_id, HTTPStatus.OK)


@page("POST", "/review/suggestions/{suggestion_id}")
def decide(visit: Visit, suggestion_id: str) -> Response:
    """Decide on a suggestion; what cannot be taken is shown again with what was typed."""
    found = review.find_suggestion(suggestion_id, visit.caller)
    form = redact_value(visit.form)
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
        members = understand.list_members(found.pattern_id, Wanted(_QUEUE), visit.caller).items
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
        reviews=review.list_reviews(suggestion_id, Wanted(_QUEUE), visit.caller).items,
        undecided=found.status in OPEN_STATUSES,
        typed=typed,
        to_confirm=to_confirm(typed, found),
        errors=errors or [],
        done=visit.query.get("done", ""),
    )


@page("GET", "/review/playbooks/{playbook_id}")
def playbook(visit: Visit, playbook_id: str) -> Response:
    """A playbook as it stands, with its versions, runs and exports."""
    return _playbook(visit, playbook_id, None)


@page("POST", "/review/playbooks/{playbook_id}")
def simulate_playbook(visit: Visit, playbook_id: str) -> Response:
    """The playbook with its steps as they would run with the values that were typed."""
    body = simulation_of(redact_value(visit.form))
    return _playbook(visit, playbook_id, simulate.simulate(playbook_id, body, visit.caller))


def _playbook(
    visit: Visit, playbook_id: str, simulation: simulate.PlaybookSimulation | None
) -> Response:
    found = publish.find_playbook(playbook_id, visit.caller)
    return visit.page(
        "playbook.html",
        playbook=found,
        spec=found.spec,
        simulation=simulation,
        typed=values_typed(redact_value(visit.form), found.spec),
        versions=publish.list_versions(playbook_id, MAIN, Wanted(_QUEUE), visit.caller).items,
        metrics=record.playbook_metrics(playbook_id, visit.caller),
        executions=record.list_executions(playbook_id, Wanted(10), visit.caller).items,
        exports=export.list_exports(playbook_id, visit.caller),
        formats=export.FORMAT_NAMES,
    )


@page("POST", "/review/playbooks/{playbook_id}/exports")
def export_playbook(visit: Visit, playbook_id: str) -> Response:
    """Export the playbook in the format that was chosen."""
    wanted = {"format": visit.form.get("format", "")}
    export.export_playbook(playbook_id, wanted, visit.caller, visit.now)
    return visit.go_to(f"/review/playbooks/{playbook_id}#exports")
