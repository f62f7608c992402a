"""What a scope's patterns add up to."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.patterns import describe
from chalicelib.core.statistics import summarise
from chalicelib.core.suggestions import SuggestionStatus

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _pattern(name, number, hours=1, days_ago=10, discovered=None, **fields):
    opened = [NOW - timedelta(days=days_ago + place) for place in range(number)]
    members = [
        incident_of(
            IncidentReport(
                title=name,
                resolution="Restarted it",
                opened_at=time,
                resolved_at=time + timedelta(hours=hours),
                **fields,
            ),
            f"{name}-{place}",
            NOW,
        )
        for place, time in enumerate(opened)
    ]
    pattern = describe(
        members, pattern_id=f"p-{name}", scope="s", centroid={}, now=NOW,
        min_frequency=3, min_success_rate=0.8,
    )  # fmt: skip
    return pattern.model_copy(update={"discovered_at": discovered, "state_since": discovered})


def test_the_figures_are_those_of_the_patterns():
    active = [
        _pattern("lag", 6, hours=1, affected_systems=["kafka"], severity="high", discovered=NOW),
        _pattern("disk", 2, hours=8, affected_systems=["Kafka", "db"], severity="low"),
    ]
    retired = [_pattern("old", 3, days_ago=300, discovered=NOW - timedelta(days=2))]
    states = {"p-lag": SuggestionStatus.APPROVED, "p-disk": SuggestionStatus.REJECTED}
    told = summarise("s", active, retired, states, 0.8, NOW)
    assert (told.patterns, told.qualifying_patterns, told.incidents_in_patterns) == (2, 1, 8)
    assert told.mean_time_to_resolve_seconds == (6 * 1 + 2 * 8) / 8 * 3600
    assert told.median_time_to_resolve_seconds == 3600
    assert told.severities == {"high": 6, "low": 2}
    assert (told.new_patterns, told.retired_patterns) == (1, 1)
    assert sum(week.incidents for week in told.weeks) == 8
    assert told.trends == {"rising": 1, "steady": 1, "falling": 0}
    assert told.coverage.model_dump() == {
        "incidents_in_patterns": 0.8,
        "patterns_with_suggestion": 0.5,
        "patterns_with_playbook": 0.5,
    }
    [kafka, db] = told.top_systems
    assert (kafka.system, kafka.patterns, kafka.incidents) == ("Kafka", 2, 8)
    assert (db.system, db.patterns, db.incidents) == ("db", 1, 2)
    assert [each.pattern_id for each in told.most_frequent] == ["p-lag", "p-disk"]
    assert [each.seconds_lost for each in told.most_time_lost] == [16 * 3600, 6 * 3600]


def test_of_no_patterns_nothing_is_known():
    told = summarise("s", [], [], {}, None, NOW)
    assert (told.patterns, told.success_rate, told.median_time_to_resolve_seconds) == (
        0,
        None,
        None,
    )
    assert told.coverage.patterns_with_playbook is None


@given(
    st.permutations(
        [_pattern(name, number) for name, number in zip("abcd", (2, 3, 3, 5), strict=True)]
    )
)
@settings(max_examples=20)
def test_the_order_of_patterns_does_not_matter(active):
    ordered = sorted(active, key=lambda each: each.pattern_id)
    assert summarise("s", active, [], {}, None, NOW) == summarise("s", ordered, [], {}, None, NOW)
