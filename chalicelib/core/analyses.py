"""What an analysis is: one run over a scope's incidents."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Time, Value
from chalicelib.core.incidents import IncidentId


class RunStatus(StrEnum):
    """Where a run stands, and how it ended."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    INSUFFICIENT_DATA = "insufficient_data"
    SKIPPED = "skipped"
    FAILED = "failed"


class AnalysisRequest(Value):
    """What to analyse.

    Attributes:
        lookback_days: how far back incidents are read.
        min_incidents: with fewer closed incidents than this, there is nothing to learn.
        force_analysis: analyse even if analyses are switched off or nothing has changed.
        incident_ids: learn from these incidents alone, whenever they were opened.
    """

    scope: Scope = DEFAULT_SCOPE
    lookback_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    min_incidents: Annotated[int, Field(ge=1)] = 5
    force_analysis: bool = False
    incident_ids: Annotated[list[IncidentId], Field(min_length=1, max_length=1_000)] | None = None


class Run(Value):
    """One analysis and its figures."""

    run_id: str
    scope: Scope
    status: RunStatus
    request: AnalysisRequest
    requested_at: Time
    total_incidents: int = 0
    patterns_found: int = 0
    new_patterns: int = 0
    updated_patterns: int = 0
    suggestions_generated: int = 0
    started_at: Time | None = None
    finished_at: Time | None = None
    detail: str = ""
