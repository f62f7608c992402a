"""What a playbook is told when it runs: a value for each of its parameters, typed and checked."""

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chalicelib.core.expressions import fills
from chalicelib.core.fields import Value
from chalicelib.core.playbooks import Parameter
from chalicelib.core.text import PLACEHOLDER

SECURE = "secure_string"

_LONGEST = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_BOOLEAN = {"true": "true", "yes": "true", "false": "false", "no": "false"}


class Refusal(Value):
    """A value that is not taken, without the value itself."""

    field: str
    message: str


@dataclass(frozen=True)
class Arguments:
    """The values that a playbook would run with.

    Attributes:
        values: as texts, by parameter; a secret's is a mark such as `<secure:password>`.
        secure: the parameters that hold secrets.
        refused: what was given but is not taken.
    """

    values: Mapping[str, str]
    secure: frozenset[str]
    refused: Sequence[Refusal]


def arguments(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> Arguments:
    """The given values, defaults in the place of those that are not given, all checked.

    Integers, numbers and booleans may come as such or as text. Null counts as not given. The
    pattern of a secret is not judged: secrets are taken out of requests before they get here.

    Args:
        parameters: those of the playbook.
        given: values by the names of parameters.
    """
    values: dict[str, str] = {}
    names = [parameter.name for parameter in parameters]
    refused = [
        Refusal(field=f"parameters.{name}", message=f"is no parameter; there are: {_listed(names)}")
        for name in given
        if name not in names
    ]
    for parameter in parameters:
        value, whose = given.get(parameter.name), ""
        if value is None:
            value, whose = parameter.default, "its default "
        if value is None:
            continue
        try:
            values[parameter.name] = _checked(parameter, value)
        except ValueError as error:
            message = f"{whose}{error}"
            refused.append(Refusal(field=f"parameters.{parameter.name}", message=message))
    secure = frozenset(each.name for each in parameters if each.type == SECURE)
    return Arguments(values, secure, refused)


def text_of(parameter: Parameter, value: Any) -> str:
    """A value as the text that stands for it in a step.

    Raises:
        ValueError: it is not of the parameter's type; the message says what would be.
    """
    kind = parameter.type
    if isinstance(value, dict | list):
        raise ValueError("must be a single value")
    if isinstance(value, bool) and kind != "boolean":
        raise ValueError("must be a text or a number, not true or false")
    text = value if isinstance(value, str) else json.dumps(value)
    if kind == "integer" and not _INTEGER.fullmatch(text):
        raise ValueError("must be a whole number")
    if kind == "number" and not _NUMBER.fullmatch(text):
        raise ValueError("must be a number")
    if kind == "boolean":
        if text.lower() not in _BOOLEAN:
            raise ValueError("must be true or false")
        return _BOOLEAN[text.lower()]
    if kind == "ip_address":
        _check_address(text)
    if kind == "url":
        _check_url(text)
    return text


def _checked(parameter: Parameter, value: Any) -> str:
    if parameter.type == SECURE:
        if not isinstance(value, str) or not value:
            raise ValueError("must be a text that is not empty")
        return f"<secure:{parameter.name}>"
    text = text_of(parameter, value)
    if len(text) > _LONGEST:
        raise ValueError(f"must have at most {_LONGEST:,} characters")
    if _CONTROL.search(text):
        raise ValueError("must hold no control characters")
    if PLACEHOLDER.search(text):
        raise ValueError(
            "looked like a secret or personal data and was taken out; these belong in "
            f"parameters of the type {SECURE}"
        )
    if parameter.pattern is not None:
        _check_pattern(parameter.pattern, text)
    return text


def _check_pattern(pattern: str, text: str) -> None:
    try:
        fits = fills(pattern, text)
    except ValueError as error:
        raise ValueError(
            f"cannot be judged, as the parameter's pattern is no regular expression: {error}"
        ) from None
    if not fits:
        raise ValueError(f"must match {pattern}")


def _check_address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("must be an IP address such as 192.0.2.7 or 2001:db8::7") from None


def _check_url(text: str) -> None:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"\s", text):
        raise ValueError("must be a URL that begins with http:// or https://")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
