"""Let go what has been kept for as long as the settings say, but nothing that something rests on.

What rests on incidents: patterns that still recur, and suggestions that wait or were approved.
Recommendations, coverage gaps and notifications rest under nothing; DynamoDB deletes those itself.

The schedule may fire twice, so that two sweeps overlap. Each deletes only what is there as it has
read it: of two that come to the same, one goes on and the other leaves it the rest.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import chain, takewhile

from chalicelib.core.fields import format_time
from chalicelib.core.learning import Metrics, metrics_of
from chalicelib.core.patterns import PatternState
from chalicelib.core.suggestions import OPEN_STATUSES, Suggestion, SuggestionStatus
from chalicelib.core.trail import CUT, end_of
from chalicelib.core.versions import Playbook
from chalicelib.observability import count, logger
from chalicelib.services.access import SYSTEM
from chalicelib.services.errors import Conflict
from chalicelib.settings import settings
from chalicelib.store import analyses, audit, executions, incidents, objects, patterns, playbooks
from chalicelib.store import suggestions as proposed
from chalicelib.store.documents import delete_orphans
from chalicelib.store.paging import Position
from chalicelib.store.transaction import MAX_ITEMS, Transaction, batches

#: Each is up to four items and an audit entry, and each transaction moves the trail's end.
_A_TIME = (MAX_ITEMS - 1) // 5
#: An object that is younger than this may be one whose record is just being written.
_ORPHAN_AFTER = timedelta(days=1)
#: How many documents in S3 a day are asked whether something points at them.
_DOCUMENTS_A_DAY = 5_000
_PAGE = 100
_HOLDING = (*OPEN_STATUSES, SuggestionStatus.APPROVED)


def sweep(now: datetime) -> Counter[str]:
    """Delete what has been kept long enough, and return how many things of each kind went."""
    removed: Counter[str] = Counter()
    for scope in audit.scopes():
        removed += sweep_scope(scope, now)
    removed["orphaned documents"] = sweep_documents(now)
    count("ThingsExpired", removed.total())
    return removed


def sweep_scope(scope: str, now: datetime) -> Counter[str]:
    """As `sweep`, in one scope; what fails is logged, and left for the next day."""
    removed: Counter[str] = Counter()
    for kind, let_go in _KINDS.items():
        try:
            removed[kind] += let_go(scope, now)
        except Conflict:
            logger.info("sweep put off", scope=scope, kind=kind)
        except Exception:
            logger.exception("sweep failed", scope=scope, kind=kind)
    return removed


def sweep_documents(now: datetime) -> int:
    """Delete documents in S3 that no item points at; what fails is left for the next day.

    Each day begins elsewhere among them, so that of very many all have their turn.
    """
    beginning = hashlib.sha256(format_time(now)[:10].encode()).hexdigest()[:8]
    try:
        return delete_orphans(now - _ORPHAN_AFTER, beginning, _DOCUMENTS_A_DAY)
    except Exception:
        logger.exception("sweep failed", kind="orphaned documents")
        return 0


def _incidents(scope: str, now: datetime) -> int:
    start = _start(settings().retention.retention_incident_days, now)
    if start is None:
        return 0
    old = incidents.before(scope, format_time(start)[:10])
    first = next(old, None)
    if first is None:
        return 0
    held = _held(scope)
    number = 0
    going = (each for each in chain([first], old) if each.incident_id not in held)
    for some in batches(going, _A_TIME):
        with Transaction(SYSTEM, now) as transaction:
            for incident in some:
                incidents.remove(transaction, incident)
                entity = f"incident:{incidents.key_of(scope, incident.incident_id)}"
                transaction.audit(scope, entity, "expired")
        number += len(some)
    return number


def _held(scope: str) -> set[str]:
    """The incidents that something of the scope rests on."""
    held: set[str] = set()
    for _, members in patterns.known(scope, [PatternState.ACTIVE]):
        held.update(members)
    for suggestion in _suggestions(scope):
        held.update(suggestion.supporting_incidents)
    return held


def _suggestions(scope: str) -> Iterator[Suggestion]:
    """The scope's suggestions that wait or were approved."""
    for status in _HOLDING:
        position: Position | None = None
        while True:
            page = proposed.page(scope, status, _PAGE, position)
            yield from page.items
            position = page.position
            if position is None:
                break


def _patterns(scope: str, now: datetime) -> int:
    """Patterns that have long not recurred, and that no suggestion was made of which still holds.

    One that recurs after that is a new one.
    """
    start = _start(settings().retention.retention_pattern_days, now)
    if start is None:
        return 0
    held = {suggestion.pattern_id for suggestion in _suggestions(scope)}
    old = [
        stored
        for state in (PatternState.RETIRED, PatternState.MERGED)
        for stored in patterns.of_scope(scope, state)
        if stored.pattern.last_seen < start and stored.pattern.pattern_id not in held
    ]
    for some in batches(old, _A_TIME):
        with Transaction(SYSTEM, now) as transaction:
            for stored in some:
                patterns.remove(transaction, stored)
                transaction.audit(scope, f"pattern:{stored.pattern.pattern_id}", "expired")
        for stored in some:
            patterns.forget_members(stored.pattern.pattern_id)
    return len(old)


def _analyses(scope: str, now: datetime) -> int:
    start = _start(settings().retention.retention_analysis_days, now)
    number = 0
    while start and (some := analyses.before(scope, format_time(start), _A_TIME)):
        with Transaction(SYSTEM, now) as transaction:
            for listed, run_id in some:
                analyses.remove(transaction, scope, listed, run_id)
                transaction.audit(scope, f"analysis:{run_id}", "expired")
        number += len(some)
    return number


def _executions(scope: str, now: datetime) -> int:
    start = _start(settings().retention.retention_execution_days, now)
    if start is None:
        return 0
    before = format_time(start)
    return sum(_runs(playbook, before, now) for playbook in playbooks.changed_since(scope, None))


def _runs(playbook: Playbook, before: str, now: datetime) -> int:
    """Delete the records of a playbook's old runs; what they add up to is kept, so that the
    metrics can still be worked out again.
    """
    number = 0
    while some := executions.before(playbook.playbook_id, before, _A_TIME):
        gone = executions.gone(playbook.playbook_id)
        with Transaction(SYSTEM, now) as transaction:
            for run in some:
                executions.remove(transaction, run)
            for version, figures in metrics_of(some).items():
                known = gone.get(version)
                both = (known or Metrics(version=version)).merged(figures)
                revision = known.revision + 1 if known else 1
                both = both.model_copy(update={"revision": revision})
                executions.save_gone(transaction, playbook.playbook_id, both)
            told = {"executions": [run.execution_id for run in some]}
            entity = f"playbook:{playbook.playbook_id}"
            transaction.audit(playbook.scope, entity, "executions expired", told)
        number += len(some)
    return number


def _exports(scope: str, now: datetime) -> int:
    """Delete files that no record points at: of exports whose record was never written, or went."""
    number = 0
    for playbook in playbooks.changed_since(scope, None):
        old = objects.written_before(
            f"playbooks/{scope}/{playbook.playbook_id}/", now - _ORPHAN_AFTER
        )
        known = {each["key"] for each in playbooks.exports(playbook.playbook_id)}
        for key in old:
            if key not in known:
                objects.delete(key)
                number += 1
    return number


def _trail(scope: str, now: datetime) -> int:
    """Cut off the old beginning of the audit trail.

    The trail is said to begin later before entries go, so that it holds all the time; what is left
    of them when this fails on its way goes the next day.
    """
    start = _start(settings().retention.retention_audit_days, now)
    if start is None:
        return 0
    before = last = audit.cut(scope)
    for entry in takewhile(lambda each: each["at"] < format_time(start), audit.trail(scope)):
        last = max(last, end_of(entry), key=lambda end: end.number)
    if last != before:
        with Transaction(SYSTEM, now) as transaction:
            transaction.put(*audit.save_cut(scope, before, last))
            transaction.audit(scope, f"trail:{scope}", CUT, asdict(last))
    return audit.forget(scope, last.number)


_KINDS = {
    "incidents": _incidents,
    "patterns": _patterns,
    "analyses": _analyses,
    "executions": _executions,
    "orphaned exports": _exports,
    "audit entries": _trail,
}


def _start(days: int, now: datetime) -> datetime | None:
    """From when on things are kept; None where they are for ever."""
    return now - timedelta(days=days) if days else None
