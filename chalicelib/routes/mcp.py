"""The Model Context Protocol over streamable HTTP: one POST, one JSON answer, no session.

https://modelcontextprotocol.io. What an assistant may do is what its token may do through the API.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from chalice.app import Blueprint, Response

from chalicelib.routes.access import roles_of
from chalicelib.routes.http import caller_of_request, current_request, json_of, let_in
from chalicelib.routes.mcp_messages import PARSE_ERROR, RpcAnswer, RpcMessage, failed, reply
from chalicelib.routes.mcp_methods import serve
from chalicelib.routes.problems import problem, problem_of
from chalicelib.routes.registry import OPERATIONS, Operation
from chalicelib.services.errors import Forbidden, InvalidInput
from chalicelib.services.redaction import redacted, scope_of

mcp = Blueprint(__name__)

_EXAMPLE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "get_pattern_statistics", "arguments": {"scope": "default"}},
}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@mcp.route("/mcp", methods=["POST"], name="POST /mcp")
def exchange() -> Response:
    """Take a message of the Model Context Protocol, and answer it.

    A version before 2025-06-18 may send several in a list. See `docs/mcp.md`.
    """
    request = current_request.get()
    try:
        _check_origin(request.headers.get("origin"), request.context.get("domainName"))
        now = datetime.now(UTC)
        caller = caller_of_request(request, roles_of("POST", "/mcp"), now)
        caller = let_in(request, caller, "mcp", now)
        try:
            sent = _redacted(json_of(request))
        except InvalidInput as error:
            answer = failed(PARSE_ERROR, str(error))
        except RecursionError:
            answer = failed(PARSE_ERROR, "The message is nested too deep.")
        else:
            answer = reply(sent, request.headers, lambda asked: serve(asked, caller, now))
    except Exception as error:
        return problem_of(error)
    if answer.body is None:
        return Response(body="", status_code=int(answer.status))
    headers = {"Content-Type": "application/json"}
    return Response(body=answer.body, status_code=int(answer.status), headers=dict(headers))


def _redacted(message: Any) -> Any:
    """A message, or each of several, redacted as the scope wants it that its tool is called for."""
    if isinstance(message, list):
        return [_redacted(each) for each in message]
    params = message.get("params") if isinstance(message, dict) else None
    arguments = params.get("arguments") if isinstance(params, dict) else None
    named = arguments if isinstance(arguments, dict) else {}
    ids = {name: value for name, value in named.items() if isinstance(value, str)}
    return redacted(message, scope_of(ids, named, None)).value


OPERATIONS["POST", "/mcp"] = Operation(
    "POST",
    "/mcp",
    200,
    roles_of("POST", "/mcp"),
    exchange,
    takes=RpcMessage,
    example=_EXAMPLE,
    answers={200: RpcAnswer | list[RpcAnswer], 202: None, 400: RpcAnswer, 404: RpcAnswer},
)


@mcp.route("/mcp", methods=["GET"], name="GET /mcp")
def get() -> Response:
    """There is no stream to listen to."""
    return _only_post()


@mcp.route("/mcp", methods=["DELETE"], name="DELETE /mcp")
def delete() -> Response:
    """There is no session to end."""
    return _only_post()


def _only_post() -> Response:
    answer = problem(HTTPStatus.METHOD_NOT_ALLOWED, "Only POST: there are no streams or sessions.")
    answer.headers["Allow"] = "POST"
    return answer


def _check_origin(origin: str | None, domain: str | None) -> None:
    """Let no page of another site call, whatever name it gave to our address.

    Args:
        origin: the page that calls; None where no browser does.
        domain: the name that API Gateway serves; None on a development machine.

    Raises:
        Forbidden: the page is not ours.
    """
    if origin is None:
        return
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        host = None
    if host not in ({domain} if domain else _LOOPBACK):
        raise Forbidden("A page of another site may not call this.")
