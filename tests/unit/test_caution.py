"""What a step does at worst, whatever it says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.caution import (
    cautious,
    destructive,
    risk_of_playbook,
    risk_of_step,
    worst,
)
from chalicelib.core.playbooks import PlaybookSpec, Risk, Step


def _step(command="df -h", step_id="look", **values):
    return Step(
        **{"id": step_id, "name": "Do", "action": "shell", "args": {"command": command}} | values
    )


def _spec(*steps, **values):
    return PlaybookSpec(name="Disk", steps=list(steps), **values)


@pytest.mark.parametrize(
    ("command", "said", "risk"),
    [
        ("rm -rf /data", "read_only", "destroys"),
        ("systemctl restart nginx", "read_only", "changes"),
        ("df -h", "read_only", "read_only"),
        ("df -h", "destroys", "destroys"),
        ("./own-script", "destroys", "destroys"),
    ],
)
def test_a_step_may_overstate_its_risk_and_never_understate_it(command, said, risk):
    assert risk_of_step(_step(command, risk=said)) == risk


@pytest.mark.parametrize(
    ("args", "risk"),
    [
        ({"url": "https://x"}, "read_only"),
        ({"url": "https://x", "method": "post"}, "changes"),
        ({"url": "https://x", "method": "DELETE"}, "destroys"),
    ],
)
def test_a_request_is_as_risky_as_its_method(args, risk):
    assert risk_of_step(_step(action="http_request", args=args)) == risk


def test_a_message_to_a_person_may_destroy_too():
    step = _step(action="noop", args={"message": "Drop the old partitions"})
    assert destructive(_spec(_step(), step.model_copy(update={"id": "drop"})))[0].id == "drop"


def test_a_playbook_is_as_risky_as_its_worst_step_and_says_so():
    spec = cautious(_spec(_step(), _step("rm -r /x", "wipe"), metadata={"risk": "changes"}))
    assert [step.risk for step in spec.steps] == ["read_only", "destroys"]
    assert spec.metadata == {"risk": "destroys"}
    assert risk_of_playbook(spec) == "destroys"
    assert cautious(_spec(_step())).metadata == {}


@given(st.lists(st.sampled_from(list(Risk)), min_size=1, max_size=5))
def test_the_worst_is_one_of_them_and_nothing_is_worse_than_to_destroy(risks):
    assert worst(*risks) in risks
    assert worst(*risks, Risk.DESTROYS) is Risk.DESTROYS
