"""Analysis runs in DynamoDB, the one run at a time that a scope allows, and its last result.

How far a run has come is an item of its own beside it: it is written often, and a run that names
a thousand incidents is large.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.core.analyses import Checkpoint, Progress, Run
from chalicelib.core.changes import Plan
from chalicelib.core.fields import format_time
from chalicelib.core.statistics import Statistics
from chalicelib.store import objects
from chalicelib.store.documents import MAX_DOCUMENT_BYTES
from chalicelib.store.paging import Page, Position
from chalicelib.store.tables import AnalysisItem
from chalicelib.store.transaction import Transaction

#: A worker that has not ended by then was killed by Lambda, whose limit is 15 minutes.
LOCK_LIFE = timedelta(minutes=16)


def get(run_id: str) -> Run | None:
    """The run with that id and how far it has come, None where there is none."""
    return _runs([run_id]).get(run_id)


def page(scope: str, limit: int, position: Position | None) -> Page[Run]:
    """A page of the scope's runs, the latest first."""
    results = AnalysisItem.query(
        f"runs#{scope}", limit=limit, last_evaluated_key=position, scan_index_forward=False
    )
    ids = [item.sk.rpartition("#")[2] for item in results]
    runs = _runs(ids)
    return Page([runs[each] for each in ids if each in runs], results.last_evaluated_key)


def before(scope: str, time: str, most: int) -> list[tuple[str, str]]:
    """The keys under which a scope's earliest runs are listed, with the runs' ids.

    Args:
        scope: whose runs.
        time: before when they were asked for, as RFC 3339 text.
        most: how many at most.
    """
    items = AnalysisItem.query(
        f"runs#{scope}", AnalysisItem.sk < time, limit=most, consistent_read=True
    )
    return [(item.sk, item.sk.rpartition("#")[2]) for item in items]


def remove(transaction: Transaction, scope: str, listed: str, run_id: str) -> None:
    """Delete a run, and what lists it.

    Raises:
        Conflict: (from the transaction) it is gone already.
    """
    transaction.delete(AnalysisItem(f"runs#{scope}", listed), AnalysisItem.pk.exists())
    for kind in ("run", "progress", "plan"):
        transaction.delete(AnalysisItem(run_id, kind))


def create(transaction: Transaction, run: Run) -> None:
    """Write a run that is new, and list it under its scope."""
    save(transaction, run)
    key = f"{format_time(run.requested_at)}#{run.run_id}"
    transaction.create(AnalysisItem(f"runs#{run.scope}", key))


def save(transaction: Transaction, run: Run) -> None:
    """Write a run over the revision before it, but for its progress; revision 1 must be new.

    Raises:
        Conflict: (from the transaction) another worker has begun or ended it meanwhile.
    """
    document = run.model_dump_json(exclude={"progress"})
    item = AnalysisItem(run.run_id, "run", document=document, revision=run.revision)
    transaction.create(item) if run.revision == 1 else transaction.replace(item)


def save_progress(run_id: str, progress: Progress) -> None:
    """Write how far a run has come."""
    AnalysisItem(run_id, "progress", document=progress.model_dump_json()).save()


def checkpoint(run_id: str) -> Checkpoint:
    """Where a run goes on that has begun.

    Raises:
        LookupError: it has not.
    """
    item = AnalysisItem.find(run_id, "progress")
    if item is None:
        raise LookupError(run_id)
    return Checkpoint.model_validate_json(item.text)


def save_checkpoint(transaction: Transaction, run_id: str, checkpoint: Checkpoint) -> None:
    """Write where a run goes on, together with what it has just done."""
    transaction.put(AnalysisItem(run_id, "progress", document=checkpoint.model_dump_json()))


def save_plan(transaction: Transaction, run_id: str, plan: Plan) -> None:
    """Write what a run is to do until it has ended; a large plan goes to S3 for a week."""
    item = AnalysisItem(run_id, "plan", document=plan.model_dump_json())
    body = item.text.encode()
    if len(body) > MAX_DOCUMENT_BYTES:
        item.object_key, item.document = f"plans/{run_id}.json", None
        objects.write(item.object_key, body, "application/json")
    transaction.put(item)


def plan(run_id: str) -> Plan:
    """What a run that has not ended is to do.

    Raises:
        LookupError: it has no plan.
    """
    item = AnalysisItem.find(run_id, "plan")
    if item is None:
        raise LookupError(run_id)
    return Plan.model_validate_json(item.text)


def forget_plan(transaction: Transaction, run_id: str) -> None:
    """Delete the plan of a run that ends."""
    transaction.delete(AnalysisItem(run_id, "plan"))


def has_lock(run: Run) -> bool:
    """Whether the scope is still the run's, and so as it left it when it was cut short."""
    item = AnalysisItem.find(_scope(run.scope), "lock")
    return item is not None and run.run_id in item.text


def lock(transaction: Transaction, run: Run, now: datetime) -> None:
    """Take the scope for a run: the transaction conflicts while another run has it."""
    item = AnalysisItem(_scope(run.scope), "lock", document=_lock_text(run, now + LOCK_LIFE))
    free = (
        AnalysisItem.pk.does_not_exist()
        | (AnalysisItem.document < format_time(now))
        | AnalysisItem.document.contains(run.run_id)
    )
    transaction.put(item, free)


def unlock(transaction: Transaction, run: Run) -> None:
    """Give the scope back."""
    transaction.delete(AnalysisItem(_scope(run.scope), "lock"))


def last_fingerprint(scope: str) -> str | None:
    """What the scope's last completed run was made of; None before the first."""
    item = AnalysisItem.find(_scope(scope), "latest")
    return item.document if item else None


def remember(transaction: Transaction, run: Run, fingerprint: str) -> None:
    """Keep what a completed run was made of."""
    transaction.put(AnalysisItem(_scope(run.scope), "latest", document=fingerprint))


def save_statistics(statistics: Statistics) -> None:
    """Keep what a scope's patterns add up to."""
    document = statistics.model_dump_json()
    AnalysisItem(_scope(statistics.scope), "statistics", document=document).save()


def statistics(scope: str) -> Statistics:
    """What the scope's patterns add up to; nothing before its first completed run."""
    item = AnalysisItem.find(_scope(scope), "statistics")
    return Statistics.model_validate_json(item.text) if item else Statistics(scope=scope)


def _runs(run_ids: Sequence[str]) -> dict[str, Run]:
    """Those of the runs that there are, by their ids, each with how far it has come."""
    keys = [(each, kind) for each in run_ids for kind in ("run", "progress")]
    items = AnalysisItem.batch_get(keys, consistent_read=True)
    texts = {(item.pk, item.sk): item.text for item in items}
    runs = {}
    for run_id in run_ids:
        if (run_id, "run") in texts:
            run = Run.model_validate_json(texts[run_id, "run"])
            if (run_id, "progress") in texts:
                progress = Progress.model_validate_json(texts[run_id, "progress"])
                run = run.model_copy(update={"progress": progress})
            runs[run_id] = run
    return runs


def _scope(scope: str) -> str:
    return f"scope#{scope}"


def _lock_text(run: Run, until: datetime) -> str:
    """The time first, so that texts compare as their times do."""
    return f"{format_time(until)} {run.run_id}"
