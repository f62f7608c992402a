"""The field types that several models share: scopes, times, and what null means."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

DEFAULT_SCOPE = "default"
#: Whom it is put down to what nobody asked for by name.
PRECEDENT = "precedent"

#: Letters and digits are those of any script; a JSON schema has no pattern that says so everywhere.
Scope = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=r"^[\w.:@-]+$"),
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "description": "Whose this is: letters, digits and `_.:@-`.",
        }
    ),
]
Rate = Annotated[float, Field(ge=0, le=1)]

_TIME = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?")


def parse_time(value: Any) -> datetime:
    """A time in UTC from RFC 3339 text; without an offset it is taken to be UTC already.

    Raises:
        ValueError: the value is not such a text, or no such time exists.
    """
    if isinstance(value, str):
        if not _TIME.fullmatch(value.strip()):
            raise ValueError("must be an RFC 3339 time such as 2026-01-31T09:30:00Z")
        value = datetime.fromisoformat(value.strip().upper())
    if not isinstance(value, datetime):
        raise ValueError("must be an RFC 3339 time such as 2026-01-31T09:30:00Z")
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999 in UTC") from None


def format_time(value: datetime) -> str:
    """The time as RFC 3339 text in UTC, to the microsecond where there are any, ending in Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[
    datetime,
    BeforeValidator(parse_time),
    PlainSerializer(format_time),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Value(BaseModel):
    """The base of all our models: immutable, and ignorant of fields that it does not know.

    A field given as null counts as not given.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data
