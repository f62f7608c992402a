"""The forms around versions: from what a reviewer typed to what the use cases take, and back."""

import re
from typing import Any

from chalicelib.core.merging import MergeConflict
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import MAIN, ChangeType
from chalicelib.routes.edit_form import Typed, modifications_of
from chalicelib.services.edit import modified

#: What somebody who edits by hand may call it.
CHANGE_TYPES = (ChangeType.MODIFIED, ChangeType.BUGFIX, ChangeType.IMPROVED, ChangeType.CREATED)

_PARTS = 3  # fields of the merge form that decide a conflict
_CHOICE = re.compile(r"choice-(\d{1,4})")


def edit_of(form: dict[str, str], typed: Typed, spec: PlaybookSpec) -> dict[str, Any]:
    """The edit of a version's specification that a form tells.

    Raises:
        InvalidInput: what was typed makes no playbook.
    """
    changed = modified(spec, modifications_of(typed, spec))
    told = {name: form.get(name, "") for name in ("changelog", "change_type", "branch", "based_on")}
    return {
        "spec": changed.model_dump(mode="json"),
        "confirmed_steps": confirmed_in(form),
        **{name: value for name, value in told.items() if value},
    }


def rollback_of(form: dict[str, str]) -> dict[str, Any]:
    """The rollback that a form tells."""
    told = {name: form.get(name, "") for name in ("version", "branch", "based_on")}
    return {
        "confirmed_steps": confirmed_in(form),
        **{name: value for name, value in told.items() if value},
    }


def confirmed_in(form: dict[str, str]) -> list[str]:
    """The ids of the steps whose boxes were ticked."""
    prefix = "confirmed-"
    return [name.removeprefix(prefix) for name in form if name.startswith(prefix)]


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
        "confirmed_steps": confirmed_in(form),
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
