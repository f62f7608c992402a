"""Playbooks in DynamoDB: how each now stands, its versions, executions, metrics and exports."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.core.fields import format_time
from chalicelib.core.learning import Execution, Metrics
from chalicelib.core.versions import MAIN, Playbook, PlaybookVersion, sort_key
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import PlaybookItem
from chalicelib.store.transaction import Transaction

_HEAD = "playbook"


def get(playbook_id: str) -> Playbook | None:
    """The playbook with that id as it now stands, None where there is none."""
    document = _document(playbook_id, _HEAD)
    return Playbook.model_validate_json(document) if document else None


def get_version(playbook_id: str, version: str, branch: str = MAIN) -> PlaybookVersion | None:
    """One version of a playbook, None where there is none."""
    document = _document(playbook_id, f"version#{branch}#{sort_key(version)}")
    return PlaybookVersion.model_validate_json(document) if document else None


def save(transaction: Transaction, playbook: Playbook) -> None:
    """Write how a playbook now stands, over the revision before; revision 1 must be new."""
    item = PlaybookItem(
        playbook.playbook_id,
        _HEAD,
        document=playbook.model_dump_json(),
        revision=playbook.revision,
        scope=playbook.scope,
        scope_sk=f"{format_time(playbook.updated_at)}#{playbook.playbook_id}",
    )
    transaction.create(item) if playbook.revision == 1 else transaction.replace(item)


def add_version(transaction: Transaction, version: PlaybookVersion) -> None:
    """Write a version; no other may have its number on its branch."""
    key = f"version#{version.branch}#{sort_key(version.version)}"
    transaction.create(PlaybookItem(version.playbook_id, key, document=version.model_dump_json()))


def page(scope: str, limit: int, position: Position | None) -> Page[Playbook]:
    """A page of the scope's playbooks, the last changed first."""
    results = PlaybookItem.by_scope.query(
        scope, limit=limit, last_evaluated_key=position, scan_index_forward=False
    )
    return page_of(results).of(_playbook)


def changed_since(scope: str, time: str | None) -> Iterator[Playbook]:
    """The scope's playbooks that changed at a time (RFC 3339 text) or later; all without one."""
    since = PlaybookItem.scope_sk >= time if time else None
    return map(_playbook, PlaybookItem.by_scope.query(scope, since))


def revisions_since(scope: str, time: str) -> dict[str, int]:
    """By id, the revisions of the scope's playbooks that changed at a time (RFC 3339) or later."""
    items = PlaybookItem.by_scope.query(
        scope, PlaybookItem.scope_sk >= time, attributes_to_get=["pk", "sk", "revision"]
    )
    return {item.pk: int(item.revision) for item in items}


def get_many(playbook_ids: Iterable[str]) -> dict[str, Playbook]:
    """Those of the playbooks that there are, by their ids, as they now stand."""
    keys = [(each, _HEAD) for each in dict.fromkeys(playbook_ids)]
    found = map(_playbook, PlaybookItem.batch_get(keys, consistent_read=True) if keys else ())
    return {playbook.playbook_id: playbook for playbook in found}


def versions(
    playbook_id: str, branch: str, limit: int, position: Position | None
) -> Page[PlaybookVersion]:
    """A page of a branch's versions, the newest first."""
    results = _listing(playbook_id, f"version#{branch}#", limit, position)
    return results.of(lambda item: PlaybookVersion.model_validate_json(item.text))


def add_execution(transaction: Transaction, execution: Execution) -> None:
    """Keep one run of a playbook."""
    key = f"execution#{format_time(execution.recorded_at)}#{execution.execution_id}"
    transaction.create(
        PlaybookItem(execution.playbook_id, key, document=execution.model_dump_json())
    )


def executions(playbook_id: str, limit: int, position: Position | None) -> Page[Execution]:
    """A page of a playbook's runs, the latest first."""
    results = _listing(playbook_id, "execution#", limit, position)
    return results.of(lambda item: Execution.model_validate_json(item.text))


def metrics(playbook_id: str) -> list[Metrics]:
    """What the runs of each version add up to; versions that never ran are left out."""
    items = PlaybookItem.query(
        playbook_id, PlaybookItem.sk.startswith("metrics#"), consistent_read=True
    )
    return [Metrics.model_validate_json(item.text) for item in items]


def save_metrics(transaction: Transaction, playbook_id: str, figures: Metrics) -> None:
    """Write a version's metrics over the revision before."""
    item = PlaybookItem(
        playbook_id,
        f"metrics#{sort_key(figures.version)}",
        document=figures.model_dump_json(),
        revision=figures.revision,
    )
    transaction.create(item) if figures.revision == 1 else transaction.replace(item)


def add_export(transaction: Transaction, playbook_id: str, export: dict[str, Any]) -> None:
    """Record an export whose object is written."""
    key = f"export#{sort_key(export['version'])}#{export['format']}"
    transaction.put(PlaybookItem(playbook_id, key, document=json.dumps(export)))


def exports(playbook_id: str) -> list[dict[str, Any]]:
    """What was exported of a playbook."""
    items = PlaybookItem.query(playbook_id, PlaybookItem.sk.startswith("export#"))
    return [json.loads(item.text) for item in items]


def _document(playbook_id: str, key: str) -> str | None:
    try:
        return PlaybookItem.get(playbook_id, key, consistent_read=True).text
    except PlaybookItem.DoesNotExist:
        return None


def _playbook(item: PlaybookItem) -> Playbook:
    return Playbook.model_validate_json(item.text)


def _listing(
    playbook_id: str, prefix: str, limit: int, position: Position | None
) -> Page[PlaybookItem]:
    return page_of(
        PlaybookItem.query(
            playbook_id,
            PlaybookItem.sk.startswith(prefix),
            limit=limit,
            last_evaluated_key=position,
            scan_index_forward=False,
        )
    )
