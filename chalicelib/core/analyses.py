"""What an analysis is: one run over a scope's incidents."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import DEFAULT_SCOPE, Rate, Scope, Time, Value
from chalicelib.core.incidents import IncidentId

Frequency = Annotated[int, Field(ge=2)]


class RunStatus(StrEnum):
    """Where a run stands, and how it ended."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    INSUFFICIENT_DATA = "insufficient_data"
    SKIPPED = "skipped"
    FAILED = "failed"


class Stage(StrEnum):
    """What a run is busy with, in this order; the last takes in the suggested playbooks."""

    READING = "reading"
    VECTORISING = "vectorising"
    COMPARING = "comparing"
    CLUSTERING = "clustering"
    DESCRIBING = "describing"


class Progress(Value):
    """How far a run has come: its stage, and the share of that stage that is done."""

    stage: Stage
    share: Rate


class Checkpoint(Progress):
    """Where a run that is cut short goes on.

    Attributes:
        planned: whether its plan is kept; before that it starts anew.
        done: how many of the plan's changes are written.
        suggestions_generated: how many suggestions these made or refreshed.
        failed_patterns: how many of them could not be made.
        to_approve: a suggestion that needs no person and is not approved yet.
        to_back_test: a new suggestion whose back-test is not asked for yet.
    """

    planned: bool = False
    done: Annotated[int, Field(ge=0)] = 0
    suggestions_generated: int = 0
    failed_patterns: int = 0
    to_approve: str | None = None
    to_back_test: str | None = None


class Thresholds(Value):
    """What makes a pattern, and a suggestion of it; the README's table of settings has each."""

    min_pattern_frequency: Frequency
    min_success_rate: Rate
    similarity_threshold: Rate
    confidence_threshold: Rate


class AnalysisRequest(Value):
    """What to analyse.

    Attributes:
        lookback_days: how far back incidents are read.
        min_incidents: with fewer closed incidents than this, there is nothing to learn.
        force_analysis: analyse even if analyses are switched off or nothing has changed.
        dry_run: tell what would be found, and change nothing but the run's own record.
        min_pattern_frequency, min_success_rate, similarity_threshold, confidence_threshold: in
            place of the settings, for this run alone.
        incident_ids: learn from these incidents alone, whenever they were opened.
    """

    scope: Scope = DEFAULT_SCOPE
    lookback_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    min_incidents: Annotated[int, Field(ge=1)] = 5
    force_analysis: bool = False
    dry_run: bool = False
    min_pattern_frequency: Frequency | None = None
    min_success_rate: Rate | None = None
    similarity_threshold: Rate | None = None
    confidence_threshold: Rate | None = None
    incident_ids: Annotated[list[IncidentId], Field(min_length=1, max_length=1_000)] | None = None


class Preview(Value):
    """A pattern that a dry run found: the id that it carries on, if any, and its figures."""

    pattern_id: str | None = None
    incident_type: str
    systems: list[str]
    frequency: int
    success_rate: Rate
    confidence: Rate
    qualifies: bool


class Run(Value):
    """One analysis and its figures.

    Attributes:
        revision: 1 when it was asked for, and one more for each time that a worker began or ended
            it, so that of two workers with the same run the one that began last has the say.
        thresholds: those in force, from when it started.
        updated_patterns: those found again, split and revived ones among them.
        failed_patterns: those that could not be described or written; the others were.
        improvements_suggested: of playbooks, proposed or refreshed.
        progress: how far it has come, while it is running.
        preview: of a dry run, the largest patterns that it found.
    """

    run_id: str
    scope: Scope
    status: RunStatus
    request: AnalysisRequest
    requested_at: Time
    revision: Annotated[int, Field(ge=1)] = 1
    thresholds: Thresholds | None = None
    progress: Progress | None = None
    total_incidents: int = 0
    incidents_in_patterns: int = 0
    patterns_found: int = 0
    new_patterns: int = 0
    updated_patterns: int = 0
    split_patterns: int = 0
    merged_patterns: int = 0
    retired_patterns: int = 0
    revived_patterns: int = 0
    failed_patterns: int = 0
    suggestions_generated: int = 0
    improvements_suggested: int = 0
    preview: list[Preview] = []
    started_at: Time | None = None
    finished_at: Time | None = None
    detail: str = ""
