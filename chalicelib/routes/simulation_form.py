"""The form of a simulation: from the values that somebody typed to what is simulated, and back."""

from typing import Any

from chalicelib.core.arguments import SECURE
from chalicelib.core.playbooks import PlaybookSpec

_FIELD = "value-"


def simulation_of(form: dict[str, str]) -> dict[str, Any]:
    """What to simulate; fields that were left empty are not told."""
    return {
        "parameters": {
            name.removeprefix(_FIELD): value
            for name, value in form.items()
            if name.startswith(_FIELD) and value
        }
    }


def values_typed(form: dict[str, str], spec: PlaybookSpec) -> dict[str, str]:
    """What the fields hold, by parameter. What was typed as a secret is not sent back."""
    return {
        parameter.name: ""
        if parameter.type == SECURE
        else form.get(f"{_FIELD}{parameter.name}", "")
        for parameter in spec.parameters
    }
