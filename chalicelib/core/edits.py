"""What changed in a specification, field by field, and how two people's changes come together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import computed_field

from chalicelib.core.caution import cautious
from chalicelib.core.fields import Value
from chalicelib.core.kinds import kind_of
from chalicelib.core.leaves import same
from chalicelib.core.permissions import permissions_of
from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.risk import risk_of

#: The lists whose entries have names of their own, and what these names are called.
_NAMED = {"parameters": "name", "steps": "id"}
#: What the metadata tell of the steps, and `settled` derives from them.
_DERIVED = {"risk", "verification", "required_permissions", "order_conflicts"}


class FieldChange(Value):
    """One field as it was and as it is; None stands for what was not there, or is not any more.

    Attributes:
        path: where it is: `["steps", ID, "args", "command"]`. A step or a parameter that came or
            went has a path of two parts and is told whole; `["steps"]` is the order of the steps.
    """

    path: list[str]
    before: Any = None
    after: Any = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def field(self) -> str:
        """The path as one text."""
        return ".".join(self.path)

    def touches(self, other: "FieldChange") -> bool:
        """Whether the two are about the same thing, or one is about a part of the other's."""
        length = min(len(self.path), len(other.path))
        if 1 in (len(self.path), len(other.path)):
            return self.path == other.path
        return self.path[:length] == other.path[:length]


def differences(before: PlaybookSpec, after: PlaybookSpec) -> list[FieldChange]:
    """The fields in which two specifications differ: their own, the parameters', the steps'."""
    one, other = before.model_dump(mode="json"), after.model_dump(mode="json")
    found = list(_of_mappings([], _plain(one), _plain(other)))
    for name, key in _NAMED.items():
        found += _of_lists(name, key, one[name], other[name])
    return found


def merged(
    theirs: PlaybookSpec, mine: PlaybookSpec, chosen: Sequence[FieldChange]
) -> dict[str, Any]:
    """Their specification with those of my changes in it that were chosen, as JSON to validate.

    Args:
        theirs: what is stored by now.
        mine: what I made of an earlier state, in which what I added has its place.
        chosen: of the differences between that earlier state and mine those to keep.
    """
    result, own = theirs.model_dump(mode="json"), mine.model_dump(mode="json")
    for change in sorted(chosen, key=lambda each: len(each.path) == 1):
        if change.path[0] in _NAMED:
            _apply_to_list(result, own, change)
        else:
            _set(result, change.path, change.after)
    return result


def settled(before: PlaybookSpec, after: PlaybookSpec) -> PlaybookSpec:
    """A specification that a person changed, with what follows from the change.

    Another command may be of another kind and risk: a step that still says of itself what it said
    before its text changed is judged anew. No step's risk is understated, and what the metadata
    tell of the steps is told of those that there are.
    """
    known = {step.id: step for step in before.steps}
    steps = [_judged(step, known.get(step.id)) for step in after.steps]
    changes = [at for at, step in enumerate(steps) if step.kind == "change"]
    for at, step in enumerate(steps):
        was = known.get(step.id)
        if step.kind == "check" and changes and at > changes[-1] and _is_new(step, was):
            steps[at] = step.model_copy(update={"kind": "verify"})
    metadata = _metadata(after.metadata, steps)
    return cautious(after.model_copy(update={"steps": steps, "metadata": metadata}))


def _judged(step: Step, was: Step | None) -> Step:
    if not _is_new(step, was):
        return step
    told: dict[str, Any] = {}
    command = step.text if step.action == "shell" else None
    if step.kind is None or (was is not None and step.kind == was.kind):
        told["kind"] = "wait" if step.action == "wait" else kind_of(step.name, command)
    if was is not None and step.risk is was.risk and step.action in ("shell", "noop"):
        told["risk"] = risk_of(step.action, step.text)
    return step.model_copy(update=told)


def _is_new(step: Step, was: Step | None) -> bool:
    return was is None or (step.action, step.args) != (was.action, was.args)


def _metadata(metadata: Mapping[str, Any], steps: Sequence[Step]) -> dict[str, Any]:
    """The metadata with what they tell of the steps brought up to date."""
    ids = {step.id for step in steps}
    told = dict(metadata)
    if "verification" in told:
        told["verification"] = [step.id for step in steps if step.kind == "verify"]
    if "required_permissions" in told:
        told["required_permissions"] = permissions_of(
            step.text for step in steps if step.action == "shell"
        )
    conflicts = told.get("order_conflicts")
    if isinstance(conflicts, list):
        told["order_conflicts"] = [
            pair for pair in conflicts if isinstance(pair, list) and ids.issuperset(pair)
        ]
    return told


def _plain(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a specification says beside its lists, and beside what is derived from them."""
    own = {name: value for name, value in spec.items() if name not in _NAMED}
    said = spec["metadata"].items()
    return own | {"metadata": {name: value for name, value in said if name not in _DERIVED}}


def _of_mappings(
    path: list[str], one: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """The differences of two mappings; those of the mappings in them one by one."""
    for name in [*one, *(name for name in other if name not in one)]:
        before, after = one.get(name), other.get(name)
        if same(before, after):
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _of_mappings([*path, name], before, after)
        else:
            yield FieldChange(path=[*path, name], before=before, after=after)


def _of_lists(
    name: str, key: str, one: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]
) -> Iterator[FieldChange]:
    before = {entry[key]: entry for entry in one}
    after = {entry[key]: entry for entry in other}
    for own in [*before, *(own for own in after if own not in before)]:
        if own in before and own in after:
            yield from _of_mappings([name, own], before[own], after[own])
        else:
            yield FieldChange(path=[name, own], before=before.get(own), after=after.get(own))
    was = [own for own in before if own in after]
    now = [own for own in after if own in before]
    if was != now:
        yield FieldChange(path=[name], before=was, after=now)


def _apply_to_list(result: dict[str, Any], own: dict[str, Any], change: FieldChange) -> None:
    name = change.path[0]
    key = _NAMED[name]
    mine = [entry[key] for entry in own[name]]
    entries: list[dict[str, Any]] = result[name]
    if len(change.path) == 1:
        result[name] = _in_order(entries, mine, key)
        return
    there = next((entry for entry in entries if entry[key] == change.path[1]), None)
    if change.path[1] not in mine:
        result[name] = [entry for entry in entries if entry is not there]
    elif there is None or len(change.path) == 2:
        entry = next(entry for entry in own[name] if entry[key] == change.path[1])
        others = [entry for entry in entries if entry is not there]
        result[name] = _put_in(others, entry, mine, key)
    else:
        _set(there, change.path[2:], change.after)


def _put_in(
    entries: list[dict[str, Any]], entry: dict[str, Any], order: Sequence[str], key: str
) -> list[dict[str, Any]]:
    """The entries with one more, behind the nearest of those that stand before it in an order."""
    before = set(order[: order.index(entry[key])])
    places = [at for at, each in enumerate(entries) if each[key] in before]
    at = places[-1] + 1 if places else 0
    return [*entries[:at], entry, *entries[at:]]


def _in_order(
    entries: list[dict[str, Any]], order: Sequence[str], key: str
) -> list[dict[str, Any]]:
    """The entries in an order; those that it does not name keep their places."""
    place = {own: at for at, own in enumerate(order)}
    named = iter(
        sorted(
            (entry for entry in entries if entry[key] in place), key=lambda each: place[each[key]]
        )
    )
    return [next(named) if entry[key] in place else entry for entry in entries]


def _set(target: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    if value is None:
        target.pop(path[-1], None)
    else:
        target[path[-1]] = value
