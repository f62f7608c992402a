"""Bearer tokens: only their hashes are kept, with what each may do.

A token has two items: one is found by its hash, whenever somebody calls; the other by its id, when
operators list, rotate and revoke.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.core.callers import Caller
from chalicelib.core.fields import Scope, Time, Value
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import TokenItem
from chalicelib.store.transaction import Transaction

#: What a token can be given out for: nobody calls as the system.
GrantedRole = Literal["agent", "reviewer", "lead", "operator", "auditor"]
GrantedScopes = Annotated[list[Scope | Literal["*"]], Field(min_length=1, max_length=100)]

_LISTED = "tokens"


class TokenGrant(Value):
    """What a token lets its bearer do, and until when; the token itself is kept nowhere."""

    token_id: str
    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: GrantedRole
    scopes: GrantedScopes
    created_at: Time
    created_by: str
    expires_at: Time | None = None

    @property
    def caller(self) -> Caller:
        """Who its bearer is."""
        return Caller(
            name=self.name, role=self.role, scopes=list(self.scopes), token_id=self.token_id
        )

    def ended(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


class _Listed(Value):
    grant: TokenGrant
    digest: str


def add(transaction: Transaction, token: str, grant: TokenGrant) -> None:
    """Let a token open what its grant says, once the transaction is written."""
    digest = _digest(token)
    transaction.create(TokenItem(digest, "token", document=grant.model_dump_json()))
    listed = _Listed(grant=grant, digest=digest)
    transaction.create(TokenItem(_LISTED, grant.token_id, document=listed.model_dump_json()))


def change(transaction: Transaction, grant: TokenGrant) -> None:
    """Let what is kept of a token say what its grant says now.

    Raises:
        Conflict: (from the transaction) it was revoked at the same time.
    """
    listed = _listed(grant.token_id)
    if listed is not None:
        there = TokenItem.pk.exists()
        transaction.put(TokenItem(listed.digest, "token", document=grant.model_dump_json()), there)
        changed = listed.model_copy(update={"grant": grant}).model_dump_json()
        transaction.put(TokenItem(_LISTED, grant.token_id, document=changed), there)


def remove(transaction: Transaction, token_id: str) -> None:
    """Make a token worthless, and forget it."""
    listed = _listed(token_id)
    if listed is not None:
        transaction.delete(TokenItem(listed.digest, "token"))
        transaction.delete(TokenItem(_LISTED, token_id))


def get(token_id: str) -> TokenGrant | None:
    """What the token with that id may do; None where there is none."""
    listed = _listed(token_id)
    return listed.grant if listed else None


def page(limit: int, position: Position | None) -> Page[TokenGrant]:
    """A page of all tokens, in the order of their ids."""
    results = TokenItem.query(_LISTED, limit=limit, last_evaluated_key=position)
    return page_of(results).of(lambda item: _Listed.model_validate_json(item.text).grant)


def grant_of(token: str) -> TokenGrant | None:
    """What a token may do, None for what is no token of ours."""
    item = TokenItem.find(_digest(token), "token")
    return TokenGrant.model_validate_json(item.text) if item else None


def _listed(token_id: str) -> _Listed | None:
    item = TokenItem.find(_LISTED, token_id)
    return _Listed.model_validate_json(item.text) if item else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
