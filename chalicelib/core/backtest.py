"""What a back-test is, and the figures of what a suggested playbook would have done in the past."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Rate, Scope, Time, Value


class Quartiles(Value):
    """How figures are spread: their quartiles."""

    lower: float
    median: float
    upper: float


class Recalled(Value):
    """What would have happened in one of the pattern's incidents.

    Attributes:
        rank: the playbook's place among all, from 1.
        recommended: whether it was relevant enough, and among those that are recommended.
        steps: how many steps the incident's own resolution tells of.
        covered: how many of them the playbook has.
    """

    incident_id: str
    rank: Annotated[int, Field(ge=1)]
    relevance: Rate
    recommended: bool
    steps: int
    covered: int


class Offered(Value):
    """An incident of another kind that the playbook would have been recommended first for."""

    incident_id: str
    title: str
    relevance: Rate


class Replay(Value):
    """The figures of a back-test.

    Attributes:
        incidents: how many of the pattern's incidents were left out in turn.
        recommended, first: for how many of them it would have been recommended, and as the best.
        recommended_interval, wrong_interval: 95% Wilson intervals.
        ranks: its places among all playbooks.
        others: how many incidents of other kinds were tried.
        wrongly_offered: for how many of these it would have been recommended first.
        coverage: the shares of the steps that each incident tells of which the playbook has.
        playbooks: how many others it was ranked among.
    """

    incidents: int
    recommended: int
    first: int
    recommended_rate: Rate | None = None
    recommended_interval: tuple[float, float]
    ranks: Quartiles | None = None
    others: int
    wrongly_offered: int
    wrong_rate: Rate | None = None
    wrong_interval: tuple[float, float]
    coverage: Quartiles | None = None
    playbooks: int
    tried: list[Recalled]
    wrong: list[Offered]


class BackTestStatus(StrEnum):
    """Where a back-test stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class BackTest(Value):
    """A back-test of a revision of a suggestion, and what came of it.

    Attributes:
        progress: the share that is done.
    """

    backtest_id: str
    suggestion_id: str
    scope: Scope
    revision: Annotated[int, Field(ge=1)]
    status: BackTestStatus
    progress: Rate = 0
    requested_by: str
    requested_at: Time
    finished_at: Time | None = None
    result: Replay | None = None
    detail: str = ""
