"""From an HTTP request to a call of a use case, and back: the one way in for the API.

For every route: who is it, may they, what do they say (with the secrets taken out), has it been
said before, and then the answer.
"""

import functools
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib.core.callers import Way
from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.observability import logger
from chalicelib.routes.access import PUBLIC, roles_of
from chalicelib.routes.idempotency import once
from chalicelib.routes.problems import Unauthenticated, problem, problem_of
from chalicelib.routes.registry import OPERATIONS, Operation
from chalicelib.services import agents
from chalicelib.services.access import Caller, caller_of, check_scope
from chalicelib.services.errors import Forbidden, InvalidInput, invalid
from chalicelib.services.limits import check_rate, check_size
from chalicelib.services.listing import DEFAULT_LIMIT, Listing, Wanted
from chalicelib.services.redaction import redacted, scope_of

#: Names of path parameters whose values callers make up.
CHOSEN_IDS = ("incident_id", "agent_id", "branch")
#: The request being answered. Chalice keeps it on the app, where threads would mix it up.
current_request: ContextVar[Request] = ContextVar("current_request")


@dataclass(frozen=True)
class Call:
    """What a route is told.

    Attributes:
        told_once: what the view adds to the answer that is not kept for its Idempotency-Key.
    """

    caller: Caller
    body: Any
    query: Mapping[str, str]
    now: datetime
    told_once: dict[str, str] = field(default_factory=dict)

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
#: Tells from a request and its path's parameters who sent it, None where only a token can tell.
Sender = Callable[[Request, dict[str, str]], Caller | None]


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    status: int = 200,
    *,
    takes: Any = None,
    asks: Mapping[str, Any] | None = None,
    requires: tuple[str, ...] = (),
    example: Any = None,
    sender: Sender | None = None,
) -> Callable[[View], View]:
    """Register a view as a route of the API.

    The view takes the `Call` and the path's parameters, and returns a model, a dataclass, a
    listing or a JSON value; its return type is what the OpenAPI document tells. An answer that is
    `unchanged` has status 200, whatever the route's is.

    Args:
        blueprint: where to.
        method, path: what is called.
        status: that of an answer which is no error.
        takes: the type of the body, which the use case validates.
        asks: the types of what may stand in the query, by name; those of a listing are known.
        requires: the names of what must stand in it.
        example: a body as somebody would send it.
        sender: tells who calls, for callers that have another way than a token to show it.
    """

    def register(view: View) -> View:
        operation = Operation(
            method, path, status, roles_of(method, path), view, takes, asks, requires, example
        )
        OPERATIONS[method, path] = operation

        @blueprint.route(path, methods=[method], name=f"{method} {path}")
        @functools.wraps(view)
        def answer(**parameters: str) -> Response:
            try:
                return _answer(operation, parameters, sender)
            except Exception as error:
                return problem_of(error)

        return view

    return register


def _answer(operation: Operation, parameters: dict[str, str], sender: Sender | None) -> Response:
    request = current_request.get()
    now = datetime.now(UTC)
    signed = sender(request, parameters) if sender else None
    way: Way = "webhook" if sender else "api"
    caller = let_in(request, signed or caller_of_request(request, operation.roles, now), way, now)
    query: Mapping[str, str] = request.query_params or {}
    operation.check(query, parameters)
    body, parameters, removed = _sent(request, parameters)
    call = Call(caller=caller, body=body, query=query, now=now)

    def run(at: datetime) -> Any:
        return as_json(operation.view(replace(call, now=at), **parameters))

    key = request.headers.get("idempotency-key")
    if request.method == "POST" and key is not None:
        place = _place(request, parameters)
        answer = once(key, caller, place, body, request.lambda_context, run, now)
    else:
        answer = run(now)
    if call.told_once:
        answer = {**answer, **call.told_once}
    status = operation.status
    if isinstance(answer, dict) and answer.get("unchanged"):
        status = HTTPStatus.OK
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json"}
    if removed:
        headers["Redactions"] = _told(removed)
    return Response(body=answer, status_code=int(status), headers=headers)


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


def let_in(request: Request, caller: Caller, way: Way, now: datetime) -> Caller:
    """The caller with where they come from, once it is noted that they are here.

    Raises:
        TooMany: they have asked for too much in this minute.
    """
    caller = caller.coming(way, address_of(request))
    check_rate(caller, now)
    logger.append_keys(caller=caller.actor, route=request.path)
    if caller.scopes:  # on public routes anybody calls, who reaches none and is no agent
        agents.seen(caller, now)
    return caller


def caller_of_request(request: Request, roles: frozenset[str], now: datetime) -> Caller:
    """Who is calling, if they may.

    Raises:
        Unauthenticated: nobody whom we know.
        Forbidden: somebody with another role.
    """
    if roles == PUBLIC:
        return Caller(name="anybody", role="agent", scopes=[])
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    is_token = kind.lower() == "bearer" and token.strip()
    caller = caller_of(token.strip(), now) if is_token else None
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
        TooLarge: it is more than is taken at once.
        RedactionFailed: it cannot be redacted, so it must not be taken.
    """
    body = json_of(request)
    chosen = {name: parameters[name] for name in CHOSEN_IDS if name in parameters}
    if not body and not chosen:
        return body, parameters, {}
    scope = scope_of(parameters, body, dict(request.query_params or {}).get("scope"))
    try:
        sent, path = redacted(body, scope), redacted(chosen, scope)
    except RecursionError:
        raise _no_json() from None
    return sent.value, parameters | path.value, sent.removed + path.removed


def json_of(request: Request) -> Any:
    """The JSON that was sent, just as it was; {} when nothing was sent.

    Raises:
        InvalidInput: this is no JSON.
        TooLarge: it is more than is taken at once.
    """
    raw = request.raw_body
    check_size(raw)
    if request.method == "GET" or not raw.strip():
        return {}
    try:
        body = json.loads(raw, parse_constant=_refuse)
        # A lone surrogate is no text, and a number that overflows would come back as `Infinity`.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise _no_json() from None
    return body


def _no_json() -> InvalidInput:
    return invalid("body", "must be JSON in UTF-8, not nested so deep, without numbers that large")


def stage_of(request: Request) -> str:
    """What API Gateway puts in front of every path of ours: its stage, such as `/api`."""
    event = request.to_original_event()
    asked = event.get("path") or ""
    full = event["requestContext"].get("path") or ""
    return str(full[: -len(asked)]) if asked and full.endswith(asked) else ""


def address_of(request: Request) -> str:
    """The IP address that API Gateway saw; what a header says of that, anybody may have written."""
    identity = (request.context or {}).get("identity") or {}
    return str(identity.get("sourceIp") or "")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _place(request: Request, parameters: dict[str, str]) -> str:
    """What a key is used for: the same body elsewhere, or to another scope, is something else."""
    asked = (request.query_params or {}).items()
    query = [f"{name}={value}" for name, value in sorted(asked)]
    return " ".join([request.method, request.path, *parameters.values(), *query])


def remember_request(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice middleware: keep the request where views find it, and mind Chalice's own errors."""
    current_request.set(request)
    response = get_response(request)
    body = response.body
    if isinstance(body, dict) and set(body) == {"Code", "Message"}:
        told = problem(response.status_code, str(body["Message"]))
        return Response(told.body, response.headers | told.headers, told.status_code)
    return response
