"""Decide on suggestions, and read what was decided."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from chalicelib.core.caution import cautious, destructive
from chalicelib.core.fields import Value
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.suggestions import (
    OPEN_STATUSES,
    Feedback,
    FeedbackReport,
    Review,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
)
from chalicelib.core.versions import Playbook
from chalicelib.services import export, propose_improvement, publish
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import (
    Conflict,
    InvalidInput,
    Unconfirmed,
    field_errors,
    invalid,
    validated,
)
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction

_STATUS_AFTER = {
    "approve": SuggestionStatus.APPROVED,
    "reject": SuggestionStatus.REJECTED,
    "needs_revision": SuggestionStatus.NEEDS_REVISION,
}


_TRIES = 3  # of a transaction that runs of the improved playbook race with


class Decision(Value):
    """What a reviewer says of a suggestion.

    Attributes:
        modifications: fields of the specification that the reviewer changed.
        confirmed_steps: the ids of the destructive steps that the reviewer means to approve.
        revision: the revision that the reviewer saw; without it the current one is meant.
    """

    action: Literal["approve", "reject", "needs_revision"]
    reviewer_notes: Annotated[str, Field(max_length=20_000)] = ""
    modifications: dict[str, Any] = {}
    confirmed_steps: Annotated[
        list[Annotated[str, Field(max_length=100)]], Field(max_length=200)
    ] = []
    revision: Annotated[int, Field(ge=1)] | None = None


def find_suggestion(suggestion_id: str, caller: Caller) -> Suggestion:
    """The suggestion with that id.

    Raises:
        NotFound: there is none.
        Forbidden: its scope is not the caller's.
    """
    suggestion = store.get(suggestion_id)
    if suggestion is None:
        raise missing("suggestion", suggestion_id)
    check_scope(caller, suggestion.scope)
    return suggestion


def list_suggestions(
    scope: str, status: str | None, wanted: Wanted, caller: Caller
) -> Listing[Suggestion]:
    """A scope's suggestions, of one status or of any, the latest first.

    Raises:
        Forbidden: the scope is not the caller's.
        InvalidInput: there is no such status.
    """
    check_scope(caller, scope)
    if status is not None and status not in list(SuggestionStatus):
        raise invalid("status", f"must be one of {', '.join(SuggestionStatus)}")
    which = SuggestionStatus(status) if status else None
    return listing(
        f"suggestions {scope} {status}",
        wanted,
        lambda limit, position: store.page(scope, which, limit, position),
    )


def decide(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Review:
    """Approve a suggestion, reject it, or send it back.

    Approving makes the playbook's version 1.0.0, or the next minor version of one that is improved,
    in the same transaction, and then exports it.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body is no decision, or its modifications make no playbook.
        Unconfirmed: it approves steps that destroy something without confirming each.
        Conflict: somebody has changed or decided it since the reviewer looked, or has changed the
            playbook that it improves.
    """
    decision = validated(Decision, body)
    for attempt in range(_TRIES):
        suggestion = find_suggestion(suggestion_id, caller)
        _check_current(suggestion, decision)
        decision = decision.model_copy(update={"revision": suggestion.revision})
        try:
            review, playbook = _decided(suggestion, decision, caller, now)
        except Conflict:
            if attempt + 1 == _TRIES:
                raise
        else:
            break
    if playbook is not None:
        export.export_approved(playbook, caller, now)
    return review


def list_reviews(suggestion_id: str, wanted: Wanted, caller: Caller) -> Listing[Review]:
    """What was decided on a suggestion, the earliest first.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
    """
    find_suggestion(suggestion_id, caller)
    return listing(
        f"reviews {suggestion_id}",
        wanted,
        lambda limit, position: store.reviews(suggestion_id, limit, position),
    )


def rate(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Feedback:
    """Keep what someone thinks of a suggestion.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body is no feedback.
    """
    report = validated(FeedbackReport, body)
    suggestion = find_suggestion(suggestion_id, caller)
    feedback = Feedback(
        **dict(report),
        feedback_id=f"fb_{uuid.uuid4().hex[:20]}",
        suggestion_id=suggestion_id,
        given_by=caller.name,
        given_at=now,
    )
    with Transaction(caller.actor, now) as transaction:
        store.add_feedback(transaction, feedback)
        transaction.audit(
            suggestion.scope, f"suggestion:{suggestion_id}", "rated", {"rating": feedback.rating}
        )
    return feedback


def _decided(
    suggestion: Suggestion, decision: Decision, caller: Caller, now: datetime
) -> tuple[Review, Playbook | None]:
    """Write a decision and what it makes: the review, and the playbook that was published."""
    spec = _modified(suggestion.playbook_spec, decision.modifications)
    approved = decision.action == "approve"
    confirmed = _confirmed(spec, decision) if approved else []
    made = publish.playbook_id_of(suggestion) if approved else None
    decided = suggestion.model_copy(
        update={
            "status": _STATUS_AFTER[decision.action],
            "playbook_spec": spec,
            "revision": suggestion.revision + 1,
            "updated_at": now,
            "playbook_id": suggestion.playbook_id or made,
        }
    )
    if decision.modifications:
        decided = propose_improvement.compared(decided)
    with Transaction(caller.actor, now) as transaction:
        playbook = _published(transaction, decided, caller, now) if approved else None
        review = Review(
            review_id=f"rev_{uuid.uuid4().hex[:20]}",
            suggestion_id=suggestion.suggestion_id,
            action=decision.action,
            reviewer=caller.name,
            reviewer_notes=decision.reviewer_notes,
            modified_fields=sorted(decision.modifications),
            confirmed_steps=confirmed,
            revision=suggestion.revision,
            reviewed_at=now,
            playbook_id=playbook.playbook_id if playbook else None,
            version=playbook.version if playbook else None,
        )
        if decision.action == "reject":
            propose_improvement.reject(transaction, suggestion)
        store.save(transaction, decided)
        store.add_review(transaction, review)
        transaction.audit(
            suggestion.scope,
            f"suggestion:{suggestion.suggestion_id}",
            review.action,
            {"review_id": review.review_id, "confirmed_steps": confirmed},
        )
        transaction.event("suggestion.reviewed", suggestion.scope, review.model_dump(mode="json"))
    return review, playbook


def _published(
    transaction: Transaction, suggestion: Suggestion, caller: Caller, now: datetime
) -> Playbook:
    if suggestion.kind is SuggestionKind.IMPROVEMENT:
        return propose_improvement.publish_improvement(transaction, suggestion, caller, now)
    return publish.add_approved(transaction, suggestion, caller, now)


def _check_current(suggestion: Suggestion, decision: Decision) -> None:
    if decision.revision is not None and decision.revision != suggestion.revision:
        raise Conflict(
            f"this suggestion is at revision {suggestion.revision} by now, not at "
            f"{decision.revision}; look at it again, then decide"
        )
    if suggestion.status not in OPEN_STATUSES:
        raise Conflict(f"this suggestion is {suggestion.status} already")


def _confirmed(spec: PlaybookSpec, decision: Decision) -> list[str]:
    """The ids of the steps that destroy something, each of which the reviewer has confirmed."""
    needed = destructive(spec)
    ids = [step.id for step in needed]
    unconfirmed = [step for step in needed if step.id not in decision.confirmed_steps]
    if unconfirmed:
        raise Unconfirmed(unconfirmed, ids)
    return ids


def _modified(spec: PlaybookSpec, modifications: dict[str, Any]) -> PlaybookSpec:
    unknown = sorted(set(modifications) - set(PlaybookSpec.model_fields))
    if unknown:
        raise InvalidInput(
            [
                {"field": f"modifications.{name}", "message": "is no field of a specification"}
                for name in unknown
            ]
        )
    try:
        changed = {**spec.model_dump(mode="json"), **modifications}
        return cautious(PlaybookSpec.model_validate(changed))
    except ValidationError as error:
        errors = field_errors(error)
        raise InvalidInput(
            [{**each, "field": f"modifications.{each['field']}"} for each in errors]
        ) from None
