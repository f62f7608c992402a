"""What agents can, what playbooks need, and who is to hear of what."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.agents import Agent, Sharing, hears, required_capabilities
from chalicelib.core.events import EVENTS, SHAREABLE, Event
from chalicelib.core.permissions import permissions_of, programs_of
from chalicelib.core.playbooks import PlaybookSpec

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def agent(**values: Any) -> Agent:
    told = {"capabilities": ["*"], "scopes": ["shop"], "subscriptions": list(EVENTS)} | values
    times = dict.fromkeys(("registered_at", "updated_at", "last_seen_at"), NOW)
    return Agent(agent_id="bot", registered_by="agent:bot", **told, **times)


def event(event_type: str, scope: str = "shop", **detail: Any) -> Event:
    return Event(event_id="e", type=event_type, version=1, scope=scope, at=NOW, detail=detail)


def spec(*commands: str, action: str = "shell", **metadata: Any) -> PlaybookSpec:
    args = {"shell": "command", "noop": "message"}.get(action, "url")
    steps = [
        {"id": str(at), "name": "Do it", "action": action, "args": {args: command}}
        for at, command in enumerate(commands)
    ]
    return PlaybookSpec.model_validate({"name": "x", "steps": steps, "metadata": metadata})


@pytest.mark.parametrize(
    ("playbook", "needed"),
    [
        (spec("df -h"), ["shell"]),
        (spec("df -h", "sudo systemctl restart x"), ["sudo on the host"]),
        (
            spec("kubectl get pods", required_permissions=["a key of the vault"]),
            ["a key of the vault"],
        ),
        (spec("df -h", required_permissions=[]), ["shell"]),
        (spec("https://x", action="http_request"), ["http_request"]),
        (spec("Ask the manager", action="noop"), []),
    ],
)
def test_a_playbook_needs_its_permissions_or_else_its_actions(
    playbook: PlaybookSpec, needed: list[str]
) -> None:
    assert required_capabilities(playbook) == needed


def test_an_agent_names_a_permission_a_program_of_it_or_everything() -> None:
    needed = ["kubectl access to the cluster", "sudo on the host", "shell"]
    assert agent(capabilities=[]).lacks(needed) == needed
    assert agent(capabilities=["KUBECTL", "sudo"]).lacks(needed) == ["shell"]
    assert agent(capabilities=["Sudo  on the HOST", "shell", "oc"]).lacks(needed) == needed[:1]
    assert agent(capabilities=["*"]).lacks(needed) == []


@given(st.sampled_from(["kubectl get x", "psql -c x", "sudo ls", "aws s3 ls", "docker ps"]))
def test_whoever_names_the_program_can_run_its_command(command: str) -> None:
    [permission] = permissions_of([command])
    assert command.split()[0] in programs_of(permission)


class TestHearing:
    def test_one_s_own_scope_and_everywhere(self) -> None:
        for event_type in EVENTS:
            assert hears(agent(), event(event_type), Sharing()) == "shop"
            assert hears(agent(scopes=["*"]), event(event_type), Sharing()) == "shop"
            assert hears(agent(scopes=["other"]), event(event_type), Sharing()) is None
            assert hears(agent(subscriptions=[]), event(event_type), Sharing()) is None

    @given(
        st.sampled_from(sorted(EVENTS)),
        st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
        st.lists(st.sampled_from(["a", "b", "*", "d"])),
    )
    def test_other_scopes_hear_of_what_is_shared_with_them_alone(
        self, event_type: str, scopes: list[str], shared_with: list[str]
    ) -> None:
        through = hears(agent(scopes=scopes), event(event_type), Sharing(shared_with=shared_with))
        shared = set(scopes) if "*" in shared_with else set(scopes) & set(shared_with)
        if event_type in SHAREABLE and shared:
            assert through in shared
        else:
            assert through is None

    def test_who_lacks_a_capability_does_not_hear_of_a_playbook(self) -> None:
        published = event("playbook.published", required_capabilities=["shell"])
        assert hears(agent(capabilities=["psql"]), published, Sharing()) is None
        assert hears(agent(capabilities=["shell"]), published, Sharing()) == "shop"
