"""Patterns in DynamoDB, and the incidents that belong to each.

The members are chunks of ids beside the pattern, written anew by every analysis that changes
them; the pattern names the analysis whose chunks count, so readers never see half of a change.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.patterns import Pattern
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import PatternItem
from chalicelib.store.transaction import Transaction

_MEMBERS_A_CHUNK = 1_500  # ids of at most 200 characters: 300 KB


@dataclass(frozen=True)
class StoredPattern:
    """A pattern with what only the analysis needs to know of it."""

    pattern: Pattern
    members: tuple[str, ...]
    suggestion_id: str | None
    merged_into: str | None
    revision: int


def get(pattern_id: str) -> Pattern | None:
    """The pattern with that id, None where there is none."""
    item = _item(pattern_id)
    return _pattern(item) if item else None


def members(pattern_id: str) -> list[str] | None:
    """The ids of the incidents that belong to a pattern; None where there is no such pattern."""
    item = _item(pattern_id)
    return list(_members(item)) if item else None


def page(scope: str, limit: int, position: Position | None) -> Page[Pattern]:
    """A page of the scope's patterns, the most frequent first."""
    results = PatternItem.by_scope.query(scope, limit=limit, last_evaluated_key=position)
    return page_of(results).of(_pattern)


def of_scope(scope: str) -> Iterator[Pattern]:
    """All patterns of the scope, the most frequent first."""
    return map(_pattern, PatternItem.by_scope.query(scope))


def stored(scope: str) -> list[StoredPattern]:
    """All patterns of the scope with their members, for the analysis."""
    return [
        StoredPattern(
            _pattern(item),
            tuple(_members(item)),
            item.suggestion_id,
            item.merged_into,
            int(item.revision),
        )
        for item in PatternItem.by_scope.query(scope)
    ]


def save(transaction: Transaction, new: StoredPattern, old: StoredPattern | None, run: str) -> None:
    """Write a pattern as a run found it, over what was known of it before.

    One that was merged into another leaves the listings, but stays readable by its id.
    """
    pattern = new.pattern
    item = PatternItem(
        pattern.pattern_id,
        "pattern",
        document=pattern.model_dump_json(),
        revision=new.revision,
        members_run=run,
        suggestion_id=new.suggestion_id,
        merged_into=new.merged_into,
    )
    if new.merged_into is None:
        item.scope = pattern.scope
        item.scope_sk = f"{10**9 - pattern.frequency:010d}#{pattern.pattern_id}"
    transaction.create(item) if old is None else transaction.replace(item)
    ids = sorted(new.members)
    for start in range(0, len(ids), _MEMBERS_A_CHUNK):
        key = f"members#{run}#{start:07d}"
        chunk = json.dumps(ids[start : start + _MEMBERS_A_CHUNK])
        transaction.put(PatternItem(pattern.pattern_id, key, document=chunk))


def forget_old_members(pattern_id: str) -> None:
    """Delete the chunks of members that an earlier analysis wrote."""
    item = _item(pattern_id)
    if item is None:
        return
    current = f"members#{item.members_run}#"
    with PatternItem.batch_write() as batch:
        for chunk in PatternItem.query(pattern_id, PatternItem.sk.startswith("members#")):
            if not chunk.sk.startswith(current):
                batch.delete(chunk)


def _item(pattern_id: str) -> PatternItem | None:
    try:
        return PatternItem.get(pattern_id, "pattern")
    except PatternItem.DoesNotExist:
        return None


def _pattern(item: PatternItem) -> Pattern:
    return Pattern.model_validate_json(item.text)


def _members(item: PatternItem) -> Sequence[str]:
    prefix = f"members#{item.members_run}#"
    chunks = PatternItem.query(item.pk, PatternItem.sk.startswith(prefix))
    return [member for chunk in chunks for member in json.loads(chunk.text)]
