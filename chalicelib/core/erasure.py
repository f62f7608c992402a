"""Take a person out of what is kept: their name becomes a pseudonym wherever it stands.

A pseudonym is stable and keyed, and never longer than the name: nothing outgrows its bounds.
"""

import base64
import hashlib
import hmac
import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.fields import Time, Value

SHORTEST_NAME = 3
_LONGEST_PSEUDONYM = 12
#: What things are found by stays as it is.
_KEYS = re.compile(r"(?:.+_)?ids?|scopes?|key|bucket|sha256|digest|entity|hash|previous|seal")


class ErasureRequest(Value):
    """Whom to take out of what is kept: one name that a person goes by, in whatever case."""

    name: Annotated[str, Field(min_length=SHORTEST_NAME, max_length=200)]


class ErasureStatus(StrEnum):
    """Where an erasure stands."""

    QUEUED = "queued"
    COMPLETED = "completed"


class Erasure(Value):
    """A person taken out of what is kept, or about to be; the name is not told.

    Attributes:
        pseudonym: what stands in the place of the name.
        changed: how many things of each kind the name stood in; empty until it is done.
    """

    erasure_id: str
    pseudonym: str
    status: ErasureStatus = ErasureStatus.QUEUED
    requested_by: str
    requested_at: Time
    finished_at: Time | None = None
    changed: dict[str, int] = {}


def pseudonym_of(name: str, key: str) -> str:
    """What stands in the place of a name; the same for the same name, whatever its case."""
    digest = hmac.digest(key.encode(), b"person " + _folded(name).encode(), hashlib.sha256)
    letters = base64.b32encode(digest).decode().lower()
    return f"p{letters}"[: min(len(name), _LONGEST_PSEUDONYM)]


def without(value: Any, name: str, pseudonym: str) -> Any:
    """A JSON value with a pseudonym in place of a name, as whole words and in whatever case.

    Args:
        value: texts, lists and objects, whose names are looked at too.
        name: a person's, at least `SHORTEST_NAME` long.
        pseudonym: what stands in its place.
    """
    words = r"\s+".join(map(re.escape, name.split()))
    pattern = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
    return _walked(value, pattern, pseudonym)


def _walked(value: Any, pattern: re.Pattern[str], pseudonym: str) -> Any:
    if isinstance(value, str):
        return pattern.sub(pseudonym, value)
    if isinstance(value, list):
        return [_walked(each, pattern, pseudonym) for each in value]
    if isinstance(value, dict):
        return {
            pattern.sub(pseudonym, key): inner
            if _KEYS.fullmatch(key)
            else _walked(inner, pattern, pseudonym)
            for key, inner in value.items()
        }
    return value


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
