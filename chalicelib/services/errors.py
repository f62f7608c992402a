"""What can go wrong in a use case, named for what it is."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

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
