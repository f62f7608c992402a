"""A patch for moto: answers that cost what they say.

moto 5.2.5 looks, in every attribute that DynamoDB answers with, for each of the ten types that an
attribute may have, and for each type under half a dozen names. Two hundred items then take a tenth
of a second to write down. An attribute has one type, and is a mapping from its name: here only that
one is written.
"""

import functools
from collections.abc import Callable
from typing import Any

from moto.core.serialize import BaseJSONSerializer

_ATTRIBUTE = "AttributeValue"


def install() -> None:
    """Patch moto in this process; doing it again changes nothing."""
    write = BaseJSONSerializer._serialize_type_structure
    if not hasattr(write, "__wrapped__"):
        BaseJSONSerializer._serialize_type_structure = (  # type: ignore[method-assign]
            _by_its_type(write)
        )


def _by_its_type(write: Callable[..., None]) -> Callable[..., None]:
    """The writing of a structure, which of an attribute writes the type that it has."""

    @functools.wraps(write)
    def writing(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name != _ATTRIBUTE or not isinstance(value, dict) or not key:
            write(serializer, serialized, value, shape, key)
            return
        attribute = serializer.MAP_TYPE()
        for kind, content in value.items():
            serializer._serialize(attribute, content, shape.members[kind], kind)
        serializer._default_serialize(serialized, attribute, shape, key)

    return writing
