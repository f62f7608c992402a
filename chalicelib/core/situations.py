"""What somebody faces, and the playbooks that may be recommended for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from chalicelib.core.fields import Rate, Value
from chalicelib.core.incidents import AnySeverity, Entries, Severity, Text

#: What an alert's object says, in the order in which it reads: the words of the usual monitors.
_ALERT_WORDS = (
    *("alertname", "AlarmName", "name", "title", "summary", "AlarmDescription", "description"),
    *("message", "StateReason", "reason", "text", "expr", "MetricName", "metric", "namespace"),
)
_LONGEST_ALERT = 10_000


def _alert_texts(value: Any) -> Any:
    """Alerts as texts, whether they come as texts or as a monitor's objects."""
    return [_alert_text(each) for each in value] if isinstance(value, list) else value


def _alert_text(alert: Any) -> Any:
    if not isinstance(alert, dict):
        return alert
    inner = [alert.get(part) for part in ("labels", "annotations")]
    told = [alert, *(part for part in inner if isinstance(part, dict))]
    said = [str(part[word]) for word in _ALERT_WORDS for part in told if word in part]
    return "\n".join(dict.fromkeys(said))[:_LONGEST_ALERT]


Alerts = Annotated[Entries, BeforeValidator(_alert_texts)]


class Situation(Value):
    """What somebody faces and asks a playbook for."""

    title: Text = ""
    description: Text = ""
    affected_systems: Entries = []
    severity: AnySeverity | None = None
    symptoms: Entries = []
    error_messages: Entries = []
    monitoring_alerts: Alerts = []

    @property
    def signs(self) -> list[str]:
        """All that was observed: symptoms, error messages and alerts."""
        return [*self.symptoms, *self.error_messages, *self.monitoring_alerts]

    @property
    def text(self) -> str:
        """All that it says."""
        return "\n".join([self.title, self.description, *self.affected_systems, *self.signs])


class Weights(Value):
    """How much each part counts; only their ratios matter."""

    text_similarity: Rate = 0.25
    system_match: Rate = 0.30
    severity_match: Rate = 0.15
    symptom_match: Rate = 0.20
    historical_success: Rate = 0.10


DEFAULT_WEIGHTS = Weights()
PARTS = tuple(Weights.model_fields)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A playbook that may be recommended, with what is known of it.

    `success_rate` is that of the incidents behind it, 0.5 where there are none; `digest` is equal
    as long as what it is found by is.
    """

    playbook_id: str
    version: str = "1.0.0"
    title: str = ""
    systems: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    success_rate: float = 0.5
    successes: int = 0
    executions: int = 0
    revision: int = 1
    digest: str = ""


@dataclass(frozen=True)
class Failures:
    """What runs just failed on the systems: how many, and how long ago the last did, in hours."""

    runs: int = 0
    hours: float = 0.0


@dataclass(frozen=True)
class Scored:
    """A candidate's relevance.

    Attributes:
        relevance_score: 0 to 1, the sum of the contributions.
        parts: the five parts, each by itself.
        scores: the parts as they count, 0 to 1: systems, severity and success as far as words do;
            None for a part that the situation says nothing about.
        weights: what each part that is not None counts for; they sum to 1.
        contributions: what each part adds to the relevance: its score by its weight; and what a
            run that just failed there takes off.
    """

    candidate: Candidate
    relevance_score: float
    parts: Mapping[str, float | None]
    scores: Mapping[str, float | None]
    weights: Mapping[str, float]
    contributions: Mapping[str, float]
