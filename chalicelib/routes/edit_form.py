"""The form that changes a specification: from what is stored to fields, and from fields to JSON.

Steps and parameters are numbered as they stand in the form. Moving and adding ones are buttons of
the form, so that all of it works without a script: what was typed comes back as it was.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.core.playbooks import Parameter, PlaybookSpec, Step, placeholders
from chalicelib.services.errors import InvalidInput

TEXT_OF = {"shell": "command", "noop": "message"}

_NUMBERED = re.compile(r"(step|parameter)-(\d{1,4})-([a-z]+)")
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class TypedStep:
    """A step as it is typed; one without an id is new."""

    id: str = ""
    action: str = "shell"
    name: str = ""
    text: str = ""
    risk: str = ""
    remove: str = ""
    confirmed: str = ""


@dataclass(frozen=True)
class TypedParameter:
    """A parameter as it is typed; `was` is its name where it is not new."""

    was: str = ""
    name: str = ""
    type: str = "string"
    description: str = ""
    default: str = ""
    pattern: str = ""
    required: str = ""
    remove: str = ""


@dataclass(frozen=True)
class Typed:
    """All that the form holds."""

    name: str
    description: str
    steps: list[TypedStep]
    parameters: list[TypedParameter]
    reviewer_notes: str = ""

    def changes(self, spec: PlaybookSpec) -> bool:
        """Whether it holds anything else than a specification does."""
        stored = typed_of(spec)
        plain = [replace(step, confirmed="") for step in self.steps]
        return replace(self, steps=plain, reviewer_notes="") != stored


def typed_of(spec: PlaybookSpec) -> Typed:
    """The form as a specification fills it."""
    return Typed(
        name=spec.name,
        description=spec.description,
        steps=[
            TypedStep(step.id, step.action, step.name, text_of(step), step.risk)
            for step in spec.steps
        ],
        parameters=[
            TypedParameter(
                was=each.name,
                type=each.type,
                description=each.description,
                default=_shown(each.default),
                pattern=each.pattern or "",
                required="yes" if each.required else "",
            )
            for each in spec.parameters
        ],
    )


def typed_in(form: dict[str, str], base: PlaybookSpec) -> Typed:
    """The form as somebody has filled it; what it does not hold is as in `base`."""
    numbered: dict[str, dict[int, dict[str, str]]] = {"step": {}, "parameter": {}}
    for name, value in form.items():
        if told := _NUMBERED.fullmatch(name):
            numbered[told[1]].setdefault(int(told[2]), {})[told[3]] = value
    stored = typed_of(base)
    return Typed(
        name=form.get("name", base.name),
        description=form.get("description", base.description),
        steps=[_filled(TypedStep, each) for each in _in_order(numbered["step"])] or stored.steps,
        parameters=[_filled(TypedParameter, each) for each in _in_order(numbered["parameter"])]
        or stored.parameters,
        reviewer_notes=form.get("reviewer_notes", ""),
    )


def rearranged(typed: Typed, button: str) -> Typed | None:
    """The form after one of its own buttons was pressed; None where it is another button."""
    if button == "add-step":
        return replace(typed, steps=[*typed.steps, TypedStep()])
    if button == "add-parameter":
        return replace(typed, parameters=[*typed.parameters, TypedParameter(required="yes")])
    told = re.fullmatch(r"(up|down)-(\d{1,4})", button)
    if told is None:
        return None
    steps, at = list(typed.steps), int(told[2])
    to = at - 1 if told[1] == "up" else at + 1
    if 0 <= at < len(steps) and 0 <= to < len(steps):
        steps[at], steps[to] = steps[to], steps[at]
    return replace(typed, steps=steps)


def modifications_of(typed: Typed, base: PlaybookSpec) -> dict[str, Any]:
    """The fields of a specification that were changed in the form, as JSON to validate.

    Raises:
        InvalidInput: a field must not be empty, or a parameter is left out that is still used.
    """
    errors: list[dict[str, str]] = []
    steps = [
        _step_of(step, number, base, errors)
        for number, step in enumerate(typed.steps)
        if not step.remove
    ]
    if not steps:
        errors.append({"field": "steps", "message": "a playbook needs at least one"})
    _number_new_steps(steps, base)
    parameters = [
        _parameter_of(each, number, base, errors)
        for number, each in enumerate(typed.parameters)
        if not each.remove
    ]
    _check_used(parameters, steps, base, errors)
    if errors:
        raise InvalidInput(errors)
    told = {
        "name": typed.name.strip(),
        "description": typed.description.strip(),
        "parameters": parameters,
        "prerequisites": _prerequisites(parameters, base),
        "steps": steps,
    }
    was = base.model_dump(mode="json")
    return {name: value for name, value in told.items() if value != _stripped(was[name])}


def text_of(step: Step) -> str:
    """The command or the message that a step has."""
    return str(step.args.get(TEXT_OF.get(step.action, ""), ""))


def _filled(kind: Any, values: dict[str, str]) -> Any:
    return kind(**{name: values[name] for name in kind.__dataclass_fields__ if name in values})


def _in_order(numbered: dict[int, dict[str, str]]) -> list[dict[str, str]]:
    return [numbered[number] for number in sorted(numbered)]


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _step_of(
    typed: TypedStep, number: int, base: PlaybookSpec, errors: list[dict[str, str]]
) -> dict[str, Any]:
    """A step as JSON: the stored one with what was typed, or a new one without an id yet."""
    was = next((step for step in base.steps if step.id == typed.id and typed.id), None)
    action = was.action if was else typed.action
    name, text = typed.name.strip(), typed.text.strip()
    if not name:
        errors.append(_empty(f"Step {number + 1}: name", f"edit-{number}"))
    if action in TEXT_OF and not text:
        told = _empty(f"Step {number + 1}: {TEXT_OF[action]}", f"edit-{number}")
        errors.append({**told, "message": "must not be empty; leave the step out instead"})
    step: dict[str, Any] = {"id": typed.id, "action": action, "args": {}}
    if was is not None:
        step = was.model_dump(mode="json")
    step["name"] = name if was is None or name != was.name.strip() else was.name
    if action in TEXT_OF and (was is None or text != text_of(was).strip()):
        step["args"] = {**step["args"], TEXT_OF[action]: text}
    if typed.risk:
        step["risk"] = typed.risk
    return step


def _number_new_steps(steps: Sequence[dict[str, Any]], base: PlaybookSpec) -> None:
    """Give each new step an id made of its name, which no other has."""
    taken = {step["id"] for step in steps} | {step.id for step in base.steps}
    for step in steps:
        if step["id"]:
            continue
        slug = _SLUG.sub("-", step["name"].lower()).strip("-")[:60].strip("-") or "step"
        numbers = (slug if number == 1 else f"{slug}-{number}" for number in range(1, 1_000))
        step["id"] = next(each for each in numbers if each not in taken)
        taken.add(step["id"])


def _parameter_of(
    typed: TypedParameter, number: int, base: PlaybookSpec, errors: list[dict[str, str]]
) -> dict[str, Any]:
    was = next((each for each in base.parameters if each.name == typed.was), None)
    if not typed.name.strip() and was is None:
        errors.append(_empty(f"Parameter {number + 1}: name", f"parameter-{number}"))
    default: Any = typed.default.strip() or None
    if was is not None and typed.default.strip() == _shown(was.default).strip():
        default = was.default
    told = was or Parameter(name="new")
    return {
        **told.model_dump(mode="json"),
        "name": was.name if was else typed.name.strip(),
        "type": typed.type.strip() or "string",
        "description": typed.description.strip(),
        "default": default,
        "pattern": typed.pattern.strip() or None,
        "required": bool(typed.required),
    }


def _check_used(
    parameters: Sequence[dict[str, Any]],
    steps: Sequence[dict[str, Any]],
    base: PlaybookSpec,
    errors: list[dict[str, str]],
) -> None:
    """Refuse to leave out a parameter that a command still stands on."""
    kept = {each["name"] for each in parameters}
    for parameter in base.parameters:
        users = [
            step["name"]
            for step in steps
            if parameter.name
            in placeholders(str(step["args"].get(TEXT_OF.get(step["action"], ""))))
        ]
        if parameter.name not in kept and users:
            message = f"is still used by “{users[0]}”; change that first"
            errors.append({"field": parameter.name, "message": message})


def _prerequisites(
    parameters: Sequence[dict[str, Any]], base: PlaybookSpec
) -> list[dict[str, Any]]:
    """Those of the stored ones that still apply, and one for each parameter newly required."""
    required = {each["name"] for each in parameters if each["required"]}
    kept = [each.model_dump(mode="json") for each in base.prerequisites if each.param in required]
    before = {each.name for each in base.parameters if each.required}
    return kept + [
        {"type": "non_empty", "param": each["name"]}
        for each in parameters
        if each["required"] and each["name"] not in before and each["type"] != "boolean"
    ]


def _empty(name: str, anchor: str) -> dict[str, str]:
    return {"field": name, "anchor": anchor, "message": "must not be empty"}
