"""What a playbook would do with given values, told step by step; nothing is executed."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.core.arguments import Arguments, Refusal, arguments
from chalicelib.core.caution import risk_of_step, worst
from chalicelib.core.fields import Value
from chalicelib.core.judgement import Answer, all_of, described, holds, passes
from chalicelib.core.playbooks import (
    Parameter,
    PlaybookSpec,
    Prerequisite,
    Risk,
    Step,
    Validation,
)
from chalicelib.core.rendering import RenderedStep, render, render_validation
from chalicelib.core.rollback import rollback_hint


class SimulatedPrerequisite(Prerequisite):
    """What has to hold before the first step, and whether it does."""

    holds: Answer


class SimulatedValidation(Validation):
    """What a step's output is judged by, and whether the output that was told passes."""

    passes: Answer


class SimulatedStep(Value):
    """A step as it would run.

    Attributes:
        command: what a `shell` step runs.
        message: what a `noop` step tells a person.
        args: the arguments of any other step.
        runs: whether its conditions hold.
        reasons: its conditions in words, each with what can be said of it.
        missing: parameters that it needs and that have no value which can be taken.
        needs_confirmation: whether it destroys something.
        rollback_hint: what to keep before it, and what undoes it; None if there is nothing to undo.
    """

    step_id: str
    name: str
    action: str
    command: str | None = None
    message: str | None = None
    args: dict[str, Any] | None = None
    runs: Answer
    reasons: list[str]
    missing: list[str]
    risk: Risk
    needs_confirmation: bool
    rollback_hint: str | None = None
    validations: list[SimulatedValidation]


class Simulation(Value):
    """What a playbook would do.

    Attributes:
        parameters: the values that it would run with, defaults among them, secrets masked.
        missing: parameters that are required, or that a step which may run needs.
        refused: values that cannot be taken, by their field, and why.
        runnable: whether nothing is missing or refused and no prerequisite fails.
        risk: that of the riskiest step that may run.
    """

    parameters: dict[str, str]
    missing: list[str]
    refused: list[Refusal]
    runnable: bool
    prerequisites: list[SimulatedPrerequisite]
    risk: Risk
    steps: list[SimulatedStep]


def simulate(
    spec: PlaybookSpec, given: Mapping[str, Any], outputs: Mapping[str, str]
) -> Simulation:
    """What a playbook would do with these values.

    Args:
        spec: the playbook.
        given: values by the names of its parameters.
        outputs: what steps said when somebody ran them, by their ids, to judge validations by.
    """
    told = arguments(spec.parameters, given)
    by_name = {parameter.name: parameter for parameter in spec.parameters}
    rendered = [render(step, told) for step in spec.steps]
    steps = [
        _step(step, ready, by_name, told, outputs.get(step.id))
        for step, ready in zip(spec.steps, rendered, strict=True)
    ]
    taken = [
        (step, ready)
        for step, ready in zip(steps, rendered, strict=True)
        if step.runs is not Answer.NO
    ]
    refused = [*told.refused, *(refusal for _, ready in taken for refusal in ready.refused)]
    missing = _missing(spec.parameters, [step for step, _ in taken], told)
    prerequisites = [
        SimulatedPrerequisite(**dict(each), holds=holds(each, by_name, told))
        for each in spec.prerequisites
    ]
    ready = all_of(each.holds for each in prerequisites) is Answer.YES
    return Simulation(
        parameters=dict(told.values),
        missing=missing,
        refused=refused,
        runnable=ready and not missing and not refused,
        prerequisites=prerequisites,
        risk=worst(Risk.READ_ONLY, *(step.risk for step, _ in taken)),
        steps=steps,
    )


def _missing(
    parameters: Sequence[Parameter], steps: Sequence[SimulatedStep], told: Arguments
) -> list[str]:
    refused = {each.field.removeprefix("parameters.") for each in told.refused}
    needed = {name for step in steps for name in step.missing}
    needed |= {each.name for each in parameters if each.required}
    without = needed - told.values.keys() - refused
    declared = [each.name for each in parameters if each.name in without]
    return [*declared, *sorted(without - set(declared))]


def _step(
    step: Step,
    rendered: RenderedStep,
    parameters: Mapping[str, Parameter],
    told: Arguments,
    output: str | None,
) -> SimulatedStep:
    answers = [holds(condition, parameters, told) for condition in step.when]
    command = rendered.args.get("command") if step.action == "shell" else None
    message = rendered.args.get("message") if step.action == "noop" else None
    risk = risk_of_step(step)
    validations = [render_validation(each, told) for each in step.validations]
    return SimulatedStep(
        step_id=step.id,
        name=rendered.name,
        action=step.action,
        command=command,
        message=message,
        args=rendered.args if command is None and message is None else None,
        runs=all_of(answers),
        reasons=[
            f"{described(condition)}: {answer}"
            for condition, answer in zip(step.when, answers, strict=True)
        ],
        missing=rendered.missing,
        risk=risk,
        needs_confirmation=risk is Risk.DESTROYS,
        rollback_hint=rollback_hint(step, command),
        validations=[
            SimulatedValidation(**dict(each), passes=passes(each, output)) for each in validations
        ],
    )
