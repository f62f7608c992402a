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
from chalicelib.store.transaction import Transaction

#: A scope has so many gaps at most: what is asked beyond them is new only when others are over.
_MOST = 500


def note_gap(
    transaction: Transaction,
    scope: str,
    situation: Situation,
    missed: Mapping[str, Any] | None,
    caller: Caller,
    now: datetime,
) -> None:
    """Note that a question found no playbook, with others that asked for the same.

    Raises:
        Conflict: (from the transaction) others ask at once for the same; note it anew.
    """
    miss = NearestPlaybook(**missed) if missed else None
    asked = gap_of(scope, situation, caller.name, miss, now)
    known = _current(scope, now)
    there = like(known, asked)
    if there is not None or len(known) < _MOST:
        store.save(transaction, there.again(asked) if there else asked, now)


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
