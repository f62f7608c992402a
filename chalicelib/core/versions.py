"""A playbook and its versions, numbered by Semantic Versioning 2.0.0 (https://semver.org)."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from chalicelib.core.experience import Voice
from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.incidents import Severity
from chalicelib.core.playbooks import PlaybookSpec

FIRST_VERSION = "1.0.0"
MAIN = "main"

VersionNumber = Annotated[str, Field(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]


class ChangeType(StrEnum):
    """What made a version differ from the one before."""

    CREATED = "created"


class PlaybookStatus(StrEnum):
    """Whether a playbook is recommended."""

    ACTIVE = "active"


class PlaybookVersion(Value):
    """One state of a playbook that was approved or written; it never changes."""

    playbook_id: str
    version: VersionNumber
    branch: str = MAIN
    change_type: ChangeType
    changelog: str
    based_on: VersionNumber | None = None
    spec: PlaybookSpec
    author: str
    created_at: Time


class Playbook(Value):
    """A playbook as it now stands, with what it is found by.

    Attributes:
        incident_texts: what incidents behind it said, by their ids, for finding it by their words.
        solved_rate: the share of those incidents that were solved; None without any.
        executions: how often it was run, of any version.
        successes: how many of the runs succeeded.
        voices: what callers to whom it was recommended say of it.
    """

    playbook_id: str
    scope: Scope
    title: str
    status: PlaybookStatus
    version: VersionNumber
    spec: PlaybookSpec
    systems: list[str]
    severities: list[Severity]
    symptoms: list[str]
    confidence_score: Rate | None = None
    pattern_id: str | None = None
    suggestion_id: str | None = None
    supporting_incidents: list[str] = []
    incident_texts: dict[str, str] = {}
    solved_rate: Rate | None = None
    executions: Annotated[int, Field(ge=0)] = 0
    successes: Annotated[int, Field(ge=0)] = 0
    voices: list[Voice] = []
    created_by: str
    created_at: Time
    updated_at: Time
    revision: Annotated[int, Field(ge=1)] = 1

    def changed(self, at: Time, **values: object) -> Self:
        """The playbook with some values changed, as its next revision."""
        return self.model_copy(update={**values, "updated_at": at, "revision": self.revision + 1})


def sort_key(version: str) -> str:
    """A text that sorts as the version numbers do: 1.10.0 after 1.9.0."""
    return ".".join(f"{int(number):06d}" for number in version.split("."))
