"""Nothing that anybody sends is without an end: every text and every list of every body."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

import app  # noqa: F401  registers the routes
from chalicelib.core.incidents import IncidentReport
from chalicelib.routes.registry import OPERATIONS
from chalicelib.services.errors import InvalidInput, validated

#: A message of MCP is an envelope; the tools' arguments are the routes' bodies.
TAKEN = {
    f"{method} {path}": operation.takes
    for (method, path), operation in OPERATIONS.items()
    if operation.takes is not None and path != "/mcp"
}
BOUNDS = {"maxLength", "enum", "const", "format"}


@pytest.mark.parametrize("taken", TAKEN.values(), ids=list(TAKEN))
def test_every_text_and_every_list_has_a_bound(taken: Any) -> None:
    schema = TypeAdapter(taken).json_schema()
    assert list(_endless(schema, schema.get("$defs", {}), "", frozenset())) == []


def _endless(
    schema: Mapping[str, Any], models: Mapping[str, Any], path: str, inside: frozenset[str]
) -> Iterator[str]:
    """Where in a body a text or a list may go on without end. Versions have a pattern with one."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in inside:
            yield from _endless(models[name], models, path, inside | {name})
        return
    for choice in (*schema.get("anyOf", []), *schema.get("allOf", []), *schema.get("oneOf", [])):
        yield from _endless(choice, models, path, inside)
    if schema.get("type") == "string" and not (BOUNDS & schema.keys() or "pattern" in schema):
        yield path
    if schema.get("type") == "array":
        if "maxItems" not in schema:
            yield path
        yield from _endless(schema.get("items", {}), models, f"{path}[]", inside)
    for name, part in schema.get("properties", {}).items():
        yield from _endless(part, models, f"{path}.{name}", inside)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "x" * 100_001), ("description", "x" * 100_001), ("tags", ["x"] * 10_001)],
)
def test_what_is_too_long_is_named(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        validated(IncidentReport, {"title": "T"} | {field: value})
    assert [each["field"] for each in refused.value.errors] == [field]
