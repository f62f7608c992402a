"""Read what the analyses found: patterns, their members, and what they add up to."""

from typing import Any

from chalicelib.core.analyses import Run
from chalicelib.core.changes import Plan
from chalicelib.core.patterns import Pattern, PatternState
from chalicelib.core.statistics import summarise
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import analyses, audit, incidents, suggestions
from chalicelib.store import patterns as store
from chalicelib.store.paging import Page, Position, slice_of


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
    """What a scope's patterns add up to as of its last completed analysis, and its last run.

    The analysis works the figures out, so that reading them costs three reads by key, however
    many patterns there are.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    runs = analyses.page(scope, 1, None).items
    told = {"run_id", "status", "requested_at", "finished_at", "total_incidents", "detail"}
    last_run = runs[0].model_dump(mode="json", include=told) if runs else None
    return analyses.statistics(scope).model_dump(mode="json") | {"last_run": last_run}


def summarise_scope(run: Run, plan: Plan) -> None:
    """Work out what a scope's patterns add up to, and keep it.

    Chosen incidents say nothing of how much of all recurs, or was redacted, so learning leaves that
    as it was.
    """
    active = list(store.of_scope(run.scope))
    by_pattern = {
        each.pattern.pattern_id: each.suggestion_id for each in active if each.suggestion_id
    }
    statuses = suggestions.statuses(list(by_pattern.values()))
    if run.request.incident_ids is not None:
        before = analyses.statistics(run.scope)
        covered, redactions = before.coverage.incidents_in_patterns, before.redactions
    else:
        covered = round(plan.incidents_in_patterns / max(plan.total_incidents, 1), 4)
        redactions = plan.redactions
    figures = summarise(
        run.scope,
        [each.pattern for each in active],
        (each.pattern for each in store.of_scope(run.scope, PatternState.RETIRED)),
        {pattern_id: statuses[each] for pattern_id, each in by_pattern.items() if each in statuses},
        covered,
        run.started_at or run.requested_at,
    )
    analyses.save_statistics(figures.model_copy(update={"redactions": redactions}))
