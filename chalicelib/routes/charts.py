"""From figures to geometry: what the pictures of the pages consist of; `_charts.html` draws it.

Lengths are in the units of each picture's box, whose origin is at its top left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chalicelib.core.before_and_since import Spread
from chalicelib.core.calibration import Band

WIDTH, HEIGHT = 360, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 352, 10, 146

_MOST_TICKS = 4
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_DURATIONS = {
    "1 s": 1, "10 s": 10, "1 min": _MINUTE, "10 min": 10 * _MINUTE, "1 h": _HOUR, "6 h": 6 * _HOUR,
    "1 d": _DAY, "7 d": 7 * _DAY, "30 d": 30 * _DAY, "1 y": 365 * _DAY,
}  # fmt: skip


@dataclass(frozen=True)
class Tick:
    """A mark of an axis: where it is along it, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Bar:
    """A column; `kind` tells which of its series it is of."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Columns:
    """Columns over time, and under the base line what went the other way."""

    bars: list[Bar]
    base: float
    across: list[Tick]
    up: list[Tick]


@dataclass(frozen=True)
class Whisker:
    """A share with its interval, and how many it is of."""

    x: float
    y: float
    top: float
    bottom: float
    radius: float
    number: int


@dataclass(frozen=True)
class Curve:
    """Shares by what they were expected to be; the diagonal is where both are the same."""

    points: list[Whisker]
    diagonal: tuple[float, float, float, float]
    across: list[Tick]
    up: list[Tick]


@dataclass(frozen=True)
class Happening:
    """Something that happened at a time, and took so long if that is known."""

    at: datetime
    kind: str
    seconds: float | None = None


@dataclass(frozen=True)
class Timeline:
    """When things happened, and how long each took.

    Attributes:
        places: of each kind, where they are.
        untimed: how high those lie of which it is not known how long they took.
        since: where a moment of note lies, if one was given and lies within.
    """

    places: dict[str, list[tuple[float, float]]]
    untimed: float
    across: list[Tick]
    up: list[Tick]
    since: float | None = None


@dataclass(frozen=True)
class Range:
    """A median between the ends of its interval, as shares of a row's width."""

    low: float
    high: float
    median: float


@dataclass(frozen=True)
class Scale:
    """From a value to a place: in proportion, or to its logarithm."""

    start: float
    end: float
    first: float
    last: float
    logarithmic: bool = field(default=False, kw_only=True)

    def at(self, value: float) -> float:
        """Where a value lies, kept between the ends and rounded to a tenth."""
        low, high, value = map(self._measure, (self.start, self.end, value))
        share = (value - low) / (high - low) if high > low else 0.5
        share = min(max(share, 0.0), 1.0)
        return round(self.first + share * (self.last - self.first), 1)

    def _measure(self, value: float) -> float:
        return math.log(max(value, 1e-9)) if self.logarithmic else value


def steps_to(most: float) -> list[int]:
    """Whole numbers from 0 to at least the most, evenly apart by 1, 2 or 5 times a power of ten."""
    step, factors = 1, (2, 2.5, 2)
    turn = 0
    while step * _MOST_TICKS < most:
        step = int(step * factors[turn % 3])
        turn += 1
    return list(range(0, step * math.ceil(max(most, 1) / step) + 1, step))


def columns(weeks: Sequence[date], above: Sequence[int], below: Sequence[int] = ()) -> Columns:
    """A column a week, and another under the line where what is `below` is given.

    Args:
        weeks: their first days, in order, at least one.
        above: of each week a number, 0 or more.
        below: likewise.
    """
    ups, downs = steps_to(max(above)), steps_to(max(below)) if any(below) else [0]
    scale = Scale(-downs[-1], ups[-1], BOTTOM, TOP)
    slot = (RIGHT - LEFT) / max(len(weeks), 8)
    bars = []
    for place in range(len(weeks)):
        x = round(RIGHT - slot * (len(weeks) - place - 0.1), 1)
        for values, kind in ((above, "above"), (below, "below")):
            if values and values[place]:
                ends = scale.at(0), scale.at(values[place] if kind == "above" else -values[place])
                height = round(abs(ends[1] - ends[0]), 1)
                bars.append(Bar(x, min(ends), round(slot * 0.8, 1), height, kind))
    marks = sorted({0, len(weeks) - 1} if len(weeks) > 4 else {len(weeks) - 1})
    return Columns(
        bars=bars,
        base=scale.at(0),
        across=[
            Tick(round(RIGHT - slot * (len(weeks) - place - 0.5), 1), _day(weeks[place]))
            for place in marks
        ],
        up=[
            Tick(scale.at(value), str(abs(value)))
            for value in [*(-each for each in downs[:0:-1]), *ups]
        ],
    )


def curve(bands: Sequence[Band]) -> Curve:
    """The share approved by confidence; a point is the larger the more it is of."""
    start = min([0.5, *(math.floor(10 * band.low) / 10 for band in bands)])
    across, up = Scale(start, 1, LEFT, RIGHT), Scale(0, 1, BOTTOM, TOP)
    most = max((band.decided for band in bands), default=1)
    points = [
        Whisker(
            x=across.at(band.confidence),
            y=up.at(band.share),
            top=up.at(band.interval[1]),
            bottom=up.at(band.interval[0]),
            radius=round(3 + 4 * math.sqrt(band.decided / most), 1),
            number=band.decided,
        )
        for band in bands
    ]
    tenths = range(round(10 * start), 11)
    return Curve(
        points=points,
        diagonal=(across.at(start), up.at(start), across.at(1), up.at(1)),
        across=[
            Tick(across.at(each / 10), f"{10 * each}%") for each in tenths if each % 2 == 0 or start
        ],
        up=[Tick(up.at(each / 4), f"{25 * each}%") for each in range(5)],
    )


def timeline(happenings: Sequence[Happening], since: datetime | None = None) -> Timeline:
    """When things happened, from left to right, and how long each took, the higher the longer.

    The heights are logarithmic: a minute and an hour are as far apart as an hour and two days.
    """
    times = sorted(each.at for each in happenings)
    first, last = times[0], max(times[-1], times[0] + timedelta(days=1))
    across = Scale(first.timestamp(), last.timestamp(), LEFT + 6, RIGHT - 6)
    known = [each.seconds for each in happenings if each.seconds]
    marks = _durations(known)
    up = Scale(min(marks.values()), max(marks.values()), BOTTOM - 22, TOP + 6, logarithmic=True)
    places: dict[str, list[tuple[float, float]]] = {}
    for each in sorted(happenings, key=lambda each: (each.at, each.kind, each.seconds or 0)):
        y = up.at(each.seconds) if each.seconds else BOTTOM - 8
        places.setdefault(each.kind, []).append((across.at(each.at.timestamp()), y))
    within = since is not None and first <= since <= last
    return Timeline(
        places=places,
        untimed=BOTTOM - 8,
        across=[Tick(LEFT + 6, _day(first.date())), Tick(RIGHT - 6, _day(last.date()))],
        up=[Tick(up.at(seconds), label) for label, seconds in marks.items()] if known else [],
        since=across.at(since.timestamp()) if since and within else None,
    )


def ranges(spreads: Mapping[str, Spread]) -> dict[str, Range]:
    """Medians on one line from 0 to the longest, each with its interval if it has one."""
    told = {name: each for name, each in spreads.items() if each.median_seconds is not None}
    ends = [max(each.median_seconds or 0, *(each.interval or (0, 0))) for each in told.values()]
    scale = Scale(0, max(ends, default=1), 0, 100)
    found = {}
    for name, each in told.items():
        median = each.median_seconds or 0
        low, high = each.interval or (median, median)
        found[name] = Range(scale.at(low), scale.at(high), scale.at(median))
    return found


def _durations(known: Sequence[float]) -> dict[str, int]:
    """The usual durations around those that are known, at most every other where they are many."""
    low, high = min(known, default=_MINUTE), max(known, default=_HOUR)
    below = max((each for each in _DURATIONS.values() if each <= low), default=1)
    above = min((each for each in _DURATIONS.values() if each > high), default=365 * _DAY)
    return {label: each for label, each in _DURATIONS.items() if below <= each <= above}


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
