"""From an HTTP request to a call of a use case, and back: the one way in for the API.

For every route: who is it, may they, what do they say (with the secrets taken out), has it been
said before, and then the answer.
"""

import functools
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.observability import logger
from chalicelib.routes.access import PUBLIC, roles_of
from chalicelib.routes.idempotency import once
from chalicelib.routes.problems import Unauthenticated, problem, problem_of
from chalicelib.services.access import Caller, caller_of, check_scope
from chalicelib.services.errors import Forbidden, InvalidInput, invalid
from chalicelib.services.listing import DEFAULT_LIMIT, Listing, Wanted
from chalicelib.services.redaction import redacted, scope_of

#: Names of path parameters whose values callers make up.
CHOSEN_IDS = ("incident_id", "agent_id")
#: The request being answered. Chalice keeps it on the app, where threads would mix it up.
current_request: ContextVar[Request] = ContextVar("current_request")


@dataclass(frozen=True)
class Call:
    """What a route is told."""

    caller: Caller
    body: Any
    query: Mapping[str, str]
    now: datetime

    @property
    def scope(self) -> str:
        """The scope asked for in the query."""
        return self.query.get("scope", DEFAULT_SCOPE)

    @property
    def wanted(self) -> Wanted:
        """The part of the listing asked for in the query."""
        limit = self.query.get("limit", str(DEFAULT_LIMIT))
        if not limit.isdecimal():
            raise invalid("limit", "must be a whole number")
        return Wanted(int(limit), self.query.get("cursor"))


View = Callable[..., Any]


def endpoint(
    blueprint: Blueprint, method: str, path: str, status: int = 200
) -> Callable[[View], View]:
    """Register a view as a route of the API.

    The view takes the `Call` and the path's parameters, and returns a model, a dataclass, a
    listing or a JSON value.
    """
    roles = roles_of(method, path)

    def register(view: View) -> View:
        @blueprint.route(path, methods=[method], name=f"{method} {path}")
        @functools.wraps(view)
        def answer(**parameters: str) -> Response:
            try:
                return _answer(view, roles, status, parameters)
            except Exception as error:
                return problem_of(error)

        return view

    return register


def _answer(view: View, roles: frozenset[str], status: int, parameters: dict[str, str]) -> Response:
    request = current_request.get()
    caller = _caller(request, roles)
    logger.append_keys(caller=caller.actor, route=request.path)
    body, parameters, removed = _sent(request, parameters)
    call = Call(
        caller=caller,
        body=body,
        query=request.query_params or {},
        now=datetime.now(UTC),
    )

    def run() -> Any:
        return as_json(view(call, **parameters))

    key = request.headers.get("idempotency-key")
    if request.method == "POST" and key is not None:
        place = _place(request, parameters)
        answer = once(key, caller, place, body, request.lambda_context, run)
    else:
        answer = run()
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json"}
    if removed:
        headers["Redactions"] = _told(removed)
    return Response(body=answer, status_code=status, headers=headers)


def _told(removed: Mapping[str, int]) -> str:
    """How often each kind was taken out of what was sent: `email=2, password=1`."""
    return ", ".join(f"{kind}={number}" for kind, number in sorted(removed.items()))


def as_json(answer: Any) -> Any:
    """A view's answer as values that JSON has."""
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    if isinstance(answer, Listing):
        items = [as_json(item) for item in answer.items]
        return {"items": items, "next_cursor": answer.next_cursor}
    if is_dataclass(answer):
        return as_json(vars(answer))
    if isinstance(answer, dict):
        return {str(name): as_json(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [as_json(item) for item in answer]
    return answer


def _caller(request: Request, roles: frozenset[str]) -> Caller:
    """Who is calling, if they may.

    Raises:
        Unauthenticated: nobody whom we know.
        Forbidden: somebody with another role.
    """
    if roles == PUBLIC:
        return Caller(name="anybody", role="agent", scopes=[])
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    caller = caller_of(token.strip()) if kind.lower() == "bearer" and token.strip() else None
    if caller is None:
        raise Unauthenticated("Send a valid token in the header `Authorization: Bearer TOKEN`.")
    if caller.role not in roles:
        raise Forbidden(f"This needs the role {' or '.join(sorted(roles))}.")
    scope = dict(request.query_params or {}).get("scope")
    if scope is not None:
        check_scope(caller, scope)
    return caller


def _sent(
    request: Request, parameters: dict[str, str]
) -> tuple[Any, dict[str, str], Mapping[str, int]]:
    """The body and the path's parameters with the secrets taken out, and how many these were.

    An id that callers choose is redacted in a path as in a body, so that the thing is found by it.

    Raises:
        InvalidInput: the body is no JSON.
        RedactionFailed: it cannot be redacted, so it must not be taken.
    """
    body = _json(request)
    chosen = {name: parameters[name] for name in CHOSEN_IDS if name in parameters}
    if not body and not chosen:
        return body, parameters, {}
    scope = scope_of(parameters, body, dict(request.query_params or {}).get("scope"))
    try:
        sent, path = redacted(body, scope), redacted(chosen, scope)
    except RecursionError:
        raise _no_json() from None
    return sent.value, parameters | path.value, sent.removed + path.removed


def _json(request: Request) -> Any:
    raw = request.raw_body
    if request.method == "GET" or not raw.strip():
        return {}
    try:
        body = json.loads(raw, parse_constant=_refuse)
        json.dumps(body, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        raise _no_json() from None
    return body


def _no_json() -> InvalidInput:
    return invalid("body", "must be JSON in UTF-8, and not nested so deep")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _place(request: Request, parameters: dict[str, str]) -> str:
    return " ".join([request.method, request.path, *parameters.values()])


def remember_request(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice middleware: keep the request where views find it, and mind Chalice's own errors."""
    current_request.set(request)
    response = get_response(request)
    body = response.body
    if isinstance(body, dict) and set(body) == {"Code", "Message"}:
        return problem(response.status_code, str(body["Message"]))
    return response
