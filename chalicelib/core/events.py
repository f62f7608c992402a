"""What is told on the bus: one shape for all events, and what each type says in its detail.

`docs/events/` holds the JSON Schema of each type, made of these models by
`python -m infra.event_schemas`. A type's version is raised when a field changes its meaning or
goes. One that is added raises nothing, so readers must not mind fields that they do not know.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core.analyses import RunStatus
from chalicelib.core.executions import ExecutionStatus
from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.versions import VersionNumber

Count = Annotated[int, Field(ge=0)]


class AnalysisCompleted(Value):
    """An analysis has ended, whichever way."""

    run_id: str
    status: RunStatus
    total_incidents: Count
    patterns_found: Count
    new_patterns: Count
    updated_patterns: Count
    suggestions_generated: Count


class PatternDiscovered(Value):
    """A kind of incident was found that nobody knew to recur."""

    pattern_id: str
    incident_type: str
    frequency: Count
    run_id: str


class SuggestionCreated(Value):
    """A playbook is proposed, and waits for a person."""

    suggestion_id: str
    pattern_id: str
    title: str
    confidence_score: Rate


class SuggestionReviewed(Value):
    """A person, or the settings in place of one, decided on a suggestion."""

    suggestion_id: str
    review_id: str
    action: Literal["approve", "reject", "needs_revision", "undo"]
    reviewer: str
    revision: Annotated[int, Field(ge=1)]
    playbook_id: str | None = None
    version: str | None = None


class PlaybookPublished(Value):
    """A version of a playbook may be run from now on.

    Attributes:
        required_capabilities: what an agent needs to run it; those who lack one are not told.
    """

    playbook_id: str
    version: VersionNumber
    title: str
    systems: list[str] = []
    required_capabilities: list[str] = []


class ImprovementSuggested(Value):
    """What happened when a playbook was run speaks for changing it, and waits for a person.

    Attributes:
        base_version: the version that the change is to.
    """

    playbook_id: str
    suggestion_id: str
    base_version: VersionNumber | None = None
    title: str = ""
    confidence_score: Rate | None = None


class ExecutionRecorded(Value):
    """Somebody ran a playbook and told how it went."""

    execution_id: str
    playbook_id: str
    version: VersionNumber
    status: ExecutionStatus


class Event(Value):
    """Something that happened, as it is on the bus.

    Attributes:
        event_id: the same when the event comes again.
        version: of the shape that this type's events have.
        scope: whose incidents it is about.
    """

    event_id: Annotated[str, Field(min_length=1)]
    type: str
    version: Annotated[int, Field(ge=1)]
    scope: Scope
    at: Time
    detail: dict[str, Any]


#: The types of events: the present version of each, and what its detail says.
EVENTS: dict[str, tuple[int, type[Value]]] = {
    "analysis.completed": (1, AnalysisCompleted),
    "pattern.discovered": (1, PatternDiscovered),
    "suggestion.created": (1, SuggestionCreated),
    "suggestion.reviewed": (1, SuggestionReviewed),
    "playbook.published": (1, PlaybookPublished),
    "playbook.improvement_suggested": (1, ImprovementSuggested),
    "execution.recorded": (1, ExecutionRecorded),
}

EventType = Literal[
    "analysis.completed",
    "pattern.discovered",
    "suggestion.created",
    "suggestion.reviewed",
    "playbook.published",
    "playbook.improvement_suggested",
    "execution.recorded",
]

#: What a scope has learned, which others may be told of; the rest is its own affair.
SHAREABLE = frozenset({"pattern.discovered", "playbook.published"})


def version_of(event_type: str) -> int:
    """The version of the shape that events of a type have now."""
    version, _ = EVENTS.get(event_type, (1, Value))
    return version


def schema_of(event_type: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type's events, the whole event as it is on the bus.

    Raises:
        KeyError: there is no such type.
    """
    version, detail = EVENTS[event_type]
    schema = Event.model_json_schema()
    inner = detail.model_json_schema()
    definitions = inner.pop("$defs", {})
    schema["properties"] |= {
        "type": {"const": event_type},
        "version": {"const": version},
        "detail": inner,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{event_type}.v{version}.json",
        **schema,
        "title": event_type,
        "description": inner.pop("description").partition("\n")[0],
        "$defs": definitions,
    }
