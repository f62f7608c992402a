"""JSON-RPC 2.0 as the Model Context Protocol uses it, in both of its ways to agree on a version.

Up to 2025-11-25 a client shakes hands (`initialize`) and then says the version in a header. From
2026-07-28 on there is no handshake: each request says in `params._meta` what the client speaks, and
headers repeat what a gateway routes by. We keep nothing between requests, so each is judged alone.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

#: The versions that are agreed on by a handshake, and those that each request states.
HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STATED_VERSIONS = ("2026-07-28",)
#: The versions in which several messages may come in one list.
_BATCHING = HANDSHAKE_VERSIONS[:2]

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
RESOURCE_NOT_FOUND = -32002  # until 2025-11-25
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

#: What the names of the protocol's own fields in `_meta` begin with.
META = "io.modelcontextprotocol/"
_NAMED_BY = {"tools/call": "name", "resources/read": "uri", "prompts/get": "name"}
_STATUS = {METHOD_NOT_FOUND: HTTPStatus.NOT_FOUND}


class RpcMessage(TypedDict):
    """A message of JSON-RPC 2.0: a request, or without an id a notification."""

    jsonrpc: Literal["2.0"]
    id: NotRequired[str | int]
    method: str
    params: NotRequired[dict[str, Any]]


class RpcErrorBody(TypedDict):
    """What is wrong with a request."""

    code: int
    message: str
    data: NotRequired[Any]


class RpcAnswer(TypedDict):
    """The answer to a request: its result, or an error."""

    jsonrpc: Literal["2.0"]
    id: str | int | None
    result: NotRequired[dict[str, Any]]
    error: NotRequired[RpcErrorBody]


class RpcError(Exception):
    """A request that cannot be served; what goes wrong inside of a tool is none of these."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.code = code
        self.data = data
        super().__init__(message)

    @property
    def body(self) -> RpcErrorBody:
        """The error as JSON-RPC writes it."""
        told: RpcErrorBody = {"code": self.code, "message": str(self)}
        if self.data is not None:
            told["data"] = self.data
        return told


@dataclass(frozen=True)
class Request:
    """One request: its method and parameters, and whether it states its version itself."""

    method: str
    params: dict[str, Any]
    stated: bool


@dataclass(frozen=True)
class Reply:
    """What is sent back; a body of None is none at all."""

    status: HTTPStatus
    body: RpcAnswer | list[Any] | None = None


Serve = Callable[[Request], dict[str, Any]]


def reply(sent: Any, headers: Mapping[str, str], serve: Serve) -> Reply:
    """The reply to what was posted.

    Args:
        sent: the JSON.
        headers: the request's, whatever the case of their names.
        serve: answers a request, or raises RpcError.
    """
    version = headers.get("mcp-protocol-version")
    if isinstance(sent, list) and sent and (version is None or version in _BATCHING):
        bodies = [reply(each, headers, serve).body for each in sent if not isinstance(each, list)]
        answers = [body for body in bodies if body is not None]
        return Reply(HTTPStatus.OK, answers) if answers else Reply(HTTPStatus.ACCEPTED)
    if not isinstance(sent, dict) or sent.get("jsonrpc") != "2.0":
        return failed(INVALID_REQUEST, "Send one JSON-RPC 2.0 message as a JSON object.")
    if "id" not in sent and isinstance(sent.get("method"), str):
        return Reply(HTTPStatus.ACCEPTED)  # a notification: none of them is for us to act on
    if "method" not in sent and ("result" in sent or "error" in sent):
        return Reply(HTTPStatus.ACCEPTED)  # an answer, to a question that we never ask
    return _reply(sent, version, headers, serve)


def failed(code: int, message: str) -> Reply:
    """The reply to something of which not even the id is known."""
    error = RpcError(code, message)
    return Reply(HTTPStatus.BAD_REQUEST, {"jsonrpc": "2.0", "id": None, "error": error.body})


def _reply(
    sent: dict[str, Any], version: str | None, headers: Mapping[str, str], serve: Serve
) -> Reply:
    name, method, params = sent.get("id"), sent.get("method"), sent.get("params", {})
    if isinstance(name, bool) or not isinstance(name, str | int):
        return failed(INVALID_REQUEST, "The id must be a string or a whole number.")
    if not isinstance(method, str):
        return failed(INVALID_REQUEST, "The method must be a string.")
    stated = (version or HANDSHAKE_VERSIONS[0]) not in HANDSHAKE_VERSIONS
    try:
        if not isinstance(params, dict):
            raise RpcError(INVALID_PARAMS, "The params must be an object.")
        if stated or f"{META}protocolVersion" in _meta(params):
            stated = True
            _check_stated(method, params, headers)
        result = serve(Request(method, params, stated))
        return Reply(HTTPStatus.OK, {"jsonrpc": "2.0", "id": name, "result": result})
    except RpcError as error:
        status = _STATUS.get(error.code, HTTPStatus.BAD_REQUEST) if stated else HTTPStatus.OK
        return Reply(status, {"jsonrpc": "2.0", "id": name, "error": error.body})


def _meta(params: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = params.get("_meta")
    return meta if isinstance(meta, dict) else {}


def _check_stated(method: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """See that a request says what it has to, and that its headers say the same.

    Raises:
        RpcError: it does not, or speaks a version that we do not.
    """
    meta = _meta(params)
    needed = [f"{META}{name}" for name in ("protocolVersion", "clientCapabilities")]
    if missing := [name for name in needed if name not in meta]:
        raise RpcError(INVALID_PARAMS, f"params._meta must have {' and '.join(missing)}.")
    version = meta[needed[0]]
    said = {"mcp-protocol-version": version, "mcp-method": method}
    if method in _NAMED_BY and _NAMED_BY[method] in params:
        said["mcp-name"] = params[_NAMED_BY[method]]
    for header, value in said.items():
        if _decoded(headers.get(header)) != value:
            raise RpcError(HEADER_MISMATCH, f"The header {header} must say what the body says.")
    if version not in STATED_VERSIONS:
        data = {"supported": [*HANDSHAKE_VERSIONS, *STATED_VERSIONS], "requested": version}
        raise RpcError(UNSUPPORTED_VERSION, "This protocol version is not supported.", data)


def _decoded(header: str | None) -> str | None:
    """A header's value; what cannot stand in a header comes as `=?base64?...?=`."""
    if header is None or not (header.startswith("=?base64?") and header.endswith("?=")):
        return header
    try:
        return base64.b64decode(header[9:-2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
