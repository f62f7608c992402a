"""Record what happened: executions of playbooks, and what they add up to."""

import uuid
from datetime import datetime
from typing import Any

from typing_extensions import TypedDict

from chalicelib.core.fields import Rate
from chalicelib.core.learning import (
    Execution,
    ExecutionReport,
    ExecutionStatus,
    Figures,
    Metrics,
)
from chalicelib.core.versions import Playbook
from chalicelib.observability import count
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.publish import find_playbook
from chalicelib.store import playbooks as store
from chalicelib.store import versions
from chalicelib.store.transaction import Transaction

_TRIES = 5  # of a transaction that other executions of the same playbook race with


class PlaybookMetrics(TypedDict):
    """What the runs of a playbook add up to, of all versions and of each."""

    playbook_id: str
    version: str
    executions: int
    successes: int
    success_rate: Rate | None
    versions: list[Figures]


def record_execution(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Execution:
    """Keep one run of a playbook and add it to its version's metrics.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
        InvalidInput: the body is no execution, or names a version that is not there.
        Conflict: very many runs were recorded at once; try again.
    """
    report = validated(ExecutionReport, body)
    for attempt in range(_TRIES):
        playbook = find_playbook(playbook_id, caller)
        execution = _execution(report, playbook, caller, now)
        try:
            _record(execution, playbook, caller, now)
        except Conflict:
            if attempt + 1 == _TRIES:
                raise
        else:
            break
    count("ExecutionsRecorded")
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
        lambda limit, position: store.executions(playbook_id, limit, position),
    )


def playbook_metrics(playbook_id: str, caller: Caller) -> PlaybookMetrics:
    """What the runs of a playbook add up to, altogether and by version.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    playbook = find_playbook(playbook_id, caller)
    return {
        "playbook_id": playbook_id,
        "version": playbook.version,
        "executions": playbook.executions,
        "successes": playbook.successes,
        "success_rate": playbook.successes / playbook.executions if playbook.executions else None,
        "versions": [metrics.summary() for metrics in store.metrics(playbook_id)],
    }


def _execution(
    report: ExecutionReport, playbook: Playbook, caller: Caller, now: datetime
) -> Execution:
    version = report.version or playbook.version
    if versions.get(playbook.playbook_id, version) is None:
        raise invalid("version", f"is no version of {playbook.playbook_id}")
    values = dict(report) | {"version": version}
    return Execution(
        **values,
        execution_id=f"exe_{uuid.uuid4().hex[:20]}",
        playbook_id=playbook.playbook_id,
        recorded_at=now,
        recorded_by=caller.name,
    )


def _record(execution: Execution, playbook: Playbook, caller: Caller, now: datetime) -> None:
    before = {each.version: each for each in store.metrics(playbook.playbook_id)}
    figures = before.get(execution.version, Metrics(version=execution.version)).plus(execution)
    succeeded = execution.status is ExecutionStatus.SUCCESS
    changed = playbook.changed(
        now,
        executions=playbook.executions + 1,
        successes=playbook.successes + succeeded,
    )
    with Transaction(caller.actor, now) as transaction:
        store.add_execution(transaction, execution)
        store.save_metrics(transaction, playbook.playbook_id, figures)
        store.save(transaction, changed)
        told = {
            "execution_id": execution.execution_id,
            "playbook_id": playbook.playbook_id,
            "version": execution.version,
            "status": execution.status,
        }
        transaction.audit(playbook.scope, f"playbook:{playbook.playbook_id}", "executed", told)
        transaction.event("execution.recorded", playbook.scope, told)
