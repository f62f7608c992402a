"""What other tools send, over HTTP: signed by the tool, or with a token as everything else."""

from typing import Any

from chalice.app import Blueprint, Request

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import take_in
from chalicelib.services.access import Caller

webhooks = Blueprint(__name__)


def _sender(request: Request, parameters: dict[str, str]) -> Caller | None:
    """The tool that signed the request, if one did."""
    scope = dict(request.query_params or {}).get("scope", DEFAULT_SCOPE)
    body = request.raw_body
    raw = body.encode() if isinstance(body, str) else body
    return take_in.sender_of(parameters["source"], scope, raw, request.headers)


@endpoint(
    webhooks,
    "POST",
    "/v1/webhooks/{source}",
    takes=dict[str, Any],
    asks=SCOPE,
    sender=_sender,
)
def receive(call: Call, source: str) -> take_in.TakenIn:
    """Take in what a tool sends, in the tool's own shape.

    It needs no token where the tool signs it. See `docs/ways-in.md` for the tools there are.
    """
    return take_in.take_in(source, call.body, call.scope, call.caller, call.now)
