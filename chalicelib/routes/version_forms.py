"""The forms around versions: from what a reviewer typed to what the use cases take, and back."""

import re
from typing import Any

from chalicelib.core.merging import MergeConflict
from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.risk import risk_of
from chalicelib.core.versions import MAIN, ChangeType
from chalicelib.services.errors import invalid

#: What somebody who edits by hand may call it.
CHANGE_TYPES = (ChangeType.MODIFIED, ChangeType.BUGFIX, ChangeType.IMPROVED, ChangeType.CREATED)

_TEXT_OF = {"shell": "command", "noop": "message"}
_PARTS = 3  # fields of the merge form that decide a conflict
_CHOICE = re.compile(r"choice-(\d{1,4})")


def typed_in(form: dict[str, str], spec: PlaybookSpec) -> dict[str, str]:
    """What the fields of the edit form hold: what was typed before, else what the playbook says."""
    values = {
        "name": spec.name,
        "description": spec.description,
        "changelog": "",
        "change_type": ChangeType.MODIFIED.value,
    }
    for number, step in enumerate(spec.steps):
        values[f"step-{number}-name"] = step.name
        values[f"step-{number}-text"] = text_of(step)
        values[f"step-{number}-place"] = str(number + 1)
        values[f"step-{number}-remove"] = ""
    return values | {name: value for name, value in form.items() if name in values}


def edit_of(form: dict[str, str], spec: PlaybookSpec) -> dict[str, Any]:
    """The edit that a form tells of a specification.

    Raises:
        InvalidInput: a field cannot be taken, or no step is left.
    """
    kept = []
    for number, step in enumerate(spec.steps):
        place = form.get(f"step-{number}-place", str(number + 1)).strip()
        if not place.isdecimal():
            raise invalid(f"step-{number}-place", "must be a whole number")
        if not form.get(f"step-{number}-remove"):
            kept.append((int(place), number, _edited(step, form, number)))
    if not kept:
        raise invalid("steps", "a playbook needs at least one; deprecate it instead")
    changed = {
        **spec.model_dump(mode="json"),
        "name": form.get("name", spec.name).strip(),
        "description": form.get("description", spec.description).strip(),
        "steps": [step for _, _, step in sorted(kept, key=lambda each: each[:2])],
    }
    told = {name: form.get(name, "") for name in ("changelog", "change_type", "branch", "based_on")}
    return {"spec": changed, **{name: value for name, value in told.items() if value}}


def merge_of(form: dict[str, str]) -> dict[str, Any]:
    """The merge that a form tells, with a resolution for each conflict that was decided."""
    resolutions: dict[str, Any] = {}
    for name, choice in form.items():
        found = _CHOICE.fullmatch(name)
        field = form.get(f"field-{found[1]}") if found else None
        if found and field:
            own = {"value": form.get(f"value-{found[1]}", "")}
            resolutions[field] = own if choice == "value" else choice
    told = {name: form.get(name, "") for name in ("branch", "based_on", "merged_from", "changelog")}
    return {
        "into": form.get("into") or MAIN,
        "resolutions": resolutions,
        "confirmed_steps": [
            name.removeprefix("confirmed-") for name in form if name.startswith("confirmed-")
        ],
        **{name: value for name, value in told.items() if value},
    }


def decided(form: dict[str, str], left: list[MergeConflict]) -> dict[str, str]:
    """The fields of a merge form that say what is decided already, to be sent along again."""
    open_fields = {conflict.field for conflict in left}
    kept: dict[str, str] = {}
    for field, resolution in merge_of(form)["resolutions"].items():
        if field not in open_fields:
            number = len(kept) // _PARTS
            own = isinstance(resolution, dict)
            kept[f"field-{number}"] = field
            kept[f"choice-{number}"] = "value" if own else resolution
            kept[f"value-{number}"] = resolution["value"] if own else ""
    return kept


def number_decided(fields: dict[str, str]) -> int:
    """How many conflicts these fields decide."""
    return len(fields) // _PARTS


def text_of(step: Step) -> str:
    """What a step runs or says, where that is a text."""
    return str(step.args.get(_TEXT_OF.get(step.action, ""), ""))


def _edited(step: Step, form: dict[str, str], number: int) -> dict[str, Any]:
    """The step with the name and the text that were typed; another text may be another risk."""
    said = step.model_dump(mode="json")
    said["name"] = form.get(f"step-{number}-name", step.name).strip()
    text = form.get(f"step-{number}-text", text_of(step)).strip()
    if step.action in _TEXT_OF and text != text_of(step).strip():
        said["args"] = {**step.args, _TEXT_OF[step.action]: text}
        said["risk"] = risk_of(step.action, text)
    return said
