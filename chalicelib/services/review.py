"""Decide on suggestions, and read what was decided."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.caution import destructive
from chalicelib.core.fields import Value
from chalicelib.core.suggestions import (
    Action,
    Approval,
    Review,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
)
from chalicelib.core.versions import Playbook
from chalicelib.services import edit, export, propose_improvement, publish
from chalicelib.services.access import SYSTEM, Caller
from chalicelib.services.confirm import ConfirmedSteps, check_confirmed
from chalicelib.services.errors import Conflict, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.repeats import new_id
from chalicelib.services.suggestions import find_suggestion
from chalicelib.services.undo import undo
from chalicelib.settings import settings
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction, retried

_STATUS_AFTER = {
    "approve": SuggestionStatus.APPROVED,
    "reject": SuggestionStatus.REJECTED,
    "needs_revision": SuggestionStatus.NEEDS_REVISION,
}


class Decision(Value):
    """What a reviewer says of a suggestion.

    Attributes:
        modifications: fields of the specification that the reviewer changed.
        confirmed_steps: the ids of the destructive steps that the reviewer means to approve.
        revision: the revision that the reviewer saw; without it the current one is meant.
    """

    action: Action
    reviewer_notes: Annotated[str, Field(max_length=20_000)] = ""
    modifications: dict[str, Any] = {}
    confirmed_steps: ConfirmedSteps = []
    revision: Annotated[int, Field(ge=1)] | None = None


def decide(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Review:
    """Approve a suggestion, reject it, send it back, or undo what was decided.

    The last approval that it takes makes the playbook's version 1.0.0, or the next minor version of
    one that is improved, in the same transaction, and then exports it.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body is no decision, or its modifications make no playbook.
        Unconfirmed: it approves steps that destroy something without confirming each.
        Conflict: somebody has changed or decided it since the reviewer looked, or has changed the
            playbook that it improves; or it was sent back already, or what was decided cannot be
            undone any more.
    """
    decision = validated(Decision, body)
    suggestion = find_suggestion(suggestion_id, caller)
    if decision.action == "undo":
        return undo(suggestion, decision.revision, decision.reviewer_notes, caller, now)
    seen = decision.revision or suggestion.revision

    def carry_out() -> tuple[Review, Playbook | None]:
        current = find_suggestion(suggestion_id, caller)
        edit.check_current(current, seen)
        return _carried_out(current, decision, caller, now)

    edit.check_current(suggestion, seen)
    review, playbook = retried(carry_out)
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


def approvals_required(suggestion: Suggestion) -> int:
    """How many reviewers have to approve a suggestion as it stands."""
    destroys = bool(destructive(suggestion.playbook_spec))
    return settings().human_review.approvals_for(suggestion.scope, destroys)


def counts(suggestion: Suggestion, name: str) -> bool:
    """Whether somebody's approval of a suggestion counts.

    That of whoever proposed it never does. Where more than one is asked for, neither does that of
    whoever changed it last; where one is enough, a reviewer's changes are part of the review.
    """
    if name == suggestion.proposed_by:
        return name == SYSTEM.name  # which approves only what needs no person
    return name != suggestion.edited_by or approvals_required(suggestion) == 1


def _decided(
    suggestion: Suggestion, decision: Decision, caller: Caller, now: datetime
) -> tuple[Review, Suggestion]:
    """The review that a decision makes, and the suggestion after it."""
    spec = edit.modified(suggestion.playbook_spec, decision.modifications)
    current = suggestion
    if spec != suggestion.playbook_spec:
        current = edit.changed(suggestion, spec, caller, now)
    if decision.action == current.status == SuggestionStatus.NEEDS_REVISION:
        raise Conflict("this suggestion was sent back already; change it, or comment on it")
    review = Review(
        review_id=new_id("rev"),
        suggestion_id=suggestion.suggestion_id,
        action=decision.action,
        reviewer=caller.name,
        reviewer_notes=decision.reviewer_notes,
        modified_fields=sorted(decision.modifications),
        revision=suggestion.revision,
        reviewed_at=now,
        status=_STATUS_AFTER[decision.action],
    )
    approvals = current.approvals
    if decision.action == "approve":
        review, approvals = _approved(current, review, decision)
    playbook_id = suggestion.playbook_id
    if review.status is SuggestionStatus.APPROVED and playbook_id is None:
        playbook_id = publish.playbook_id_of(suggestion)
    told = {
        "status": review.status,
        "approvals": approvals,
        "decided_from": suggestion.status
        if review.status is not current.status
        else current.decided_from,
        "revision": suggestion.revision + 1,
        "updated_at": now,
        "playbook_id": playbook_id,
    }
    return review, current.model_copy(update=told)


def _approved(
    suggestion: Suggestion, review: Review, decision: Decision
) -> tuple[Review, list[Approval]]:
    """The review of an approval, and all approvals that count with it."""
    confirmed = check_confirmed(destructive(suggestion.playbook_spec), decision.confirmed_steps)
    if any(each.reviewer == review.reviewer for each in suggestion.approvals):
        raise Conflict("you have approved this already; it takes somebody else by now")
    counted = counts(suggestion, review.reviewer)
    own = Approval(
        review_id=review.review_id, reviewer=review.reviewer, approved_at=review.reviewed_at
    )
    approvals = [*suggestion.approvals, *([own] if counted else [])]
    missing = max(approvals_required(suggestion) - len(approvals), 0)
    told = {
        "confirmed_steps": confirmed,
        "counted": counted,
        "approvals_missing": missing,
        "status": suggestion.status if missing else SuggestionStatus.APPROVED,
    }
    return review.model_copy(update=told), approvals


def _carried_out(
    suggestion: Suggestion, decision: Decision, caller: Caller, now: datetime
) -> tuple[Review, Playbook | None]:
    """Write a decision and what it makes: the review, and the playbook that was published."""
    review, decided = _decided(suggestion, decision, caller, now)
    playbook = None
    with Transaction(caller, now) as transaction:
        if review.status is SuggestionStatus.APPROVED:
            playbook = _published(transaction, decided, caller, now)
            made = {"playbook_id": playbook.playbook_id, "version": playbook.version}
            review = review.model_copy(update=made)
        if decision.action == "reject":
            propose_improvement.reject(transaction, suggestion)
        store.save(transaction, decided)
        store.add_review(transaction, review)
        edit.record_change(transaction, suggestion, decided.playbook_spec, caller.name, now)
        told: dict[str, Any] = {
            "review_id": review.review_id,
            "confirmed_steps": review.confirmed_steps,
        }
        if playbook is None and review.action == "approve":
            told |= {"counted": review.counted, "approvals_missing": review.approvals_missing}
        entity = f"suggestion:{suggestion.suggestion_id}"
        transaction.audit(
            suggestion.scope, entity, review.action, told, before=suggestion, after=decided
        )
        transaction.event("suggestion.reviewed", suggestion.scope, review.model_dump(mode="json"))
    return review, playbook


def _published(
    transaction: Transaction, suggestion: Suggestion, caller: Caller, now: datetime
) -> Playbook:
    if suggestion.kind is SuggestionKind.IMPROVEMENT:
        return propose_improvement.publish_improvement(transaction, suggestion, caller, now)
    return publish.add_approved(transaction, suggestion, caller, now)
