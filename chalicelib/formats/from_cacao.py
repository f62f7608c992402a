"""CACAO 2.0 playbooks: our own with all that they held, others as far as a list of steps goes."""

import base64
import re
import uuid
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats.as_cacao import EXTENSION, logic
from chalicelib.formats.from_text import json_of
from chalicelib.formats.reading import (
    Specification,
    Unreadable,
    as_specification,
    parameter,
    step,
)

_REFERENCE = re.compile(r"__([A-Za-z_][A-Za-z0-9_-]{0,199}?)__:value")
_SHELLS = ("bash", "ssh")
_MOST_STEPS = 200


def read(content: str) -> Specification:
    """The specification of a CACAO playbook.

    Raises:
        Unreadable: this is no CACAO 2.0 playbook, or its workflow is more than a list of actions.
    """
    document = as_specification(json_of(content))
    if document.get("type") != "playbook" or document.get("spec_version") != "cacao-2.0":
        raise Unreadable("is no CACAO playbook of the version cacao-2.0")
    return _own(document) or _foreign(document)


def _own(document: dict[str, Any]) -> Specification | None:
    """What we wrote; None where it is not ours, or no longer."""
    extensions = document.get("playbook_extensions")
    held = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(held, dict) or not isinstance(held.get("spec"), dict):
        return None
    try:
        spec = PlaybookSpec.model_validate(held["spec"])
        own = uuid.UUID(str(document.get("id")).removeprefix("playbook--"))
    except (ValidationError, ValueError):
        return None
    said = {"name": spec.name, "description": spec.description or spec.name, **logic(own, spec)[0]}
    if any(document.get(field) != value for field, value in said.items()):
        return None
    values: Specification = held["spec"]
    return values


def _foreign(document: dict[str, Any]) -> Specification:
    taken: set[str] = set()
    steps = [made for each in _actions(document) for made in _steps(each, taken)]
    variables = document.get("playbook_variables")
    told = variables if isinstance(variables, dict) else {}
    used = dict.fromkeys(
        name
        for each in steps
        for text in each["args"].values()
        for name in re.findall(r"\$\{(\w+)\}", text)
    )
    by_name = {_name(key.strip("_")): value for key, value in told.items()}
    return {
        "version": 1,
        "name": document.get("name"),
        "description": document.get("description"),
        "parameters": [_parameter(each, by_name[each]) for each in used if each in by_name],
        "steps": steps,
        "metadata": {"imported_from": "cacao", "cacao_id": document.get("id")},
    }


def _actions(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The actions of a workflow, from its start to its end."""
    workflow = document.get("workflow")
    at = document.get("workflow_start")
    seen: set[str] = set()
    if not isinstance(workflow, dict) or not isinstance(at, str):
        raise Unreadable("has no workflow that begins anywhere")
    while at is not None:
        each = workflow.get(at) if isinstance(at, str) else None
        if not isinstance(each, dict) or at in seen or len(seen) > _MOST_STEPS:
            raise Unreadable("has a workflow that leads nowhere, in a circle or too far")
        seen.add(at)
        if each.get("type") == "action":
            yield each
        elif each.get("type") not in ("start", "end"):
            raise Unreadable(
                "has a workflow with conditions, loops or parallel or outer parts, "
                "which cannot be imported"
            )
        at = each.get("on_completion") or each.get("on_success")


def _steps(action: dict[str, Any], taken: set[str]) -> Iterator[dict[str, Any]]:
    commands = action.get("commands")
    name = str(action.get("name") or "")
    for command in commands if isinstance(commands, list) else []:
        if not isinstance(command, dict):
            raise Unreadable("has a command that is no object")
        kind, text = command.get("type"), _text(command)
        text = _REFERENCE.sub(lambda found: f"${{{_name(found[1])}}}", text)
        if text.strip() and kind in _SHELLS:
            yield step(name, "shell", text, taken)
        elif text.strip():
            yield step(name, "noop", text if kind == "manual" else f"{kind}: {text}", taken)


def _text(command: dict[str, Any]) -> str:
    encoded = command.get("command_b64")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            raise Unreadable("has a command_b64 that is no text in base64") from None
    return str(command.get("command") or command.get("description") or "")


def _parameter(name: str, variable: Any) -> dict[str, Any]:
    told = variable if isinstance(variable, dict) else {}
    return parameter(
        name,
        str(told.get("description") or "")[:2_000],
        default=told.get("value"),
        required=not told.get("value"),
    )


def _name(name: str) -> str:
    return name.replace("-", "_")[:64]
