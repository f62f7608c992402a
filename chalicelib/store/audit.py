"""The audit trail: a hash chain per scope, read by scope or by entity."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from pynamodb.expressions.condition import Condition

from chalicelib.core.trail import NOTHING, End, Entry, end_of, linked
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import AuditItem

_HEAD = "head"
_CUT = "cut"
_FIRST = "0"
_AFTER_LAST = ":"  # the character after the digits
_SCOPES = "#scopes"  # no scope is called so


def page(entity: str, limit: int, position: Position | None) -> Page[Entry]:
    """A page of what was done to an entity, the latest first."""
    results = AuditItem.by_entity.query(
        entity, limit=limit, last_evaluated_key=position, scan_index_forward=False
    )
    return page_of(results).of(_entry)


def page_of_scope(scope: str, limit: int, position: Position | None) -> Page[Entry]:
    """A page of what was done in a scope, the latest first."""
    results = AuditItem.query(
        scope,
        AuditItem.sk.between(_FIRST, _AFTER_LAST),
        limit=limit,
        last_evaluated_key=position,
        scan_index_forward=False,
    )
    return page_of(results).of(_entry)


def trail(scope: str) -> Iterator[Entry]:
    """Every entry of a scope's trail, from the first to the last."""
    of_scope = AuditItem.sk.between(_FIRST, _AFTER_LAST)
    return map(_entry, AuditItem.query(scope, of_scope, consistent_read=True))


def scopes() -> list[str]:
    """Every scope that has a trail, and `*` for what concerns all."""
    return [item.sk for item in AuditItem.query(_SCOPES, consistent_read=True)]


def end(scope: str) -> End:
    """Where a scope's trail ends now."""
    return _end(scope, _HEAD)


def cut(scope: str) -> End:
    """Where the part of a scope's trail ended that is kept no longer."""
    return _end(scope, _CUT)


def save_cut(scope: str, before: End, last: End) -> tuple[AuditItem, Condition]:
    """What to write when a trail is kept from the entry after `last` on, and not `before` any more.

    The condition is that nobody has cut it meanwhile.
    """
    known = AuditItem.document == json.dumps(asdict(before))
    condition = AuditItem.pk.does_not_exist() if before == NOTHING else known
    return AuditItem(scope, _CUT, document=json.dumps(asdict(last))), condition


def forget(scope: str, number: int) -> int:
    """Delete a trail's entries up to a number, and return how many they were."""
    if number == 0:
        return 0
    gone = 0
    old = AuditItem.sk.between(_FIRST, f"{number:012d}")
    keys = AuditItem.query(scope, old, consistent_read=True, attributes_to_get=["pk", "sk"])
    with AuditItem.batch_write() as batch:
        for item in keys:
            batch.delete(item)
            gone += 1
    return gone


def following(entries: Sequence[Mapping[str, Any]]) -> list[AuditItem]:
    """New entries as the next ones of their scopes' trails, then what tells of the trails' ends.

    Whoever writes them all, provided that no such entry is there yet, goes on with the trails;
    whoever comes too late has to ask for them again.
    """
    items, heads = [], []
    for scope in sorted({entry["scope"] for entry in entries}):
        reached = end(scope)
        if reached == NOTHING:
            heads.append(AuditItem(_SCOPES, scope))
        for entry in entries:
            if entry["scope"] == scope:
                link = linked(entry, reached)
                items.append(_item(link))
                reached = end_of(link)
        heads.append(AuditItem(scope, _HEAD, document=json.dumps(asdict(reached))))
    return [*items, *heads]


def _end(scope: str, sort: str) -> End:
    item = AuditItem.find(scope, sort)
    return End(**json.loads(item.document or "")) if item else NOTHING


def _item(entry: Entry) -> AuditItem:
    number = f"{entry['number']:012d}"
    return AuditItem(
        entry["scope"],
        number,
        document=json.dumps(entry),
        entity=entry["entity"],
        entity_sk=number,
    )


def _entry(item: AuditItem) -> Entry:
    return cast(Entry, json.loads(item.text))
