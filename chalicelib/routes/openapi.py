"""The API described in OpenAPI 3.1, from the same declarations and models that check requests."""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from chalicelib.routes import problems
from chalicelib.routes.access import PUBLIC
from chalicelib.routes.http import CHOSEN_IDS
from chalicelib.routes.idempotency import MAX_KEY
from chalicelib.routes.problems import Problem
from chalicelib.routes.registry import OPERATIONS, Operation
from chalicelib.routes.schemas import Schema, Untitled, with_fields_told
from chalicelib.services.limits import MAX_BODY_BYTES

_DESCRIPTION = """
Precedent turns the incidents that a team has already solved into playbooks for the next time.

JSON in and out; times are RFC 3339 in UTC, durations are in seconds, rates and scores are 0 to 1.
A field that is null counts as not given, one that is not known is ignored. Secrets are removed from
every body before it is looked at, and the header `Redactions` tells how many of each kind. A
listing is paged by `limit` and `cursor`.
"""
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "A name for this request: the same request again within a day gets the first answer and has"
        " no second effect; another body under the same key is refused with 422."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
}
_REFERENCE = "#/components/schemas/{model}"


@cache
def document() -> Schema:
    """The OpenAPI document of all routes that are declared."""
    operations = list(OPERATIONS.values())
    schemas, definitions = _schemas(operations)
    paths: dict[str, Schema] = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Precedent", "version": "1", "description": _DESCRIPTION.strip()},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_Use = tuple[str, str, str]


def _schemas(operations: Iterable[Operation]) -> tuple[dict[_Use, Schema], Schema]:
    """The schema of each use of a type (method, path, what for), and all that they refer to."""
    inputs: list[tuple[_Use, Any, TypeAdapter[Any]]] = []
    for each in operations:
        place = (each.method, each.path)
        for status, type_ in _answers(each).items():
            if type_ is not None:
                inputs.append(((*place, str(status)), "serialization", TypeAdapter(type_)))
        if each.takes is not None:
            inputs.append(((*place, "body"), "validation", TypeAdapter(each.takes)))
        for name, type_ in each.query.items():
            inputs.append(((*place, f"?{name}"), "validation", TypeAdapter(type_)))
    inputs.append((("", "", "problem"), "serialization", TypeAdapter(Problem)))
    found, rest = TypeAdapter.json_schemas(
        inputs, ref_template=_REFERENCE, schema_generator=Untitled
    )
    definitions = {name: with_fields_told(each) for name, each in rest["$defs"].items()}
    return {use: schema for (use, _), schema in found.items()}, definitions


def _operation(operation: Operation, schemas: dict[_Use, Schema]) -> Schema:
    summary, _, more = cleandoc(operation.view.__doc__ or "").partition("\n")
    described: Schema = {
        "operationId": operation.view.__name__,
        "tags": [tag(operation.path)],
        "summary": summary.rstrip("."),
        "parameters": list(_parameters(operation, schemas)),
        "responses": _responses(operation, schemas),
    }
    if more.strip():
        described["description"] = more.strip()
    if operation.roles == PUBLIC:
        described["security"] = []
    else:
        described["description"] = _told(described.get("description", ""), operation)
    if operation.method != "GET":
        described["requestBody"] = _body(operation, schemas)
    return described


def tag(path: str) -> str:
    """What a path is about: the first of its parts that is no version."""
    parts = [part for part in path.split("/") if part and part != "v1"]
    return parts[0] if path.startswith("/v1/") else "service"


def _told(description: str, operation: Operation) -> str:
    return f"{description}\n\nFor the roles {', '.join(sorted(operation.roles))}.".strip()


def _parameters(operation: Operation, schemas: dict[_Use, Schema]) -> Iterable[Schema]:
    for name in operation.parameters:
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name in operation.query:
        schema = dict(schemas[operation.method, operation.path, f"?{name}"])
        told = {"description": schema.pop("description")} if "description" in schema else {}
        required = {"required": True} if name in operation.requires else {}
        yield {"name": name, "in": "query", **required, **told, "schema": schema}
    if operation.method == "POST" and _writes(operation):
        yield _IDEMPOTENCY_KEY


def _body(operation: Operation, schemas: dict[_Use, Schema]) -> Schema:
    place = (operation.method, operation.path)
    content: Schema = {"schema": schemas.get((*place, "body"), {"type": "object"})}
    if operation.example is not None:
        content["example"] = operation.example
    return {"required": _required(operation.takes), "content": {"application/json": content}}


def _required(takes: Any) -> bool:
    """Whether nothing at all is too little: a body that is left out counts as an empty object."""
    if isinstance(takes, type) and issubclass(takes, BaseModel):
        return any(field.is_required() for field in takes.model_fields.values())
    return takes is not None


def _responses(operation: Operation, schemas: dict[_Use, Schema]) -> Schema:
    place = (operation.method, operation.path)
    told: dict[int, Schema] = {}
    for status, description in _errors(operation).items():
        schema = schemas["", "", "problem"]
        told[status] = {"description": description, "content": {problems.JSON: {"schema": schema}}}
        if status in _HEADERS:
            told[status]["headers"] = _HEADERS[status]
    for number, type_ in _answers(operation).items():
        told[number] = {"description": _about(type_)}
        if type_ is not None:
            schema = schemas[*place, str(number)]
            told[number]["content"] = {"application/json": {"schema": schema}}
    return {str(int(status)): told[status] for status in sorted(told)}


def _answers(operation: Operation) -> dict[int, Any]:
    """The types of the answers that are no problem, by status."""
    given = {operation.status: operation.gives, **operation.answers}
    return {200: operation.gives, **given} if _may_be_unchanged(operation.gives) else given


def _may_be_unchanged(gives: Any) -> bool:
    return "unchanged" in getattr(gives, "model_fields", {})


def _about(gives: Any) -> str:
    """What an answer is, in the words of its type."""
    if gives is None:
        return "Taken; there is nothing to say."
    if args := get_args(gives):
        listed = "; ".join(_about(each) for each in args)
        name = getattr(get_origin(gives), "__name__", "")
        return f"A part of a listing. Each item: {listed}" if name == "Listing" else listed
    said = gives.__doc__ if isinstance(gives, type) and hasattr(gives, "__annotations__") else None
    return cleandoc(said or "The answer.").splitlines()[0]


def _errors(operation: Operation) -> dict[HTTPStatus, str]:
    """The errors that a route can answer with, and when."""
    writes, known = _writes(operation), operation.roles != PUBLIC
    sends = operation.method != "GET"
    can = {
        HTTPStatus.BAD_REQUEST: sends or bool(operation.query) or "scope" in operation.parameters,
        HTTPStatus.UNAUTHORIZED: known,
        HTTPStatus.FORBIDDEN: known,
        HTTPStatus.NOT_FOUND: bool(operation.parameters),
        HTTPStatus.CONFLICT: writes,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: sends,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: True,
        HTTPStatus.UNPROCESSABLE_ENTITY: writes,
        HTTPStatus.TOO_MANY_REQUESTS: known,
        HTTPStatus.INTERNAL_SERVER_ERROR: True,
        HTTPStatus.SERVICE_UNAVAILABLE: sends or bool({*CHOSEN_IDS} & {*operation.parameters}),
    }
    return {status: _WHEN[status] for status, may_be in can.items() if may_be}


def _writes(operation: Operation) -> bool:
    return operation.method != "GET" and operation.path.startswith("/v1/")


_WHEN = {
    HTTPStatus.BAD_REQUEST: "The body, the query or a header is not as it must be; see `errors`.",
    HTTPStatus.UNAUTHORIZED: "There is no token, or none that is known.",
    HTTPStatus.FORBIDDEN: "The token has another role, or does not reach this scope.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.CONFLICT: (
        "Somebody else was faster, it is decided already, or two branches changed the same; see"
        " `detail`, and `conflicts` of a merge."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"The body has more than {MAX_BODY_BYTES:,} bytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "A body must be `application/json`.",
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "The Idempotency-Key came with another body before, or something that destroys was not"
        " confirmed."
    ),
    HTTPStatus.TOO_MANY_REQUESTS: "The token has sent too many requests in this minute.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side.",
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "The secrets could not be taken out of what was sent, so nothing was kept; try again."
    ),
}
_HEADERS = {
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": {
            "description": "After how many seconds it is worth trying again.",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
        }
    }
}
