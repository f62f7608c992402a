"""Whether the conditions, prerequisites and validations of a playbook hold."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from chalicelib.core.arguments import Arguments, text_of
from chalicelib.core.expressions import occurs
from chalicelib.core.playbooks import Condition, Parameter, Prerequisite, Validation


class Answer(StrEnum):
    """What can be said of a condition: unknown as long as what it asks about is not told."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def _answer(holds: bool) -> Answer:
    return Answer.YES if holds else Answer.NO


def all_of(answers: Iterable[Answer]) -> Answer:
    """Whether all hold: one that does not decides, before one that is unknown (Kleene's and)."""
    found = set(answers)
    if Answer.NO in found:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in found else Answer.YES


def holds(
    condition: Condition | Prerequisite,
    parameters: Mapping[str, Parameter],
    arguments: Arguments,
) -> Answer:
    """Whether a condition holds with these arguments.

    Values are compared as what the parameter's type makes of them: for a boolean `true` is `"yes"`,
    for a number 5 is 5.0. Of a secret it can be told only whether there is one.
    """
    value = arguments.values.get(condition.param)
    if value is None:
        return Answer.UNKNOWN
    if condition.type == "non_empty":
        return _answer(bool(value.strip()))
    if condition.param in arguments.secure:
        return Answer.UNKNOWN
    same = _same(value, condition, parameters[condition.param])
    return _answer(same == (condition.type == "equals"))


def described(condition: Condition) -> str:
    """A condition in words: those it was told in, else its own."""
    if condition.text:
        return condition.text
    if condition.type == "non_empty":
        return f"{condition.param} is given"
    verb = "is" if condition.type == "equals" else "is not"
    return f"{condition.param} {verb} {_plain(condition)}"


def passes(validation: Validation, output: str | None) -> Answer:
    """Whether a step's output is as a validation asks, unknown without an output to judge."""
    if output is None:
        return Answer.UNKNOWN
    if validation.type == "matches":
        try:
            return _answer(occurs(validation.value, output))
        except ValueError:
            return Answer.UNKNOWN
    return _answer((validation.value in output) == (validation.type == "contains"))


def _same(value: str, condition: Condition, parameter: Parameter) -> bool:
    try:
        wanted = text_of(parameter, condition.value)
    except ValueError:
        return False
    if parameter.type in ("integer", "number"):
        return float(value) == float(wanted)
    return value == wanted


def _plain(condition: Condition) -> str:
    value = condition.value
    return str(value).lower() if isinstance(value, bool) else str(value)
