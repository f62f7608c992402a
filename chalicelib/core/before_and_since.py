"""What a playbook changed: how long incidents of its kind took before there was it, and since."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Time, Value
from chalicelib.core.incidents import Incident
from chalicelib.core.times import plausible_seconds

_SURE = 0.05


class Pace(StrEnum):
    """What can be said of the times before and since."""

    TOO_FEW = "too_few"
    UNCLEAR = "unclear"
    FASTER = "faster"
    SLOWER = "slower"


class Spread(Value):
    """How long some incidents took to resolve, in seconds.

    Attributes:
        incidents: how many told it.
        interval: where the median lies with 95% confidence; None of fewer than six, of which
            nothing can be said so surely.
    """

    incidents: Annotated[int, Field(ge=0)] = 0
    median_seconds: float | None = None
    interval: tuple[float, float] | None = None


class BeforeAndSince(Value):
    """A playbook's incidents before it was published and since.

    Attributes:
        difference: faster or slower only where the two medians' intervals do not meet.
    """

    playbook_id: str
    title: str
    published_at: Time
    before: Spread
    since: Spread
    difference: Pace


def effect(
    playbook_id: str, title: str, published_at: datetime, incidents: Iterable[Incident]
) -> BeforeAndSince:
    """What the incidents of a playbook's pattern tell of it, by the time they were opened at."""
    everything = list(incidents)
    before = spread([each for each in everything if each.opened_at < published_at])
    since = spread([each for each in everything if each.opened_at >= published_at])
    return BeforeAndSince(
        playbook_id=playbook_id,
        title=title,
        published_at=published_at,
        before=before,
        since=since,
        difference=_difference(before, since),
    )


def spread(incidents: Sequence[Incident]) -> Spread:
    """The median of the times to resolve that can be, with its interval."""
    seconds = plausible_seconds(incidents)
    if not seconds:
        return Spread()
    return Spread(
        incidents=len(seconds),
        median_seconds=round(median(seconds), 3),
        interval=median_interval(seconds),
    )


def median_interval(ascending: Sequence[float]) -> tuple[float, float] | None:
    """The 95% confidence interval of a median, whatever the values' distribution is.

    Of independent values each lies below the median with chance one half, so how many do is
    binomial, and the interval is from one of the values to another (Thompson, 1936).
    """
    number = len(ascending)
    tail, below = 0, -1
    while 2 * (tail + math.comb(number, below + 1)) <= _SURE * 2**number:
        below += 1
        tail += math.comb(number, below)
    if below < 0:
        return None
    return ascending[below], ascending[number - 1 - below]


def _difference(before: Spread, since: Spread) -> Pace:
    if before.interval is None or since.interval is None:
        return Pace.TOO_FEW
    if since.interval[1] < before.interval[0]:
        return Pace.FASTER
    if since.interval[0] > before.interval[1]:
        return Pace.SLOWER
    return Pace.UNCLEAR
