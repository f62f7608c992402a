"""What the executions of a playbook teach: how often it succeeds, how long it takes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Self, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.core.confidence import wilson_interval
from chalicelib.core.executions import Execution, ExecutionReport, ExecutionStatus
from chalicelib.core.fields import Rate, Value
from chalicelib.core.sketch import Sketch
from chalicelib.core.versions import VersionNumber

K = TypeVar("K")


class StepFigures(Value):
    """How often a step was taken, and how often it failed then."""

    taken: Annotated[int, Field(ge=0)] = 0
    failed: Annotated[int, Field(ge=0)] = 0

    def plus(self, taken: int, failed: int) -> Self:
        """The figures with these added."""
        return self.model_copy(update={"taken": self.taken + taken, "failed": self.failed + failed})


class FailingStep(TypedDict):
    """The step of a version that failed most often, in how many of the runs that took it."""

    step_id: str
    taken: int
    failed: int
    failure_interval: tuple[Rate, Rate]


class Figures(TypedDict):
    """What the runs of one version add up to, as people read it; None where no run tells."""

    version: VersionNumber
    executions: int
    outcomes: dict[ExecutionStatus, int]
    success_rate: Rate | None
    success_interval: tuple[Rate, Rate]
    mean_duration_seconds: float | None
    median_duration_seconds: float | None
    p90_duration_seconds: float | None
    mean_satisfaction: float | None
    ratings: int
    most_failing_step: FailingStep | None
    step_failures: dict[str, int]


class Metrics(Value):
    """What the runs of one version add up to, dry runs left out.

    Whole numbers are kept, which add up to the same in any order, so that a run is added without
    reading those before it, and all can be added again from the records.

    Attributes:
        total_ms: the milliseconds that the runs took altogether, of those that tell.
        durations: how these are distributed.
        ratings: how often each satisfaction was given.
    """

    version: VersionNumber
    executions: int = 0
    outcomes: dict[ExecutionStatus, int] = {}
    total_ms: int = 0
    durations: Sketch = Sketch()
    ratings: dict[int, int] = {}
    steps: dict[str, StepFigures] = {}
    revision: int = 0

    def plus(self, run: ExecutionReport) -> Self:
        """The metrics with one more run in them."""
        steps = dict(self.steps)
        for result in run.step_results:
            if result.status != "skipped":
                before = steps.get(result.step_id, StepFigures())
                steps[result.step_id] = before.plus(1, int(result.status == "failure"))
        lasted = run.duration
        timed = (
            {}
            if lasted is None
            else {
                "total_ms": self.total_ms + lasted // timedelta(milliseconds=1),
                "durations": self.durations.plus(lasted.total_seconds()),
            }
        )
        return self.model_copy(
            update=timed
            | {
                "executions": self.executions + 1,
                "outcomes": _sum(self.outcomes, {run.status: 1}),
                "ratings": _sum(self.ratings, {run.satisfaction: 1} if run.satisfaction else {}),
                "steps": steps,
                "revision": self.revision + 1,
            }
        )

    def merged(self, other: Self) -> Self:
        """The metrics of the runs of both, under this one's version."""
        steps = dict(self.steps)
        for step_id, figures in other.steps.items():
            before = steps.get(step_id, StepFigures())
            steps[step_id] = before.plus(figures.taken, figures.failed)
        return self.model_copy(
            update={
                "executions": self.executions + other.executions,
                "outcomes": _sum(self.outcomes, other.outcomes),
                "total_ms": self.total_ms + other.total_ms,
                "durations": self.durations.merged(other.durations),
                "ratings": _sum(self.ratings, other.ratings),
                "steps": steps,
            }
        )

    @property
    def successes(self) -> int:
        """How many runs succeeded."""
        return self.outcomes.get(ExecutionStatus.SUCCESS, 0)

    @property
    def most_failing_step(self) -> str | None:
        """The step that failed most often, and in the largest share of its runs among those."""
        failing = {step_id: each for step_id, each in self.steps.items() if each.failed}
        return min(
            failing,
            key=lambda each: (-failing[each].failed, failing[each].taken, each),
            default=None,
        )

    def summary(self) -> Figures:
        """The figures that people read; None where no run tells."""
        rated = sum(self.ratings.values())
        liking = sum(rating * often for rating, often in self.ratings.items())
        timed, worst = self.durations.count, self.most_failing_step
        return {
            "version": self.version,
            "executions": self.executions,
            "outcomes": {status: self.outcomes.get(status, 0) for status in ExecutionStatus},
            "success_rate": self.successes / self.executions if self.executions else None,
            "success_interval": wilson_interval(self.successes, self.executions),
            "mean_duration_seconds": self.total_ms / 1_000 / timed if timed else None,
            "median_duration_seconds": self.durations.quantile(0.5),
            "p90_duration_seconds": self.durations.quantile(0.9),
            "mean_satisfaction": liking / rated if rated else None,
            "ratings": rated,
            "most_failing_step": None if worst is None else _told(worst, self.steps[worst]),
            "step_failures": {
                step_id: each.failed for step_id, each in sorted(self.steps.items()) if each.failed
            },
        }


def metrics_of(runs: Iterable[Execution]) -> dict[str, Metrics]:
    """What runs add up to, by version: the same as adding them one by one as they came."""
    figures: dict[str, Metrics] = {}
    for run in runs:
        if not run.dry_run:
            before = figures.get(run.version, Metrics(version=run.version))
            figures[run.version] = before.plus(run)
    return figures


def _sum(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, int]:
    return dict(Counter(one) + Counter(other))


def _told(step_id: str, figures: StepFigures) -> FailingStep:
    return {
        "step_id": step_id,
        "taken": figures.taken,
        "failed": figures.failed,
        "failure_interval": wilson_interval(figures.failed, figures.taken),
    }
