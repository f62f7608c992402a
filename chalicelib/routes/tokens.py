"""Tokens over HTTP."""

from chalice.app import Blueprint

from chalicelib.routes.http import Call, endpoint
from chalicelib.services import tokens as service
from chalicelib.services.listing import Listing
from chalicelib.services.tokens import IssuedToken, Rotation, TokenGrant, TokenRequest

tokens = Blueprint(__name__)

_EXAMPLE = {"name": "build agent 7", "role": "agent", "scopes": ["builds"]}


@endpoint(tokens, "POST", "/v1/tokens", status=201, takes=TokenRequest, example=_EXAMPLE)
def issue_token(call: Call) -> IssuedToken:
    """Issue a token; it is told in this answer, and never again."""
    return _told(call, *service.issue_token(call.body, call.caller, call.now))


@endpoint(tokens, "GET", "/v1/tokens")
def list_tokens(call: Call) -> Listing[TokenGrant]:
    """What each token may do, in the order of their ids."""
    return service.list_tokens(call.wanted, call.caller)


@endpoint(tokens, "POST", "/v1/tokens/{token_id}/rotations", status=201, takes=Rotation)
def rotate_token(call: Call, token_id: str) -> IssuedToken:
    """Replace a token by a new one, at once or with an overlap."""
    return _told(call, *service.rotate_token(token_id, call.body, call.caller, call.now))


@endpoint(tokens, "DELETE", "/v1/tokens/{token_id}")
def revoke_token(call: Call, token_id: str) -> TokenGrant:
    """Make a token worthless."""
    return service.revoke_token(token_id, call.caller, call.now)


def _told(call: Call, token: str, granted: TokenGrant) -> IssuedToken:
    call.told_once["token"] = token
    return IssuedToken(**dict(granted))
