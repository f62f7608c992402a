"""A specification taken apart into its smallest values, each under its path, and put together.

Comparing and merging go by these paths, such as ("steps", "restart", "args", "command"). Steps are
known by their ids, parameters by their names, prerequisites by what they ask of which parameter.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.core.playbooks import PlaybookSpec

Path = tuple[str, ...]
Leaves = dict[Path, Any]

#: The lists of a specification, and the fields that tell one entry from the others.
LISTS = {"parameters": ("name",), "prerequisites": ("type", "param"), "steps": ("id",)}
_OPEN = ("metadata", "args")  # whatever names these have, each is compared by itself


def leaves(spec: PlaybookSpec) -> Leaves:
    """All values of a specification by their paths; the order of its lists is not among them."""
    said = spec.model_dump(mode="json")
    found = dict(_apart((), {name: value for name, value in said.items() if name not in LISTS}))
    for name in LISTS:
        for entry in said[name]:
            found |= _apart((name, key_of(name, entry)), entry)
    return found


def key_of(list_name: str, entry: Mapping[str, Any]) -> str:
    """What an entry of a list is known by."""
    return " ".join(str(entry[field]) for field in LISTS[list_name])


def keys_of(spec: PlaybookSpec, list_name: str) -> list[str]:
    """The keys of a list's entries, in their order."""
    return [key_of(list_name, vars(entry)) for entry in getattr(spec, list_name)]


def entries(spec: PlaybookSpec) -> dict[Path, Leaves]:
    """The values by the entry of a list that they belong to, and then by their paths within it.

    What belongs to no entry stands under the empty path.
    """
    found: dict[Path, Leaves] = {}
    for path, value in leaves(spec).items():
        entry = path[:2] if path[0] in LISTS else ()
        found.setdefault(entry, {})[path[len(entry) :]] = value
    return found


def field_of(path: Path) -> str:
    """A path as people read it: steps.restart.args.command."""
    return ".".join(path)


def together(parts: Mapping[Path, Leaves], orders: Mapping[str, Sequence[str]]) -> PlaybookSpec:
    """The specification of these entries, its lists in these orders; see `entries`.

    Raises:
        ValidationError: it does not hold together.
    """
    said = nested(parts[()])
    for name, order in orders.items():
        said[name] = [nested(parts[name, key]) for key in order]
    return PlaybookSpec.model_validate(said)


def nested(values: Leaves) -> dict[str, Any]:
    """Values by their paths as the JSON object that they were."""
    entry: dict[str, Any] = {}
    for path, value in values.items():
        place = entry
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = value
    return entry


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def woven(order: Sequence[str], other: Iterable[str]) -> list[str]:
    """The keys of one order, and those that only the other has after what they follow there."""
    keys = list(order)
    before: str | None = None
    for key in other:
        if key not in keys:
            keys.insert(keys.index(before) + 1 if before is not None else 0, key)
        before = key
    return keys


def _apart(path: Path, values: Mapping[str, Any]) -> Iterable[tuple[Path, Any]]:
    for name, value in values.items():
        if name in _OPEN:
            yield from (((*path, name, inner), each) for inner, each in value.items())
        else:
            yield (*path, name), value
