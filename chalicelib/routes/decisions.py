"""The form of a decision: from what a reviewer typed to what is decided, and back."""

from typing import Any

from chalicelib.core.caution import risk_of_step
from chalicelib.core.playbooks import Risk, Step
from chalicelib.core.risk import risk_of
from chalicelib.core.suggestions import Suggestion
from chalicelib.services.errors import InvalidInput, Unconfirmed, invalid

_TEXT_OF = {"shell": "command", "noop": "message"}


def decision_of(form: dict[str, str], suggestion: Suggestion) -> dict[str, Any]:
    """The decision that a form tells, with only what the reviewer changed as modifications.

    Raises:
        InvalidInput: the form names no revision, or removes every step.
    """
    if not form.get("revision", "").isdecimal():
        raise invalid("revision", "is missing; open the page again")
    steps = suggestion.playbook_spec.steps
    return {
        "action": form.get("action", ""),
        "reviewer_notes": form.get("reviewer_notes", ""),
        "revision": int(form["revision"]),
        "modifications": _modifications(form, suggestion),
        "confirmed_steps": [
            step.id for number, step in enumerate(steps) if form.get(f"step-{number}-confirmed")
        ],
    }


def typed_in(form: dict[str, str], suggestion: Suggestion) -> dict[str, str]:
    """What the form's fields hold: what was typed before, else what the suggestion says."""
    spec = suggestion.playbook_spec
    values = {"reviewer_notes": "", "name": spec.name, "description": spec.description}
    for number, step in enumerate(spec.steps):
        values[f"step-{number}-name"] = step.name
        values[f"step-{number}-text"] = _text(step)
        values[f"step-{number}-remove"] = ""
        values[f"step-{number}-confirmed"] = ""
    return values | {name: value for name, value in form.items() if name in values}


def to_confirm(typed: dict[str, str], suggestion: Suggestion) -> set[int]:
    """The places, from 0, of the steps that destroy something as they are typed."""
    return {
        number
        for number, step in enumerate(suggestion.playbook_spec.steps)
        if risk_of_step(_with_text(step, typed[f"step-{number}-text"].strip())) is Risk.DESTROYS
    }


def errors_of(error: InvalidInput, suggestion: Suggestion) -> list[dict[str, str]]:
    """What the page says of an error: of steps that need a tick, where they are."""
    if not isinstance(error, Unconfirmed):
        return error.errors
    places = {step.id: place for place, step in enumerate(suggestion.playbook_spec.steps, 1)}
    return [
        {
            "field": f"Step {places[step.id]}",
            "anchor": f"step-{places[step.id]}",
            "message": f"“{step.name}” destroys something; tick the box there if you mean it",
        }
        for step in error.steps
    ]


def _modifications(form: dict[str, str], suggestion: Suggestion) -> dict[str, Any]:
    spec = suggestion.playbook_spec
    changed: dict[str, Any] = {
        name: form[name].strip()
        for name in ("name", "description")
        if name in form and form[name].strip() != getattr(spec, name).strip()
    }
    kept = [
        _edited(step, form, number)
        for number, step in enumerate(spec.steps)
        if not form.get(f"step-{number}-remove")
    ]
    if not kept:
        raise invalid("steps", "a playbook needs at least one; reject it instead")
    if kept != spec.steps:
        changed["steps"] = [step.model_dump(mode="json") for step in kept]
    return changed


def _edited(step: Step, form: dict[str, str], number: int) -> Step:
    """The step with the name and the text that were typed."""
    name = form.get(f"step-{number}-name", step.name).strip()
    if not name:
        raise invalid(f"step-{number}-name", "must not be empty")
    text = form.get(f"step-{number}-text", _text(step)).replace("\r\n", "\n").strip()
    if step.action in _TEXT_OF and not text:
        raise invalid(f"step-{number}-text", "must not be empty; remove the step instead")
    return _with_text(step, text).model_copy(update={"name": name})


def _with_text(step: Step, text: str) -> Step:
    """The step with that text, if it has one; another text may be another risk."""
    if step.action not in _TEXT_OF or text == _text(step).strip():
        return step
    args = {**step.args, _TEXT_OF[step.action]: text}
    return step.model_copy(update={"args": args, "risk": risk_of(step.action, text)})


def _text(step: Step) -> str:
    return str(step.args.get(_TEXT_OF.get(step.action, ""), ""))
