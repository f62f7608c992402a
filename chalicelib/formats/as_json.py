"""JSON: the specification as the contract has it."""

import json

from chalicelib.core.playbooks import PlaybookSpec


def write(spec: PlaybookSpec) -> str:
    """The specification as indented JSON with a last line end."""
    return json.dumps(spec.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
