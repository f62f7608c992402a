"""Who is calling, and what belongs to whom."""

from chalicelib.services.errors import Forbidden, NotFound
from chalicelib.store import accounts, tokens
from chalicelib.store.secrets import signing_key
from chalicelib.store.tokens import EVERY_SCOPE, SYSTEM, Caller

__all__ = ["SYSTEM", "Caller", "caller_of", "check_scope", "sign_in", "signing_key"]


def caller_of(token: str) -> Caller | None:
    """Who a bearer token stands for, None if for nobody."""
    return tokens.caller_of(token)


def sign_in(username: str, password: str) -> Caller | None:
    """The reviewer with this name and password, None if there is none."""
    groups = accounts.groups_of(username, password)
    if groups is None or "reviewer" not in groups:
        return None
    return Caller(name=username, role="reviewer", scopes=[EVERY_SCOPE])


def check_scope(caller: Caller, scope: str) -> None:
    """Let nobody into a scope that is not theirs.

    Raises:
        Forbidden: the caller does not reach the scope.
    """
    if not caller.reaches(scope):
        raise Forbidden(f"this token does not reach the scope {scope}")


def missing(kind: str, name: str) -> NotFound:
    """The error for a thing that is not there."""
    return NotFound(f"there is no {kind} {name}")
