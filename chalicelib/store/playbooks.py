"""Playbooks in DynamoDB: how each now stands, and its exports."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.core.fields import format_time
from chalicelib.core.versions import Playbook, sort_key
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import PlaybookItem
from chalicelib.store.transaction import Transaction

_HEAD = "playbook"
_RECOMMENDED = "recommended"
#: The playbooks that this process knows to be noted as recommended.
_marked: set[str] = set()


def get(playbook_id: str) -> Playbook | None:
    """The playbook with that id as it now stands, None where there is none."""
    item = PlaybookItem.find(playbook_id, _HEAD)
    return _playbook(item) if item else None


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


def add_export(transaction: Transaction, playbook_id: str, export: dict[str, Any]) -> None:
    """Record an export whose object is written."""
    key = f"export#{sort_key(export['version'])}#{export['format']}"
    transaction.put(PlaybookItem(playbook_id, key, document=json.dumps(export)))


def exports(playbook_id: str) -> list[dict[str, Any]]:
    """What was exported of a playbook."""
    items = PlaybookItem.query(playbook_id, PlaybookItem.sk.startswith("export#"))
    return [json.loads(item.text) for item in items]


def mark_recommended(playbook_ids: Sequence[str]) -> None:
    """Note that these playbooks were recommended, which is written once for each."""
    keys = [(each, _RECOMMENDED) for each in playbook_ids if each not in _marked]
    noted = {item.pk for item in PlaybookItem.batch_get(keys)} if keys else set()
    with PlaybookItem.batch_write() as batch:
        for key in keys:
            if key[0] not in noted:
                batch.save(PlaybookItem(*key))
    _marked.update(playbook_ids)


def was_recommended(playbook_id: str) -> bool:
    """Whether a playbook was recommended to anybody."""
    return PlaybookItem.find(playbook_id, _RECOMMENDED) is not None


def _playbook(item: PlaybookItem) -> Playbook:
    return Playbook.model_validate_json(item.text)


def latest_first(
    playbook_id: str, prefix: str, limit: int, position: Position | None
) -> Page[PlaybookItem]:
    """A page of a playbook's items of one kind, backwards by their keys."""
    return page_of(
        PlaybookItem.query(
            playbook_id,
            PlaybookItem.sk.startswith(prefix),
            limit=limit,
            last_evaluated_key=position,
            scan_index_forward=False,
            consistent_read=True,
        )
    )
