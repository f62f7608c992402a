"""How far a pattern can be trusted to make a playbook: four factors and their weighted sum."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.core.fields import Rate, Value
from chalicelib.core.incidents import Incident
from chalicelib.core.text import terms

#: What each factor weighs.
WEIGHTS = {"frequency": 0.3, "success": 0.4, "detail": 0.2, "recency": 0.1}

#: So many incidents are as often as it need be.
OFTEN = 10

#: A pattern last seen so long ago is recent, and one last seen that long ago is past.
RECENT = timedelta(days=30)
PAST = timedelta(days=180)

#: What the parts of a report are worth to whoever writes a playbook from it.
_DETAIL = {"resolution": 0.6, "systems": 0.2, "trouble": 0.2}

#: A resolution of so many terms is told in full.
_FULL_RESOLUTION = 4

_Z_95 = 1.959964


class Factors(Value):
    """What a confidence is made of, each part 0 to 1."""

    frequency: Rate
    success: Rate
    detail: Rate
    recency: Rate


def factors(
    *,
    members: Sequence[Incident],
    success_rate: float,
    last_seen: datetime,
    now: datetime,
    systems_in_texts: bool = False,
) -> Factors:
    """The factors of a pattern with these incidents, rounded to 4 digits.

    `systems_in_texts` is as for `detail`.
    """
    return Factors(
        frequency=min(len(members) / OFTEN, 1.0),
        success=round(success_rate, 4),
        detail=round(detail(members, systems_in_texts), 4),
        recency=round(recency(last_seen, now), 4),
    )


class Contribution(Value):
    """What one factor adds to a confidence: its value, 0 to 1, times its weight."""

    factor: str
    value: Rate
    weight: Rate
    contribution: Rate


def contributions(factors: Factors) -> list[Contribution]:
    """What each factor adds to the confidence, which is their sum."""
    parts = factors.model_dump()
    return [
        Contribution(
            factor=name,
            value=parts[name],
            weight=weight,
            contribution=round(weight * float(parts[name]), 5),
        )
        for name, weight in WEIGHTS.items()
    ]


def confidence(factors: Factors) -> float:
    """The sum of the factors, weighed by `WEIGHTS`: 0 to 1, rounded to 5 digits."""
    return round(sum(each.contribution for each in contributions(factors)), 5)


def detail(members: Sequence[Incident], systems_in_texts: bool = False) -> float:
    """The mean share, 0 to 1, that incidents tell of what a playbook needs.

    What was done counts most; which systems it concerned, and how the trouble showed (symptoms,
    error messages or a description) count a third as much each.

    Args:
        members: the incidents.
        systems_in_texts: whether their texts name systems that none of them reports.
    """
    if not members:
        return 0.0
    return sum(_told(incident, systems_in_texts) for incident in members) / len(members)


def _told(incident: Incident, systems_in_texts: bool) -> float:
    shares = {
        "resolution": min(len(terms(incident.resolution)) / _FULL_RESOLUTION, 1.0),
        "systems": float(systems_in_texts or bool(incident.affected_systems)),
        "trouble": float(
            bool(incident.symptoms or incident.error_messages or incident.description.strip())
        ),
    }
    return sum(worth * shares[part] for part, worth in _DETAIL.items())


def recency(last_seen: datetime, now: datetime) -> float:
    """1 up to `RECENT` after a pattern was last seen, then falling evenly to 0 at `PAST`."""
    return min(max((PAST - (now - last_seen)) / (PAST - RECENT), 0.0), 1.0)


def wilson_interval(successes: float, trials: float) -> tuple[float, float]:
    """The 95% score interval of a rate (Wilson, JASA 1927), rounded to 4 digits.

    Of no trials at all it is (0, 1): nothing is known.
    """
    if trials == 0:
        return 0.0, 1.0
    rate = successes / trials
    scale = 1 + _Z_95**2 / trials
    middle = (rate + _Z_95**2 / (2 * trials)) / scale
    half = _Z_95 / scale * math.sqrt(rate * (1 - rate) / trials + _Z_95**2 / (4 * trials**2))
    return round(max(middle - half, 0.0), 4), round(min(middle + half, 1.0), 4)
