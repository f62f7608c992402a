"""What a suggestion is: a playbook, or a change of one, that waits for a person."""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, computed_field

from chalicelib.core.confidence import Contribution, Factors, contributions
from chalicelib.core.diff import Diff
from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.improvement import Remedy
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import VersionNumber


class SuggestionStatus(StrEnum):
    """Where a suggestion stands in its review."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    NEEDS_REVISION = "needs_revision"
    SUPERSEDED = "superseded"


#: The states in which a reviewer may still decide.
OPEN_STATUSES = (SuggestionStatus.PENDING, SuggestionStatus.NEEDS_REVISION)


class SuggestionKind(StrEnum):
    """What approving a suggestion makes: a new playbook, or the next version of one."""

    PLAYBOOK = "playbook"
    IMPROVEMENT = "improvement"


class Suggestion(Value):
    """A proposed playbook with what speaks for it.

    Attributes:
        pattern_id: whose incidents it was learned from; None where a playbook without one improves.
        playbook_id: the playbook that it became; of an improvement, the one to improve.
        base_version: of an improvement, the version that it changes.
        changes: of an improvement, what it changes and why.
        diff: of an improvement, how its specification differs from that of the base version.
    """

    suggestion_id: str
    kind: SuggestionKind = SuggestionKind.PLAYBOOK
    scope: Scope
    pattern_id: str | None = None
    title: str
    description: str
    category: str
    confidence_score: Rate
    confidence_factors: Factors
    status: SuggestionStatus
    playbook_spec: PlaybookSpec
    supporting_incidents: list[str]
    revision: Annotated[int, Field(ge=1)]
    created_at: Time
    updated_at: Time
    playbook_id: str | None = None
    base_version: VersionNumber | None = None
    changes: list[Remedy] = []
    diff: Diff | None = None

    @computed_field
    def confidence_explained(self) -> list[Contribution]:
        """What each factor adds to the confidence, with its weight."""
        return contributions(self.confidence_factors)


class Review(Value):
    """What a reviewer decided, and why."""

    review_id: str
    suggestion_id: str
    action: Literal["approve", "reject", "needs_revision"]
    reviewer: str
    reviewer_notes: str
    modified_fields: list[str]
    confirmed_steps: list[str] = []
    revision: int
    reviewed_at: Time
    playbook_id: str | None = None
    version: str | None = None


def steps_digest(spec: PlaybookSpec) -> str:
    """A SHA-256 of what a playbook's steps do: equal steps, equal digest, whoever supports them."""
    steps = [[step.action, step.args] for step in spec.steps]
    return hashlib.sha256(json.dumps(steps, sort_keys=True).encode()).hexdigest()


def suggestion_id_of(pattern_id: str, spec: PlaybookSpec) -> str:
    """The id of the suggestion of these steps for that pattern: the same ones come back as one."""
    name = f"{pattern_id} {steps_digest(spec)}"
    return f"sug_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


def improvement_id_of(playbook_id: str, version: str, changes: Iterable[str], again: int) -> str:
    """The id of the suggestion of these changes, by their keys, for the `again`th time, from 0."""
    name = "\n".join([playbook_id, version, str(again), *sorted(changes)])
    return f"sug_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


class FeedbackReport(Value):
    """What someone thinks of a suggestion."""

    rating: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, Field(max_length=20_000)] = ""


class Feedback(FeedbackReport):
    """Feedback as it is kept."""

    feedback_id: str
    suggestion_id: str
    given_by: str
    given_at: Time
