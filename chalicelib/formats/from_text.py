"""Specifications as JSON and as YAML, read with the care that texts from elsewhere need."""

import json
from typing import Any

import yaml

from chalicelib.formats.reading import Specification, Unreadable, as_specification

_DEEPEST = 50
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """Reads times as the texts that they are; JSON has no others."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_json(content: str) -> Specification:
    """A specification that was written as JSON.

    Raises:
        Unreadable: this is no JSON, or no object.
    """
    return as_specification(json_of(content))


def json_of(content: str) -> Any:
    """The values of a JSON text.

    Raises:
        Unreadable: this is no JSON.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is no JSON: {_place(error)}") from None


def read_yaml(content: str) -> Specification:
    """A specification that was written as YAML, without aliases and tags of its own.

    Raises:
        Unreadable: this is no YAML, no mapping, or nested too deep.
    """
    try:
        depth = 0
        for event in yaml.parse(content, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable("has a YAML alias; write out what it stands for")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise Unreadable(f"is nested deeper than {_DEEPEST} levels")
        return as_specification(yaml.load(content, Loader=_Loader))  # noqa: S506  a SafeLoader
    except yaml.YAMLError as error:
        raise Unreadable(f"is no YAML: {_place(error)}") from None
    except Unreadable:
        raise
    except (ValueError, TypeError, AttributeError):
        raise Unreadable("is YAML with a value that cannot be read") from None


def _place(error: Exception) -> str:
    """Where reading stopped; never what stood there."""
    if isinstance(error, json.JSONDecodeError):
        return f"see line {error.lineno}, column {error.colno}"
    mark = getattr(error, "problem_mark", None)
    return f"see line {mark.line + 1}, column {mark.column + 1}" if mark else "it cannot be read"
