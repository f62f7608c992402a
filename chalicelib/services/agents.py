"""The registry of agents: who there is, what each can, and which of them can run what."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.agents import Agent, AgentId, AgentRegistration, required_capabilities
from chalicelib.core.fields import DEFAULT_SCOPE, Value
from chalicelib.core.recommendations import Runners
from chalicelib.core.versions import Playbook
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import Conflict, Forbidden, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import agents as store
from chalicelib.store.paging import slice_of
from chalicelib.store.transaction import Transaction

_SEEN_EVERY = timedelta(minutes=1)
#: When this process last looked whether a caller is an agent.
_lately: dict[str, datetime] = {}


class _Named(Value):
    agent_id: AgentId


def register(agent_id: str, body: Any, caller: Caller, now: datetime) -> Agent:
    """Keep what an agent says of itself, in place of what it said before.

    Raises:
        InvalidInput: the body is no registration, or the id is none.
        Forbidden: it names a scope that its token does not reach.
        Conflict: the id is another token's, or the agent was changed at the same time.
    """
    validated(_Named, {"agent_id": agent_id})
    registration = validated(AgentRegistration, body)
    scopes = caller.scopes if registration.scopes is None else registration.scopes
    for scope in scopes:
        check_scope(caller, scope)
    before = store.get(agent_id)
    if before is not None and not _belongs(before, caller):
        raise Conflict(f"the agent {agent_id} is registered with another token; take another id")
    agent = Agent(
        agent_id=agent_id,
        capabilities=registration.capabilities,
        scopes=list(dict.fromkeys(scopes)),
        subscriptions=registration.subscriptions,
        registered_by=before.registered_by if before else caller.actor,
        registered_at=before.registered_at if before else now,
        updated_at=now,
        last_seen_at=now,
        revision=before.revision + 1 if before else 1,
    )
    with Transaction(caller, now) as transaction:
        store.save(transaction, agent)
        # The registry is no scope's own.
        entity = f"agent:{agent_id}"
        transaction.audit(DEFAULT_SCOPE, entity, "registered", before=before, after=agent)
    return agent


def find_agent(agent_id: str, caller: Caller) -> Agent:
    """The agent with that id.

    Raises:
        NotFound: there is none that the caller may know of.
    """
    agent = store.get(agent_id)
    if agent is None or not _visible(agent, caller):
        raise missing("agent", agent_id)
    return agent


def list_agents(wanted: Wanted, caller: Caller) -> Listing[Agent]:
    """The agents of the scopes that the caller reaches, by their ids."""
    visible = [agent for agent in store.everyone() if _visible(agent, caller)]
    return listing("agents", wanted, lambda limit, position: slice_of(visible, limit, position))


def remove(agent_id: str, caller: Caller, now: datetime) -> Agent:
    """Forget an agent, and return it as it was.

    Raises:
        NotFound: as `find_agent`.
        Forbidden: it is another token's.
    """
    agent = own_agent(agent_id, caller)
    with Transaction(caller, now) as transaction:
        store.delete(transaction, agent)
        transaction.audit(DEFAULT_SCOPE, f"agent:{agent_id}", "removed", before=agent)
    return agent


def own_agent(agent_id: str, caller: Caller) -> Agent:
    """The agent with that id, for the token that registered it, or for an operator of its scopes.

    Raises:
        NotFound: as `find_agent`.
        Forbidden: it is another token's.
    """
    agent = find_agent(agent_id, caller)
    if not _belongs(agent, caller):
        raise Forbidden(f"the agent {agent_id} is registered with another token")
    return agent


def seen(caller: Caller, now: datetime) -> None:
    """Remember when the agents of a token were last seen, at most once a minute."""
    if caller.actor in _lately and now - _lately[caller.actor] < _SEEN_EVERY:
        return
    _lately[caller.actor] = now
    for agent in store.everyone():
        if agent.registered_by == caller.actor:
            store.saw(agent, now, _SEEN_EVERY)


def runners(playbooks: Sequence[Playbook], scope: str, agent_id: str) -> list[Runners]:
    """Who can run each of the playbooks, and whether the one who asks can.

    Args:
        playbooks: what was asked about.
        scope: whose agents are meant.
        agent_id: who asks; what an agent that is not registered can, nobody knows.
    """
    everyone = store.everyone() if playbooks else []
    asking = next((agent for agent in everyone if agent.agent_id == agent_id), None)
    judged: list[Runners] = []
    for playbook in playbooks:
        needed = required_capabilities(playbook.spec)
        able = [agent.agent_id for agent in _capable(everyone, scope, needed)]
        judged.append(
            {
                "required_capabilities": needed,
                "capable_agents": able,
                "caller_can_run": None if asking is None else asking.agent_id in able,
                "caller_lacks": [] if asking is None else asking.lacks(needed),
            }
        )
    return judged


def _capable(agents: Iterable[Agent], scope: str, needed: Sequence[str]) -> list[Agent]:
    return [agent for agent in agents if agent.works_in(scope) and not agent.lacks(needed)]


def _belongs(agent: Agent, caller: Caller) -> bool:
    operated = caller.role == "operator" and all(map(caller.reaches, agent.scopes))
    return operated or agent.registered_by == caller.actor


def _visible(agent: Agent, caller: Caller) -> bool:
    return _belongs(agent, caller) or any(
        scope == "*" or caller.reaches(scope) for scope in agent.scopes
    )
