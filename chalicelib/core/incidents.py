"""What an incident is: the report as it comes in, and the incident as it is kept."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Time, Value
from chalicelib.core.text import PLACEHOLDER

#: How far ahead of the server's clock an incident may have been opened.
CLOCK_TOLERANCE = timedelta(days=1)

IncidentId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\x00-\x1f]+$")]
Text = Annotated[str, Field(max_length=100_000)]
Entries = Annotated[list[Annotated[str, Field(max_length=10_000)]], Field(max_length=200)]


class Severity(StrEnum):
    """How bad an incident is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """Where an incident stands. The two closed states are what patterns learn from."""

    OPEN = "open"
    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"


_SPELLINGS = {
    "critical crit fatal emergency emerg panic disaster blocker urgent highest "
    "sev0 sev1 s0 s1 p0 p1 0 1": Severity.CRITICAL,
    "high major error err severe alert important sev2 s2 p2 2": Severity.HIGH,
    "medium med moderate normal average minor warning warn sev3 s3 p3 3": Severity.MEDIUM,
    "low lowest trivial info information informational notice debug none "
    "sev4 sev5 s4 s5 p4 p5 4 5": Severity.LOW,
}
_SEVERITIES = {word: severity for words, severity in _SPELLINGS.items() for word in words.split()}


def parse_severity(value: Any) -> Severity:
    """The severity that a monitoring tool's word for it means: `SEV-1`, `p2`, `Warning`, ...

    Raises:
        ValueError: nobody calls a severity that.
    """
    word = str(value).lower().translate(str.maketrans("", "", " -_"))
    for prefix in ("severity", "priority"):
        word = word.removeprefix(prefix) or word
    if word not in _SEVERITIES:
        raise ValueError("must be critical, high, medium or low, or a usual spelling such as SEV1")
    return _SEVERITIES[word]


_SAID = re.compile(
    r"\b(?:sev(?:erity)?[ :=-]{0,2}|prio(?:rity)?[ :=-]{1,2}|p)([0-5])\b"
    r"|\b(?:severity|priority)[ :=-]{1,3}(\w{2,13})\b"
    r"|[\[(](\w{2,13})[\])]|^(\w{2,13}):",
    re.IGNORECASE,
)


def severity_in(text: str) -> Severity | None:
    """The severity that a text states, as in `SEV1`, `priority: high`, `[critical]` or `ERROR:`."""
    for parts in _SAID.findall(text):
        word = "".join(parts)
        if word.casefold() in _SEVERITIES and (parts[0] or not word.isdecimal()):
            return _SEVERITIES[word.casefold() if not parts[0] else f"p{word}"]
    return None


#: A severity in any of its usual spellings.
AnySeverity = Annotated[Severity, BeforeValidator(parse_severity)]


class IncidentReport(Value):
    """One incident as an agent or a person reports it."""

    incident_id: IncidentId | None = None
    title: Annotated[str, Field(max_length=300)]
    description: Text = ""
    resolution: Text = ""
    affected_systems: Entries = []
    symptoms: Entries = []
    error_messages: Entries = []
    tags: Entries = []
    severity: AnySeverity = Severity.MEDIUM
    status: Status | None = None
    opened_at: Time | None = None
    resolved_at: Time | None = None
    reported_by: Annotated[str, Field(max_length=300)] = ""
    scope: Scope = DEFAULT_SCOPE

    @field_validator("title")
    @classmethod
    def _title_says_something(cls, title: str) -> str:
        if not any(character.isprintable() and not character.isspace() for character in title):
            raise ValueError("must hold 1 to 300 characters that are not blank")
        return title.strip()

    @field_validator("status", mode="before")
    @classmethod
    def _understand_status(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("affected_systems", "symptoms", "error_messages", "tags")
    @classmethod
    def _drop_blank_and_repeated(cls, entries: list[str]) -> list[str]:
        return list(dict.fromkeys(entry.strip() for entry in entries if entry.strip()))

    @model_validator(mode="after")
    def _times_in_order(self) -> Self:
        if self.opened_at and self.resolved_at and self.resolved_at < self.opened_at:
            raise ValueError("resolved_at: must not be before opened_at")
        return self


class Incident(IncidentReport):
    """An incident as it is kept: identified, with a status and the time it was opened.

    Attributes:
        reopened: how often a report said that it was resolved, and a later one that it was not.
        inferred: the fields that were taken from the text, as the report did not give them.
        redactions: how many secrets and personal data were taken out of its texts, by kind.
    """

    incident_id: IncidentId
    status: Status
    opened_at: Time
    reopened: Annotated[int, Field(ge=0)] = 0
    inferred: list[str] = []
    redactions: dict[str, int] = {}

    @property
    def closed(self) -> bool:
        """Whether its outcome is known, so that patterns may learn from it.

        That of one that is open again is: what was done did not last.
        """
        return self.status is not Status.OPEN or self.reopened > 0

    @property
    def resolved(self) -> bool:
        """Whether what was done solved it."""
        return self.status is Status.RESOLVED

    @property
    def seconds_to_resolve(self) -> float | None:
        """From opened to resolved, in seconds; None where the report does not tell."""
        if self.resolved_at is None or not self.resolved:
            return None
        return (self.resolved_at - self.opened_at).total_seconds()

    @property
    def digest(self) -> str:
        """A SHA-256 of all that was reported: equal for equal reports."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def redactions_in(incidents: Iterable[Incident]) -> dict[str, int]:
    """What was taken out of the texts of incidents, added up by kind."""
    total: Counter[str] = Counter()
    for incident in incidents:
        total.update(incident.redactions)
    return dict(sorted(total.items()))


def following(report: Incident, earlier: Incident) -> Incident:
    """A report in place of an earlier one of the same incident, with its reopenings counted on."""
    again = earlier.resolved and not report.resolved
    return report.model_copy(update={"reopened": earlier.reopened + again})


def incident_of(report: IncidentReport, incident_id: str, now: datetime) -> Incident:
    """The incident that a report tells of; what it leaves out is filled in.

    Args:
        report: the validated report.
        incident_id: the id to keep it by when the report brings none.
        now: the server's time, which stands in for a missing `opened_at`.

    Raises:
        ValueError: it was opened later than now.
    """
    values = dict(report)
    values["incident_id"] = report.incident_id or incident_id
    values["opened_at"] = report.opened_at or min(now, report.resolved_at or now)
    if values["opened_at"] > now + CLOCK_TOLERANCE:
        raise ValueError("opened_at: must not lie in the future")
    if "severity" not in report.model_fields_set:
        said = severity_in(report.title)
        if said is not None:
            values |= {"severity": said, "inferred": ["severity"]}
    if report.status is None:
        values["status"] = Status.RESOLVED if report.resolution.strip() else Status.OPEN
    texts = PLACEHOLDER.findall(report.model_dump_json())
    values["redactions"] = dict(sorted(Counter(kind or "secret" for kind in texts).items()))
    return Incident(**values)
