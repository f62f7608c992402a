"""Read what the analyses found: patterns, their members, and what they add up to."""

from collections import Counter
from typing import Any

from chalicelib.core.patterns import Pattern, PatternState
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import audit, incidents
from chalicelib.store import patterns as store
from chalicelib.store.paging import Page, Position, slice_of

_TOP = 10


def list_scopes(caller: Caller) -> list[str]:
    """The scopes that ever had an incident and that the caller reaches."""
    return [scope for scope in incidents.scopes() if caller.reaches(scope)]


def find_pattern(pattern_id: str, caller: Caller) -> Pattern:
    """The pattern with that id.

    Raises:
        NotFound: there is none.
        Forbidden: its scope is not the caller's.
    """
    pattern = store.get(pattern_id)
    if pattern is None:
        raise missing("pattern", pattern_id)
    check_scope(caller, pattern.scope)
    return pattern


def list_patterns(
    scope: str, wanted: Wanted, caller: Caller, state: str = PatternState.ACTIVE
) -> Listing[Pattern]:
    """A scope's patterns of one state, the most frequent first.

    Raises:
        Forbidden: the scope is not the caller's.
        InvalidInput: there is no such state.
    """
    check_scope(caller, scope)
    if state not in list(PatternState):
        raise invalid("state", f"must be one of {', '.join(PatternState)}")
    chosen = PatternState(state)
    return listing(
        f"patterns {scope} {chosen}",
        wanted,
        lambda limit, at: store.page(scope, chosen, limit, at),
    )


def list_history(pattern_id: str, wanted: Wanted, caller: Caller) -> Listing[dict[str, Any]]:
    """What became of a pattern from run to run, the latest first; mere ageing is left out.

    Raises:
        NotFound, Forbidden: as `find_pattern`.
    """
    pattern = find_pattern(pattern_id, caller)

    def read(limit: int, position: Position | None) -> Page[dict[str, Any]]:
        return audit.page(f"pattern:{pattern.pattern_id}", limit, position).of(
            lambda entry: {"at": entry["at"], "what": entry["action"], **entry["details"]}
        )

    return listing(f"history {pattern_id}", wanted, read)


def list_members(pattern_id: str, wanted: Wanted, caller: Caller) -> Listing[dict[str, Any]]:
    """The incidents that belong to a pattern, in the order of their ids.

    Raises:
        NotFound, Forbidden: as `find_pattern`.
    """
    pattern = find_pattern(pattern_id, caller)

    def read(limit: int, position: Position | None) -> Page[dict[str, Any]]:
        ids = slice_of(store.members(pattern_id) or [], limit, position)
        known = {each.incident_id: each for each in incidents.get_many(pattern.scope, ids.items)}
        return ids.of(
            lambda incident_id: known[incident_id].model_dump(
                mode="json",
                include={"incident_id", "title", "status", "severity", "opened_at", "resolved_at"},
            )
        )

    return listing(f"members {pattern_id}", wanted, read)


def statistics(scope: str, caller: Caller) -> dict[str, Any]:
    """What a scope's patterns add up to.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    found = [stored.pattern for stored in store.of_scope(scope)]
    incidents_in_patterns = sum(pattern.frequency for pattern in found)
    solved = sum(pattern.frequency * pattern.success_rate for pattern in found)
    systems = Counter(system for pattern in found for system in pattern.systems)
    times = [
        (pattern.mean_time_to_resolve_seconds, pattern.frequency)
        for pattern in found
        if pattern.mean_time_to_resolve_seconds is not None
    ]
    weight = sum(frequency for _, frequency in times)
    return {
        "scope": scope,
        "patterns": len(found),
        "qualifying_patterns": sum(pattern.qualifies for pattern in found),
        "incidents_in_patterns": incidents_in_patterns,
        "success_rate": solved / incidents_in_patterns if incidents_in_patterns else None,
        "mean_time_to_resolve_seconds": (
            sum(seconds * frequency for seconds, frequency in times) / weight if weight else None
        ),
        "top_systems": [
            {"system": system, "patterns": number} for system, number in systems.most_common(_TOP)
        ],
        "most_frequent": [
            {
                "pattern_id": pattern.pattern_id,
                "incident_type": pattern.incident_type,
                "frequency": pattern.frequency,
            }
            for pattern in found[:_TOP]
        ],
    }
