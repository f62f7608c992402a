"""Errors as callers see them: problem details for HTTP APIs (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from chalice.app import Response

from chalicelib.observability import count, logger
from chalicelib.services.errors import Conflict, Forbidden, InvalidInput, NotFound, Unconfirmed
from chalicelib.services.redaction import RedactionFailed

JSON = "application/problem+json"


class Unauthenticated(Exception):
    """Nobody that we know is calling."""


class IdempotencyMismatch(Exception):
    """The same idempotency key came with another body."""


_STATUS = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unconfirmed: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    RedactionFailed: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> Response:
    """An error answer that says what to do next."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
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
        return problem(status, "Correct the fields named in errors.", error.errors)
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
    return problem(status, str(error))
