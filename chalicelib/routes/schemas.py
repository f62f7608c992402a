"""JSON schemas of our types, with what their docstrings tell of each field."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

Schema = dict[str, Any]

_ATTRIBUTES = re.compile(r"\n\s*Attributes:\n")
_ATTRIBUTE = re.compile(r"^    (\w+(?:, \w+)*): ", re.MULTILINE)


class Untitled(GenerateJsonSchema):
    """Schemas without a title on each field, which would only say its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Whether a field gets a title."""
        return False


def with_fields_told(schema: Schema) -> Schema:
    """The schema of an object, with the `Attributes:` of its description told field by field."""
    said, *rest = _ATTRIBUTES.split(cleandoc(schema.get("description", "")), maxsplit=1)
    if not rest or "properties" not in schema:
        return schema
    told = dict(_told(rest[0]))
    properties = {
        name: {"description": told[name], **field} if name in told else field
        for name, field in schema["properties"].items()
    }
    return {**schema, "description": said.strip(), "properties": properties}


def _told(attributes: str) -> Iterator[tuple[str, str]]:
    """Each attribute's name, and what is told of it as a sentence."""
    _, *parts = _ATTRIBUTE.split(attributes)
    for names, text in zip(parts[::2], parts[1::2], strict=True):
        sentence = " ".join(text.split())
        for name in names.split(", "):
            yield name, sentence[:1].upper() + sentence[1:]
