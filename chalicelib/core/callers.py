"""Who calls, what they may reach, and where the call comes from."""

from typing import Literal

from chalicelib.core.fields import PRECEDENT, Value

Role = Literal["agent", "reviewer", "lead", "operator", "auditor", "system"]
EVERY_SCOPE = "*"

#: The ways in. A worker is what runs without a request: schedules, queues and events.
Way = Literal["api", "page", "mcp", "webhook", "command", "worker"]


class Origin(Value):
    """Where a change comes from.

    Attributes:
        way: by which way it came in.
        address: the IP address that API Gateway saw it come from; empty where there was none.
    """

    way: Way = "worker"
    address: str = ""


class Caller(Value):
    """Someone who is known to us, with a role and the scopes that it reaches.

    Attributes:
        token_id: the token that it came with; empty for who signed in on a page.
        origin: where it calls from now.
    """

    name: str
    role: Role
    scopes: list[str]
    token_id: str = ""
    origin: Origin = Origin()

    def reaches(self, scope: str) -> bool:
        """Whether the caller may see and change what belongs to a scope."""
        return EVERY_SCOPE in self.scopes or scope in self.scopes

    def coming(self, way: Way, address: str = "") -> "Caller":
        """The same caller by a way in, and from an address."""
        return self.model_copy(update={"origin": Origin(way=way, address=address)})

    @property
    def actor(self) -> str:
        """How the audit trail calls it."""
        return f"{self.role}:{self.name}"


#: Precedent itself: what schedules and workers do, nobody asked for by name.
SYSTEM = Caller(name=PRECEDENT, role="system", scopes=[EVERY_SCOPE])
