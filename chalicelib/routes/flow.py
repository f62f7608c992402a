"""How a playbook's steps are drawn: a rail beside them, with a lane for each way through.

Each step is a row. A row's lines are told in a box of 48 by 100 that is stretched to the row's
height, so they are of the same height everywhere; the step's mark is drawn over them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.caution import risk_of_step
from chalicelib.core.playbooks import Step

#: Where the lanes run, from the left.
LANES = (13, 29, 42)

_SHAPES = {
    "check": "look",
    "verify": "verify",
    "wait": "wait",
    "escalate": "tell",
    "communicate": "tell",
}


@dataclass(frozen=True)
class Line:
    """A part of a way through, as the data of an SVG path."""

    path: str
    kind: str  # way, bypass or instead


@dataclass(frozen=True)
class Row:
    """A step in the drawing.

    Attributes:
        lane: which of `LANES` its mark lies on.
        enters, leaves: the lanes on which ways come in at the top and go out at the bottom.
    """

    lane: int
    shape: str
    risk: str
    conditional: bool
    lines: list[Line]
    enters: frozenset[int]
    leaves: frozenset[int]


def flow(steps: Sequence[Step]) -> list[Row]:
    """The rows of a playbook's steps.

    Steps that follow each other and ask for different values of one parameter are two or three
    ways of which one is taken: each has a lane. Any other step that is optional or has a condition
    has a way around it, and one that some did by another command a way beside it.
    """
    rows = []
    for group in _groups(steps):
        lanes = _lanes(group)
        number = len(set(lanes))
        for place, (step, lane) in enumerate(zip(group, lanes, strict=True)):
            first, last = place == 0, place == len(group) - 1
            rows.append(_row(step, lane, number, opens=first, closes=last))
    return rows


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """The steps one by one, but those that part by a parameter's values together."""
    group: list[Step] = []
    for step in steps:
        if group and _parts_by(group[-1]) is not None and _parts_by(group[-1]) == _parts_by(step):
            group.append(step)
            continue
        yield from _whole(group)
        group = [step]
    yield from _whole(group)


def _whole(group: list[Step]) -> Iterator[list[Step]]:
    if 2 <= len(set(_lanes(group))) <= len(LANES):
        yield group
    else:
        yield from ([step] for step in group)


def _parts_by(step: Step) -> str | None:
    """The parameter whose value decides whether a step is taken, if one alone does."""
    deciding = [each.param for each in step.when if each.type == "equals"]
    return deciding[0] if len(step.when) == len(deciding) == 1 else None


def _lanes(group: Sequence[Step]) -> list[int]:
    """The lane of each step: those that ask for the same value share one."""
    values = [str(step.when[0].value) if _parts_by(step) else "" for step in group]
    order = list(dict.fromkeys(values))
    return [order.index(value) for value in values]


def _row(step: Step, lane: int, ways: int, *, opens: bool, closes: bool) -> Row:
    lines = [
        Line(_way(LANES[each], opens=opens and each > 0, closes=closes and each > 0), "way")
        for each in range(ways)
    ]
    beside = ways
    if ways == 1:
        if step.alternatives:
            lines.append(Line(_way(LANES[beside], opens=True, closes=True), "instead"))
            beside += 1
        if step.optional or step.when:
            lines.append(Line(_way(LANES[beside], opens=True, closes=True), "bypass"))
    every = frozenset(range(ways))
    return Row(
        lane=lane,
        shape="wait" if step.action == "wait" else _SHAPES.get(step.kind or "", "act"),
        risk=risk_of_step(step),
        conditional=bool(step.when),
        lines=lines,
        enters=frozenset({0}) if opens else every,
        leaves=frozenset({0}) if closes else every,
    )


def _way(x: int, *, opens: bool, closes: bool) -> str:
    """A line from top to bottom that leaves the first lane at the top, or comes back to it."""
    home = LANES[0]
    start = f"M{home} 0C{home} 6 {x} 2 {x} 10" if opens else f"M{x} 0"
    return start + (f"V90C{x} 98 {home} 94 {home} 100" if closes else "V100")
