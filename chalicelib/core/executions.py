"""What a run of a playbook is: the report as it comes in, and the run as it is kept."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from chalicelib.core.arguments import SECURE
from chalicelib.core.fields import Time, Value
from chalicelib.core.incidents import CLOCK_TOLERANCE
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import VersionNumber

Line = Annotated[str, Field(max_length=300)]
Argument = Annotated[str, Field(max_length=10_000)] | int | float | bool
Output = Annotated[str, Field(max_length=20_000)]

#: What is shorter stands for too much to be known again in another text.
_SHORTEST_SECRET = 4


class ExecutionStatus(StrEnum):
    """How a run of a playbook ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    PARTIAL = "partial"
    ABORTED = "aborted"


class StepResult(Value):
    """How one step ended; of a step that was tried again, the last time counts."""

    step_id: Line
    status: Literal["success", "failure", "partial", "aborted", "skipped"]
    output: Output = ""
    error: Output = ""


class ExecutionReport(Value):
    """One run of a playbook, as the agent that ran it tells.

    Attributes:
        execution_id: the caller's own; the same report again is the same record.
        incident_id: the incident that it was for, which may be reported later.
        dry_run: nothing was really done, so it counts in no statistics.
    """

    execution_id: Annotated[str, Field(pattern=r"^[\w.:@-]{1,200}$")] | None = None
    version: VersionNumber | None = None
    incident_id: Line = ""
    agent_id: Line = ""
    parameters: Annotated[dict[Line, Argument], Field(max_length=200)] = {}
    status: ExecutionStatus
    dry_run: bool = False
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
    def duration(self) -> timedelta | None:
        """How long it ran; None where the report does not tell."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


class Execution(ExecutionReport):
    """A run of a playbook as it is kept."""

    execution_id: str
    playbook_id: str
    version: VersionNumber
    recorded_at: Time
    recorded_by: str

    def tells_the_same(self, other: Self) -> bool:
        """Whether both tell of the same run, whoever recorded them when."""
        when = {"recorded_at": self.recorded_at, "recorded_by": self.recorded_by}
        return self == other.model_copy(update=when)


def problems(
    report: ExecutionReport, spec: PlaybookSpec, now: datetime
) -> Iterator[tuple[str, str]]:
    """What is wrong with a report of a run of this specification: fields, each with a message.

    Every step that it tells of has to be one of the specification's, and is told of once: figures
    of steps that nobody knows would help no one.
    """
    ids = [step.id for step in spec.steps]
    told: set[str] = set()
    for place, result in enumerate(report.step_results):
        field = f"step_results.{place}.step_id"
        if result.step_id not in ids:
            yield field, f"is no step of this version; there are: {', '.join(ids)}"
        elif result.step_id in told:
            yield field, "is told of twice; tell how it ended"
        told.add(result.step_id)
    for field in ("started_at", "finished_at"):
        time = getattr(report, field)
        if time is not None and time > now + CLOCK_TOLERANCE:
            yield field, "must not lie in the future"


def without_secrets(report: ExecutionReport, spec: PlaybookSpec) -> ExecutionReport:
    """The report without the values of secure parameters, also where its texts repeat them."""
    secure = {parameter.name for parameter in spec.parameters if parameter.type == SECURE}
    masks = {
        str(value): f"<secure:{name}>"
        for name, value in report.parameters.items()
        if name in secure and len(str(value)) >= _SHORTEST_SECRET
    }
    results = [
        result.model_copy(
            update={"output": _masked(result.output, masks), "error": _masked(result.error, masks)}
        )
        for result in report.step_results
    ]
    parameters = {
        name: f"<secure:{name}>" if name in secure else _masked(value, masks)
        for name, value in report.parameters.items()
    }
    changed = {
        "parameters": parameters,
        "step_results": results,
        "notes": _masked(report.notes, masks),
    }
    return report.model_copy(update=changed)


def _masked(value: Any, masks: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or not masks:
        return value
    longest_first = sorted(masks, key=lambda secret: (-len(secret), secret))
    return re.sub("|".join(map(re.escape, longest_first)), lambda hit: masks[hit[0]], value)
