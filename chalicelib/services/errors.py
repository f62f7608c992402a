"""What can go wrong in a use case, named for what it is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.core.merging import MergeConflict
from chalicelib.core.playbooks import Step
from chalicelib.store.transaction import Conflict as Conflict

M = TypeVar("M", bound=BaseModel)


class NotFound(Exception):
    """There is no such thing, or none that the caller may know of."""


class Forbidden(Exception):
    """The caller is known, but may not do this."""


class InvalidInput(Exception):
    """The input cannot be taken; every bad field is named.

    Attributes:
        errors: `{"field", "message"}` each, without the values that were sent.
    """

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{each['field']}: {each['message']}" for each in errors))


class Unconfirmed(InvalidInput):
    """What is asked for destroys something, and nobody has said that this is meant.

    Attributes:
        steps: the destructive steps that were not confirmed.
    """

    def __init__(self, steps: Sequence[Step], needed: Sequence[str]) -> None:
        self.steps = steps
        missing = ", ".join(step.id for step in steps)
        message = (
            "this needs a confirmation of every step that destroys something. Not confirmed: "
            f"{missing}. Read those steps, then send the same body again with "
            f'"confirmed_steps": {json.dumps(list(needed))}'
        )
        super().__init__([{"field": "confirmed_steps", "message": message}])


class Unresolved(Conflict):
    """Two branches changed the same things, and nobody has said yet which it is to be.

    Attributes:
        conflicts: what both changed.
    """

    def __init__(self, conflicts: Sequence[MergeConflict], base: str, ours: str, theirs: str):
        self.conflicts = list(conflicts)
        fields = ", ".join(each.field for each in conflicts)
        super().__init__(
            f"since {base}, both {ours} (ours) and {theirs} (theirs) changed {fields}; send it "
            'again with "resolutions": for each of these fields "ours", "theirs", or where it '
            'takes one {"value": ...}'
        )


def invalid(field: str, message: str) -> InvalidInput:
    """The error of a single field."""
    return InvalidInput([{"field": field, "message": message}])


def validated(model: type[M], body: Any) -> M:
    """The body as a model.

    Raises:
        InvalidInput: it does not fit.
    """
    if not isinstance(body, Mapping):
        raise invalid("body", "must be a JSON object")
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise InvalidInput(field_errors(error)) from None


def field_errors(error: ValidationError) -> list[dict[str, str]]:
    """What pydantic found, by field. A check over several fields names its own: `field: text`."""
    errors = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        path = [str(part) for part in problem["loc"]]
        message = problem["msg"].removeprefix("Value error, ")
        own, separator, rest = message.partition(": ")
        if separator and own.replace("_", "").isalpha():
            path, message = [*path, own], rest
        errors.append({"field": ".".join(path) or "body", "message": message})
    return errors
