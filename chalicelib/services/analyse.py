"""Run an analysis: read the window, find the patterns, know them again, propose playbooks.

The worker alone imports this module, because `core.clustering` loads scikit-learn.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalicelib.core.analyses import Checkpoint, Preview, Run, RunStatus, Stage
from chalicelib.core.changes import FOUND, Change, Fate, Plan, changes
from chalicelib.core.clustering import find_clusters
from chalicelib.core.extraction import names_of_systems
from chalicelib.core.incidents import Incident, redactions_in
from chalicelib.core.reconciliation import FoundPattern, KnownPattern
from chalicelib.core.recurrence import recurring
from chalicelib.observability import count, logger
from chalicelib.services import improve
from chalicelib.services.access import SYSTEM
from chalicelib.services.change_patterns import described, in_force, reader, write_changes
from chalicelib.services.errors import Conflict
from chalicelib.services.progress import Clock, Reporter
from chalicelib.services.understand import summarise_scope
from chalicelib.settings import settings
from chalicelib.store import analyses, feedback, incidents, patterns, queue
from chalicelib.store.transaction import Transaction, is_outage

_RETRY_SECONDS = 5
_PREVIEWED = 50
#: How often a run is begun while AWS fails it; the queue gives its message up then, too.
_ATTEMPTS = 3

_BEGINNING = Checkpoint(stage=Stage.READING, share=0)


def run(run_id: str, clock: Clock) -> None:
    """Do the analysis that was asked for, and write down what came of it.

    A run that ended already is left alone, so that a message may come twice. While another
    analysis of the same scope is going on, the message goes back to the queue. A run that was cut
    short goes on where it was, unless another analysis of its scope came between: then it starts
    anew.

    Raises:
        Exception: AWS failed us; the same message again goes on with the run.
    """
    asked = analyses.get(run_id)
    if asked is None or asked.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        return
    running = _begin(asked, clock)
    if running is None:
        queue.send(run_id, _RETRY_SECONDS)
        return
    try:
        ended, fingerprint = _analyse(running, clock)
        ended = _improved(ended, clock)
    except Exception as error:
        if is_outage(error) and running.revision <= _ATTEMPTS:
            raise
        logger.exception("analysis failed", run_id=run_id, scope=running.scope)
        count("AnalysesFailed")
        detail = "It failed on our side, and has been logged. Ask for it again."
        ended, fingerprint = _with(running, RunStatus.FAILED, detail=detail), None
    _end(ended.model_copy(update={"finished_at": clock()}), fingerprint, clock)


def _begin(asked: Run, clock: Clock) -> Run | None:
    """The run as it begins or goes on; None while its scope is another's."""
    running = _with(
        asked,
        RunStatus.RUNNING,
        started_at=asked.started_at or clock(),
        thresholds=in_force(asked),
        revision=asked.revision + 1,
    )
    goes_on = analyses.has_lock(running)
    try:
        with Transaction(SYSTEM, clock()) as transaction:
            analyses.lock(transaction, running, clock())
            analyses.save(transaction, running)
            if not goes_on:
                analyses.save_checkpoint(transaction, running.run_id, _BEGINNING)
    except Conflict:
        return None
    return running


def _end(run: Run, fingerprint: str | None, clock: Clock) -> None:
    ended = run.model_copy(update={"revision": run.revision + 1})
    try:
        with Transaction(SYSTEM, clock()) as transaction:
            analyses.save(transaction, ended)
            analyses.unlock(transaction, ended)
            analyses.forget_plan(transaction, ended.run_id)
            if fingerprint is not None:
                analyses.remember(transaction, ended, fingerprint)
            told = ended.model_dump(mode="json", exclude={"request", "progress", "preview"})
            transaction.audit(run.scope, f"analysis:{run.run_id}", str(run.status), told)
            if not run.request.dry_run:
                transaction.event("analysis.completed", run.scope, told)
    except Conflict:
        logger.info("another worker goes on with the run", run_id=run.run_id)


def _analyse(run: Run, clock: Clock) -> tuple[Run, str | None]:
    """The ended run, and what it was made of if it was completed."""
    wanted = run.request
    reached = analyses.checkpoint(run.run_id)
    if reached.planned:
        return _carry_out(run, analyses.plan(run.run_id), reached, [], clock)
    if not (settings().enabled or wanted.force_analysis):
        return _with(run, RunStatus.SKIPPED, detail="Analyses are switched off."), None
    report = Reporter(run.run_id, clock)
    window = _window(run, report)
    total = {"total_incidents": len(window)}
    if len(window) < wanted.min_incidents:
        detail = f"{len(window)} closed incidents; {wanted.min_incidents} are needed."
        return _with(run, RunStatus.INSUFFICIENT_DATA, **total, detail=detail), None
    fingerprint = _fingerprint(run, window)
    unchanged = fingerprint == analyses.last_fingerprint(run.scope)
    if unchanged and not (wanted.force_analysis or wanted.dry_run):
        detail = "Nothing has changed since the last analysis."
        return _with(run, RunStatus.SKIPPED, **total, detail=detail), None
    found = _groups(run, window, report)
    made = _changes(run, window, found)
    looked_at = {incident.incident_id for incident in window}
    planned = Plan(
        total_incidents=len(window),
        incidents_in_patterns=sum(
            len(looked_at.intersection(change.members)) for change in made if change.fate in FOUND
        ),
        fingerprint=fingerprint,
        systems=names_of_systems(window),
        redactions=redactions_in(window),
        changes=made,
    )
    if wanted.dry_run:
        preview = _preview(run, planned, window)
        return _with(run, RunStatus.COMPLETED, **planned.figures(), preview=preview), None
    reached = _BEGINNING.model_copy(update={"stage": Stage.DESCRIBING, "planned": True})
    with Transaction(SYSTEM, clock()) as transaction:
        analyses.save_plan(transaction, run.run_id, planned)
        analyses.save_checkpoint(transaction, run.run_id, reached)
    return _carry_out(run, planned, reached, window, clock)


def _carry_out(
    run: Run, plan: Plan, reached: Checkpoint, window: Sequence[Incident], clock: Clock
) -> tuple[Run, str]:
    """Write what is not written yet of a plan, and return the completed run."""
    read = reader(run.scope, {incident.incident_id: incident for incident in window})
    last = write_changes(run, plan, reached, read, clock)
    summarise_scope(run, plan)
    figures = plan.figures() | last.model_dump(include={"suggestions_generated", "failed_patterns"})
    count("PatternsFound", figures["patterns_found"])
    return _with(run, RunStatus.COMPLETED, **figures), plan.fingerprint


def _improved(run: Run, clock: Clock) -> Run:
    """Improve the scope's playbooks too: their runs may tell more even where no incident does."""
    if run.request.dry_run or not (settings().enabled or run.request.force_analysis):
        return run
    suggested = improve.improve_scope(run.scope, clock())
    return run.model_copy(update={"improvements_suggested": suggested})


def _window(run: Run, report: Reporter) -> list[Incident]:
    """The closed incidents that the run is about."""
    wanted, end = run.request, run.started_at or run.requested_at
    report(Stage.READING, 0)
    if wanted.incident_ids is not None:
        found = list(incidents.get_many(run.scope, wanted.incident_ids))
    else:
        found = []
        length = timedelta(days=wanted.lookback_days)
        for incident in incidents.window(run.scope, end - length, end):
            found.append(incident)
            report(Stage.READING, min(1 - (end - incident.opened_at) / length, 0.99))
    report(Stage.READING, 1)
    return [incident for incident in found if incident.closed]


def _fingerprint(run: Run, window: Sequence[Incident]) -> str:
    """A SHA-256 of all that the result depends on but the passing of time."""
    parts = sorted(incident.digest for incident in window)
    parts.append(in_force(run).model_dump_json())
    parts.append(feedback.of_scope(run.scope).model_dump_json())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _groups(run: Run, window: Sequence[Incident], report: Reporter) -> list[FoundPattern]:
    """The kinds of incident that recur in the window, the largest first."""
    clustering = find_clusters(window, in_force(run).similarity_threshold, report)
    logger.info("patterns found", extra={"run_id": run.run_id, **clustering.notes})
    report(Stage.CLUSTERING, 1)
    return [
        FoundPattern(frozenset(window[place].incident_id for place in cluster), centroid)
        for cluster, centroid in zip(clustering.clusters, clustering.centroids, strict=True)
    ]


def _changes(run: Run, window: Sequence[Incident], found: Sequence[FoundPattern]) -> list[Change]:
    """What the groups that were found make of the patterns that were known."""
    known = [
        KnownPattern(
            pattern.pattern_id,
            frozenset(members),
            pattern.centroid,
            pattern.state,
            pattern.last_seen,
        )
        for pattern, members in patterns.known(run.scope)
    ]
    grouped = {incident_id for group in found for incident_id in group.members}
    single = [incident for incident in window if incident.incident_id not in grouped]
    learning = run.request.incident_ids is not None
    return changes(
        known,
        found,
        looked_at=None if learning else frozenset(each.incident_id for each in window),
        now=run.started_at or run.requested_at,
        new_id=lambda members: _pattern_id(run, members),
        recurs=lambda kinds: recurring(kinds, single),
    )


def _preview(run: Run, planned: Plan, window: Sequence[Incident]) -> list[Preview]:
    """The largest patterns that a dry run found."""
    read = reader(run.scope, {incident.incident_id: incident for incident in window})
    shown = []
    for change in [each for each in planned.changes if each.fate in FOUND][:_PREVIEWED]:
        pattern, _ = described(run, planned, change, read)
        told = pattern.model_dump(include=set(Preview.model_fields))
        if change.fate is Fate.DISCOVERED:
            del told["pattern_id"]
        shown.append(Preview(**told))
    return shown


def _pattern_id(run: Run, members: frozenset[str]) -> str:
    """A new pattern's id: the same one when a run that was cut short is done again."""
    name = "\n".join([run.run_id, *sorted(members)])
    return f"pat_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


def _with(run: Run, status: RunStatus, **values: Any) -> Run:
    return run.model_copy(update={"status": status, **values})
