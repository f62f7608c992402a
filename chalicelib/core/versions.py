"""A playbook and its versions, numbered by Semantic Versioning 2.0.0 (https://semver.org).

All branches of a playbook share one row of numbers: a number names one version of the playbook,
and the later version has the higher one, whatever their branches are.
"""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field

from chalicelib.core.experience import Voice
from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.incidents import Severity
from chalicelib.core.playbooks import PlaybookSpec

FIRST_VERSION = "1.0.0"
MAIN = "main"

VersionNumber = Annotated[str, Field(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$")]
BranchName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")]
Changelog = Annotated[str, Field(max_length=20_000)]


class ChangeType(StrEnum):
    """What made a version differ from the one before."""

    CREATED = "created"
    DEPRECATED = "deprecated"
    IMPROVED = "improved"
    MERGED = "merged"
    MODIFIED = "modified"
    BUGFIX = "bugfix"
    ROLLBACK = "rollback"


_MAJOR = {ChangeType.CREATED, ChangeType.DEPRECATED}
_MINOR = {ChangeType.IMPROVED, ChangeType.MERGED}


class PlaybookStatus(StrEnum):
    """Whether a playbook is recommended."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    #: Its approval was undone before anybody used it.
    WITHDRAWN = "withdrawn"


class HistoryEntry(Value):
    """A version without its content: where it stands among the others, and how it came to be.

    Attributes:
        based_on: the version before, on the same branch or where the branch begins.
        merged_from: the version of another branch that was merged into it.
        content_hash: of the specification, see `content_hash`.
    """

    playbook_id: str
    version: VersionNumber
    branch: BranchName = MAIN
    change_type: ChangeType
    changelog: str
    based_on: VersionNumber | None = None
    merged_from: VersionNumber | None = None
    content_hash: str
    author: str
    created_at: Time


class PlaybookVersion(HistoryEntry):
    """One state of a playbook that was approved or written; it never changes."""

    spec: PlaybookSpec

    @property
    def entry(self) -> HistoryEntry:
        """The version without its content."""
        return HistoryEntry(**{name: getattr(self, name) for name in HistoryEntry.model_fields})


class Branch(Value):
    """A line of versions beside `main`.

    Attributes:
        from_version: where it begins.
        version: its current version; `from_version` until it has one of its own.
        deleted_at: when it was deleted, of which versions are kept that somebody needs.
    """

    playbook_id: str
    name: BranchName
    from_version: VersionNumber
    version: VersionNumber
    created_by: str
    created_at: Time
    updated_at: Time
    deleted_at: Time | None = None


class Playbook(Value):
    """A playbook as it now stands on `main`, with what it is found by.

    Attributes:
        highest_version: the highest number of any version on any branch.
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
    highest_version: VersionNumber = FIRST_VERSION
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


def next_number(highest: str, change: ChangeType) -> str:
    """The number after the highest one: a change raises the major, the minor or the patch."""
    major, minor, patch = map(int, highest.split("."))
    if change in _MAJOR:
        return f"{major + 1}.0.0"
    if change in _MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def content_hash(spec: PlaybookSpec) -> str:
    """A SHA-256 of what a specification says: equal specifications, equal hashes.

    It is taken of its JSON with sorted names and without spaces. What a field says by default
    counts as not said, so that a field that comes later changes no hash.
    """
    said = spec.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def sort_key(version: str) -> str:
    """A text that sorts as the version numbers do: 1.10.0 after 1.9.0."""
    return ".".join(f"{int(number):06d}" for number in version.split("."))


def number_of(sort_key: str) -> str:
    """The version number that a sort key stands for."""
    return ".".join(str(int(number)) for number in sort_key.split("."))
