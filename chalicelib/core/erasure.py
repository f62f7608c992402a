"""Take a person out of what is kept: their name becomes a pseudonym wherever it stands.

A pseudonym is stable and keyed, and never longer than the name: nothing outgrows its bounds.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.fields import Time, Value

SHORTEST_NAME = 3
_LONGEST_PSEUDONYM = 12
#: An e-mail address in a text, without what may stand around it.
_ADDRESS = re.compile(
    r"(?<!\w)\w[\w.+%-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z0-9-]{1,62}[A-Za-z0-9]"
)
#: What things are found by stays as it is.
_KEYS = re.compile(r"(?:.+_)?ids?|scopes?|key|bucket|sha256|digest|entity|hash|previous|seal")


class ErasureRequest(Value):
    """Whom to take out of what is kept: one name that a person goes by, in whatever case.

    Attributes:
        name: the name, or an e-mail address alone.
    """

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
    return _walked(value, lambda text: pattern.sub(pseudonym, text))


def is_address(name: str) -> bool:
    """Whether a name is an e-mail address, which `without_address` finds."""
    return _ADDRESS.fullmatch(name) is not None


def without_address(value: Any, pseudonym: str, key: str) -> Any:
    """As `without`, for an e-mail address of which nothing is known but its pseudonym.

    Args:
        value: as for `without`.
        pseudonym: the address's.
        key: what the pseudonym was made with.
    """

    def replaced(found: re.Match[str]) -> str:
        return pseudonym if pseudonym_of(found[0], key) == pseudonym else found[0]

    return _walked(value, lambda text: _ADDRESS.sub(replaced, text))


def _walked(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_walked(each, change) for each in value]
    if isinstance(value, dict):
        return {
            change(key): inner if _KEYS.fullmatch(key) else _walked(inner, change)
            for key, inner in value.items()
        }
    return value


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
