"""Propose playbooks for patterns, and keep what is proposed up to date."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.core.caution import risk_of_step
from chalicelib.core.drift import pattern_change
from chalicelib.core.fields import PRECEDENT
from chalicelib.core.incidents import Incident
from chalicelib.core.patterns import Pattern
from chalicelib.core.playbooks import PlaybookSpec, Risk
from chalicelib.core.suggestions import (
    OPEN_STATUSES,
    Suggestion,
    SuggestionStatus,
    steps_digest,
    suggestion_id_of,
)
from chalicelib.core.synthesis import synthesise
from chalicelib.services.edit import record_change
from chalicelib.settings import Settings
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction

_CATEGORY = "incident_response"


def wants_suggestion(pattern: Pattern, confidence_threshold: float) -> bool:
    """Whether a pattern is frequent, solved and well enough known for a playbook."""
    return pattern.qualifies and pattern.confidence >= confidence_threshold


def propose(
    transaction: Transaction,
    pattern: Pattern,
    incidents: Sequence[Incident],
    latest_id: str | None,
    now: datetime,
) -> Suggestion | None:
    """The suggestion that a pattern's incidents now make, written if it is new or has changed.

    A pattern has one suggestion that waits for a person at a time. The same steps come back as
    the same suggestion: refreshed while it is pending, left alone once somebody has decided or
    changed it; then what is otherwise by now is noted beside it. Other steps supersede one that
    still waits and that no person has changed, and come up anew after one that was rejected; a
    pattern that already has its playbook gets no second one.

    Args:
        transaction: collects what is written.
        pattern: as the analysis has just found it.
        incidents: its members.
        latest_id: the suggestion made of the pattern before, if any.
        now: the time of the analysis.

    Returns:
        The suggestion if it is new or refreshed, else None.
    """
    spec = synthesise(
        incidents,
        name=pattern.incident_type,
        systems=pattern.systems,
        keywords=pattern.keywords,
        metadata={"pattern_id": pattern.pattern_id},
    )
    if spec is None:
        return None
    latest = store.get(latest_id) if latest_id else None
    if latest is not None and _is_for_keeps(latest):
        _note_change(transaction, latest, pattern, spec, incidents, now)
        return None
    suggestion_id = suggestion_id_of(pattern.pattern_id, spec)
    before = latest if latest_id == suggestion_id else store.get(suggestion_id)
    fresh = _suggestion(suggestion_id, pattern, spec, incidents, now)
    if before is None:
        supersede(transaction, latest, now)
        transaction.event("suggestion.created", pattern.scope, _told(fresh))
        return write(transaction, fresh, "created")
    if before.status is SuggestionStatus.SUPERSEDED:
        supersede(transaction, latest, now)
        return write_over(transaction, before, fresh, "revived")
    if before.status is SuggestionStatus.PENDING and differs(before, fresh):
        return write_over(transaction, before, fresh, "refreshed")
    if before.status is not SuggestionStatus.PENDING:
        _note_change(transaction, before, pattern, spec, incidents, now)
    return None


def withdraw(transaction: Transaction, suggestion_id: str | None, now: datetime) -> None:
    """Let nobody decide any more on the suggestion of a pattern that is gone."""
    supersede(transaction, store.get(suggestion_id) if suggestion_id else None, now)


def inherit(
    transaction: Transaction, own_id: str | None, others: Sequence[str | None], now: datetime
) -> str | None:
    """The suggestion that a pattern goes on with when others were merged into it.

    That is its own, unless one of the others has been approved and its own has not: then the
    approval comes along, and nobody has to decide on a second one.
    """
    own = store.get(own_id) if own_id else None
    if own is not None and own.status is SuggestionStatus.APPROVED:
        return own_id
    for other_id in filter(None, others):
        other = store.get(other_id)
        if other is not None and other.status is SuggestionStatus.APPROVED:
            supersede(transaction, own, now)
            return other_id
    return own_id


def needs_no_person(suggestion: Suggestion, settings: Settings) -> bool:
    """Whether the settings let a suggestion become a playbook by itself.

    One with a step that destroys something, or of which nobody knows what it does, never does, nor
    does one that takes more than one approval.
    """
    risks = {risk_of_step(step) for step in suggestion.playbook_spec.steps}
    if risks & {Risk.DESTROYS, Risk.UNKNOWN}:
        return False
    review = settings.human_review
    if review.approvals_for(suggestion.scope, destroys=False) > 1:
        return False
    sure = suggestion.confidence_score >= review.high_confidence_threshold
    return not review.required_for_approval or (review.auto_approve_high_confidence and sure)


def _is_for_keeps(suggestion: Suggestion) -> bool:
    """Whether nothing mined takes its place: it is approved, or a person's work is in it."""
    if suggestion.status is SuggestionStatus.APPROVED:
        return True
    return suggestion.status in OPEN_STATUSES and suggestion.edited_by is not None


def _note_change(
    transaction: Transaction,
    suggestion: Suggestion,
    pattern: Pattern,
    spec: PlaybookSpec,
    incidents: Sequence[Incident],
    now: datetime,
) -> None:
    change = pattern_change(
        known=suggestion.supporting_incidents,
        members=[incident.incident_id for incident in incidents],
        success_rate_before=suggestion.confidence_factors.success,
        success_rate=pattern.confidence_factors.success,
        mined=suggestion.mined_steps,
        mined_now=[step.text for step in spec.steps],
        now=now,
    )
    store.save_pattern_change(transaction, suggestion, change)


def _suggestion(
    suggestion_id: str,
    pattern: Pattern,
    spec: PlaybookSpec,
    incidents: Sequence[Incident],
    now: datetime,
) -> Suggestion:
    solved = round(100 * pattern.success_rate)
    return Suggestion(
        suggestion_id=suggestion_id,
        scope=pattern.scope,
        pattern_id=pattern.pattern_id,
        title=pattern.incident_type,
        description=f"{pattern.frequency} incidents of this kind, {solved}% of them solved.",
        category=_CATEGORY,
        confidence_score=pattern.confidence,
        confidence_factors=pattern.confidence_factors,
        status=SuggestionStatus.PENDING,
        playbook_spec=spec,
        mined_steps=[step.text for step in spec.steps],
        supporting_incidents=sorted(incident.incident_id for incident in incidents),
        systems=pattern.systems,
        revision=1,
        created_at=now,
        updated_at=now,
    )


def write_over(
    transaction: Transaction, before: Suggestion, fresh: Suggestion, action: str
) -> Suggestion:
    """Write the fresh suggestion as the next revision of the one before, and what it changes."""
    record_change(transaction, before, fresh.playbook_spec, PRECEDENT, fresh.updated_at)
    kept = {
        "created_at": before.created_at,
        "revision": before.revision + 1,
        "undone": before.undone,
    }
    return write(transaction, fresh.model_copy(update=kept), action)


def differs(before: Suggestion, fresh: Suggestion) -> bool:
    """Whether a reviewer would see a difference worth another look; mere ageing is none."""
    return (
        before.supporting_incidents != fresh.supporting_incidents
        or before.playbook_spec != fresh.playbook_spec
        or before.confidence_factors.feedback != fresh.confidence_factors.feedback
    )


def supersede(transaction: Transaction, latest: Suggestion | None, now: datetime) -> None:
    """Let nobody decide any more on a suggestion that still waits."""
    if latest is None or latest.status not in OPEN_STATUSES:
        return
    changes = {
        "status": SuggestionStatus.SUPERSEDED,
        "revision": latest.revision + 1,
        "updated_at": now,
    }
    write(transaction, latest.model_copy(update=changes), "superseded")


def write(transaction: Transaction, suggestion: Suggestion, action: str) -> Suggestion:
    """Write a suggestion and what was done to it, and return it."""
    store.save(transaction, suggestion)
    transaction.audit(
        suggestion.scope,
        f"suggestion:{suggestion.suggestion_id}",
        action,
        {"revision": suggestion.revision, "steps": steps_digest(suggestion.playbook_spec)},
    )
    return suggestion


def _told(suggestion: Suggestion) -> dict[str, object]:
    return {
        "suggestion_id": suggestion.suggestion_id,
        "pattern_id": suggestion.pattern_id,
        "title": suggestion.title,
        "confidence_score": suggestion.confidence_score,
    }
