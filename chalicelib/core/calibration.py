"""Whether a confidence means what it says: of suggestions this sure, how many were approved."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from chalicelib.core.confidence import wilson_interval
from chalicelib.core.fields import Rate, Value

#: So many points of confidence are one band of the curve.
BAND = 5


class Band(Value):
    """The decided suggestions whose confidence lies from `low` up to below `high` (at 1: to it).

    Attributes:
        confidence: their mean confidence.
        share: how many of them were approved.
        interval: the 95% Wilson interval of that share.
    """

    low: Rate
    high: Rate
    confidence: Rate
    decided: Annotated[int, Field(ge=1)]
    approved: Annotated[int, Field(ge=0)]
    share: Rate
    interval: tuple[float, float]


def calibration(decided: Iterable[tuple[float, bool]]) -> list[Band]:
    """The bands that hold decided suggestions, the least confident first.

    Args:
        decided: of each suggestion its confidence, 0 to 1, and whether it was approved.
    """
    bands: dict[int, list[tuple[float, bool]]] = {}
    for confidence, approved in decided:
        place = min(int(round(100 * confidence, 6)) // BAND, 100 // BAND - 1)
        bands.setdefault(place, []).append((confidence, approved))
    return [_band(place, sorted(bands[place])) for place in sorted(bands)]


def _band(place: int, decided: list[tuple[float, bool]]) -> Band:
    approved = sum(each for _, each in decided)
    mean = sum(confidence for confidence, _ in decided) / len(decided)
    return Band(
        low=place * BAND / 100,
        high=(place + 1) * BAND / 100,
        confidence=round(mean, 4),
        decided=len(decided),
        approved=approved,
        share=round(approved / len(decided), 4),
        interval=wilson_interval(approved, len(decided)),
    )
