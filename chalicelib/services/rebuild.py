"""Work out a playbook's metrics again from the records of its runs."""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce

from chalicelib.core.learning import Metrics, metrics_of
from chalicelib.core.versions import Playbook
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict
from chalicelib.services.publish import find_playbook
from chalicelib.store import executions as store
from chalicelib.store import playbooks
from chalicelib.store.transaction import Transaction, batches

_TRIES = 5  # of reading all runs while others are recorded
_A_TIME = 90  # versions that are written in one transaction


def rebuild_metrics(playbook_id: str, caller: Caller, now: datetime) -> list[str]:
    """Write the metrics that the records of the runs make, and return the versions that differed.

    Every run that is recorded raises the playbook's revision, so what is written here counts
    exactly the runs that there are.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
        Conflict: runs are recorded faster than they can be read.
    """
    for _ in range(_TRIES):
        playbook = find_playbook(playbook_id, caller)
        kept = {each.version: each for each in store.metrics(playbook_id)}
        right = _with(store.gone(playbook_id), metrics_of(store.every(playbook_id)))
        wrong = [
            figures
            for version in sorted(kept.keys() | right.keys())
            for figures in [
                _instead(kept.get(version), right.get(version, Metrics(version=version)))
            ]
            if figures is not None
        ]
        before = store.altogether(playbook_id)
        version = before.version if before else playbook.version
        whole = reduce(Metrics.merged, right.values(), Metrics(version=version))
        altogether = _instead(before, whole)
        counts = {"executions": whole.executions, "successes": whole.successes}
        if not wrong and not altogether and playbook == playbook.model_copy(update=counts):
            return []
        try:
            # At least one, as the playbook's own figures may be wrong alone.
            for some in list(batches(wrong, _A_TIME)) or [[]]:
                playbook = playbook.changed(now, **counts)
                _write(playbook, some, altogether, caller, now)
                altogether = None
        except Conflict:
            continue
        return [figures.version for figures in wrong]
    raise Conflict("runs of this playbook are recorded all the time just now; try again")


def _write(
    playbook: Playbook,
    some: list[Metrics],
    altogether: Metrics | None,
    caller: Caller,
    now: datetime,
) -> None:
    """Write the metrics of some versions and, where they were wrong, those of all."""
    where = playbook.playbook_id
    with Transaction(caller, now) as transaction:
        playbooks.save(transaction, playbook)
        for figures in some:
            store.save_metrics(transaction, where, figures)
        if altogether:
            store.save_altogether(transaction, where, altogether)
        told = {"versions": [figures.version for figures in some]}
        transaction.audit(playbook.scope, f"playbook:{where}", "metrics_rebuilt", told)


def _with(gone: Mapping[str, Metrics], kept: Mapping[str, Metrics]) -> dict[str, Metrics]:
    """By version, what all runs add up to: those whose records are gone, and those that are kept.

    The revision is none's: what is written is told apart from what is kept in `_instead`.
    """
    return {
        version: kept.get(version, Metrics(version=version)).merged(
            gone.get(version, Metrics(version=version))
        )
        for version in gone.keys() | kept.keys()
    }


def _instead(kept: Metrics | None, right: Metrics) -> Metrics | None:
    """What to write in the place of kept metrics; None where they are right."""
    kept = kept or Metrics(version=right.version)
    revision = kept.revision
    figures = right.model_copy(update={"revision": revision})
    return None if figures == kept else figures.model_copy(update={"revision": revision + 1})
