"""Two specifications that began as one, made one again: a three-way merge, field by field.

As in Git, ours is what is merged into, theirs is what is merged, and the base is the latest version
that both follow from. What only one side changed is taken; what both changed to different things
is a conflict, and whoever merges says which it is to be.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationError

from chalicelib.core.fields import Value
from chalicelib.core.leaves import (
    LISTS,
    Leaves,
    Path,
    entries,
    field_of,
    keys_of,
    nested,
    same,
    together,
    woven,
)
from chalicelib.core.playbooks import PlaybookSpec, placeholders


class MergeConflict(Value):
    """A value that both sides changed; None where a side has none.

    Attributes:
        field: its path, as `steps.restart.args.command`; a step that one side removed and the other
            changed is told whole, as `steps.restart`; `steps` is the order of the steps.
        takes_value: whether it may be resolved with a value that neither side has.
    """

    field: str
    base: Any = None
    ours: Any = None
    theirs: Any = None
    takes_value: bool


class OwnValue(Value):
    """A resolution that takes neither side."""

    value: Any = None


def _resolution(value: Any) -> Any:
    if value in ("ours", "theirs") or isinstance(value, OwnValue):
        return value
    if isinstance(value, dict) and "value" in value:
        return OwnValue(**value)
    raise ValueError('must be "ours", "theirs" or {"value": ...}')


Resolution = Annotated[Literal["ours", "theirs"] | OwnValue, BeforeValidator(_resolution)]


class Merge(Value):
    """What came of a merge.

    Attributes:
        spec: None as long as there are conflicts.
        unused: resolutions of what is no conflict.
    """

    spec: PlaybookSpec | None = None
    conflicts: list[MergeConflict] = []
    unused: list[str] = []


class Unmergeable(ValueError):
    """What comes out of the merge is no sound specification; the message says why."""


#: Where a side has no such value, which is not the same as null.
_ABSENT: Any = object()


def merge(
    base: PlaybookSpec,
    ours: PlaybookSpec,
    theirs: PlaybookSpec,
    resolutions: Mapping[str, Resolution],
) -> Merge:
    """Merge theirs into ours.

    Args:
        base: what both began as.
        ours: what is merged into.
        theirs: what is merged.
        resolutions: by the fields of the conflicts.

    Raises:
        Unmergeable: what comes out is no sound specification.
    """
    merging = _Merging(base, ours, theirs, resolutions)
    merging.take_values()
    if not merging.conflicts:  # what is needed depends on how they are resolved
        merging.mind_parameters()
    orders = {name: merging.order(name) for name in LISTS}
    unused = sorted(set(resolutions) - merging.used)
    if merging.conflicts:
        return Merge(conflicts=merging.conflicts, unused=unused)
    try:
        spec = together(merging.parts, orders)
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise Unmergeable(f"what comes out is no sound playbook: {said}") from None
    return Merge(spec=spec, unused=unused)


class _Merging:
    """A merge under way."""

    def __init__(
        self,
        base: PlaybookSpec,
        ours: PlaybookSpec,
        theirs: PlaybookSpec,
        resolutions: Mapping[str, Resolution],
    ) -> None:
        self._specs = base, ours, theirs
        self._sides = entries(base), entries(ours), entries(theirs)
        self._resolutions = resolutions
        self.parts: dict[Path, Leaves] = {}
        self.conflicts: list[MergeConflict] = []
        self.used: set[str] = set()

    def take_values(self) -> None:
        """Merge each value by itself where both sides have its entry, else the entry as a whole."""
        for path in dict.fromkeys(path for side in self._sides for path in side):
            base, ours, theirs = (side.get(path, _ABSENT) for side in self._sides)
            if ours is _ABSENT or theirs is _ABSENT:
                chosen = self._choose(path, base, ours, theirs, takes_value=False)
            else:
                chosen = self._each({} if base is _ABSENT else base, ours, theirs, path)
            if chosen is not _ABSENT:
                self.parts[path] = chosen

    def mind_parameters(self) -> None:
        """See a conflict where one side removed a parameter and the other came to need it."""
        needed = _needed(self.parts)
        for path in self._sides[0]:
            if path[:1] != ("parameters",) or path in self.parts or path[1] not in needed:
                continue
            base, ours, theirs = (side.get(path, _ABSENT) for side in self._sides)
            removed_by = self._sides[1] if ours is _ABSENT else self._sides[2]
            if field_of(path) in self.used or path[1] in _needed(removed_by):
                continue
            chosen = self._resolved(path, base, ours, theirs, takes_value=False)
            if chosen is not _ABSENT:
                self.parts[path] = chosen

    def order(self, list_name: str) -> list[str]:
        """The order of a list's entries: that of the side that changed it, the other's woven in."""
        keys = [keys_of(spec, list_name) for spec in self._specs]
        common = set.intersection(*map(set, keys))
        base, ours, theirs = ([key for key in side if key in common] for side in keys)
        if list_name == "steps":
            chosen = self._choose((list_name,), base, ours, theirs, takes_value=False)
        else:
            chosen = theirs if ours == base else ours
        first, second = (keys[1], keys[2]) if chosen == ours else (keys[2], keys[1])
        return [key for key in woven(first, second) if (list_name, key) in self.parts]

    def _each(self, base: Leaves, ours: Leaves, theirs: Leaves, path: Path) -> Leaves:
        merged: Leaves = {}
        for inner in dict.fromkeys([*ours, *theirs]):
            values = (side.get(inner, _ABSENT) for side in (base, ours, theirs))
            chosen = self._choose((*path, *inner), *values, takes_value=True)
            if chosen is not _ABSENT:
                merged[inner] = chosen
        return merged

    def _choose(self, path: Path, base: Any, ours: Any, theirs: Any, *, takes_value: bool) -> Any:
        """The value of the side that changed it; what the resolution says where both did."""
        if same(ours, theirs) or same(theirs, base):
            return ours
        if same(ours, base):
            return theirs
        return self._resolved(path, base, ours, theirs, takes_value=takes_value)

    def _resolved(self, path: Path, base: Any, ours: Any, theirs: Any, *, takes_value: bool) -> Any:
        """What the resolution says; without one a conflict, and for the time being our value."""
        field = field_of(path)
        resolution = self._resolutions.get(field)
        if resolution is None:
            sides = {"base": _shown(base), "ours": _shown(ours), "theirs": _shown(theirs)}
            conflict = MergeConflict(field=field, takes_value=takes_value, **sides)
            self.conflicts.append(conflict)
            return ours
        self.used.add(field)
        if not isinstance(resolution, OwnValue):
            return ours if resolution == "ours" else theirs
        if not takes_value:
            raise Unmergeable(f"{field} can be resolved as ours or theirs only")
        return resolution.value


def _shown(value: Any) -> Any:
    """A value as a conflict tells it, an entry as the JSON object that it is."""
    if value is _ABSENT:
        return None
    if isinstance(value, dict) and all(isinstance(path, tuple) for path in value):
        return nested(value)
    return value


def _needed(parts: Mapping[Path, Leaves]) -> set[str]:
    """The parameters that steps and prerequisites speak of."""
    names: set[str] = set()
    for path, values in parts.items():
        if path[:1] == ("prerequisites",):
            names.add(values["param",])
        elif path[:1] == ("steps",):
            names |= {condition["param"] for condition in values["when",]}
            arguments = [value for inner, value in values.items() if inner[0] == "args"]
            names |= set(placeholders(json.dumps(arguments)))
    return names
