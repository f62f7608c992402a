"""A playbook with values: which steps run, what is missing, and how bad it may get."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.simulation import Simulation, simulate

_FULL = {"type": "equals", "param": "full", "value": True, "text": "the disk is full"}
SPEC = PlaybookSpec.model_validate(
    {
        "name": "Free the disk",
        "parameters": [
            {"name": "host"},
            {"name": "path", "default": "/var/log/old", "pattern": "^/[a-z/]+$"},
            {"name": "full", "type": "boolean", "required": False},
            {"name": "note", "required": False},
            {"name": "pw", "type": "secure_string"},
        ],
        "prerequisites": [{"type": "non_empty", "param": "host"}],
        "steps": [
            {
                "id": "look",
                "name": "Look at ${host}",
                "action": "shell",
                "args": {"command": "df -h ${path}"},
                "validations": [{"type": "contains", "value": "100% ${path}"}],
            },
            {
                "id": "wipe",
                "name": "Wipe",
                "action": "shell",
                "args": {"command": "rm -rf ${path}"},
                "when": [_FULL],
                "risk": "read_only",
            },
            {
                "id": "tell",
                "name": "Tell",
                "action": "noop",
                "args": {"message": "Tell ${note}"},
                "when": [_FULL],
            },
            {"id": "pause", "name": "Wait", "action": "wait", "args": {"seconds": 5}},
        ],
    }
)


def _simulated(outputs: dict[str, str] | None = None, **given: Any) -> Simulation:
    return simulate(SPEC, given, outputs or {})


def test_with_all_that_it_needs_it_is_runnable_and_shows_each_step() -> None:
    told = _simulated(host="db1", pw="x", full="yes", note="Ann")
    assert (told.runnable, told.missing, told.refused, told.risk) == (True, [], [], "destroys")
    look, wipe, tell, pause = told.steps
    assert (look.name, look.command, look.runs) == ("Look at db1", "df -h /var/log/old", "yes")
    assert (wipe.risk, wipe.needs_confirmation, wipe.reasons) == (
        "destroys",
        True,
        ["the disk is full: yes"],
    )
    assert (tell.message, tell.command, tell.args) == ("Tell Ann", None, None)
    assert (pause.args, pause.message, pause.needs_confirmation) == ({"seconds": 5}, None, False)
    assert told.parameters["pw"] == "<secure:pw>"


def test_steps_that_are_left_out_need_nothing_and_destroy_nothing() -> None:
    told = _simulated(host="db1", pw="x", full=False)
    assert [step.runs for step in told.steps] == ["yes", "no", "no", "yes"]
    assert (told.runnable, told.missing, told.risk) == (True, [], "read_only")


def test_as_long_as_a_condition_is_open_its_step_may_run() -> None:
    told = _simulated(host="db1", pw="x")
    assert [step.runs for step in told.steps] == ["yes", "unknown", "unknown", "yes"]
    assert told.steps[1].reasons == ["the disk is full: unknown"]
    assert (told.missing, told.runnable, told.risk) == (["note"], False, "destroys")


def test_what_is_missing_is_told_in_the_order_of_the_parameters() -> None:
    told = _simulated(full=True)
    assert told.missing == ["host", "note", "pw"]
    assert [each.holds for each in told.prerequisites] == ["unknown"]
    assert told.steps[2].missing == ["note"]


def test_what_is_refused_is_not_missing_too() -> None:
    told = _simulated(host="db1", pw="x", full=False, path="/x; reboot", nobody="1")
    assert [each.field for each in told.refused] == ["parameters.nobody", "parameters.path"]
    assert (told.missing, told.runnable) == ([], False)
    assert (told.steps[0].command, told.steps[0].missing) == ("df -h ${path}", ["path"])


def test_a_prerequisite_that_fails_stops_it() -> None:
    told = _simulated(host=" ", pw="x", full=False)
    assert ([each.holds for each in told.prerequisites], told.runnable) == (["no"], False)


def test_outputs_are_judged_by_the_validations_with_values_in_them() -> None:
    given = {"host": "db1", "pw": "x"}
    for output, passes in (("100% /var/log/old", "yes"), ("3% /var/log/old", "no")):
        told = simulate(SPEC, given, {"look": output})
        [validation] = told.steps[0].validations
        assert (validation.value, validation.passes) == ("100% /var/log/old", passes)
    assert simulate(SPEC, given, {}).steps[0].validations[0].passes == "unknown"


@given(
    st.dictionaries(
        st.sampled_from(["host", "path", "full", "note", "pw", "more"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    )
)
def test_whatever_is_given_there_is_an_answer_and_what_is_runnable_is_complete(
    values: dict[str, Any],
) -> None:
    told = simulate(SPEC, values, {})
    assert [step.step_id for step in told.steps] == [step.id for step in SPEC.steps]
    if told.runnable:
        running = [step for step in told.steps if step.runs != "no"]
        assert all(step.missing == [] for step in running)
        assert told.missing == []
        assert told.refused == []


def test_a_placeholder_that_no_parameter_stands_for_is_missing() -> None:
    step = Step(id="s", name="S", action="shell", args={"command": "ping ${target}"})
    assert simulate(PlaybookSpec(name="X", steps=[step]), {}, {}).missing == ["target"]
