"""A scope's playbooks in memory, made ready for ranking, and kept up to date.

Reading and indexing them all for every recommendation would cost more than ranking them. So the
process keeps what it has read, and each time asks only for what changed since.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.fields import format_time
from chalicelib.core.relevance import Candidate, Index, index_of
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.store import playbooks as store

#: Changes are asked for from a while before the last one seen, as clocks differ between machines.
_OVERLAP = timedelta(minutes=1)


@dataclass(frozen=True)
class Shelf:
    """A scope's playbooks and their index."""

    playbooks: dict[str, Playbook]
    index: Index
    last_change: datetime | None


_EMPTY = Shelf({}, index_of([]), None)
_shelves: dict[str, Shelf] = {}


def shelf(scope: str) -> Shelf:
    """The scope's playbooks as they stand now."""
    before = _shelves.get(scope, _EMPTY)
    since = format_time(before.last_change - _OVERLAP) if before.last_change else None
    changed = {
        playbook.playbook_id: playbook
        for playbook in store.changed_since(scope, since)
        if playbook != before.playbooks.get(playbook.playbook_id)
    }
    if not changed:
        return before
    playbooks = before.playbooks | changed
    active = [each for each in playbooks.values() if each.status is PlaybookStatus.ACTIVE]
    last = max(each.updated_at for each in playbooks.values())
    _shelves[scope] = Shelf(playbooks, index_of([_candidate(each) for each in active]), last)
    return _shelves[scope]


def _candidate(playbook: Playbook) -> Candidate:
    known = {}
    if playbook.confidence_score is not None:
        known["confidence"] = playbook.confidence_score
    if playbook.solved_rate is not None:
        known["success_rate"] = playbook.solved_rate
    return Candidate(
        playbook_id=playbook.playbook_id,
        version=playbook.version,
        title=playbook.title,
        text=playbook.spec.text,
        systems=playbook.systems,
        symptoms=playbook.symptoms,
        severities=playbook.severities,
        incident_texts=list(playbook.incident_texts.values()),
        successes=playbook.successes,
        executions=playbook.executions,
        **known,
    )
