"""An improvement of a playbook as a suggestion: proposed, refreshed, rejected, or published."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.core.caution import cautious
from chalicelib.core.confidence import confidence
from chalicelib.core.diff import diff
from chalicelib.core.edits import differences
from chalicelib.core.improvement import Improvement, Proposals, Remedy, factors_of
from chalicelib.core.learning import Metrics
from chalicelib.core.suggestions import (
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
    improvement_id_of,
)
from chalicelib.core.versions import ChangeType, Playbook
from chalicelib.observability import count
from chalicelib.services import publish, suggest
from chalicelib.services.access import SYSTEM, Caller
from chalicelib.services.errors import Conflict, invalid
from chalicelib.services.next_version import Change, add_next
from chalicelib.store import executions
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction

#: Fields of a step that follow from the others, so that they alone are no improvement.
_FOLLOWING = {"kind", "risk"}


def propose(
    playbook: Playbook,
    improvement: Improvement | None,
    made: Proposals,
    figures: Metrics,
    now: datetime,
) -> Suggestion | None:
    """Write an improvement as a suggestion if it is new or has changed.

    A playbook has one improvement that waits for a person at a time. The same changes come back as
    the same suggestion: refreshed while it is pending, left alone once somebody has decided. Other
    changes supersede one that still waits, and so does another version of the playbook.

    Args:
        playbook: as it now stands.
        improvement: of its current version, if any is called for.
        made: what was proposed before, with the incidents that this one was learned from.
        figures: of the current version.
        now: when.

    Returns:
        The suggestion if it is new or refreshed, else None.

    Raises:
        Conflict: somebody else has proposed or decided at the same time.
    """
    latest = store.get(made.latest) if made.latest else None
    outdated = latest is not None and latest.base_version != playbook.version
    fresh = _suggestion(playbook, improvement, figures, now) if improvement else None
    before = store.get(fresh.suggestion_id) if fresh else None
    with Transaction(SYSTEM, now) as transaction:
        if fresh is None:
            if outdated:
                suggest.supersede(transaction, latest, now)
            _remember(transaction, playbook, made)
            return None
        if before is None or before.status is SuggestionStatus.SUPERSEDED:
            suggest.supersede(transaction, latest, now)
            _remember(transaction, playbook, made, fresh.suggestion_id)
            if before is None:
                transaction.event("playbook.improvement_suggested", playbook.scope, _news(fresh))
                count("ImprovementsSuggested")
                return suggest.write(transaction, fresh, "created")
            return suggest.write_over(transaction, before, fresh, "revived")
        _remember(transaction, playbook, made)
        if before.status is SuggestionStatus.PENDING and suggest.differs(before, fresh):
            return suggest.write_over(transaction, before, fresh, "refreshed")
    return None


def reject(transaction: Transaction, suggestion: Suggestion) -> None:
    """Keep what nobody wants, so that it is not proposed again before there is more to say."""
    if suggestion.playbook_id is None or suggestion.kind is not SuggestionKind.IMPROVEMENT:
        return
    made = executions.proposals(suggestion.playbook_id)
    made = made.rejecting(suggestion.suggestion_id, suggestion.changes)
    executions.save_proposals(transaction, suggestion.playbook_id, made)


def reinstate(transaction: Transaction, suggestion: Suggestion) -> None:
    """Forget that nobody wants it, where that has been undone."""
    if suggestion.playbook_id is None or suggestion.kind is not SuggestionKind.IMPROVEMENT:
        return
    made = executions.proposals(suggestion.playbook_id)
    if suggestion.suggestion_id in made.rejected:
        made = made.reinstating(suggestion.suggestion_id)
        executions.save_proposals(transaction, suggestion.playbook_id, made)


def publish_improvement(
    transaction: Transaction, suggestion: Suggestion, caller: Caller, now: datetime
) -> Playbook:
    """Add the next minor version of the playbook that an approved suggestion improves.

    Raises:
        Conflict: the playbook is at another version by now, or deprecated.
        InvalidInput: the reviewer's modifications have left nothing of the improvement.
    """
    playbook = publish.find_playbook(str(suggestion.playbook_id), caller)
    if playbook.version != suggestion.base_version:
        raise Conflict(
            f"the playbook is at {playbook.version} by now, and this improves "
            f"{suggestion.base_version}; the next analysis proposes anew what is still called for"
        )
    spec = publish.publishable(suggestion.playbook_spec)
    changed = {each.path[-1] for each in differences(playbook.spec, spec)}
    if not changed - _FOLLOWING:
        raise invalid("modifications", "leave nothing of the improvement; reject it instead")
    behind = {*playbook.supporting_incidents, *suggestion.supporting_incidents}
    learned = playbook.model_copy(update={"supporting_incidents": sorted(behind)})
    reasons = "\n".join(change.reason for change in suggestion.changes)
    changelog = f"Improved as suggestion {suggestion.suggestion_id} proposes.\n{reasons}"
    change = Change(spec, ChangeType.IMPROVED, changelog, caller.name)
    improved, _ = add_next(transaction, learned, change, now)
    return improved


def _suggestion(
    playbook: Playbook, improvement: Improvement, figures: Metrics, now: datetime
) -> Suggestion:
    changes = improvement.changes
    factors = factors_of(improvement, now)
    spec = cautious(improvement.spec)
    described = f"{len(changes)} change{'s' * (len(changes) > 1)} of version {playbook.version}."
    if figures.executions:
        described += f" It succeeded in {figures.successes} of {figures.executions} runs."
    about = {each for change in changes for each in change.incident_ids}
    return Suggestion(
        suggestion_id=_free_id(playbook, changes),
        kind=SuggestionKind.IMPROVEMENT,
        scope=playbook.scope,
        pattern_id=playbook.pattern_id,
        playbook_id=playbook.playbook_id,
        base_version=playbook.version,
        changes=changes,
        title=playbook.title,
        description=described,
        category=playbook.spec.category,
        confidence_score=confidence(factors),
        confidence_factors=factors,
        status=SuggestionStatus.PENDING,
        playbook_spec=spec,
        diff=diff(playbook.spec, spec),
        supporting_incidents=sorted(about),
        revision=1,
        created_at=now,
        updated_at=now,
    )


def _free_id(playbook: Playbook, changes: Sequence[Remedy]) -> str:
    """The id of the suggestion of these changes; a further one where it was rejected before."""
    keys = [change.key for change in changes]
    again = 0
    while True:
        suggestion_id = improvement_id_of(playbook.playbook_id, playbook.version, keys, again)
        before = store.get(suggestion_id)
        if before is None or before.status is not SuggestionStatus.REJECTED:
            return suggestion_id
        again += 1


def _remember(
    transaction: Transaction, playbook: Playbook, made: Proposals, latest: str | None = None
) -> None:
    """Write what was proposed, where that is not what is written already."""
    changed = made.model_copy(update={"latest": latest or made.latest})
    if changed == executions.proposals(playbook.playbook_id):
        return
    changed = changed.model_copy(update={"revision": made.revision + 1})
    executions.save_proposals(transaction, playbook.playbook_id, changed)


def _news(suggestion: Suggestion) -> dict[str, object]:
    return {
        "suggestion_id": suggestion.suggestion_id,
        "playbook_id": suggestion.playbook_id,
        "base_version": suggestion.base_version,
        "title": suggestion.title,
        "confidence_score": suggestion.confidence_score,
        "changes": [
            {"kind": change.kind, "step_id": change.step_id, "reason": change.reason}
            for change in suggestion.changes
        ],
    }
