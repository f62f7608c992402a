"""What a suggestion is: a playbook, or a change of one, that waits for a person."""

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, computed_field

from chalicelib.core.caution import risk_of_playbook
from chalicelib.core.confidence import Contribution, Factors, contributions
from chalicelib.core.diff import Diff
from chalicelib.core.drift import PatternChange
from chalicelib.core.edits import FieldChange
from chalicelib.core.fields import PRECEDENT, Rate, Scope, Time, Value
from chalicelib.core.improvement import Remedy
from chalicelib.core.playbooks import PlaybookSpec, Risk
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

_DESCRIBED = 300  # characters of a description that a listing shows
_SEARCHED = 1_000  # characters of the steps' names that a suggestion is found by


class Approval(Value):
    """That a reviewer has approved a suggestion as it stands, and that it counts."""

    review_id: str
    reviewer: str
    approved_at: Time


class SuggestionKind(StrEnum):
    """What approving a suggestion makes: a new playbook, or the next version of one."""

    PLAYBOOK = "playbook"
    IMPROVEMENT = "improvement"


class Suggestion(Value):
    """A proposed playbook with what speaks for it.

    Attributes:
        systems: those that its pattern is about, the commonest first.
        mined_steps: what each step that the incidents made of it runs or says, whoever changed it
            since; to see whether they would make others by now.
        proposed_by: who proposed it: Precedent itself, unless somebody else did.
        edited_by: who changed it last, if anybody did.
        approvals: those that count, of the suggestion as it stands; a change voids them.
        decided_from: the status before the last decision, which an undo goes back to.
        assignee: who is to decide, if anybody in particular.
        pattern_change: what is otherwise in its pattern by now, where nothing may refresh it.
        undone: how many of its approvals, of those that made a playbook, were undone.
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
    systems: list[str] = []
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
    base_version: VersionNumber | None = None
    changes: list[Remedy] = []
    diff: Diff | None = None

    @computed_field
    def confidence_explained(self) -> list[Contribution]:
        """What each factor adds to the confidence, with its weight."""
        return contributions(self.confidence_factors)


class Listed(Value):
    """A suggestion as a listing shows it and finds it, without the playbook itself.

    Attributes:
        steps, incidents: how many it has.
        named: what its steps are called, for searching; the beginning, where they are many.
        by_itself: whether it was approved by the settings, without a person.
    """

    suggestion_id: str
    kind: SuggestionKind = SuggestionKind.PLAYBOOK
    title: str
    description: str
    systems: list[str]
    confidence_score: Rate
    status: SuggestionStatus
    risk: Risk
    steps: int
    incidents: int
    named: str
    by_itself: bool = False
    created_at: Time
    updated_at: Time

    def is_about(self, system: str, text: str) -> bool:
        """Whether one of its systems is called so, and it holds every word of the text.

        The case of letters does not matter; an empty system or text fits all.
        """
        named = not system or any(system.casefold() in each.casefold() for each in self.systems)
        said = "\n".join([self.title, self.description, self.named, *self.systems]).casefold()
        return named and all(word in said for word in text.casefold().split())


def listed(suggestion: Suggestion) -> Listed:
    """What a listing shows of a suggestion."""
    spec = suggestion.playbook_spec
    return Listed(
        suggestion_id=suggestion.suggestion_id,
        kind=suggestion.kind,
        title=suggestion.title,
        description=suggestion.description[:_DESCRIBED],
        systems=suggestion.systems,
        confidence_score=suggestion.confidence_score,
        status=suggestion.status,
        risk=risk_of_playbook(spec),
        steps=len(spec.steps),
        incidents=len(suggestion.supporting_incidents),
        named="\n".join(step.name for step in spec.steps)[:_SEARCHED],
        by_itself=any(each.reviewer == PRECEDENT for each in suggestion.approvals),
        created_at=suggestion.created_at,
        updated_at=suggestion.updated_at,
    )


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


def improvement_id_of(playbook_id: str, version: str, changes: Iterable[str], again: int) -> str:
    """The id of the suggestion of these changes, by their keys, for the `again`th time, from 0."""
    name = "\n".join([playbook_id, version, str(again), *sorted(changes)])
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
