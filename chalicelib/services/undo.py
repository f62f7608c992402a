"""Undo what was decided on a suggestion, as long as nobody has used it."""

from datetime import datetime
from typing import Any

from chalicelib.core.suggestions import Review, Suggestion, SuggestionKind, SuggestionStatus
from chalicelib.core.versions import FIRST_VERSION
from chalicelib.services import export, propose_improvement, publish
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict
from chalicelib.services.repeats import new_id
from chalicelib.store import executions, patterns
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction


def undo(
    suggestion: Suggestion, revision: int | None, notes: str, caller: Caller, now: datetime
) -> Review:
    """Take back the last decision on a suggestion, or one's own approval while it needs others.

    What the reviewer changed on the way stays changed. A playbook that an approval made is
    withdrawn, unless it was run, changed, recommended or exported on request: then it is too late.

    Raises:
        Conflict: there is nothing to undo, or it is too late.
    """
    if revision is not None and revision != suggestion.revision:
        raise Conflict(
            f"this suggestion is at revision {suggestion.revision} by now, not at {revision}; "
            "look at it again"
        )
    after = _before_the_decision(suggestion, caller)
    decided = suggestion.model_copy(
        update={**after, "revision": suggestion.revision + 1, "updated_at": now}
    )
    published = suggestion.status is SuggestionStatus.APPROVED
    review = Review(
        review_id=new_id("rev"),
        suggestion_id=suggestion.suggestion_id,
        action="undo",
        reviewer=caller.name,
        reviewer_notes=notes,
        modified_fields=[],
        revision=suggestion.revision,
        reviewed_at=now,
        status=decided.status,
        playbook_id=suggestion.playbook_id if published else None,
        version=FIRST_VERSION if published else None,
    )
    with Transaction(caller, now) as transaction:
        store.save(transaction, decided)
        store.add_review(transaction, review)
        if published:
            _withdraw(transaction, suggestion, caller, now)
        if suggestion.status is SuggestionStatus.REJECTED:
            propose_improvement.reinstate(transaction, suggestion)
        told = {"review_id": review.review_id, "was": suggestion.status}
        entity = f"suggestion:{suggestion.suggestion_id}"
        transaction.audit(suggestion.scope, entity, "undo", told, before=suggestion, after=decided)
        transaction.event("suggestion.reviewed", suggestion.scope, review.model_dump(mode="json"))
    return review


def can_undo(suggestion: Suggestion, caller: Caller) -> bool:
    """Whether there is something for the caller to undo, as far as the suggestion itself tells."""
    own = any(each.reviewer == caller.name for each in suggestion.approvals)
    waits = suggestion.status in (SuggestionStatus.PENDING, SuggestionStatus.NEEDS_REVISION)
    return suggestion.decided_from is not None or (waits and own)


def too_late(suggestion: Suggestion, caller: Caller) -> bool:
    """Whether the playbook that an approval made is used, so that the approval stays."""
    if suggestion.status is not SuggestionStatus.APPROVED or not suggestion.playbook_id:
        return False
    playbook = publish.find_playbook(suggestion.playbook_id, caller)
    return publish.was_used(playbook) or export.was_requested(suggestion.playbook_id)


def _before_the_decision(suggestion: Suggestion, caller: Caller) -> dict[str, Any]:
    """What of the suggestion is as it was before."""
    if suggestion.status is SuggestionStatus.SUPERSEDED:
        raise Conflict("this suggestion is superseded; what was decided on it cannot be undone")
    if not can_undo(suggestion, caller):
        raise Conflict("there is no decision on this suggestion to undo")
    others = [each for each in suggestion.approvals if each.reviewer != caller.name]
    waits = suggestion.status in (SuggestionStatus.PENDING, SuggestionStatus.NEEDS_REVISION)
    if waits and others != suggestion.approvals:
        return {"approvals": others}
    latest = _latest(suggestion)
    if latest not in (None, suggestion.suggestion_id):
        raise Conflict(f"the suggestion {latest} has taken the place of this one; decide on that")
    after: dict[str, Any] = {"status": suggestion.decided_from, "decided_from": None}
    if suggestion.status is SuggestionStatus.APPROVED:
        after |= {
            "approvals": suggestion.approvals[:-1],
            "playbook_id": None,
            "undone": suggestion.undone + 1,
        }
    return after


def _latest(suggestion: Suggestion) -> str | None:
    """The suggestion that stands for the same pattern now, or for the same playbook."""
    if suggestion.kind is SuggestionKind.IMPROVEMENT and suggestion.playbook_id:
        return executions.proposals(suggestion.playbook_id).latest
    stored = patterns.find(suggestion.pattern_id) if suggestion.pattern_id else None
    return stored.suggestion_id if stored else None


def _withdraw(
    transaction: Transaction, suggestion: Suggestion, caller: Caller, now: datetime
) -> None:
    playbook_id = suggestion.playbook_id or ""
    used = export.was_requested(playbook_id)
    if used or publish.withdraw(transaction, playbook_id, caller, now) is None:
        raise Conflict(
            "its playbook has been run, changed, recommended or exported since, so the approval "
            "cannot be undone; change or deprecate the playbook instead"
        )
