"""Tokens for programs: issued, listed, rotated, revoked; each is told once, to who asks for it."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.callers import EVERY_SCOPE
from chalicelib.core.fields import Time, Value
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import Conflict, invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.repeats import new_id
from chalicelib.store import tokens as store
from chalicelib.store.tokens import GrantedRole, GrantedScopes
from chalicelib.store.tokens import TokenGrant as TokenGrant
from chalicelib.store.transaction import Transaction

_BYTES = 32  # 256 random bits: nobody guesses one
_LONGEST_OVERLAP = 7 * 24 * 3600


class TokenRequest(Value):
    """A token that is wanted."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: GrantedRole
    scopes: GrantedScopes = [EVERY_SCOPE]
    expires_at: Time | None = None


class IssuedToken(TokenGrant):
    """A new token.

    Attributes:
        token: the token itself; null where the answer is told again.
    """

    token: str | None = None


class Rotation(Value):
    """How long, in seconds, the old token goes on beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=_LONGEST_OVERLAP)] = 0


def issue_token(body: Any, caller: Caller, now: datetime) -> tuple[str, TokenGrant]:
    """A new token, and what it lets its bearer do.

    Raises:
        InvalidInput: the body says not or wrongly what the token is to be for.
        Forbidden: it would reach a scope that the caller does not reach.
    """
    wanted = validated(TokenRequest, body)
    granted = validated(
        TokenGrant,
        {
            **wanted.model_dump(),
            "token_id": new_id("tok"),
            "created_at": now,
            "created_by": caller.actor,
        },
    )
    if granted.ended(now):
        raise invalid("expires_at", "must be in the future")
    for scope in granted.scopes:
        check_scope(caller, scope)
    with Transaction(caller, now) as transaction:
        token = _give(transaction, granted, "issued")
    return token, granted


def list_tokens(wanted: Wanted, caller: Caller) -> Listing[TokenGrant]:
    """What the tokens may do that reach no further than the caller."""
    found = listing("tokens", wanted, store.page)
    return Listing([each for each in found.items if _reached(each, caller)], found.next_cursor)


def rotate_token(token_id: str, body: Any, caller: Caller, now: datetime) -> tuple[str, TokenGrant]:
    """A new token in the place of an old one, which ends at once or after an overlap.

    Raises:
        NotFound: there is no such token, or the caller does not reach its scopes.
        InvalidInput: the overlap is no number of seconds, or too long.
        Conflict: the token has ended, or was revoked at the same time.
    """
    overlap = timedelta(seconds=validated(Rotation, body).overlap_seconds)
    old = _find(token_id, caller)
    if old.ended(now):
        raise Conflict("this token has ended; issue a new one")
    fresh = old.model_copy(
        update={
            "token_id": new_id("tok"),
            "created_at": now,
            "created_by": caller.actor,
        }
    )
    with Transaction(caller, now) as transaction:
        if overlap:
            end = min(filter(None, (now + overlap, old.expires_at)))
            store.change(transaction, old.model_copy(update={"expires_at": end}))
        else:
            store.remove(transaction, token_id)
        token = _give(transaction, fresh, "rotated", {"replaces": token_id})
    return token, fresh


def revoke_token(token_id: str, caller: Caller, now: datetime) -> TokenGrant:
    """Make a token worthless at once.

    Raises:
        NotFound: there is no such token, or the caller does not reach its scopes.
    """
    granted = _find(token_id, caller)
    with Transaction(caller, now) as transaction:
        store.remove(transaction, token_id)
        transaction.audit(EVERY_SCOPE, f"token:{token_id}", "revoked", before=granted)
    return granted


def _give(
    transaction: Transaction, granted: TokenGrant, action: str, told: dict[str, Any] | None = None
) -> str:
    # The random part may begin with a hyphen, which a command line would take for an option.
    token = f"precedent_{secrets.token_urlsafe(_BYTES)}"
    store.add(transaction, token, granted)
    entity = f"token:{granted.token_id}"
    transaction.audit(EVERY_SCOPE, entity, action, told, after=granted)
    return token


def _find(token_id: str, caller: Caller) -> TokenGrant:
    granted = store.get(token_id)
    if granted is None or not _reached(granted, caller):
        raise missing("token", token_id)
    return granted


def _reached(granted: TokenGrant, caller: Caller) -> bool:
    return all(caller.reaches(scope) for scope in granted.scopes)
