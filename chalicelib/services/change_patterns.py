"""Write what an analysis found, one pattern a transaction, so that it can go on where it was cut.

Every change is written together with the checkpoint that it is done. A worker that is killed
leaves some changes undone; the next one goes on behind the checkpoint, and none is done twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.core.analyses import Checkpoint, Run, Stage, Thresholds
from chalicelib.core.changes import Change, Fate, Plan
from chalicelib.core.incidents import Incident
from chalicelib.core.patterns import Pattern, PatternState, describe
from chalicelib.core.suggestions import OPEN_STATUSES
from chalicelib.observability import logger
from chalicelib.services import backtest, review, suggest
from chalicelib.services.access import SYSTEM
from chalicelib.services.errors import Conflict
from chalicelib.services.progress import Clock
from chalicelib.settings import settings
from chalicelib.store import analyses, feedback, incidents, patterns
from chalicelib.store import suggestions as suggestion_store
from chalicelib.store.patterns import StoredPattern
from chalicelib.store.transaction import Transaction, is_outage

#: So many suggestions of a run are back-tested unasked; the others on request.
_BACK_TESTED = 50
_TRIES = 3  # of a transaction that a reviewer's races with

#: The incidents with these ids.
Read = Callable[[Sequence[str]], list[Incident]]


def write_changes(
    run: Run, plan: Plan, reached: Checkpoint, read: Read, clock: Clock
) -> Checkpoint:
    """Write the changes of a plan behind a checkpoint, and return the last one.

    A pattern that cannot be described or written is logged and counted; the others go on.
    """
    if reached.done:  # whoever wrote the last one may not have come to this any more
        patterns.forget_old_members(plan.changes[reached.done - 1].pattern_id)
    reached = _follow_up(run, reached, clock)
    while reached.done < len(plan.changes):
        reached = _write(run, plan, reached, read, clock)
        reached = _follow_up(run, reached, clock)
    return reached


def described(run: Run, plan: Plan, change: Change, read: Read) -> tuple[Pattern, list[Incident]]:
    """The pattern that a change makes, and its incidents."""
    members = [incident for incident in read(change.members) if incident.closed]
    options = in_force(run)
    pattern = describe(
        members,
        pattern_id=change.pattern_id,
        scope=run.scope,
        centroid=change.centroid,
        now=_time(run),
        min_frequency=options.min_pattern_frequency,
        min_success_rate=options.min_success_rate,
        names=plan.systems,
        feedback=feedback.of_pattern(change.pattern_id).value,
    )
    return pattern.model_copy(update={"split_from": change.split_from}), members


def reader(scope: str, at_hand: Mapping[str, Incident]) -> Read:
    """Reads incidents of a scope: from those at hand, else from the store."""

    def read(incident_ids: Sequence[str]) -> list[Incident]:
        absent = [each for each in incident_ids if each not in at_hand]
        there = [at_hand[each] for each in incident_ids if each in at_hand]
        return there + list(incidents.get_many(scope, absent))

    return read


def in_force(run: Run) -> Thresholds:
    """The thresholds of a run: the settings, with what was asked for it alone in their place."""
    if run.thresholds is not None:
        return run.thresholds
    options = settings().auto_generation.model_dump()
    return Thresholds(**options | run.request.model_dump(include=set(options), exclude_none=True))


def _write(run: Run, plan: Plan, reached: Checkpoint, read: Read, clock: Clock) -> Checkpoint:
    """Write the next change, and return the checkpoint behind it."""
    change = plan.changes[reached.done]
    done = reached.done + 1
    progress = {
        "stage": Stage.DESCRIBING,
        "share": round(done / len(plan.changes), 4),
        "done": done,
    }
    behind = reached.model_copy(update=progress)
    for _ in range(_TRIES):
        try:
            with Transaction(SYSTEM, clock()) as transaction:
                after = behind.model_copy(update=_apply(transaction, run, plan, behind, read))
                analyses.save_checkpoint(transaction, run.run_id, after)
        except Conflict:
            stored = analyses.checkpoint(run.run_id)
            if stored.done > reached.done:  # it was written, by us or by a second worker
                return stored
        except Exception as error:
            if is_outage(error):
                raise
            logger.exception("pattern failed", run_id=run.run_id, pattern_id=change.pattern_id)
            break
        else:
            if change.fate is not Fate.DISCOVERED and not change.same_members:
                patterns.forget_old_members(change.pattern_id)
            return after
    failed = behind.model_copy(update={"failed_patterns": behind.failed_patterns + 1})
    with Transaction(SYSTEM, clock()) as transaction:
        analyses.save_checkpoint(transaction, run.run_id, failed)
    return failed


def _apply(
    transaction: Transaction, run: Run, plan: Plan, reached: Checkpoint, read: Read
) -> dict[str, Any]:
    """Collect what the change before a checkpoint writes, and return what that adds to it."""
    change = plan.changes[reached.done - 1]
    before = None if change.fate is Fate.DISCOVERED else patterns.find(change.pattern_id)
    if change.fate in (Fate.MERGED, Fate.RETIRED, Fate.DISSOLVED):
        if before is not None:
            _put_away(transaction, run, change, before)
        return {}
    pattern, members = described(run, plan, change, read)
    pattern = pattern.model_copy(update=_past(before, _time(run)))
    held = before.suggestion_id if before else None
    held = suggest.inherit(
        transaction, held, [_suggestion_of(each) for each in change.absorbed], _time(run)
    )
    made = None
    if suggest.wants_suggestion(pattern, in_force(run).confidence_threshold):
        made = suggest.propose(transaction, pattern, members, held, _time(run))
    stored = StoredPattern(
        pattern=pattern,
        members_run=_keep_members(run, change, before),
        suggestion_id=made.suggestion_id if made else held,
        revision=before.revision + 1 if before else 1,
    )
    patterns.save(transaction, stored)
    _tell(transaction, run, change, pattern, before)
    if made is None:
        return {}
    alone = made.suggestion_id if suggest.needs_no_person(made, settings()) else None
    made_before = reached.suggestions_generated
    tried = made.suggestion_id if made.revision == 1 and made_before < _BACK_TESTED else None
    return {
        "suggestions_generated": made_before + 1,
        "to_approve": alone,
        "to_back_test": tried,
    }


def _put_away(transaction: Transaction, run: Run, change: Change, before: StoredPattern) -> None:
    """Take a pattern out of the active ones; it stays readable, and its approval stays with it."""
    merged = change.fate is Fate.MERGED
    told = {
        "state": PatternState.MERGED if merged else PatternState.RETIRED,
        "state_since": _time(run),
        "merged_into": change.merged_into,
        "frequency": len(change.members),
    }
    pattern = before.pattern.model_copy(update=told)
    stored = replace(
        before,
        pattern=pattern,
        members_run=_keep_members(run, change, before),
        revision=before.revision + 1,
    )
    patterns.save(transaction, stored)
    if change.fate is not Fate.RETIRED:
        suggest.withdraw(transaction, before.suggestion_id, _time(run))
    _tell(transaction, run, change, pattern, before)


def _past(before: StoredPattern | None, now: datetime) -> dict[str, Any]:
    """What an active pattern keeps of its past."""
    if before is None:
        return {"discovered_at": now, "state_since": now}
    old = before.pattern
    since = old.state_since if old.state is PatternState.ACTIVE else now
    return {
        "discovered_at": old.discovered_at,
        "split_from": old.split_from,
        "state_since": since,
    }


def _keep_members(run: Run, change: Change, before: StoredPattern | None) -> str:
    """Write the members where they are others than before; return the run that wrote them."""
    if before is not None and change.same_members:
        return before.members_run
    patterns.save_members(change.pattern_id, run.run_id, change.members)
    return run.run_id


def _tell(
    transaction: Transaction,
    run: Run,
    change: Change,
    pattern: Pattern,
    before: StoredPattern | None,
) -> None:
    """Say in the audit trail what became of a pattern; mere ageing is nothing to tell."""
    if change.fate is Fate.UPDATED and change.same_members and not change.absorbed:
        return
    told: dict[str, Any] = {
        "pattern_id": pattern.pattern_id,
        "incident_type": pattern.incident_type,
        "frequency": pattern.frequency,
        "run_id": run.run_id,
    }
    links = {
        "frequency_before": before.pattern.frequency if before else None,
        "split_from": change.split_from,
        "split_into": change.split_into,
        "merged_into": change.merged_into,
        "absorbed": change.absorbed,
    }
    told_too = {name: value for name, value in links.items() if value not in (None, [])}
    transaction.audit(run.scope, f"pattern:{pattern.pattern_id}", change.fate, told | told_too)
    if change.fate is Fate.DISCOVERED:
        transaction.event("pattern.discovered", run.scope, told)


def _follow_up(run: Run, reached: Checkpoint, clock: Clock) -> Checkpoint:
    """Do what a suggestion that was just made asks for."""
    return _back_test(_approve(run, reached, clock), clock)


def _back_test(reached: Checkpoint, clock: Clock) -> Checkpoint:
    """Ask for the back-test of a new suggestion; whoever misses it can ask for it later."""
    if reached.to_back_test is None:
        return reached
    try:
        backtest.request(reached.to_back_test, SYSTEM, clock())
    except Exception:
        logger.exception("back-test not queued", suggestion_id=reached.to_back_test)
    return reached.model_copy(update={"to_back_test": None})


def _approve(run: Run, reached: Checkpoint, clock: Clock) -> Checkpoint:
    """Approve the suggestion that needs no person, unless somebody has decided already."""
    if reached.to_approve is None:
        return reached
    waiting = suggestion_store.get(reached.to_approve)
    if waiting is not None and waiting.status in OPEN_STATUSES:
        try:
            review.decide(reached.to_approve, {"action": "approve"}, SYSTEM, clock())
        except Conflict:
            logger.info("decided by somebody else", suggestion_id=reached.to_approve)
    return reached.model_copy(update={"to_approve": None})


def _suggestion_of(pattern_id: str) -> str | None:
    stored = patterns.find(pattern_id)
    return stored.suggestion_id if stored else None


def _time(run: Run) -> datetime:
    """The time that a run goes by, however often it is taken up."""
    return run.started_at or run.requested_at
