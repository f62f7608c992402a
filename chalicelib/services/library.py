"""A scope's playbooks made ready for ranking, in memory, and kept up to date.

Reading and indexing them all for every recommendation would cost more than ranking them. So the
process keeps an index, and each time asks only which playbooks changed since. A new process
begins with the index in S3, where there is one, and reads what changed since that was written.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.core.bm25 import Row
from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.fields import format_time, parse_time
from chalicelib.core.index_file import packed, unpacked
from chalicelib.core.relevance import EMPTY, Index, updated
from chalicelib.core.situations import Candidate
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.observability import logger
from chalicelib.store import index as kept
from chalicelib.store import playbooks as store

#: Changes are asked for from a while before the last look, as clocks differ between machines.
_OVERLAP = timedelta(minutes=1)
#: An index is kept in S3 when so many playbooks were indexed since it last was. Fewer are indexed
#: anew in less time than S3 takes.
_KEPT_AFTER = 100
#: The indexes of so many scopes stay in memory, those that were asked last.
_MOST_SHELVES = 20

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shelf:
    """A scope's index, and how far it goes.

    Attributes:
        index: the active playbooks.
        revisions: by id, what is known of each playbook, those that are not active among them.
        looked_at: when it was last asked what changed.
        unkept: how many playbooks were indexed since the index was kept in S3.
    """

    index: Index = EMPTY
    revisions: dict[str, int] = field(default_factory=dict)
    looked_at: datetime = _NEVER
    unkept: int = 0


_shelves: dict[str, Shelf] = {}


def index_now(scope: str, now: datetime) -> Index:
    """The index over the scope's active playbooks as they stand now."""
    before = _shelves.get(scope) or _kept(scope)
    after = _with_changes(before, scope, now)
    if after.unkept >= _KEPT_AFTER:
        after = _keep(scope, after)
    _shelves.pop(scope, None)
    _shelves[scope] = after  # last in the dictionary, as it was asked last
    for longest_ago in list(_shelves)[:-_MOST_SHELVES]:
        _shelves.pop(longest_ago, None)
    return after.index


def forget() -> None:
    """Begin anew, as a new process does."""
    _shelves.clear()


def _with_changes(before: Shelf, scope: str, now: datetime) -> Shelf:
    changed = _changed(before, scope)
    looked_at = max(now, before.looked_at)
    if not changed:
        return Shelf(before.index, before.revisions, looked_at, before.unkept)
    known = {each.playbook_id: each.digest for each in before.index.candidates}
    current: dict[str, tuple[Candidate, Row | None]] = {}
    gone: list[str] = []
    for playbook in changed:
        if playbook.status is not PlaybookStatus.ACTIVE:
            gone.append(playbook.playbook_id)
            continue
        candidate = candidate_of(playbook)
        same = known.get(playbook.playbook_id) == candidate.digest
        current[playbook.playbook_id] = (candidate, None if same else found_by(playbook))
    fresh = sum(row is not None for _, row in current.values())
    return Shelf(
        updated(before.index, current, gone),
        before.revisions | {each.playbook_id: each.revision for each in changed},
        looked_at,
        before.unkept + fresh + len(gone),
    )


def _changed(before: Shelf, scope: str) -> list[Playbook]:
    """The playbooks whose revision is another than the one that is known."""
    if not before.revisions:
        return list(store.changed_since(scope, None))
    since = store.revisions_since(scope, format_time(before.looked_at - _OVERLAP))
    unknown = [each for each, revision in since.items() if before.revisions.get(each) != revision]
    return list(store.get_many(unknown).values())


def _keep(scope: str, shelf: Shelf) -> Shelf:
    told = {"revisions": shelf.revisions, "looked_at": format_time(shelf.looked_at)}
    if not kept.write(scope, packed(shelf.index, told)):
        logger.warning("the index could not be kept in S3; it will be tried again")
        return shelf
    return Shelf(shelf.index, shelf.revisions, shelf.looked_at)


def _kept(scope: str) -> Shelf:
    content = kept.read(scope)
    if content is None:
        return Shelf()
    try:
        index, told = unpacked(content)
    except ValueError:
        logger.warning("the index in S3 is of another format; it is built anew")
        return Shelf()
    return Shelf(index, dict(told["revisions"]), parse_time(told["looked_at"]))
