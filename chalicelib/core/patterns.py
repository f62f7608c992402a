"""What a recurring kind of incident is."""

from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.incidents import Severity


class Factors(Value):
    """What a confidence is made of, each part 0 to 1 (see `core.confidence`)."""

    frequency: Rate
    success: Rate
    detail: Rate
    recency: Rate


class Pattern(Value):
    """A recurring kind of incident, as the last analysis that saw it described it."""

    pattern_id: str
    scope: Scope
    incident_type: str
    systems: list[str]
    keywords: list[str]
    symptoms: list[str]
    frequency: Annotated[int, Field(ge=0)]
    success_rate: Rate
    success_interval: tuple[float, float]
    mean_time_to_resolve_seconds: float | None
    severity_distribution: dict[Severity, int]
    confidence: Rate
    confidence_factors: Factors
    qualifies: bool
    first_seen: Time
    last_seen: Time
    #: The weight of each term in the pattern's centre: how it is known again when members changed.
    centroid: dict[str, float]
