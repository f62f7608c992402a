"""The API's description: the OpenAPI document, and a page to read it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.routes.access import ACCESS
from chalicelib.routes.http import Call, current_request, endpoint, stage_of
from chalicelib.routes.openapi import document
from chalicelib.routes.schemas import Schema
from chalicelib.routes.visits import Visit, page

docs_pages = Blueprint(__name__)


@endpoint(docs_pages, "GET", "/openapi.json")
def get_description(call: Call) -> dict[str, Any]:
    """This description of the API, in OpenAPI 3.1."""
    return document() | {"servers": [{"url": f"{stage_of(current_request.get())}/"}]}


@page(docs_pages, "GET", "/docs")
def docs(visit: Visit) -> Response:
    """The API's description for people."""
    return visit.page("docs.html", described=document(), groups=_groups(), shapes=_shapes())


@dataclass(frozen=True)
class Field:
    """A field or a parameter as people read it; `type` is in words, `shapes` what it refers to."""

    name: str
    type: str
    shapes: list[str]
    required: bool
    description: str


@dataclass(frozen=True)
class Entry:
    """A route as people read it.

    Attributes:
        parameters: what stands in the path, the query and the headers.
        body: what is sent, if anything.
        answers: a status, what it means, and the shapes of the body.
    """

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: Field | None
    example: str | None
    answers: list[tuple[str, str, list[str]]]


@cache
def _groups() -> dict[str, list[Entry]]:
    """The routes by what they are about, in the order of the table of routes: incidents first."""
    groups: dict[str, list[Entry]] = {}
    paths = document()["paths"]
    for method, path in ACCESS:
        operation = paths.get(path, {}).get(method.lower())
        if operation is not None:
            entry = _entry(method, path, operation)
            groups.setdefault(operation["tags"][0], []).append(entry)
    return dict(sorted(groups.items(), key=lambda group: group[0] == "service"))


@cache
def _shapes() -> dict[str, Schema]:
    """The shapes that routes take and give: each one's description, fields and values."""
    return {
        name: {
            "description": schema.get("description", ""),
            "fields": list(_fields(schema)),
            "values": schema.get("enum", []),
        }
        for name, schema in sorted(document()["components"]["schemas"].items())
    }


def _entry(method: str, path: str, operation: Schema) -> Entry:
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = sent.get("example")
    body = _field("body", sent["schema"], operation["requestBody"]["required"]) if sent else None
    return Entry(
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=[
            _field(each["name"], each["schema"] | _told(each), each.get("required", False))
            for each in operation["parameters"]
        ],
        body=body,
        example=json.dumps(example, ensure_ascii=False, indent=2) if example else None,
        answers=[
            (status, answer["description"], _content(answer))
            for status, answer in operation["responses"].items()
        ],
    )


def _told(described: Schema) -> Schema:
    return {"description": described["description"]} if "description" in described else {}


def _content(answer: Schema) -> list[str]:
    return [
        name for each in answer.get("content", {}).values() for name in _references(each["schema"])
    ]


def _fields(schema: Schema) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        yield _field(name, field, name in required)


def _field(name: str, schema: Schema, required: bool) -> Field:
    description = schema.get("description", "")
    return Field(name, _words(schema), list(_references(schema)), required, description)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _words(schema: Schema) -> str:
    """What a value must be, in words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(map(_words, schema["anyOf"]))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return repr(schema["const"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_words(schema.get('items', {}))}{_limits(schema)}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_words(schema['additionalProperties'])}"
    return f"{schema.get('format', kind)}{_limits(schema)}"


def _limits(schema: Schema) -> str:
    """The bounds of a number, a text's length or a list's, in words."""
    for least, most, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ):
        if least in schema and most in schema:
            return f", {schema[least]:,} to {schema[most]:,}{unit}"
        if most in schema:
            return f", up to {schema[most]:,}{unit}"
        if least in schema:
            return f", at least {schema[least]:,}{unit}"
    return ""
