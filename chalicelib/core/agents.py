"""What an agent is, what it can, and what running a playbook needs.

A capability is a few words that an agent says of itself: a permission as a playbook's
`required_permissions` name it (`sudo on the host`), the program that such a permission is for
(`kubectl`), an action of steps (`shell`, `http_request`), or `*` for all of them. Case and blanks
do not matter.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, field_validator

from chalicelib.core.events import EVENTS, SHAREABLE, Event
from chalicelib.core.fields import Time, Value
from chalicelib.core.permissions import permissions_of, programs_of
from chalicelib.core.playbooks import PlaybookSpec

EVERYTHING = "*"
_LONGEST = 200
_MOST = 200

AgentId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.:@-]+$")]
Capability = Annotated[str, Field(min_length=1, max_length=_LONGEST)]
ScopeOrAll = Annotated[str, Field(max_length=100, pattern=r"^([\w.:@-]+|\*)$")]


class AgentRegistration(Value):
    """What an agent says of itself.

    Attributes:
        scopes: where it works; `*` is everywhere. Absent, where its token reaches.
        subscriptions: the types of events that it wants to be told.
    """

    capabilities: Annotated[list[Capability], Field(max_length=_MOST)]
    scopes: Annotated[list[ScopeOrAll], Field(max_length=_MOST)] | None = None
    subscriptions: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)] = []

    @field_validator("capabilities")
    @classmethod
    def _each_once(cls, capabilities: list[str]) -> list[str]:
        if any(not each.strip() for each in capabilities):
            raise ValueError("must not hold a blank one")
        return list(dict.fromkeys(" ".join(each.split()) for each in capabilities))

    @field_validator("subscriptions")
    @classmethod
    def _known_types(cls, subscriptions: list[str]) -> list[str]:
        if set(subscriptions) - set(EVENTS):
            raise ValueError(f"must be of {', '.join(EVENTS)}")
        return list(dict.fromkeys(subscriptions))


class Agent(Value):
    """An agent as it is kept.

    Attributes:
        registered_by: whose token registered it; what it calls with.
        last_seen_at: when that token last called, to about a minute.
    """

    agent_id: AgentId
    capabilities: list[str]
    scopes: list[str]
    subscriptions: list[str]
    registered_by: str
    registered_at: Time
    updated_at: Time
    last_seen_at: Time
    revision: Annotated[int, Field(ge=1)] = 1

    def works_in(self, scope: str) -> bool:
        """Whether a scope is one of its own."""
        return EVERYTHING in self.scopes or scope in self.scopes

    def lacks(self, needed: Iterable[str]) -> list[str]:
        """Which of the needed capabilities it has not named, in their order."""
        named = {_key(each) for each in self.capabilities}
        if EVERYTHING in named:
            return []
        return [need for need in needed if not named & {_key(need), *programs_of(need)}]


class Sharing(Value):
    """With which other scopes a scope shares what it has learned.

    Attributes:
        shared_with: names of scopes; `*` is all; none keeps it to itself.
    """

    shared_with: Annotated[list[ScopeOrAll], Field(max_length=_MOST)] = []


def required_capabilities(spec: PlaybookSpec) -> list[str]:
    """What an agent needs to run a playbook.

    Its permissions, as its metadata names them or else as its commands show them. `http_request`
    where a step asks for one, and `shell` where steps run commands that need no permission: who may
    use sudo or kubectl somewhere can run commands there.
    """
    actions = {step.action for step in spec.steps}
    named = spec.metadata.get("required_permissions")
    if isinstance(named, list):
        texts = [" ".join(each.split()) for each in named if isinstance(each, str)]
        permissions = [text[:_LONGEST] for text in texts if text][:_MOST]
    else:
        permissions = permissions_of(
            str(step.args.get("command")) for step in spec.steps if step.action == "shell"
        )
    needed = dict.fromkeys(permissions)
    if "http_request" in actions:
        needed["http_request"] = None
    if "shell" in actions and not permissions:
        needed["shell"] = None
    return list(needed)


def hears(agent: Agent, event: Event, sharing: Sharing) -> str | None:
    """Through which scope an agent is to be told of an event, None where it is not.

    It must have subscribed to the type, have every capability that the event's detail requires,
    and work in the event's scope or, for what scopes share, in one that it is shared with.
    """
    if event.type not in agent.subscriptions:
        return None
    if agent.lacks(event.detail.get("required_capabilities", [])):
        return None
    if agent.works_in(event.scope):
        return event.scope
    if event.type not in SHAREABLE:
        return None
    if EVERYTHING in sharing.shared_with:
        return min(agent.scopes, default=None)
    return next((scope for scope in sorted(sharing.shared_with) if agent.works_in(scope)), None)


def _key(capability: str) -> str:
    return " ".join(capability.split()).casefold()
