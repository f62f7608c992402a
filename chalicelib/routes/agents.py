"""Agents, their inboxes, and what scopes share, over HTTP."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.core.agents import Agent, AgentRegistration, Sharing
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import agents as registry
from chalicelib.services import notify
from chalicelib.services.listing import Listing
from chalicelib.services.notify import InboxEntry

agents = Blueprint(__name__)

_AFTER = {
    "after": Annotated[
        str,
        Field(
            max_length=200,
            description="The `sequence` or the `event_id` of the last one that is known already.",
        ),
    ]
}
_EXAMPLE = {
    "capabilities": ["kubectl", "http_request"],
    "scopes": ["default"],
    "subscriptions": ["playbook.published"],
}


@endpoint(agents, "GET", "/v1/agents")
def list_agents(call: Call) -> Listing[Agent]:
    """The registered agents."""
    return registry.list_agents(call.wanted, call.caller)


@endpoint(agents, "PUT", "/v1/agents/{agent_id}", takes=AgentRegistration, example=_EXAMPLE)
def register_agent(call: Call, agent_id: str) -> Agent:
    """Register an agent, or replace what it said of itself."""
    return registry.register(agent_id, call.body, call.caller, call.now)


@endpoint(agents, "GET", "/v1/agents/{agent_id}")
def get_agent(call: Call, agent_id: str) -> Agent:
    """One agent."""
    return registry.find_agent(agent_id, call.caller)


@endpoint(agents, "DELETE", "/v1/agents/{agent_id}")
def remove_agent(call: Call, agent_id: str) -> Agent:
    """Forget an agent."""
    return registry.remove(agent_id, call.caller, call.now)


@endpoint(agents, "GET", "/v1/agents/{agent_id}/notifications", asks=_AFTER)
def list_notifications(call: Call, agent_id: str) -> Listing[InboxEntry]:
    """What an agent was told, in the order that it came."""
    after = call.query.get("after")
    return notify.notifications(agent_id, after, call.wanted, call.caller, call.now)


@endpoint(agents, "GET", "/v1/scopes/{scope}/sharing")
def get_sharing(call: Call, scope: str) -> Sharing:
    """With whom a scope shares what it has learned."""
    return notify.find_sharing(scope, call.caller)


@endpoint(agents, "PUT", "/v1/scopes/{scope}/sharing", takes=Sharing)
def set_sharing(call: Call, scope: str) -> Sharing:
    """Say with whom a scope shares."""
    return notify.set_sharing(scope, call.body, call.caller, call.now)
