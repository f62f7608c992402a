"""What a scope's patterns add up to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from chalicelib.core.before_and_since import BeforeAndSince
from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.incidents import Severity
from chalicelib.core.patterns import Pattern
from chalicelib.core.suggestions import SuggestionStatus
from chalicelib.core.times import MOST_WEEKS, Direction, Week, monday

#: So long ago at most is recent.
RECENT_DAYS = 28

_TOP = 10


class SystemFigures(Value):
    """How many patterns concern a system, and how many incidents these have."""

    system: str
    patterns: int
    incidents: int


class Ranked(Value):
    """A pattern in a ranking."""

    pattern_id: str
    incident_type: str
    frequency: int
    mean_time_to_resolve_seconds: float | None = None
    seconds_lost: float | None = None


class Coverage(Value):
    """How far patterns and playbooks reach; a share of nothing is None.

    Attributes:
        incidents_in_patterns: of the incidents that the last analysis of a window looked at, the
            share that it found to recur.
        patterns_with_suggestion: the share of the active patterns for which a playbook was
            proposed and not turned down.
        patterns_with_playbook: the share of them for which one was approved.
    """

    incidents_in_patterns: Rate | None = None
    patterns_with_suggestion: Rate | None = None
    patterns_with_playbook: Rate | None = None


class PatternWeek(Value):
    """The patterns that there were at the end of a week, and how many were found and retired in it.

    One that came back counts as if it had never been away.
    """

    week: date
    active: int
    found: int
    retired: int


class Statistics(Value):
    """What a scope's active patterns add up to, as of the last analysis that was completed.

    Attributes:
        as_of: the time of that analysis; None before the first.
        success_rate: of all their incidents, each pattern's rate as often as it has incidents.
        mean_time_to_resolve_seconds: likewise.
        median_time_to_resolve_seconds: the median of the patterns' medians, each counted as often
            as it has incidents that told one.
        severities: how many incidents there are of each severity.
        trends: how many patterns rise, stay and fall.
        weeks: how many incidents came in each of the last weeks.
        history: how many patterns there were in each of the last weeks.
        new_patterns, retired_patterns: in the last `recent_days`.
        most_time_lost: by frequency times mean time to resolve.
        effects: what playbooks changed, those that changed last first.
        redactions: how many secrets and personal data were taken out of the texts of the incidents
            that the last analysis of a window looked at, by kind.
    """

    scope: Scope
    as_of: Time | None = None
    patterns: int = 0
    qualifying_patterns: int = 0
    incidents_in_patterns: int = 0
    success_rate: Rate | None = None
    mean_time_to_resolve_seconds: float | None = None
    median_time_to_resolve_seconds: float | None = None
    severities: dict[Severity, Annotated[int, Field(ge=0)]] = {}
    trends: dict[Direction, int] = {}
    weeks: list[Week] = []
    history: list[PatternWeek] = []
    recent_days: int = RECENT_DAYS
    new_patterns: int = 0
    retired_patterns: int = 0
    coverage: Coverage = Coverage()
    top_systems: list[SystemFigures] = []
    most_frequent: list[Ranked] = []
    most_time_lost: list[Ranked] = []
    effects: list[BeforeAndSince] = []
    redactions: dict[str, int] = {}


def summarise(
    scope: str,
    active: Sequence[Pattern],
    retired: Iterable[Pattern],
    suggestions: Mapping[str, SuggestionStatus],
    incidents_covered: float | None,
    now: datetime,
    effects: Sequence[BeforeAndSince] = (),
) -> Statistics:
    """The statistics of a scope.

    Args:
        scope: whose patterns these are.
        active: its active patterns.
        retired: its retired ones.
        suggestions: the states of the latest suggestions, by the id of their pattern.
        incidents_covered: the share of the window's incidents that patterns hold, if known.
        now: the time of the analysis.
        effects: what its playbooks changed.
    """
    gone = list(retired)
    frequency = sum(pattern.frequency for pattern in active)
    solved = sum(pattern.frequency * pattern.success_rate for pattern in active)
    severities: Counter[Severity] = Counter()
    weeks: Counter[date] = Counter()
    for pattern in active:
        severities.update(pattern.severity_distribution)
        weeks.update({week.week: week.incidents for week in pattern.weeks})
    trends = Counter(pattern.trend.direction for pattern in active if pattern.trend)
    ranked = sorted(map(_ranked, active), key=lambda each: (-each.frequency, each.pattern_id))
    lost = [each for each in ranked if each.seconds_lost is not None]
    lost.sort(key=lambda each: (-(each.seconds_lost or 0), each.pattern_id))
    means = [
        (pattern.mean_time_to_resolve_seconds, pattern.frequency)
        for pattern in active
        if pattern.mean_time_to_resolve_seconds is not None
    ]
    weight = sum(often for _, often in means)
    return Statistics(
        scope=scope,
        as_of=now,
        patterns=len(active),
        qualifying_patterns=sum(pattern.qualifies for pattern in active),
        incidents_in_patterns=frequency,
        success_rate=round(solved / frequency, 4) if frequency else None,
        mean_time_to_resolve_seconds=(
            round(sum(seconds * often for seconds, often in means) / weight, 3) if weight else None
        ),
        median_time_to_resolve_seconds=_median(active),
        severities={each: severities[each] for each in Severity if severities[each]},
        trends={each: trends[each] for each in Direction},
        weeks=[Week(week=week, incidents=weeks[week]) for week in sorted(weeks)],
        history=_history(active, gone, now),
        new_patterns=sum(_recent(pattern.discovered_at, now) for pattern in active),
        retired_patterns=sum(_recent(pattern.state_since, now) for pattern in gone),
        coverage=_coverage(active, suggestions, incidents_covered),
        top_systems=_systems(active),
        most_frequent=ranked[:_TOP],
        most_time_lost=lost[:_TOP],
        effects=list(effects),
    )


def _history(
    active: Sequence[Pattern], gone: Sequence[Pattern], now: datetime
) -> list[PatternWeek]:
    """The last weeks from the first on in which there was a pattern, at most `MOST_WEEKS`."""
    found = Counter(monday(each.discovered_at or each.first_seen) for each in [*active, *gone])
    retired = Counter(monday(each.state_since or now) for each in gone)
    last = monday(now)
    first = max(min(found, default=last), last - timedelta(weeks=MOST_WEEKS - 1))
    told = []
    there = sum(number for week, number in found.items() if week < first)
    there -= sum(number for week, number in retired.items() if week < first)
    for place in range((last - first).days // 7 + 1):
        week = first + timedelta(weeks=place)
        there += found[week] - retired[week]
        told.append(PatternWeek(week=week, active=there, found=found[week], retired=retired[week]))
    return told


def _ranked(pattern: Pattern) -> Ranked:
    mean = pattern.mean_time_to_resolve_seconds
    return Ranked(
        pattern_id=pattern.pattern_id,
        incident_type=pattern.incident_type,
        frequency=pattern.frequency,
        mean_time_to_resolve_seconds=mean,
        seconds_lost=None if mean is None else round(mean * pattern.frequency, 3),
    )


def _recent(time: datetime | None, now: datetime) -> bool:
    return time is not None and now - time <= timedelta(days=RECENT_DAYS)


def _median(active: Sequence[Pattern]) -> float | None:
    told = [each.time_to_resolve for each in active if each.time_to_resolve is not None]
    medians = sorted((each.median_seconds, each.incidents) for each in told)
    half = sum(number for _, number in medians) / 2
    counted = 0
    for seconds, number in medians:
        counted += number
        if counted >= half:
            return seconds
    return None


def _coverage(
    active: Sequence[Pattern],
    suggestions: Mapping[str, SuggestionStatus],
    incidents_covered: float | None,
) -> Coverage:
    turned_down = (None, SuggestionStatus.REJECTED, SuggestionStatus.SUPERSEDED)
    states = [suggestions.get(pattern.pattern_id) for pattern in active]
    approved = sum(state is SuggestionStatus.APPROVED for state in states)
    proposed = sum(state not in turned_down for state in states)
    return Coverage(
        incidents_in_patterns=incidents_covered,
        patterns_with_suggestion=round(proposed / len(active), 4) if active else None,
        patterns_with_playbook=round(approved / len(active), 4) if active else None,
    )


def _systems(active: Sequence[Pattern]) -> list[SystemFigures]:
    """The systems that most patterns concern; each pattern counts with all its incidents."""
    patterns: Counter[str] = Counter()
    incidents: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for pattern in active:
        for system in pattern.systems:
            name = system.casefold()
            spelling[name] = min(spelling.get(name, system), system)
            patterns[name] += 1
            incidents[name] += pattern.frequency
    top = sorted(patterns, key=lambda name: (-patterns[name], -incidents[name], name))[:_TOP]
    return [
        SystemFigures(system=spelling[name], patterns=patterns[name], incidents=incidents[name])
        for name in top
    ]
