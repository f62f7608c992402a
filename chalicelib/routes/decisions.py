"""The form of a decision: from what a reviewer typed to what is decided, and back."""

from typing import Any

from chalicelib.core.playbooks import Step
from chalicelib.core.risk import risk_of
from chalicelib.core.suggestions import Suggestion
from chalicelib.services.errors import invalid

_TEXT_OF = {"shell": "command", "noop": "message"}


def decision_of(form: dict[str, str], suggestion: Suggestion) -> dict[str, Any]:
    """The decision that a form tells, with only what the reviewer changed as modifications.

    Raises:
        InvalidInput: the form names no revision, or removes every step.
    """
    if not form.get("revision", "").isdecimal():
        raise invalid("revision", "is missing; open the page again")
    return {
        "action": form.get("action", ""),
        "reviewer_notes": form.get("reviewer_notes", ""),
        "revision": int(form["revision"]),
        "modifications": _modifications(form, suggestion),
    }


def typed_in(form: dict[str, str], suggestion: Suggestion) -> dict[str, str]:
    """What the form's fields hold: what was typed before, else what the suggestion says."""
    spec = suggestion.playbook_spec
    values = {"reviewer_notes": "", "name": spec.name, "description": spec.description}
    for number, step in enumerate(spec.steps):
        values[f"step-{number}-name"] = step.name
        values[f"step-{number}-text"] = _text(step)
        values[f"step-{number}-remove"] = ""
    return values | {name: value for name, value in form.items() if name in values}


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
    """The step with the name and the text that were typed; another text may be another risk."""
    name = form.get(f"step-{number}-name", step.name).strip()
    if not name:
        raise invalid(f"step-{number}-name", "must not be empty")
    before = _text(step)
    text = form.get(f"step-{number}-text", before).replace("\r\n", "\n").strip()
    if step.action not in _TEXT_OF or text == before.strip():
        return step.model_copy(update={"name": name})
    if not text:
        raise invalid(f"step-{number}-text", "must not be empty; remove the step instead")
    args = {**step.args, _TEXT_OF[step.action]: text}
    risk = risk_of(step.action, text)
    return step.model_copy(update={"name": name, "args": args, "risk": risk})


def _text(step: Step) -> str:
    return str(step.args.get(_TEXT_OF.get(step.action, ""), ""))
