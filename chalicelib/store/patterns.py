"""Patterns in DynamoDB, and the incidents that belong to each.

The members are chunks of ids beside the pattern, written by every analysis that changes them,
before the pattern itself: that names the analysis whose chunks count, so readers never see half
of a change.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.patterns import Pattern, PatternState
from chalicelib.store.documents import MAX_DOCUMENT_BYTES
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import PatternItem
from chalicelib.store.transaction import Transaction

_PATTERN = "pattern"


@dataclass(frozen=True)
class StoredPattern:
    """A pattern with what only the analysis needs to know of it.

    Attributes:
        members_run: the analysis that wrote the members that count.
        suggestion_id: the latest suggestion made of it.
    """

    pattern: Pattern
    members_run: str
    suggestion_id: str | None
    revision: int


def get(pattern_id: str) -> Pattern | None:
    """The pattern with that id, None where there is none."""
    item = PatternItem.find(pattern_id, _PATTERN)
    return _pattern(item) if item else None


def find(pattern_id: str) -> StoredPattern | None:
    """The pattern with that id as the analysis needs it, None where there is none."""
    item = PatternItem.find(pattern_id, _PATTERN)
    return _stored(item) if item else None


def members(pattern_id: str) -> list[str] | None:
    """The ids of the incidents that belong to a pattern; None where there is no such pattern."""
    item = PatternItem.find(pattern_id, _PATTERN)
    return list(_members(item)) if item else None


def members_now(pattern_id: str) -> list[str]:
    """As `members`, of the pattern that this one was merged into where it was; none of one gone."""
    item = PatternItem.find(pattern_id, _PATTERN)
    # This ends: a pattern is merged into an active one, and forgets that when it is active again.
    while item and (into := _pattern(item).merged_into):
        item = PatternItem.find(into, _PATTERN)
    return list(_members(item)) if item else []


def page(scope: str, state: PatternState, limit: int, position: Position | None) -> Page[Pattern]:
    """A page of the scope's patterns of one state, the most frequent first."""
    results = PatternItem.by_scope.query(
        _listed(scope, state), limit=limit, last_evaluated_key=position
    )
    return page_of(results).of(_pattern)


def of_scope(scope: str, state: PatternState = PatternState.ACTIVE) -> Iterator[StoredPattern]:
    """All patterns of the scope of one state, the most frequent first."""
    return map(_stored, PatternItem.by_scope.query(_listed(scope, state)))


def known(
    scope: str, states: Iterable[PatternState] = PatternState
) -> Iterator[tuple[Pattern, list[str]]]:
    """All patterns of the scope that ever were, or those of some states, with their members."""
    for state in states:
        for item in PatternItem.by_scope.query(_listed(scope, state)):
            yield _pattern(item), list(_members(item))


def save(transaction: Transaction, stored: StoredPattern) -> None:
    """Write a pattern over the revision before it; revision 1 must be new.

    Raises:
        Conflict: (from the transaction) another analysis wrote that revision first.
    """
    pattern = stored.pattern
    item = PatternItem(
        pattern.pattern_id,
        _PATTERN,
        document=pattern.model_dump_json(),
        revision=stored.revision,
        members_run=stored.members_run,
        suggestion_id=stored.suggestion_id,
        scope=_listed(pattern.scope, pattern.state),
        scope_sk=f"{10**9 - pattern.frequency:010d}#{pattern.pattern_id}",
    )
    transaction.create(item) if stored.revision == 1 else transaction.replace(item)


def remove(transaction: Transaction, stored: StoredPattern) -> None:
    """Delete a pattern; its members go with `forget_members`.

    Raises:
        Conflict: (from the transaction) an analysis has written it meanwhile.
    """
    item = PatternItem(stored.pattern.pattern_id, _PATTERN)
    transaction.delete(item, PatternItem.revision == stored.revision)


def forget_members(pattern_id: str) -> None:
    """Delete the members and all else that lies beside a pattern that is gone."""
    with PatternItem.batch_write() as batch:
        for item in PatternItem.query(pattern_id):
            batch.delete(item)


def save_members(pattern_id: str, run_id: str, incident_ids: Sequence[str]) -> None:
    """Write the members that a pattern has from when it names the run."""
    with PatternItem.batch_write() as batch:
        for number, ids in enumerate(_chunks(incident_ids)):
            chunk = json.dumps(ids, ensure_ascii=False)
            batch.save(PatternItem(pattern_id, f"members#{run_id}#{number:07d}", document=chunk))


def forget_old_members(pattern_id: str) -> None:
    """Delete the chunks of members that do not count any more."""
    item = PatternItem.find(pattern_id, _PATTERN)
    if item is None:
        return
    current = f"members#{item.members_run}#"
    with PatternItem.batch_write() as batch:
        for chunk in PatternItem.query(pattern_id, PatternItem.sk.startswith("members#")):
            if not chunk.sk.startswith(current):
                batch.delete(chunk)


def _listed(scope: str, state: PatternState) -> str:
    """The index's partition for patterns of one state; a scope's name holds no `#`."""
    return scope if state is PatternState.ACTIVE else f"{scope}#{state}"


def _pattern(item: PatternItem) -> Pattern:
    return Pattern.model_validate_json(item.text)


def _stored(item: PatternItem) -> StoredPattern:
    return StoredPattern(
        _pattern(item), str(item.members_run), item.suggestion_id, int(item.revision)
    )


def _chunks(incident_ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids in groups that fit an item each."""
    chunk: list[str] = []
    size = 0
    for incident_id in incident_ids:
        length = len(incident_id.encode()) + 6
        if chunk and size + length > MAX_DOCUMENT_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(incident_id)
        size += length
    if chunk:
        yield chunk


def _members(item: PatternItem) -> Sequence[str]:
    prefix = f"members#{item.members_run}#"
    chunks = PatternItem.query(item.pk, PatternItem.sk.startswith(prefix), consistent_read=True)
    return [member for chunk in chunks for member in json.loads(chunk.text)]
