"""How far a pattern can be trusted to make a playbook: four factors and their weighted sum.

What people said of the suggestions made of it before (`core.feedback`) moves the sum up or down.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Rate, Value
from chalicelib.core.incidents import Incident
from chalicelib.core.steps import mentions
from chalicelib.core.text import terms

#: What each factor weighs.
WEIGHTS = {"frequency": 0.3, "success": 0.4, "detail": 0.2, "recency": 0.1}

#: How far the opinion of everybody can move a confidence at most.
FEEDBACK_WEIGHT = 0.15

#: So many incidents are as often as it need be.
OFTEN = 10

#: A pattern last seen so long ago is recent, and one last seen that long ago is past.
RECENT = timedelta(days=30)
PAST = timedelta(days=180)

#: What the parts of a report are worth to whoever writes a playbook from it.
_DETAIL = {"resolution": 0.6, "systems": 0.2, "trouble": 0.2}

#: A resolution of so many terms is told in full.
_FULL_RESOLUTION = 4

#: Of more than so many incidents some are read, evenly spread: finding commands takes its time.
_READ = 200

_Z_95 = 1.959964


Opinion = Annotated[float, Field(ge=-1, le=1)]


class Factors(Value):
    """What a confidence is made of, each part 0 to 1, but for feedback: that is -1 to 1."""

    frequency: Rate
    success: Rate
    detail: Rate
    recency: Rate
    feedback: Opinion = 0.0


def factors(
    *,
    members: Sequence[Incident],
    success_rate: float,
    last_seen: datetime,
    now: datetime,
    systems_in_texts: bool = False,
    feedback: float = 0.0,
) -> Factors:
    """The factors of a pattern with these incidents, rounded to 4 digits.

    `systems_in_texts` is as for `detail`, `feedback` as `core.feedback.opinion` tells it.
    """
    return Factors(
        frequency=min(len(members) / OFTEN, 1.0),
        success=round(success_rate, 4),
        detail=round(detail(members, systems_in_texts), 4),
        recency=round(recency(last_seen, now), 4),
        feedback=feedback,
    )


class Contribution(Value):
    """What one factor adds to a confidence: its value times its weight."""

    factor: str
    value: Opinion
    weight: Rate
    contribution: Opinion


def contributions(factors: Factors) -> list[Contribution]:
    """What each factor adds to the confidence, which is their sum.

    Where feedback would lift the sum above 1 or press it below 0, only what leads there counts.
    """
    parts = [
        _contribution(name, getattr(factors, name), weight) for name, weight in WEIGHTS.items()
    ]
    others = sum(each.contribution for each in parts)
    told = _contribution("feedback", factors.feedback, FEEDBACK_WEIGHT)
    bounded = round(min(max(told.contribution, -others), 1 - others), 5)
    return [*parts, told.model_copy(update={"contribution": bounded})]


def confidence(factors: Factors) -> float:
    """The sum of what the factors add (see `contributions`): 0 to 1, rounded to 5 digits."""
    return round(sum(each.contribution for each in contributions(factors)), 5)


def _contribution(name: str, value: float, weight: float) -> Contribution:
    added = round(weight * value, 5)
    return Contribution(factor=name, value=value, weight=weight, contribution=added)


def detail(members: Sequence[Incident], systems_in_texts: bool = False) -> float:
    """The mean share, 0 to 1, that incidents tell of what a playbook needs.

    What was done counts most; what it concerned (systems, or commands that were run there), and
    how the trouble showed (symptoms, error messages or a description) count a third as much each.

    Args:
        members: the incidents.
        systems_in_texts: whether their texts name systems that none of them reports.
    """
    if not members:
        return 0.0
    read = members[:: len(members) // _READ + 1]
    return sum(_told(incident, systems_in_texts) for incident in read) / len(read)


def _told(incident: Incident, systems_in_texts: bool) -> float:
    shares = {
        "resolution": min(len(terms(incident.resolution)) / _FULL_RESOLUTION, 1.0),
        "systems": float(systems_in_texts or _says_where(incident)),
        "trouble": float(
            bool(incident.symptoms or incident.error_messages or incident.description.strip())
        ),
    }
    return sum(worth * shares[part] for part, worth in _DETAIL.items())


def _says_where(incident: Incident) -> bool:
    """Whether an incident names what it concerned: as a system, or by the commands that were run.

    `kubectl -n shop delete pod cart-0` says where to act as plainly as a reported system does.
    """
    return bool(incident.affected_systems) or any(mention.command for mention in mentions(incident))


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
