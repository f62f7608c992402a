"""When a kind of incident comes, and how long each takes: trend, intervals, times to resolve."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Rate, Value
from chalicelib.core.incidents import Incident

#: The trend compares the last so many days with as many before them.
TREND_DAYS = 28

#: A change of rate is one if chance alone makes one as large in fewer than one case in ten.
_SURE = 0.1

#: Above so many incidents the binomial distribution is as good as normal.
_MANY = 500

#: How many weeks back occurrences are told week by week.
MOST_WEEKS = 26

#: What takes longer than a year was not worked on, but forgotten open.
LONGEST_TO_RESOLVE = timedelta(days=365)


class Direction(StrEnum):
    """Whether a kind of incident comes more often than before."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"


class Trend(Value):
    """How often a kind came in the last days, and in as many days before.

    Attributes:
        p_value: how often chance alone would make as large a difference, if the rate had stayed.
    """

    direction: Direction
    recent: int
    earlier: int
    days: int
    p_value: Rate


class Week(Value):
    """How many incidents were opened in the week from a Monday on, in UTC."""

    week: date
    incidents: Annotated[int, Field(ge=0)]


class TimeToResolve(Value):
    """How long solving took, in seconds: the median and where the middle 80% lie.

    Attributes:
        incidents: how many told it.
        ignored: how many told times that cannot be: none at all, or more than a year.
    """

    incidents: int
    ignored: int
    median_seconds: float
    p10_seconds: float
    p90_seconds: float


def trend(opened: Iterable[datetime], now: datetime) -> Trend:
    """Whether incidents came at a higher rate in the last `TREND_DAYS` than in those before.

    Of incidents that come at a steady rate (a Poisson process), each falls into either half of
    the time with equal chance. So given their sum, the recent ones are binomial, and that they
    are this far from half is tested exactly, on two sides (Przyborowski and Wilenski, 1940).
    """
    length = timedelta(days=TREND_DAYS)
    halves = Counter((now - time) // length for time in opened)
    # An incident may be opened a little ahead of the clock that the run went by.
    recent, earlier = halves[0] + halves[-1], halves[1]
    p_value = _two_sided(recent, earlier)
    direction = Direction.STEADY
    if p_value < _SURE:
        direction = Direction.RISING if recent > earlier else Direction.FALLING
    return Trend(
        direction=direction,
        recent=recent,
        earlier=earlier,
        days=TREND_DAYS,
        p_value=round(p_value, 4),
    )


def _two_sided(one: int, other: int) -> float:
    """The chance that a fair split of their sum is as uneven as these two are, or more so."""
    total, more = one + other, max(one, other)
    if total > _MANY:
        excess = max(more - total / 2 - 0.5, 0)  # with the correction for continuity
        return math.erfc(excess / math.sqrt(total / 2))
    tail = sum(math.comb(total, count) for count in range(more, total + 1))
    return min(float(2 * tail / 2**total), 1.0)


def median_interval(opened: Iterable[datetime]) -> float | None:
    """The median time from one incident to the next, in seconds; None of fewer than two."""
    times = sorted(opened)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return round(median(gaps), 3) if gaps else None


def weeks(opened: Sequence[datetime], now: datetime) -> list[Week]:
    """How many incidents came in each week, from the first one on, at most `MOST_WEEKS` back."""
    counts = Counter(map(monday, opened))
    last = monday(now)
    first = max(min(counts, default=last), last - timedelta(weeks=MOST_WEEKS - 1))
    number = (last - first).days // 7 + 1
    mondays = [first + timedelta(weeks=place) for place in range(number)]
    return [Week(week=each, incidents=counts[each]) for each in mondays]


def monday(time: datetime) -> date:
    """The first day of the week that a time lies in, in UTC."""
    day = time.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def plausible_seconds(incidents: Iterable[Incident]) -> list[float]:
    """The times to resolve, in seconds and ascending, of the incidents that tell one that can be.

    No time at all means that the report knew only when the incident ended; more than
    `LONGEST_TO_RESOLVE`, that nobody closed it. A negative one is refused when it is reported.
    """
    told = (incident.seconds_to_resolve for incident in incidents)
    longest = LONGEST_TO_RESOLVE.total_seconds()
    return sorted(seconds for seconds in told if seconds is not None and 0 < seconds <= longest)


def time_to_resolve(incidents: Sequence[Incident]) -> TimeToResolve | None:
    """The median and spread of the times to resolve; None where no incident tells one."""
    seconds = plausible_seconds(incidents)
    if not seconds:
        return None
    told = sum(incident.seconds_to_resolve is not None for incident in incidents)
    return TimeToResolve(
        incidents=len(seconds),
        ignored=told - len(seconds),
        median_seconds=_quantile(seconds, 0.5),
        p10_seconds=_quantile(seconds, 0.1),
        p90_seconds=_quantile(seconds, 0.9),
    )


def _quantile(ascending: Sequence[float], share: float) -> float:
    """Between the two nearest values, as spreadsheets do it (Hyndman and Fan 1996, type 7)."""
    place = share * (len(ascending) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ascending) - 1)
    value = ascending[below] + (ascending[above] - ascending[below]) * (place - below)
    return round(value, 3)
