"""An error names the field and what is wrong; it never says what was sent."""

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import app  # noqa: F401  registers every route
from chalicelib.core.policies import RedactionPolicy
from chalicelib.routes.registry import OPERATIONS
from chalicelib.services.errors import field_errors

CANARY = "canary" * 60 + "\x00/"  # too long, with signs that no name or pattern has
BODIES = {
    f"{method} {path}": operation.takes
    for (method, path), operation in sorted(OPERATIONS.items())
    if operation.takes is not None
} | {"PUT /v1/scopes/{scope}/redaction": RedactionPolicy}
#: What may be wrong in a field: the kind of value, its length, its depth.
WRONG: list[Any] = [CANARY, [CANARY], {CANARY: CANARY}, [{"name": CANARY}], {"name": [CANARY]}]


@pytest.mark.parametrize("taken", BODIES.values(), ids=list(BODIES))
def test_no_error_of_a_body_says_what_was_sent(taken: Any) -> None:
    adapter = TypeAdapter(taken)
    fields = taken.model_fields if isinstance(taken, type) and issubclass(taken, BaseModel) else []
    bodies = [*WRONG, *({name: wrong} for name in [*fields, "unknown"] for wrong in WRONG)]
    found = [error for body in bodies for error in _errors(adapter, body)]
    assert found
    assert not [each for each in found if "canary" in each["message"]]


def _errors(adapter: TypeAdapter[Any], body: Any) -> list[dict[str, str]]:
    try:
        adapter.validate_python(body)
    except ValidationError as error:
        return field_errors(error)
    return []
