"""What can be said of conditions and validations, and when nothing can."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.arguments import arguments
from chalicelib.core.judgement import Answer, all_of, described, holds, passes
from chalicelib.core.playbooks import Condition, Parameter, Prerequisite, Validation

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def _holds(kind: str, wanted: Any, value: Any, of: str = "string") -> Answer:
    parameter = Parameter(name="p", type=of)
    told = arguments([parameter], {} if value is None else {"p": value})
    return holds(Condition(type=kind, param="p", value=wanted), {"p": parameter}, told)


@pytest.mark.parametrize(
    ("kind", "wanted", "value", "of", "answer"),
    [
        ("equals", "web", "web", "string", YES),
        ("equals", "web", "db", "string", NO),
        ("equals", True, "yes", "boolean", YES),
        ("equals", "true", True, "boolean", YES),
        ("equals", False, True, "boolean", NO),
        ("equals", 5, "5", "integer", YES),
        ("equals", 5, 5.0, "number", YES),
        ("equals", "five", 5, "integer", NO),
        ("not_equals", "web", "db", "string", YES),
        ("not_equals", "web", "web", "string", NO),
        ("non_empty", None, "x", "string", YES),
        ("non_empty", None, " ", "string", NO),
        ("non_empty", None, "x", "secure_string", YES),
        ("equals", "x", "x", "secure_string", UNKNOWN),
        ("equals", "web", None, "string", UNKNOWN),
        ("not_equals", "web", None, "string", UNKNOWN),
        ("non_empty", None, None, "string", UNKNOWN),
        ("equals", 5, "refused", "integer", UNKNOWN),
    ],
)
def test_a_condition_holds_by_the_parameters_type_or_is_open(
    kind: str, wanted: Any, value: Any, of: str, answer: Answer
) -> None:
    assert _holds(kind, wanted, value, of) == answer


def test_a_prerequisite_is_a_condition_too() -> None:
    parameter = Parameter(name="p", default="web")
    told = arguments([parameter], {})
    assert holds(Prerequisite(type="non_empty", param="p"), {"p": parameter}, told) == YES


@given(st.lists(st.sampled_from(list(Answer))))
def test_one_that_does_not_hold_decides_and_one_unknown_leaves_open(answers: list[Answer]) -> None:
    expected = NO if NO in answers else UNKNOWN if UNKNOWN in answers else YES
    assert all_of(answers) == expected


@given(st.text(), st.text())
def test_equals_and_not_equals_never_agree(wanted: str, value: str) -> None:
    answers = {_holds("equals", wanted, value), _holds("not_equals", wanted, value)}
    assert answers in ({YES, NO}, {UNKNOWN})


@pytest.mark.parametrize(
    ("kind", "value", "output", "answer"),
    [
        ("contains", "Running", "pod Running 1/1", YES),
        ("contains", "Running", "Pending", NO),
        ("not_contains", "error", "all well", YES),
        ("not_contains", "error", "error 5", NO),
        ("matches", r"\b9\d%", "/data 93% used", YES),
        ("matches", r"\b9\d%", "/data 13% used", NO),
        ("matches", "(a+)+$", "a" * 50_000 + "b", NO),
        ("matches", "(", "anything", UNKNOWN),
        ("contains", "x", None, UNKNOWN),
    ],
)
def test_a_validation_passes_by_the_output(
    kind: str, value: str, output: str | None, answer: Answer
) -> None:
    assert passes(Validation(type=kind, value=value), output) == answer


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({"type": "equals", "value": True, "text": "the disk is full"}, "the disk is full"),
        ({"type": "equals", "value": True}, "p is true"),
        ({"type": "not_equals", "value": "web"}, "p is not web"),
        ({"type": "non_empty"}, "p is given"),
    ],
)
def test_a_condition_is_told_in_the_words_that_ask_for_it(
    condition: dict[str, Any], said: str
) -> None:
    assert described(Condition(param="p", **condition)) == said
