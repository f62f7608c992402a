"""How long things take, in little space: a histogram whose bars widen, from which quantiles come.

This is DDSketch (Masson, Rim and Lee, VLDB 2019, https://doi.org/10.14778/3352063.3352135): bar i
counts the values above G^(i-1) up to G^i, with G = (1 + a) / (1 - a). A quantile is told by the
middle of the bar that it falls into, and so is off by the share `ACCURACY` of itself at most. Bars
add up, so two sketches make one, in any order.
"""

import math
from typing import Annotated, Self

from pydantic import Field

from chalicelib.core.fields import Value

#: The share of itself by which a quantile may be off.
ACCURACY = 0.01

#: What is shorter than a millisecond counts as no time, what is longer than ten years as that
#: long; with these bounds there are 1,325 bars at most.
_SHORTEST, _LONGEST = 0.001, 10 * 365 * 86_400.0

_RATIO = (1 + ACCURACY) / (1 - ACCURACY)

_Count = Annotated[int, Field(ge=1)]


class Sketch(Value):
    """How many values fell into each bar.

    Attributes:
        none: how many were shorter than a millisecond.
        bars: the bars that are not empty, by their number.
        least, most: the shortest and the longest value, in seconds, which no quantile is beyond.
    """

    none: Annotated[int, Field(ge=0)] = 0
    bars: dict[int, _Count] = {}
    least: float = math.inf
    most: float = 0

    def plus(self, seconds: float) -> Self:
        """The sketch with one more value, in seconds."""
        if seconds < _SHORTEST:
            one = type(self)(none=1, least=0)
        else:
            bar = math.ceil(math.log(min(seconds, _LONGEST), _RATIO))
            one = type(self)(bars={bar: 1}, least=seconds, most=seconds)
        return self.merged(one)

    def merged(self, other: Self) -> Self:
        """The sketch of the values of both."""
        bars = dict(self.bars)
        for bar, count in other.bars.items():
            bars[bar] = bars.get(bar, 0) + count
        both = {
            "none": self.none + other.none,
            "bars": bars,
            "least": min(self.least, other.least),
            "most": max(self.most, other.most),
        }
        return self.model_copy(update=both)

    @property
    def count(self) -> int:
        """How many values there are."""
        return self.none + sum(self.bars.values())

    def quantile(self, share: float) -> float | None:
        """The value, in seconds, that this share of the others does not exceed; None of none.

        Of n values it is the one that floor(share * (n - 1)) others come before.
        """
        if not self.count:
            return None
        rank, seen = math.floor(share * (self.count - 1)), self.none
        for bar, count in sorted(self.bars.items()):
            if rank < seen:
                break
            seen += count
            if rank < seen:
                middle = 2 * _RATIO**bar / (_RATIO + 1)
                return round(min(max(middle, self.least), self.most), 3)
        return 0.0
