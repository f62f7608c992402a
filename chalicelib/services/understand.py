"""Read what the analyses found: patterns, their members, and what they add up to."""

from typing import cast

from typing_extensions import TypedDict

from chalicelib.core.analyses import Run, RunStatus
from chalicelib.core.before_and_since import BeforeAndSince, effect
from chalicelib.core.changes import Plan
from chalicelib.core.feedback import RatingFigures
from chalicelib.core.fields import Time, Value
from chalicelib.core.incidents import Severity, Status
from chalicelib.core.patterns import Pattern, PatternState
from chalicelib.core.statistics import Statistics, summarise
from chalicelib.core.trail import Entry
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import analyses, audit, feedback, incidents, playbooks, suggestions
from chalicelib.store import patterns as store
from chalicelib.store.paging import Page, Position, slice_of

_WITH_EFFECT = 50  # playbooks whose effect an analysis reckons, those that changed last
_MOST_MEMBERS = 2_000  # of a pattern's incidents that it is reckoned from


class Member(Value):
    """An incident of a pattern, in short."""

    incident_id: str
    title: str
    status: Status
    severity: Severity
    opened_at: Time
    resolved_at: Time | None = None


class PatternEvent(TypedDict):
    """What became of a pattern in a run; beside these, the details of that change."""

    at: str
    what: str


class LastRun(Value):
    """A scope's last analysis, in short."""

    run_id: str
    status: RunStatus
    requested_at: Time
    finished_at: Time | None = None
    total_incidents: int
    detail: str


class ScopeStatistics(Statistics):
    """What a scope's patterns and the ratings of its suggestions add up to, and its last run."""

    last_run: LastRun | None = None
    feedback: RatingFigures


def list_scopes(caller: Caller) -> list[str]:
    """The scopes that ever had an incident and that the caller reaches."""
    return [scope for scope in incidents.scopes() if caller.reaches(scope)]


def find_pattern(pattern_id: str, caller: Caller) -> Pattern:
    """The pattern with that id.

    Raises:
        NotFound: there is none, or its scope is not the caller's.
    """
    pattern = store.get(pattern_id)
    if pattern is None or not caller.reaches(pattern.scope):
        raise missing("pattern", pattern_id)
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


def list_history(pattern_id: str, wanted: Wanted, caller: Caller) -> Listing[PatternEvent]:
    """What became of a pattern from run to run, the latest first; mere ageing is left out.

    Raises:
        NotFound, Forbidden: as `find_pattern`.
    """
    pattern = find_pattern(pattern_id, caller)

    def told(entry: Entry) -> PatternEvent:
        return cast(PatternEvent, {"at": entry["at"], "what": entry["action"], **entry["details"]})

    def read(limit: int, position: Position | None) -> Page[PatternEvent]:
        return audit.page(f"pattern:{pattern.pattern_id}", limit, position).of(told)

    return listing(f"history {pattern_id}", wanted, read)


def list_members(pattern_id: str, wanted: Wanted, caller: Caller) -> Listing[Member]:
    """The incidents that belong to a pattern and are kept, in the order of their ids.

    Raises:
        NotFound, Forbidden: as `find_pattern`.
    """
    pattern = find_pattern(pattern_id, caller)

    def read(limit: int, position: Position | None) -> Page[Member]:
        ids = slice_of(store.members(pattern_id) or [], limit, position)
        # A pattern that has retired holds no incident back whose time is over.
        kept = {each.incident_id: each for each in incidents.get_many(pattern.scope, ids.items)}
        there = [kept[each] for each in ids.items if each in kept]
        return Page(
            [Member.model_validate(each, from_attributes=True) for each in there], ids.position
        )

    return listing(f"members {pattern_id}", wanted, read)


def statistics(scope: str, caller: Caller) -> ScopeStatistics:
    """What `summary` tells, and the scope's last run, whichever way that ended.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    figures = summary(scope, caller)
    runs = analyses.page(scope, 1, None).items
    last_run = LastRun.model_validate(runs[0], from_attributes=True) if runs else None
    said = feedback.of_scope(scope).summary()
    return ScopeStatistics(**dict(figures), feedback=said, last_run=last_run)


def summary(scope: str, caller: Caller) -> Statistics:
    """What a scope's patterns add up to as of its last completed analysis.

    The analysis works the figures out, so that reading them costs one read by key, however many
    patterns there are.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return analyses.statistics(scope)


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
        _effects(run.scope),
    )
    analyses.save_statistics(figures.model_copy(update={"redactions": redactions}))


def _effects(scope: str) -> list[BeforeAndSince]:
    """What the playbooks changed that were made of patterns."""
    found = []
    for playbook in playbooks.page(scope, _WITH_EFFECT, None).items:
        if playbook.pattern_id:
            ids = store.members_now(playbook.pattern_id)[:_MOST_MEMBERS]
            members = incidents.get_many(scope, ids)
            name = (playbook.playbook_id, playbook.title)
            found.append(effect(*name, playbook.created_at, members))
    return found
