"""The registry of agents, and with whom scopes share what they have learned.

There are some hundreds of agents at most, so all lie in one partition and are read at once.
"""

import json
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError

from chalicelib.core.agents import Agent, Sharing
from chalicelib.core.fields import format_time
from chalicelib.store.tables import AgentItem
from chalicelib.store.transaction import Transaction

_AGENTS = "agents"


def get(agent_id: str) -> Agent | None:
    """The agent with that id, None where there is none."""
    item = AgentItem.find(_AGENTS, agent_id)
    return _agent(item) if item else None


def everyone() -> list[Agent]:
    """All agents, by their ids."""
    return [_agent(item) for item in AgentItem.query(_AGENTS)]


def save(transaction: Transaction, agent: Agent) -> None:
    """Keep an agent: a new one, or over the revision just before its own."""
    item = AgentItem(
        _AGENTS,
        agent.agent_id,
        document=agent.model_dump_json(exclude={"last_seen_at"}),
        last_seen_at=format_time(agent.last_seen_at),
        revision=agent.revision,
    )
    if agent.revision == 1:
        transaction.create(item)
    else:
        transaction.replace(item)


def delete(transaction: Transaction, agent: Agent) -> None:
    """Forget an agent; what is in its inbox goes when its time is over."""
    transaction.delete(AgentItem(_AGENTS, agent.agent_id))


def saw(agent: Agent, now: datetime, at_most_every: timedelta) -> None:
    """Remember that an agent called, unless it called just before."""
    last = format_time(now - at_most_every)
    try:
        AgentItem(_AGENTS, agent.agent_id).update(
            actions=[AgentItem.last_seen_at.set(format_time(now))],
            condition=AgentItem.last_seen_at < last,
        )
    except UpdateError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise


def sharing(scope: str) -> Sharing:
    """With whom a scope shares; with nobody unless somebody said so."""
    item = AgentItem.find(f"sharing#{scope}", "sharing")
    return Sharing.model_validate_json(item.text) if item else Sharing()


def share(transaction: Transaction, scope: str, sharing: Sharing) -> None:
    """Keep with whom a scope shares."""
    transaction.put(AgentItem(f"sharing#{scope}", "sharing", document=sharing.model_dump_json()))


def _agent(item: AgentItem) -> Agent:
    return Agent.model_validate({**json.loads(item.text), "last_seen_at": item.last_seen_at})
