"""What a suggestion is: a playbook that the incidents propose, waiting for a person."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, computed_field

from chalicelib.core.confidence import Contribution, Factors, contributions
from chalicelib.core.drift import PatternChange
from chalicelib.core.edits import FieldChange
from chalicelib.core.fields import PRECEDENT, Rate, Scope, Time, Value
from chalicelib.core.playbooks import PlaybookSpec


class SuggestionStatus(StrEnum):
    """Where a suggestion stands in its review."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    NEEDS_REVISION = "needs_revision"
    SUPERSEDED = "superseded"


#: The states in which a reviewer may still decide.
OPEN_STATUSES = (SuggestionStatus.PENDING, SuggestionStatus.NEEDS_REVISION)


class Approval(Value):
    """That a reviewer has approved a suggestion as it stands, and that it counts."""

    review_id: str
    reviewer: str
    approved_at: Time


class Suggestion(Value):
    """A proposed playbook with what speaks for it.

    Attributes:
        mined_steps: what each step that the incidents made of it runs or says, whoever changed it
            since; to see whether they would make others by now.
        proposed_by: who proposed it: Precedent itself, unless somebody else did.
        edited_by: who changed it last, if anybody did.
        approvals: those that count, of the suggestion as it stands; a change voids them.
        decided_from: the status before the last decision, which an undo goes back to.
        assignee: who is to decide, if anybody in particular.
        pattern_change: what is otherwise in its pattern by now, where nothing may refresh it.
        undone: how many of its approvals, of those that made a playbook, were undone.
    """

    suggestion_id: str
    scope: Scope
    pattern_id: str
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
    mined_steps: list[str] = []
    proposed_by: str = PRECEDENT
    edited_by: str | None = None
    approvals: list[Approval] = []
    decided_from: SuggestionStatus | None = None
    undone: Annotated[int, Field(ge=0)] = 0
    assignee: str | None = None
    pattern_change: PatternChange | None = None

    @computed_field
    def confidence_explained(self) -> list[Contribution]:
        """What each factor adds to the confidence, with its weight."""
        return contributions(self.confidence_factors)


Action = Literal["approve", "reject", "needs_revision", "undo"]


class Review(Value):
    """What a reviewer decided, and why.

    Attributes:
        revision: the one that was decided on.
        counted: whether an approval counts; that of whoever proposed or changed it may not.
        approvals_missing: how many more approvals it takes.
        status: the suggestion's afterwards.
        playbook_id, version: what approving made, or what an undo took back.
    """

    review_id: str
    suggestion_id: str
    action: Action
    reviewer: str
    reviewer_notes: str
    modified_fields: list[str]
    confirmed_steps: list[str] = []
    revision: int
    reviewed_at: Time
    counted: bool = True
    approvals_missing: Annotated[int, Field(ge=0)] = 0
    status: SuggestionStatus | None = None
    playbook_id: str | None = None
    version: str | None = None


class Change(Value):
    """What somebody changed in a suggestion's specification, and in which revision of it."""

    change_id: str
    suggestion_id: str
    changed_by: str
    changed_at: Time
    revision: Annotated[int, Field(ge=1)]
    fields: list[FieldChange]


def steps_digest(spec: PlaybookSpec) -> str:
    """A SHA-256 of what a playbook's steps do: equal steps, equal digest, whoever supports them."""
    steps = [[step.action, step.args] for step in spec.steps]
    return hashlib.sha256(json.dumps(steps, sort_keys=True).encode()).hexdigest()


def suggestion_id_of(pattern_id: str, spec: PlaybookSpec) -> str:
    """The id of the suggestion of these steps for that pattern: the same ones come back as one."""
    name = f"{pattern_id} {steps_digest(spec)}"
    return f"sug_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


class Comment(Value):
    """What somebody said about a suggestion."""

    comment_id: str
    suggestion_id: str
    text: str
    written_by: str
    written_at: Time


class Assignment(Value):
    """Who is to decide on a suggestion, and who said so; None is nobody in particular."""

    suggestion_id: str
    assignee: str | None = None
    assigned_by: str
    assigned_at: Time
