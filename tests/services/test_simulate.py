"""Whose playbooks are simulated, in which version, and that it leaves no trace."""

import pytest

from chalicelib.services import operate, publish, simulate
from chalicelib.services.access import Caller
from chalicelib.services.errors import InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from tests.services.cases import AGENT, NOW, REVIEWER, written

pytestmark = pytest.mark.usefixtures("stack")

STRANGER = Caller(name="eve", role="agent", scopes=["elsewhere"])


def test_the_current_version_is_simulated_unless_another_is_named(scope: str) -> None:
    playbook = written(scope)
    for body in ({}, {"version": "1.0.0", "branch": "main"}):
        told = simulate.simulate(playbook.playbook_id, body, AGENT)
        assert (told.playbook_id, told.version) == (playbook.playbook_id, "1.0.0")
        assert [step.command for step in told.steps] == ["sudo logrotate -f /etc/logrotate.conf"]
        assert told.runnable
    for body in ({"version": "2.0.0"}, {"branch": "other"}):
        with pytest.raises(NotFound):
            simulate.simulate(playbook.playbook_id, body, AGENT)


def test_a_simulation_leaves_no_trace(scope: str) -> None:
    playbook = written(scope)
    entity = f"playbook:{playbook.playbook_id}"
    before = operate.list_audit(entity, Wanted(), AGENT).items
    simulate.simulate(playbook.playbook_id, {"parameters": {"x": 1}}, AGENT)
    assert operate.list_audit(entity, Wanted(), AGENT).items == before
    assert publish.find_playbook(playbook.playbook_id, AGENT) == playbook


def test_only_ones_own_playbooks_are_simulated(scope: str) -> None:
    playbook = written(scope)
    with pytest.raises(NotFound):
        simulate.simulate(playbook.playbook_id, {}, STRANGER)
    with pytest.raises(NotFound):
        simulate.simulate("pb_of_nobody", {}, AGENT)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"parameters": ["x"]}, "parameters"),
        ({"version": "latest"}, "version"),
        ({"branch": ""}, "branch"),
        ({"outputs": {"look": 5}}, "outputs.look"),
        ([], "body"),
    ],
)
def test_a_body_that_asks_for_no_simulation_is_named(scope: str, body: object, field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        simulate.simulate(written(scope).playbook_id, body, AGENT)
    assert [each["field"] for each in raised.value.errors] == [field]


def test_what_a_person_writes_counts_at_least_as_risky_as_its_words(scope: str) -> None:
    step = {"id": "a", "name": "Look", "action": "shell", "risk": "read_only"}
    spec = {"name": "X", "steps": [step | {"args": {"command": "rm -rf /srv"}}]}
    playbook = publish.write_playbook({"scope": scope, "spec": spec}, REVIEWER, NOW)
    assert [step.risk for step in playbook.spec.steps] == ["destroys"]
    told = simulate.simulate(playbook.playbook_id, {}, AGENT)
    assert [(each.risk, each.needs_confirmation) for each in told.steps] == [("destroys", True)]
