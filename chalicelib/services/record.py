"""Record what happened: executions of playbooks, and what they add up to."""

from datetime import datetime
from typing import Any

from chalicelib.core.effect import Difference, Effect, compared
from chalicelib.core.executions import (
    Execution,
    ExecutionReport,
    ExecutionStatus,
    problems,
    without_secrets,
)
from chalicelib.core.learning import Figures, Metrics
from chalicelib.core.versions import Playbook
from chalicelib.observability import count
from chalicelib.services import improve
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, InvalidInput, invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.publish import find_playbook
from chalicelib.services.repeats import new_id
from chalicelib.store import executions as store
from chalicelib.store import playbooks, versions
from chalicelib.store.transaction import Transaction, retried

_TRIES = 12  # of a transaction that other runs of the same playbook race with


class VersionFigures(Figures):
    """The figures of a version, and how it does against the one that was run before it."""

    against_previous: Difference | None


class PlaybookMetrics(Figures):
    """What the runs of a playbook add up to, of all versions and of each, and what it changes.

    The versions are the latest ones that were run, by their numbers, and `next_cursor` leads to
    those before; the figures beside them are of all. The effect is as of the last analysis; null
    where there was none since its first run.
    """

    playbook_id: str
    successes: int
    versions: list[VersionFigures]
    next_cursor: str | None
    effect: Effect | None


def record_execution(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Execution:
    """Keep one run of a playbook and add it to its version's metrics.

    The same report under the same `execution_id` again is the run that is kept already.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
        InvalidInput: the body is no execution, or names a version or a step that is not there.
        Conflict: another run has this `execution_id`, or very many were recorded at once.
    """
    report = validated(ExecutionReport, body)
    execution_id = report.execution_id or new_id("exe")

    def keep() -> tuple[Execution, Execution | Metrics]:
        playbook = find_playbook(playbook_id, caller)
        known = store.get(playbook_id, execution_id) if report.execution_id else None
        execution = _execution(execution_id, report, playbook, known, caller, now)
        return execution, known or _record(execution, playbook, caller, now)

    execution, figures = retried(keep, _TRIES)
    if isinstance(figures, Execution):
        return _same(figures, execution)
    count("ExecutionsRecorded")
    improve.after_run(playbook_id, execution, figures, now)
    return execution


def list_executions(playbook_id: str, wanted: Wanted, caller: Caller) -> Listing[Execution]:
    """The runs of a playbook, the latest first.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    find_playbook(playbook_id, caller)
    return listing(
        f"executions {playbook_id}",
        wanted,
        lambda limit, position: store.page(playbook_id, limit, position),
    )


def playbook_metrics(playbook_id: str, wanted: Wanted, caller: Caller) -> PlaybookMetrics:
    """What the runs of a playbook add up to, altogether and by version, and what it changes.

    Each version that was run after another is told apart from that one, as far as it can be.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    playbook = find_playbook(playbook_id, caller)
    listed = listing(
        f"metrics {playbook_id}",
        wanted,
        lambda limit, position: store.metrics_page(playbook_id, limit, position),
    )
    by_version = [figures for figures in reversed(listed.items) if figures.executions]
    altogether = store.altogether(playbook_id) or Metrics(version=playbook.version)
    return {
        "playbook_id": playbook_id,
        **altogether.model_copy(update={"version": playbook.version}).summary(),
        "successes": altogether.successes,
        "versions": _against_previous(playbook_id, by_version),
        "next_cursor": listed.next_cursor,
        "effect": store.effect(playbook_id),
    }


def _against_previous(playbook_id: str, by_version: list[Metrics]) -> list[VersionFigures]:
    """The figures of versions that follow each other, each told apart from the one before."""
    if not by_version:
        return []
    before = store.metrics_before(playbook_id, by_version[0].version)
    older = [before if before and before.executions else None, *by_version]
    return [
        {**figures.summary(), "against_previous": compared(figures, each) if each else None}
        for each, figures in zip(older, by_version, strict=False)
    ]


def _execution(
    execution_id: str,
    report: ExecutionReport,
    playbook: Playbook,
    known: Execution | None,
    caller: Caller,
    now: datetime,
) -> Execution:
    """The run as it is kept: of the version told, else the one that it was known for, or current.

    Raises:
        InvalidInput: it names a version or a step that is not there.
    """
    number = report.version or (known.version if known else playbook.version)
    version = versions.get(playbook.playbook_id, number)
    if version is None:
        raise invalid("version", f"is no version of {playbook.playbook_id}")
    wrong = [
        {"field": field, "message": message}
        for field, message in problems(report, version.spec, now)
    ]
    if wrong:
        raise InvalidInput(wrong)
    values = dict(without_secrets(report, version.spec)) | {
        "execution_id": execution_id,
        "version": number,
    }
    return Execution(
        **values, playbook_id=playbook.playbook_id, recorded_at=now, recorded_by=caller.name
    )


def _same(known: Execution, execution: Execution) -> Execution:
    """The run that is kept, if this one is the same."""
    if known.tells_the_same(execution):
        return known
    raise Conflict(
        f"another run was recorded as {known.execution_id} already; a run never changes, "
        "so give this one an execution_id of its own"
    )


def _record(execution: Execution, playbook: Playbook, caller: Caller, now: datetime) -> Metrics:
    """Write a run, and what it adds to the figures unless it was a dry run; return these."""
    figures = store.metrics_of(playbook.playbook_id, execution.version)
    altogether = store.altogether(playbook.playbook_id) or Metrics(version=execution.version)
    told = {
        "execution_id": execution.execution_id,
        "playbook_id": playbook.playbook_id,
        "version": execution.version,
        "status": execution.status,
        "dry_run": execution.dry_run,
    }
    with Transaction(caller, now) as transaction:
        store.add(transaction, execution)
        if not execution.dry_run:
            figures = figures.plus(execution)
            store.save_metrics(transaction, playbook.playbook_id, figures)
            store.save_altogether(transaction, playbook.playbook_id, altogether.plus(execution))
            playbooks.save(transaction, _with_run(playbook, execution, now))
        transaction.audit(playbook.scope, f"playbook:{playbook.playbook_id}", "executed", told)
        transaction.event("execution.recorded", playbook.scope, told)
    return figures


def _with_run(playbook: Playbook, execution: Execution, now: datetime) -> Playbook:
    succeeded = execution.status is ExecutionStatus.SUCCESS
    return playbook.changed(
        now, executions=playbook.executions + 1, successes=playbook.successes + succeeded
    )
