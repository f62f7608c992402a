"""Who is calling, and what belongs to whom."""

from datetime import datetime

from chalicelib.core.callers import EVERY_SCOPE, SYSTEM, Caller, Role
from chalicelib.services.errors import Forbidden, NotFound
from chalicelib.store import accounts, tokens
from chalicelib.store.secrets import signing_key

#: The groups that let people in, the mightiest first.
_ROLES_OF_PEOPLE: tuple[Role, ...] = ("lead", "reviewer", "auditor")
_SCOPE_GROUP = "scope:"

__all__ = ["SYSTEM", "Caller", "caller_of", "check_scope", "sign_in", "signing_key"]


def caller_of(token: str, now: datetime) -> Caller | None:
    """Who a bearer token stands for, None if for nobody or for nobody any more."""
    granted = tokens.grant_of(token)
    return None if granted is None or granted.ended(now) else granted.caller


def sign_in(username: str, password: str) -> Caller | None:
    """Who signs in with this name and password, None if nobody may.

    The role is a group of the user pool. A person in groups such as `scope:payments` reaches those
    scopes alone, one in no such group every scope.
    """
    groups = accounts.groups_of(username, password) or []
    for role in _ROLES_OF_PEOPLE:
        if role in groups:
            scopes = [
                each.removeprefix(_SCOPE_GROUP) for each in groups if each.startswith(_SCOPE_GROUP)
            ]
            return Caller(name=username, role=role, scopes=scopes or [EVERY_SCOPE])
    return None


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
