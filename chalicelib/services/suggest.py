"""Propose playbooks for patterns, and keep what is proposed up to date."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.core.caution import risk_of_step
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
    the same suggestion: refreshed while it is pending, left alone once somebody has decided.
    Other steps supersede one that still waits, and come up anew after one that was rejected;
    a pattern that already has its playbook gets no second one.

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
    latest = store.get(latest_id) if latest_id else None
    if spec is None or (latest and latest.status is SuggestionStatus.APPROVED):
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
        return write(transaction, over(before, fresh), "revived")
    if before.status is SuggestionStatus.PENDING and differs(before, fresh):
        return write(transaction, over(before, fresh), "refreshed")
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

    One with a step that destroys something, or of which nobody knows what it does, never does.
    """
    risks = {risk_of_step(step) for step in suggestion.playbook_spec.steps}
    if risks & {Risk.DESTROYS, Risk.UNKNOWN}:
        return False
    review = settings.human_review
    sure = suggestion.confidence_score >= review.high_confidence_threshold
    return not review.required_for_approval or (review.auto_approve_high_confidence and sure)


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
        supporting_incidents=sorted(incident.incident_id for incident in incidents),
        revision=1,
        created_at=now,
        updated_at=now,
    )


def over(before: Suggestion, fresh: Suggestion) -> Suggestion:
    """The fresh suggestion as the next revision of the one before."""
    kept = {"created_at": before.created_at, "revision": before.revision + 1}
    return fresh.model_copy(update=kept)


def differs(before: Suggestion, fresh: Suggestion) -> bool:
    """Whether a reviewer would see a difference worth another look; mere ageing is none."""
    return (
        before.supporting_incidents != fresh.supporting_incidents
        or before.playbook_spec != fresh.playbook_spec
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
