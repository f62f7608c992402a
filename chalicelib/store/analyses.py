"""Analysis runs in DynamoDB, the one run at a time that a scope allows, and its last result."""

from datetime import datetime, timedelta

from chalicelib.core.analyses import Run
from chalicelib.core.fields import format_time
from chalicelib.store.tables import AnalysisItem
from chalicelib.store.transaction import Transaction

#: A worker that has not ended by then was killed by Lambda, whose limit is 15 minutes.
_LOCK_LIFE = timedelta(minutes=16)


def get(run_id: str) -> Run | None:
    """The run with that id, None where there is none."""
    try:
        item = AnalysisItem.get(run_id, "run", consistent_read=True)
    except AnalysisItem.DoesNotExist:
        return None
    return Run.model_validate_json(item.text)


def save(transaction: Transaction, run: Run) -> None:
    """Write a run as it now stands."""
    transaction.put(AnalysisItem(run.run_id, "run", document=run.model_dump_json()))


def lock(transaction: Transaction, run: Run, now: datetime) -> None:
    """Take the scope for a run: the transaction conflicts while another run has it."""
    item = AnalysisItem(_scope(run.scope), "lock", document=_lock_text(run, now + _LOCK_LIFE))
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
    try:
        return AnalysisItem.get(_scope(scope), "latest").document
    except AnalysisItem.DoesNotExist:
        return None


def remember(transaction: Transaction, run: Run, fingerprint: str) -> None:
    """Keep what a completed run was made of."""
    transaction.put(AnalysisItem(_scope(run.scope), "latest", document=fingerprint))


def _scope(scope: str) -> str:
    return f"scope#{scope}"


def _lock_text(run: Run, until: datetime) -> str:
    """The time first, so that texts compare as their times do."""
    return f"{format_time(until)} {run.run_id}"
