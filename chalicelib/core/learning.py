"""What the executions of a playbook teach: how often it succeeds, how long it takes."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from chalicelib.core.confidence import wilson_interval
from chalicelib.core.fields import Rate, Time, Value
from chalicelib.core.versions import VersionNumber

Line = Annotated[str, Field(max_length=300)]
Output = Annotated[str, Field(max_length=20_000)]


class ExecutionStatus(StrEnum):
    """How a run of a playbook ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    PARTIAL = "partial"
    ABORTED = "aborted"


class StepResult(Value):
    """How one step went."""

    step_id: Line
    status: Literal["success", "failure", "partial", "aborted", "skipped"]
    output: Output = ""
    error: Output = ""


class ExecutionReport(Value):
    """One run of a playbook, as the agent that ran it tells."""

    version: VersionNumber | None = None
    incident_id: Line = ""
    agent_id: Line = ""
    parameters: dict[str, str | int | float | bool] = {}
    status: ExecutionStatus
    started_at: Time | None = None
    finished_at: Time | None = None
    step_results: Annotated[list[StepResult], Field(max_length=200)] = []
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = None
    notes: Output = ""

    @model_validator(mode="after")
    def _times_in_order(self) -> Self:
        if self.started_at and self.finished_at and self.finished_at < self.started_at:
            raise ValueError("finished_at: must not be before started_at")
        return self

    @property
    def seconds(self) -> float | None:
        """How long it ran, in seconds; None where the report does not tell."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class Execution(ExecutionReport):
    """A run of a playbook as it is kept."""

    execution_id: str
    playbook_id: str
    version: VersionNumber
    recorded_at: Time
    recorded_by: str


class Figures(TypedDict):
    """What the runs of one version add up to, as people read it; None where no run tells."""

    version: VersionNumber
    executions: int
    outcomes: dict[ExecutionStatus, int]
    success_rate: Rate | None
    success_interval: tuple[Rate, Rate]
    mean_duration_seconds: float | None
    mean_satisfaction: float | None
    step_failures: dict[str, int]


class Metrics(Value):
    """What the runs of one version add up to.

    Sums are kept, so that a run is added without reading those before it.
    """

    version: VersionNumber
    executions: int = 0
    outcomes: dict[ExecutionStatus, int] = {}
    timed: int = 0
    total_seconds: float = 0
    rated: int = 0
    total_satisfaction: int = 0
    step_failures: dict[str, int] = {}
    revision: int = 0

    def plus(self, run: ExecutionReport) -> Self:
        """The metrics with one more run in them."""
        outcomes = {**self.outcomes, run.status: self.outcomes.get(run.status, 0) + 1}
        failures = dict(self.step_failures)
        for result in run.step_results:
            if result.status == "failure":
                failures[result.step_id] = failures.get(result.step_id, 0) + 1
        return self.model_copy(
            update={
                "executions": self.executions + 1,
                "outcomes": outcomes,
                "timed": self.timed + (run.seconds is not None),
                "total_seconds": self.total_seconds + (run.seconds or 0),
                "rated": self.rated + (run.satisfaction is not None),
                "total_satisfaction": self.total_satisfaction + (run.satisfaction or 0),
                "step_failures": failures,
                "revision": self.revision + 1,
            }
        )

    @property
    def successes(self) -> int:
        """How many runs succeeded."""
        return self.outcomes.get(ExecutionStatus.SUCCESS, 0)

    def summary(self) -> Figures:
        """The figures that people read; None where no run tells."""
        return {
            "version": self.version,
            "executions": self.executions,
            "outcomes": {status: self.outcomes.get(status, 0) for status in ExecutionStatus},
            "success_rate": self.successes / self.executions if self.executions else None,
            "success_interval": wilson_interval(self.successes, self.executions),
            "mean_duration_seconds": self.total_seconds / self.timed if self.timed else None,
            "mean_satisfaction": self.total_satisfaction / self.rated if self.rated else None,
            "step_failures": self.step_failures,
        }
