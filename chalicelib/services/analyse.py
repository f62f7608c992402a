"""Run an analysis: read the window, find the patterns, know them again, propose playbooks.

The worker alone imports this module, because `core.clustering` loads scikit-learn.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.analyses import (
    AnalysisRequest,
    Preview,
    Run,
    RunStatus,
    Stage,
    Thresholds,
)
from chalicelib.core.clustering import find_clusters
from chalicelib.core.incidents import Incident
from chalicelib.core.patterns import describe
from chalicelib.core.reconciliation import FoundPattern, KnownPattern, Reconciliation, reconcile
from chalicelib.core.suggestions import Suggestion
from chalicelib.observability import count, logger
from chalicelib.services import review, suggest
from chalicelib.services.access import SYSTEM
from chalicelib.services.errors import Conflict
from chalicelib.services.progress import Clock, Reporter
from chalicelib.settings import settings
from chalicelib.store import analyses, incidents, patterns, queue
from chalicelib.store.patterns import StoredPattern
from chalicelib.store.transaction import Transaction

_RETRY_SECONDS = 5
_PREVIEWED = 50
_TRIES = 3  # of a pattern's transaction that a reviewer's races with


@dataclass(frozen=True)
class _Found:
    """A pattern of this run, with the one that it carries on, if any."""

    stored: StoredPattern
    before: StoredPattern | None
    members: list[Incident]


def run(run_id: str, clock: Clock) -> None:
    """Do the analysis that was asked for, and write down what came of it.

    A run that ended already is left alone, so that a message may come twice. While another
    analysis of the same scope is going on, the message goes back to the queue.
    """
    asked = analyses.get(run_id)
    if asked is None or asked.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        return
    running = _with(
        asked, RunStatus.RUNNING, started_at=clock(), thresholds=_thresholds(asked.request)
    )
    try:
        with Transaction(SYSTEM.actor, clock()) as transaction:
            analyses.lock(transaction, running, clock())
            analyses.save(transaction, running)
    except Conflict:
        queue.send(run_id, _RETRY_SECONDS)
        return
    try:
        ended, fingerprint = _analyse(running, clock)
    except Exception:
        logger.exception("analysis failed", run_id=run_id, scope=running.scope)
        count("AnalysesFailed")
        detail = "It failed on our side, and has been logged. Ask for it again."
        ended, fingerprint = _with(running, RunStatus.FAILED, detail=detail), None
    _end(ended.model_copy(update={"finished_at": clock()}), fingerprint, clock())


def _end(run: Run, fingerprint: str | None, now: datetime) -> None:
    with Transaction(SYSTEM.actor, now) as transaction:
        analyses.save(transaction, run)
        analyses.unlock(transaction, run)
        if fingerprint is not None:
            analyses.remember(transaction, run, fingerprint)
        told = run.model_dump(mode="json", exclude={"request", "progress", "preview"})
        transaction.audit(f"analysis:{run.run_id}", str(run.status), told)
        if not run.request.dry_run:
            transaction.event("analysis.completed", run.scope, told)


def _analyse(run: Run, clock: Clock) -> tuple[Run, str | None]:
    """The ended run, and what it was made of if it was completed."""
    wanted = run.request
    if not (settings().enabled or wanted.force_analysis):
        return _with(run, RunStatus.SKIPPED, detail="Analyses are switched off."), None
    report = Reporter(run.run_id, clock)
    report(Stage.READING, 0)
    window = _window(run, clock())
    total = {"total_incidents": len(window)}
    if len(window) < wanted.min_incidents:
        detail = f"{len(window)} closed incidents; {wanted.min_incidents} are needed."
        return _with(run, RunStatus.INSUFFICIENT_DATA, **total, detail=detail), None
    if wanted.dry_run:
        return _with(run, RunStatus.COMPLETED, **total, **_try(run, window, report)), None
    fingerprint = _fingerprint(window, _in_force(run))
    if fingerprint == analyses.last_fingerprint(run.scope) and not wanted.force_analysis:
        detail = "Nothing has changed since the last analysis."
        return _with(run, RunStatus.SKIPPED, **total, detail=detail), None
    figures = _learn(run, window, report)
    return _with(run, RunStatus.COMPLETED, **total, **figures), fingerprint


def _window(run: Run, now: datetime) -> list[Incident]:
    """The closed incidents that the run is about."""
    wanted = run.request
    if wanted.incident_ids is not None:
        found = incidents.get_many(run.scope, wanted.incident_ids)
    else:
        found = incidents.window(run.scope, now - timedelta(days=wanted.lookback_days), now)
    return [incident for incident in found if incident.closed]


def _thresholds(wanted: AnalysisRequest) -> Thresholds:
    """The settings, with what was asked for this run alone in their place."""
    options = settings().auto_generation.model_dump()
    return Thresholds(**options | wanted.model_dump(include=set(options), exclude_none=True))


def _in_force(run: Run) -> Thresholds:
    return run.thresholds or _thresholds(run.request)


def _fingerprint(window: Sequence[Incident], thresholds: Thresholds) -> str:
    """A SHA-256 of all that the result depends on but the passing of time."""
    parts = sorted(incident.digest for incident in window)
    parts.append(thresholds.model_dump_json())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _learn(run: Run, window: Sequence[Incident], report: Reporter) -> dict[str, int]:
    """Find the patterns, write each with its suggestion, and return the run's figures."""
    now = report.clock()
    known, groups, seen = _find(run, window, report)
    suggested = 0
    in_window = {incident.incident_id: incident for incident in window}
    for place, group in enumerate(groups):
        report(Stage.DESCRIBING, place / len(groups))
        before = known.get(seen.carried.get(place, ""))
        found = _describe(run, group, before, in_window, now)
        suggestion = _write(run, found, now)
        suggested += suggestion is not None
        for pattern_id in seen.merged.get(place, []):
            _merge(run, known[pattern_id], found.stored.pattern.pattern_id, now)
    report(Stage.DESCRIBING, 1)
    count("PatternsFound", len(groups))
    return {**_figures(seen), "suggestions_generated": suggested}


def _try(run: Run, window: Sequence[Incident], report: Reporter) -> dict[str, Any]:
    """The figures of a run that changes nothing, and the largest of the patterns it found."""
    now = report.clock()
    known, groups, seen = _find(run, window, report)
    in_window, preview = {each.incident_id: each for each in window}, []
    for place, group in enumerate(groups[:_PREVIEWED]):
        before = known.get(seen.carried.get(place, ""))
        found = _describe(run, group, before, in_window, now).stored.pattern
        shown = found.model_dump(include=set(Preview.model_fields) - {"pattern_id"})
        preview.append(Preview(pattern_id=seen.carried.get(place), **shown))
    report(Stage.DESCRIBING, 1)
    return {**_figures(seen), "preview": preview}


def _find(
    run: Run, window: Sequence[Incident], report: Reporter
) -> tuple[dict[str, StoredPattern], list[FoundPattern], Reconciliation]:
    """The patterns known before, the groups of the window, and what becomes of whom."""
    report(Stage.READING, 1)
    report(Stage.CLUSTERING, 0)
    clustering = find_clusters(window, _in_force(run).similarity_threshold)
    logger.info("patterns found", extra={"run_id": run.run_id, **clustering.notes})
    known = {each.pattern.pattern_id: each for each in patterns.stored(run.scope)}
    groups = [
        FoundPattern(frozenset(window[place].incident_id for place in cluster), centroid)
        for cluster, centroid in zip(clustering.clusters, clustering.centroids, strict=True)
    ]
    report(Stage.CLUSTERING, 1)
    return known, groups, reconcile([_known(each) for each in known.values()], groups)


def _figures(seen: Reconciliation) -> dict[str, int]:
    return {
        "patterns_found": len(seen.new) + len(seen.carried),
        "new_patterns": len(seen.new),
        "updated_patterns": len(seen.carried),
    }


def _describe(
    run: Run,
    group: FoundPattern,
    before: StoredPattern | None,
    in_window: dict[str, Incident],
    now: datetime,
) -> _Found:
    """The pattern that a group makes together with the members it had outside the window."""
    older = set(before.members) - in_window.keys() if before else set()
    members = [in_window[incident_id] for incident_id in sorted(group.members)]
    members += [each for each in incidents.get_many(run.scope, sorted(older)) if each.closed]
    options = _in_force(run)
    pattern = describe(
        members,
        pattern_id=before.pattern.pattern_id if before else _pattern_id(run, group),
        scope=run.scope,
        centroid=group.centroid,
        now=now,
        min_frequency=options.min_pattern_frequency,
        min_success_rate=options.min_success_rate,
    )
    stored = StoredPattern(
        pattern=pattern,
        members=tuple(sorted(each.incident_id for each in members)),
        suggestion_id=before.suggestion_id if before else None,
        merged_into=None,
        revision=before.revision + 1 if before else 1,
    )
    return _Found(stored, before, members)


def _write(run: Run, found: _Found, now: datetime) -> Suggestion | None:
    """Write a pattern and what it suggests; return the suggestion if it is new or refreshed."""
    pattern = found.stored.pattern
    for attempt in range(_TRIES):
        try:
            with Transaction(SYSTEM.actor, now) as transaction:
                suggestion = None
                if suggest.wants_suggestion(pattern, _in_force(run).confidence_threshold):
                    suggestion = suggest.propose(
                        transaction, pattern, found.members, found.stored.suggestion_id, now
                    )
                _write_pattern(transaction, run, found, suggestion)
        except Conflict:
            if attempt + 1 == _TRIES:
                raise
        else:
            break
    if found.before is not None:
        patterns.forget_old_members(pattern.pattern_id)
    if suggestion and suggest.needs_no_person(suggestion, settings()):
        review.decide(suggestion.suggestion_id, {"action": "approve"}, SYSTEM, now)
    return suggestion


def _write_pattern(
    transaction: Transaction, run: Run, found: _Found, suggestion: Suggestion | None
) -> None:
    stored = found.stored
    if suggestion is not None:
        stored = replace(stored, suggestion_id=suggestion.suggestion_id)
    patterns.save(transaction, stored, found.before, run.run_id)
    pattern = stored.pattern
    told: dict[str, Any] = {
        "pattern_id": pattern.pattern_id,
        "incident_type": pattern.incident_type,
        "frequency": pattern.frequency,
        "run_id": run.run_id,
    }
    entity = f"pattern:{pattern.pattern_id}"
    transaction.audit(entity, "updated" if found.before else "discovered", told)
    if found.before is None:
        transaction.event("pattern.discovered", run.scope, told)


def _merge(run: Run, gone: StoredPattern, into: str, now: datetime) -> None:
    """Take a pattern whose incidents are another's now out of the listings."""
    merged = replace(gone, merged_into=into, revision=gone.revision + 1)
    with Transaction(SYSTEM.actor, now) as transaction:
        patterns.save(transaction, merged, gone, run.run_id)
        suggest.withdraw(transaction, gone.suggestion_id, now)
        transaction.audit(
            f"pattern:{gone.pattern.pattern_id}", "merged", {"into": into, "run_id": run.run_id}
        )


def _known(stored: StoredPattern) -> KnownPattern:
    return KnownPattern(
        stored.pattern.pattern_id, frozenset(stored.members), stored.pattern.centroid
    )


def _pattern_id(run: Run, group: FoundPattern) -> str:
    """A new pattern's id: the same one when a run that was cut short is done again."""
    name = "\n".join([run.run_id, *sorted(group.members)])
    return f"pat_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


def _with(run: Run, status: RunStatus, **values: Any) -> Run:
    return run.model_copy(update={"status": status, **values})
