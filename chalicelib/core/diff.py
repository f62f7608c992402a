"""What differs between two specifications, by step and field; moved steps as moves."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from chalicelib.core.fields import Value
from chalicelib.core.leaves import Leaves, field_of, keys_of, leaves, same, woven
from chalicelib.core.playbooks import PlaybookSpec

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MAX_TOKENS = 1_000  # above it comparing by words takes too long, and shows too much


class Piece(Value):
    """Part of a changed text: what both sides have, or only the one before, or the one after."""

    kind: Literal["same", "removed", "added"]
    text: str


class ValueDifference(Value):
    """A value that differs; None where one side has none.

    Attributes:
        field: its path, as `steps.restart.args.command`.
        pieces: how a text became the other one, word by word; empty for what is no text.
    """

    field: str
    before: Any = None
    after: Any = None
    pieces: list[Piece] = []


class StepChange(Value):
    """What became of a step.

    Attributes:
        moved: whether it stands elsewhere among the steps that both have: the fewest such steps
            that explain the new order.
        position_before, position_after: from 1; None where it is not there.
        fields: what of it differs; empty for a step that is added or removed.
    """

    step_id: str
    name: str
    change: Literal["same", "changed", "added", "removed"]
    moved: bool = False
    position_before: int | None = None
    position_after: int | None = None
    fields: list[ValueDifference] = []


class Diff(Value):
    """Two specifications side by side.

    Attributes:
        fields: what differs outside of the steps.
        steps: all steps of both, in the order after; those removed stand after what they followed.
    """

    identical: bool
    fields: list[ValueDifference]
    steps: list[StepChange]


def diff(before: PlaybookSpec, after: PlaybookSpec) -> Diff:
    """What has to be changed of one specification to make it the other."""
    old, new = leaves(before), leaves(after)
    fields: list[ValueDifference] = []
    by_step: dict[str, list[ValueDifference]] = {}
    for path in dict.fromkeys([*old, *new]):
        if path in old and path in new and same(old[path], new[path]):
            continue
        change = _change(field_of(path), old.get(path), new.get(path))
        if path[0] == "steps":
            by_step.setdefault(path[1], []).append(change)
        else:
            fields.append(change)
    for name in ("parameters", "prerequisites"):
        fields += _reordered(name, keys_of(before, name), keys_of(after, name))
    steps = _steps(keys_of(before, "steps"), keys_of(after, "steps"), by_step, {**old, **new})
    alike = not fields and all(step.change == "same" and not step.moved for step in steps)
    return Diff(identical=alike, fields=fields, steps=steps)


def pieces(before: str, after: str) -> list[Piece]:
    """How a text became another: by words, of long texts by lines, of very long ones as a whole."""
    for split in (_TOKEN.findall, lambda text: text.splitlines(keepends=True)):
        old, new = split(before), split(after)
        if max(len(old), len(new)) <= _MAX_TOKENS:
            break
    else:
        old, new = [before], [after]
    found: list[Piece] = []
    for kind, i, j, k, m in SequenceMatcher(str.isspace, old, new).get_opcodes():
        if kind == "equal":
            found.append(Piece(kind="same", text="".join(old[i:j])))
            continue
        if i < j:
            found.append(Piece(kind="removed", text="".join(old[i:j])))
        if k < m:
            found.append(Piece(kind="added", text="".join(new[k:m])))
    return found


def _reordered(field: str, old: list[str], new: list[str]) -> list[ValueDifference]:
    """The change of a list's order, if what both sides have of it stands in another one."""
    before = [key for key in old if key in new]
    after = [key for key in new if key in old]
    return [] if before == after else [_change(field, before, after)]


def _change(field: str, before: Any, after: Any) -> ValueDifference:
    texts = isinstance(before, str) and isinstance(after, str)
    return ValueDifference(
        field=field, before=before, after=after, pieces=pieces(before, after) if texts else []
    )


def _steps(
    old: list[str], new: list[str], by_step: dict[str, list[ValueDifference]], values: Leaves
) -> list[StepChange]:
    before = {step_id: place for place, step_id in enumerate(old, 1)}
    after = {step_id: place for place, step_id in enumerate(new, 1)}
    common = [step_id for step_id in new if step_id in before]
    stayed = {common[place] for place in _longest_rising([before[each] for each in common])}
    steps = []
    for step_id in woven(new, old):
        change: Literal["same", "changed", "added", "removed"] = "same"
        if step_id not in before or step_id not in after:
            change = "added" if step_id in after else "removed"
        elif step_id in by_step:
            change = "changed"
        steps.append(
            StepChange(
                step_id=step_id,
                name=values["steps", step_id, "name"],
                change=change,
                moved=step_id in before and step_id in after and step_id not in stayed,
                position_before=before.get(step_id),
                position_after=after.get(step_id),
                fields=by_step.get(step_id, []) if change == "changed" else [],
            )
        )
    return steps


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """The places of a longest rising subsequence (patience sorting; Fredman 1975)."""
    ends: list[int] = []  # the smallest last number of a rising subsequence of each length
    at: list[int] = []  # and where it stands
    previous: list[int | None] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(at[length - 1] if length else None)
        ends[length : length + 1] = [number]
        at[length : length + 1] = [place]
    chain: list[int] = []
    last = at[-1] if at else None
    while last is not None:
        chain.append(last)
        last = previous[last]
    return chain[::-1]
