"""Runs of playbooks in DynamoDB, beside the playbook: what they add up to, and what they led to."""

import json
from collections.abc import Iterator

from chalicelib.core.effect import Effect
from chalicelib.core.executions import Execution, ExecutionStatus
from chalicelib.core.fields import format_time
from chalicelib.core.improvement import Proposals
from chalicelib.core.learning import Metrics
from chalicelib.core.versions import number_of, sort_key
from chalicelib.store.paging import Page, Position
from chalicelib.store.playbooks import latest_first
from chalicelib.store.tables import PlaybookItem
from chalicelib.store.transaction import Transaction

_RAN_FOR = "ran-for#"
_METRICS = "metrics#"
_ALTOGETHER = "metrics"


def add(transaction: Transaction, execution: Execution) -> None:
    """Keep one run of a playbook; no other may have its id."""
    playbook_id, execution_id = execution.playbook_id, execution.execution_id
    key = _place(execution)
    transaction.create(PlaybookItem(playbook_id, key, document=execution.model_dump_json()))
    transaction.create(PlaybookItem(playbook_id, f"execution-id#{execution_id}", document=key))
    if execution.incident_id and not execution.dry_run:
        told = json.dumps({"execution_id": execution_id, "status": execution.status})
        transaction.put(
            PlaybookItem(playbook_id, f"{_RAN_FOR}{execution.incident_id}", document=told)
        )


def get(playbook_id: str, execution_id: str) -> Execution | None:
    """The run with that id, None where there is none."""
    key = _document(playbook_id, f"execution-id#{execution_id}")
    document = _document(playbook_id, key) if key else None
    return Execution.model_validate_json(document) if document else None


def page(playbook_id: str, limit: int, position: Position | None) -> Page[Execution]:
    """A page of a playbook's runs, the latest first."""
    return latest_first(playbook_id, "execution#", limit, position).of(_execution)


def latest(playbook_id: str, most: int) -> list[Execution]:
    """The latest runs of a playbook, the latest first."""
    items = PlaybookItem.query(
        playbook_id,
        PlaybookItem.sk.startswith("execution#"),
        limit=most,
        scan_index_forward=False,
        consistent_read=True,  # the run that was just recorded is to be learned from
    )
    return list(map(_execution, items))


def every(playbook_id: str) -> Iterator[Execution]:
    """All runs of a playbook, the earliest first."""
    items = PlaybookItem.query(
        playbook_id, PlaybookItem.sk.startswith("execution#"), consistent_read=True
    )
    return map(_execution, items)


def before(playbook_id: str, time: str, most: int) -> list[Execution]:
    """The earliest runs that were recorded before a time (RFC 3339 text), at most so many."""
    earlier = PlaybookItem.sk.between("execution#", f"execution#{time}")
    items = PlaybookItem.query(playbook_id, earlier, limit=most, consistent_read=True)
    return list(map(_execution, items))


def remove(transaction: Transaction, execution: Execution) -> None:
    """Delete the record of a run; what it added to the metrics stays in them.

    Raises:
        Conflict: (from the transaction) it is gone already.
    """
    playbook_id = execution.playbook_id
    transaction.delete(PlaybookItem(playbook_id, _place(execution)), PlaybookItem.pk.exists())
    transaction.delete(PlaybookItem(playbook_id, f"execution-id#{execution.execution_id}"))


def ran_for(playbook_id: str) -> dict[str, ExecutionStatus]:
    """The incidents that a playbook was run for, and how the last run for each ended."""
    items = PlaybookItem.query(playbook_id, PlaybookItem.sk.startswith(_RAN_FOR))
    return {
        item.sk.removeprefix(_RAN_FOR): ExecutionStatus(json.loads(item.text)["status"])
        for item in items
    }


def metrics(playbook_id: str) -> list[Metrics]:
    """What the runs of each version add up to; versions that never ran are left out."""
    items = PlaybookItem.query(
        playbook_id, PlaybookItem.sk.startswith(_METRICS), consistent_read=True
    )
    return list(map(_metrics, items))


def metrics_page(playbook_id: str, limit: int, position: Position | None) -> Page[Metrics]:
    """A page of what the runs of each version add up to, the latest version first."""
    return latest_first(playbook_id, _METRICS, limit, position).of(_metrics)


def metrics_before(playbook_id: str, version: str) -> Metrics | None:
    """What the runs add up to of the version before, of those that were run; None without one."""
    earlier = PlaybookItem.sk.between(_METRICS, _metrics_key(version))
    latest = PlaybookItem.query(playbook_id, earlier, limit=2, scan_index_forward=False)
    found = [figures for figures in map(_metrics, latest) if figures.version != version]
    return found[0] if found else None


def versions_run(playbook_id: str) -> set[str]:
    """The versions of a playbook that were run."""
    items = PlaybookItem.query(
        playbook_id,
        PlaybookItem.sk.startswith(_METRICS),
        consistent_read=True,
        attributes_to_get=["pk", "sk"],
    )
    return {number_of(item.sk.removeprefix(_METRICS)) for item in items}


def altogether(playbook_id: str) -> Metrics | None:
    """What all runs of a playbook add up to, whatever their versions; None before the first."""
    document = _document(playbook_id, _ALTOGETHER)
    return Metrics.model_validate_json(document) if document else None


def gone(playbook_id: str) -> dict[str, Metrics]:
    """By version, what those runs add up to whose records are deleted."""
    items = PlaybookItem.query(
        playbook_id, PlaybookItem.sk.startswith("gone#"), consistent_read=True
    )
    found = map(_metrics, items)
    return {figures.version: figures for figures in found}


def save_gone(transaction: Transaction, playbook_id: str, figures: Metrics) -> None:
    """Write what a version's runs add up to whose records are deleted, over the revision before."""
    _save(transaction, playbook_id, f"gone#{sort_key(figures.version)}", figures)


def metrics_of(playbook_id: str, version: str) -> Metrics:
    """What the runs of one version add up to."""
    document = _document(playbook_id, _metrics_key(version))
    return Metrics.model_validate_json(document) if document else Metrics(version=version)


def save_metrics(transaction: Transaction, playbook_id: str, figures: Metrics) -> None:
    """Write a version's metrics over the revision before."""
    _save(transaction, playbook_id, _metrics_key(figures.version), figures)


def save_altogether(transaction: Transaction, playbook_id: str, figures: Metrics) -> None:
    """Write what all runs of a playbook add up to over the revision before."""
    _save(transaction, playbook_id, _ALTOGETHER, figures)


def effect(playbook_id: str) -> Effect | None:
    """What the last analysis found that running the playbook does; None before the first."""
    document = _document(playbook_id, "effect")
    return Effect.model_validate_json(document) if document else None


def save_effect(transaction: Transaction, playbook_id: str, found: Effect) -> None:
    """Write what an analysis found that running the playbook does."""
    transaction.put(PlaybookItem(playbook_id, "effect", document=found.model_dump_json()))


def proposals(playbook_id: str) -> Proposals:
    """What improvements of a playbook were proposed, and which of them nobody wanted."""
    document = _document(playbook_id, "proposals")
    return Proposals.model_validate_json(document) if document else Proposals()


def save_proposals(transaction: Transaction, playbook_id: str, made: Proposals) -> None:
    """Write what was proposed over the revision before."""
    _save(transaction, playbook_id, "proposals", made)


def _place(execution: Execution) -> str:
    return f"execution#{format_time(execution.recorded_at)}#{execution.execution_id}"


def _metrics_key(version: str) -> str:
    return f"{_METRICS}{sort_key(version)}"


def _save(transaction: Transaction, playbook_id: str, key: str, value: Metrics | Proposals) -> None:
    """Write it over the revision before its own; revision 1 must be new."""
    item = PlaybookItem(playbook_id, key, document=value.model_dump_json(), revision=value.revision)
    transaction.create(item) if value.revision == 1 else transaction.replace(item)


def _document(playbook_id: str, key: str) -> str | None:
    item = PlaybookItem.find(playbook_id, key)
    return item.text if item else None


def _execution(item: PlaybookItem) -> Execution:
    return Execution.model_validate_json(item.text)


def _metrics(item: PlaybookItem) -> Metrics:
    return Metrics.model_validate_json(item.text)
