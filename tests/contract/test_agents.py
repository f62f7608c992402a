"""Agents: who may register what, what each is told, and which playbooks each can run."""

import time
from typing import Any

import pytest

from chalicelib.services import agents
from chalicelib.store.tables import AgentItem
from tests.api import Api

STEPS = [
    {
        "id": "a",
        "name": "Restart",
        "action": "shell",
        "args": {"command": "kubectl rollout restart deployment/shop"},
    }
]
SUBSCRIPTIONS = ["playbook.published", "execution.recorded"]


@pytest.fixture
def token(operator: Api, scope: str) -> Api:
    """A caller that reaches one scope alone."""
    return operator.narrowed(f"token-of-{scope}", scope)


def registered(api: Api, agent_id: str, scopes: list[str], *capabilities: str) -> str:
    """The agent, subscribed to what concerns playbooks."""
    body = {"capabilities": capabilities, "scopes": scopes, "subscriptions": SUBSCRIPTIONS}
    answer = api.call("PUT", f"/v1/agents/{agent_id}", body)
    assert answer.status == 200, answer
    return agent_id


def published(agent: Api, scope: str) -> str:
    body = {"scope": scope, "spec": {"name": "Restart the shop", "steps": STEPS}}
    return str(agent.post("/v1/playbooks", body).body["playbook_id"])


def told(api: Api, agent_id: str, least: int = 1, **query: Any) -> list[dict[str, Any]]:
    """An agent's notifications, once there are that many."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        items = list(api.items(f"/v1/agents/{agent_id}/notifications", **query))
        if len(items) >= least:
            return items
        time.sleep(0.05)
    raise AssertionError(f"{agent_id} was not told")


class TestRegistry:
    def test_an_agent_is_registered_found_replaced_and_removed(
        self, agent: Api, scope: str
    ) -> None:
        place = f"/v1/agents/{registered(agent, f'bot-{scope}', [scope], 'kubectl', ' KubeCtl')}"
        first = agent.get(place).body
        assert first["capabilities"] == ["kubectl", "KubeCtl"]
        assert (first["scopes"], first["subscriptions"]) == ([scope], SUBSCRIPTIONS)
        again = agent.call("PUT", place, {"capabilities": [], "scopes": [scope]}).body
        assert (again["capabilities"], again["registered_at"]) == ([], first["registered_at"])
        assert place.split("/")[-1] in [each["agent_id"] for each in agent.items("/v1/agents")]
        assert agent.call("DELETE", place).status == 200
        assert agent.get(place).status == 404

    def test_it_is_seen_when_its_token_calls_whichever_way(
        self, token: Api, agent: Api, scope: str
    ) -> None:
        name = registered(token, f"bot-{scope}", [scope])
        place = f"/v1/agents/{name}"
        message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        for call in (lambda: token.get("/v1/agents"), lambda: token.post("/mcp", message)):
            AgentItem("agents", name).update([AgentItem.last_seen_at.set("2026-01-31T12:00:00Z")])
            agents._lately.clear()  # as in another process
            assert call().status == 200
            assert agent.get(place).body["last_seen_at"] > "2026-02"

    def test_it_registers_only_scopes_that_its_token_reaches(self, token: Api, scope: str) -> None:
        for scopes in (["elsewhere"], ["*"], [scope, "elsewhere"]):
            body = {"capabilities": [], "scopes": scopes}
            assert token.call("PUT", f"/v1/agents/b-{scope}", body).status == 403
        answer = token.call("PUT", f"/v1/agents/b-{scope}", {"capabilities": ["shell"]})
        assert answer.body["scopes"] == [scope]

    def test_what_is_wrong_is_named_and_nothing_is_kept(self, agent: Api, scope: str) -> None:
        body = {"capabilities": [" "], "scopes": ["two words"], "subscriptions": ["coffee.ready"]}
        answer = agent.call("PUT", f"/v1/agents/c-{scope}", body)
        assert answer.status == 400
        assert set(answer.bad_fields) == {"capabilities", "scopes.0", "subscriptions"}
        assert agent.get(f"/v1/agents/c-{scope}").status == 404
        assert agent.call("PUT", "/v1/agents/a%20b", {"capabilities": []}).status == 400

    def test_an_id_is_the_token_s_that_took_it(
        self, agent: Api, token: Api, operator: Api, scope: str
    ) -> None:
        place = f"/v1/agents/{registered(agent, f'mine-{scope}', [scope])}"
        assert token.get(place).status == 200
        assert token.call("PUT", place, {"capabilities": []}).status == 409
        assert token.call("DELETE", place).status == 403
        assert token.get(f"{place}/notifications").status == 403
        assert operator.get(f"{place}/notifications").status == 200
        hidden = registered(agent, f"hidden-{scope}", ["elsewhere"])
        assert token.get(f"/v1/agents/{hidden}").status == 404
        assert hidden not in [each["agent_id"] for each in token.items("/v1/agents")]


class TestInbox:
    def test_an_agent_is_told_what_it_subscribed_to_in_order_and_once(
        self, agent: Api, scope: str
    ) -> None:
        bot = registered(agent, f"bot-{scope}", [scope], "kubectl")
        playbook_id = published(agent, scope)
        told(agent, bot)
        for _ in range(2):
            agent.post(f"/v1/playbooks/{playbook_id}/executions", {"status": "success"})
        items = told(agent, bot, 3)
        assert [each["sequence"] for each in items] == [1, 2, 3]
        assert [each["type"] for each in items] == ["playbook.published", *SUBSCRIPTIONS[1:] * 2]
        assert len({each["event_id"] for each in items}) == 3
        assert items[0]["detail"]["required_capabilities"] == ["kubectl access to the cluster"]
        for after in (items[0]["sequence"], items[0]["event_id"]):
            assert told(agent, bot, 2, after=after, limit=1) == items[1:]
        answer = agent.get(f"/v1/agents/{bot}/notifications", after="never-heard-of")
        assert answer.bad_fields == ["after"]

    def test_who_cannot_run_it_or_works_elsewhere_is_not_told_of_a_playbook(
        self, agent: Api, scope: str
    ) -> None:
        weak = registered(agent, f"weak-{scope}", [scope], "psql")
        away = registered(agent, f"away-{scope}", [f"{scope}-away"], "*")
        able = registered(agent, f"able-{scope}", ["*"], "kubectl")
        playbook_id = published(agent, scope)
        agent.post(f"/v1/playbooks/{playbook_id}/executions", {"status": "success"})
        assert [each["type"] for each in told(agent, weak)] == ["execution.recorded"]
        mine = [each["type"] for each in told(agent, able, 2) if each["scope"] == scope]
        assert mine == SUBSCRIPTIONS
        assert told(agent, away, 0) == []

    def test_a_scope_shares_what_it_has_learned_with_whom_it_says(
        self, agent: Api, operator: Api, scope: str
    ) -> None:
        other = f"{scope}-other"
        bot = registered(agent, f"bot-{scope}", [other], "kubectl")
        witness = registered(agent, f"witness-{scope}", [scope], "kubectl")
        place = f"/v1/scopes/{scope}/sharing"
        assert agent.get(place).body == {"shared_with": []}
        assert agent.call("PUT", place, {"shared_with": [other]}).status == 403
        published(agent, scope)
        told(agent, witness, 1)
        assert told(agent, bot, 0) == []
        for number, sharing in enumerate([[other], ["*"]], 1):
            assert operator.call("PUT", place, {"shared_with": sharing}).status == 200
            playbook_id = published(agent, scope)
            items = told(agent, bot, number)
            assert items[-1]["detail"]["playbook_id"] == playbook_id
            assert (items[-1]["scope"], items[-1]["through"]) == (scope, other)
        agent.post(f"/v1/playbooks/{playbook_id}/executions", {"status": "success"})
        told(agent, witness, 4)
        assert len(told(agent, bot, 2)) == 2, "how a playbook fares is the scope's own affair"
        assert operator.call("PUT", place, {}).body == {"shared_with": []}


class TestRecommending:
    def test_a_recommendation_says_who_can_run_it_and_what_the_caller_lacks(
        self, agent: Api, scope: str
    ) -> None:
        published(agent, scope)
        able = registered(agent, f"able-{scope}", [scope], "KUBECTL ACCESS to the cluster")
        also = registered(agent, f"also-{scope}", [scope], "kubectl", "psql")
        weak = registered(agent, f"weak-{scope}", [scope], "shell")
        away = registered(agent, f"away-{scope}", [f"{scope}-away"], "*")

        def asked(agent_id: str) -> dict[str, Any]:
            incident = {"title": "Restart the shop"}
            body = {"scope": scope, "incident": incident, "agent_id": agent_id, "min_relevance": 0}
            [best] = agent.post("/v1/recommendations", body).body["recommendations"]
            return dict(best)

        found = set(asked("")["capable_agents"])
        assert found >= {able, also}
        assert not found & {weak, away}
        needed = ["kubectl access to the cluster"]
        assert asked(able)["required_capabilities"] == needed
        judged = {each: asked(each) for each in (able, weak, away, "nobody")}
        assert {each: judged[each]["caller_can_run"] for each in judged} == {
            able: True,
            weak: False,
            away: False,
            "nobody": None,
        }
        assert [judged[each]["caller_lacks"] for each in judged] == [[], needed, [], []]
