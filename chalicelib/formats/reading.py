"""What the readers of playbooks that were written elsewhere have in common."""

import json
from typing import Any

from chalicelib.core.parameters import SAFE_PATTERN
from chalicelib.formats.document import slug

#: A specification as JSON has it, not yet validated.
Specification = dict[str, Any]

_LONGEST_NAME = 300
_MOST_STEPS = 200  # of a specification


class Unreadable(ValueError):
    """The text is not of the format that it is said to be; the message says why."""


def as_specification(values: Any) -> Specification:
    """Values that were read, if they are what JSON can hold.

    Raises:
        Unreadable: they are no object, or hold what JSON or UTF-8 have no place for.
    """
    if not isinstance(values, dict):
        raise Unreadable("must hold one object, the playbook's specification")
    try:
        text = json.dumps(values, allow_nan=False, ensure_ascii=False)
        text.encode()
        plain: Specification = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise Unreadable(
            "holds a value that is no text, number, truth value, list or object"
        ) from None
    return plain


def step(name: str, action: str, text: str, taken: set[str]) -> dict[str, Any]:
    """A step with an id of its own, made of its name.

    Args:
        taken: the ids of the steps before; the new one is added.

    Raises:
        Unreadable: there are as many before it as a specification may have.
    """
    if len(taken) == _MOST_STEPS:
        raise Unreadable(f"has more than {_MOST_STEPS} steps")
    line = " ".join(name.split()) or " ".join(text.split())
    base = slug(line) or "step"
    own, number = base, 1
    while own in taken:
        number += 1
        own = f"{base}-{number}"
    taken.add(own)
    short = line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"
    args = {"command": text} if action == "shell" else {"message": text}
    return {"id": own, "name": short, "action": action, "args": args}


def parameter(name: str, description: str = "", **told: Any) -> dict[str, Any]:
    """A parameter that takes safe characters only."""
    return {"name": name, "description": description, "pattern": SAFE_PATTERN, **told}
