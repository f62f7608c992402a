"""Errors as callers see them: problem details for HTTP APIs (RFC 9457)."""

from http import HTTPStatus
from typing import Any, NotRequired

from chalice.app import Response
from typing_extensions import TypedDict

from chalicelib.core.merging import MergeConflict
from chalicelib.observability import count, logger
from chalicelib.services.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Unconfirmed,
    Unresolved,
)
from chalicelib.services.limits import TooLarge, TooMany
from chalicelib.services.redaction import RedactionFailed

JSON = "application/problem+json"


class FieldError(TypedDict):
    """What is wrong with a field of the body, of the query, or with a header."""

    field: str
    message: str


class Problem(TypedDict):
    """The body of an error."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[FieldError]]
    conflicts: NotRequired[list[MergeConflict]]


class Unauthenticated(Exception):
    """Nobody that we know is calling."""


class IdempotencyMismatch(Exception):
    """The same idempotency key came with another body."""


_STATUS = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unresolved: HTTPStatus.CONFLICT,
    IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unconfirmed: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    RedactionFailed: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(status: int, detail: str, **more: list[dict[str, Any]]) -> Response:
    """An error answer that says what to do next, with more of it by name where it has parts."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }
    body |= more
    headers: dict[str, str | list[str]] = {"Content-Type": JSON}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body=body, status_code=int(status), headers=headers)


def status_of(error: Exception) -> HTTPStatus:
    """The HTTP status that an error of a use case stands for."""
    return _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(error: Exception) -> Response:
    """The answer to an error; what we did not foresee is logged and told to nobody."""
    status = status_of(error)
    if isinstance(error, InvalidInput):
        return problem(status, "Correct the fields named in errors.", errors=error.errors)
    if isinstance(error, Unresolved):
        conflicts = [each.model_dump(mode="json") for each in error.conflicts]
        return problem(status, str(error), conflicts=conflicts)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("unforeseen error")
        count("UnforeseenErrors")
        return problem(status, "Something went wrong on our side. Try again; it has been logged.")
    if isinstance(error, RedactionFailed):
        logger.error(str(error))
        count("RedactionsFailed")
        return problem(
            status, "The secrets could not be taken out, so nothing was kept. Try again."
        )
    answer = problem(status, str(error))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer
