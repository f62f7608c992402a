"""What people ask for that no playbook answers: noted as it is asked, listed for reviewers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.core.gaps import Gap, NearestPlaybook, gap_of, like
from chalicelib.core.situations import Situation
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import gaps as store
from chalicelib.store.paging import slice_of
from chalicelib.store.transaction import Conflict, Transaction

#: A scope has so many gaps at most: what is asked beyond them is new only when others are over.
_MOST = 500
_TRIES = 5


def note_gap(
    scope: str,
    situation: Situation,
    missed: Mapping[str, Any] | None,
    caller: Caller,
    now: datetime,
) -> None:
    """Note that a question found no playbook, with others that asked for the same.

    Raises:
        Conflict: very many ask at once for the same.
    """
    miss = NearestPlaybook(**missed) if missed else None
    asked = gap_of(scope, situation, caller.name, miss, now)
    for attempt in range(_TRIES):
        known = _current(scope, now)
        there = like(known, asked)
        if there is None and len(known) >= _MOST:
            return
        try:
            with Transaction(caller, now) as transaction:
                store.save(transaction, there.again(asked) if there else asked, now)
        except Conflict:
            if attempt + 1 == _TRIES:
                raise
        else:
            return


def list_gaps(scope: str, wanted: Wanted, caller: Caller, now: datetime) -> Listing[Gap]:
    """The scope's gaps, those that were asked for most often first.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    found = sorted(_current(scope, now), key=lambda gap: gap.gap_id)
    found.sort(key=lambda gap: (gap.count, gap.last_asked), reverse=True)
    return listing(f"gaps {scope}", wanted, lambda limit, at: slice_of(found, limit, at))


def _current(scope: str, now: datetime) -> list[Gap]:
    return list(store.of_scope(scope, now))
