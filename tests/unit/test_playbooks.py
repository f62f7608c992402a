"""What makes a specification sound, and what tells its suggestion from another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core.playbooks import (
    Evidence,
    Parameter,
    PlaybookSpec,
    Prerequisite,
    Step,
    placeholders,
    problems,
)
from chalicelib.core.suggestions import steps_digest, suggestion_id_of


def _step(step_id="look", command="df -h", **values):
    return Step(
        **{"id": step_id, "name": "Look", "action": "shell", "args": {"command": command}, **values}
    )


def _when(param):
    return {"type": "equals", "param": param, "value": True, "text": "the disk is full"}


def _spec(*steps, **values):
    return PlaybookSpec(**{"name": "Disk", "steps": list(steps) or [_step()], **values})


def test_a_sound_specification_has_no_problems():
    spec = _spec(
        parameters=[Parameter(name="host")],
        prerequisites=[Prerequisite(type="non_empty", param="host")],
    )
    assert list(problems(spec)) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"parameters": [Parameter(name="a"), Parameter(name="a")]}, "parameters: every"),
        ({"steps": [_step("x"), _step("x", "ls")]}, "steps: every"),
        ({"prerequisites": [Prerequisite(type="non_empty", param="b")]}, "prerequisites: b"),
        ({"steps": [_step("x", when=[_when("b")])]}, "steps: x waits for b"),
    ],
)
def test_what_does_not_hold_together_is_refused_by_its_field(values, problem):
    with pytest.raises(ValidationError, match=problem):
        _spec(**values)


def test_all_problems_are_told_and_not_only_the_first():
    unsound = PlaybookSpec.model_construct(
        parameters=[Parameter(name="a"), Parameter(name="a")],
        steps=[_step(), _step()],
        prerequisites=[Prerequisite(type="non_empty", param="b")],
    )
    assert [each.split(":")[0] for each in problems(unsound)] == [
        "parameters",
        "steps",
        "prerequisites",
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"args": {}},
        {"args": {"command": "  "}},
        {"args": {"command": 7}},
        {"action": "noop", "args": {"command": "df -h"}},
        {"action": "explode"},
        {"id": ""},
        {"name": ""},
    ],
)
def test_a_step_needs_what_its_action_runs_or_says(values):
    with pytest.raises(ValidationError):
        _step(**values)


def test_a_specification_has_a_step_and_a_known_version():
    with pytest.raises(ValidationError):
        PlaybookSpec(name="Disk", steps=[])
    with pytest.raises(ValidationError):
        _spec(version=2)


@pytest.mark.parametrize("name", ["", "2nd", "with space", "a-b", "x" * 65])
def test_a_parameter_has_a_name_that_a_placeholder_can_hold(name):
    with pytest.raises(ValidationError):
        Parameter(name=name)


def test_a_step_says_what_it_runs_else_its_message_else_its_name():
    assert _step().text == "df -h"
    assert _step(action="noop", args={"message": "Call Ann"}).text == "Call Ann"
    assert _step(action="wait", args={}).text == "Look"
    assert "Look\ndf -h" in _spec().text


def test_placeholders_are_told_in_order_and_once():
    assert placeholders("ssh ${host} rm ${path} ${host}") == ["host", "path"]
    assert placeholders("$HOME ${} ${1} ${a-b} {x}") == []


@given(st.lists(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), unique=True))
def test_every_name_of_a_parameter_is_found_again(names):
    assert placeholders(" ".join(f"${{{name}}}" for name in names)) == names


def test_equal_steps_are_one_suggestion_whoever_supports_or_names_them():
    supported = _step(name="Other", evidence=Evidence(support=3, incident_ids=["a"]))
    assert steps_digest(_spec(supported, name="Renamed")) == steps_digest(_spec())
    assert suggestion_id_of("pat-1", _spec(supported)) == suggestion_id_of("pat-1", _spec())


def test_other_steps_another_order_or_another_pattern_are_another_suggestion():
    one, other = _step("a", "df -h"), _step("b", "ls")
    ids = {
        suggestion_id_of("pat-1", _spec(one, other)),
        suggestion_id_of("pat-1", _spec(other, one)),
        suggestion_id_of("pat-1", _spec(one)),
        suggestion_id_of("pat-2", _spec(one)),
    }
    assert len(ids) == 4
    assert all(each.startswith("sug_") and len(each) == 24 for each in ids)
