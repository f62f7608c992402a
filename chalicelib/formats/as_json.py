"""JSON: the specification as the contract has it."""

import json

from chalicelib.formats.document import Source, Written


def write(source: Source) -> Written:
    """The specification as indented JSON with a last line end."""
    values = source.spec.model_dump(mode="json")
    return Written(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
