"""The agents' bearer tokens: only their hashes are kept, with what each may do."""

import hashlib
from typing import Literal

from chalicelib.core.fields import PRECEDENT, Value
from chalicelib.store.tables import TokenItem

Role = Literal["agent", "reviewer", "operator", "system"]
EVERY_SCOPE = "*"


class Caller(Value):
    """Someone who is known to us, with a role and the scopes that it reaches."""

    name: str
    role: Role
    scopes: list[str]

    def reaches(self, scope: str) -> bool:
        """Whether the caller may see and change what belongs to a scope."""
        return EVERY_SCOPE in self.scopes or scope in self.scopes

    @property
    def actor(self) -> str:
        """How the audit trail calls it."""
        return f"{self.role}:{self.name}"


#: Precedent itself: what schedules and workers do, nobody asked for by name.
SYSTEM = Caller(name=PRECEDENT, role="system", scopes=[EVERY_SCOPE])


def issue(token: str, caller: Caller) -> None:
    """Let a token act as a caller from now on."""
    TokenItem(_hash(token), "token", document=caller.model_dump_json()).save()


def revoke(token: str) -> None:
    """Make a token worthless."""
    TokenItem(_hash(token), "token").delete()


def caller_of(token: str) -> Caller | None:
    """Who a token stands for, None if for nobody."""
    try:
        item = TokenItem.get(_hash(token), "token")
    except TokenItem.DoesNotExist:
        return None
    return Caller.model_validate_json(item.document or "")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
