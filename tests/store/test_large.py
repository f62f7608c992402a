"""Runs and patterns of very many incidents with the longest ids are kept whole."""

from datetime import UTC, datetime

import pytest

from chalicelib.core.analyses import AnalysisRequest, Run, RunStatus
from chalicelib.core.callers import SYSTEM
from chalicelib.core.confidence import Factors
from chalicelib.core.patterns import Pattern
from chalicelib.store import analyses, patterns
from chalicelib.store.patterns import StoredPattern
from chalicelib.store.transaction import Transaction

pytestmark = pytest.mark.usefixtures("stack")

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def longest_ids(number: int) -> list[str]:
    return [f"{each:04d}".ljust(200, "漢") for each in range(number)]


def stored(scope: str, members: list[str], run: str, revision: int) -> StoredPattern:
    pattern = Pattern(
        pattern_id=f"pat_{scope}",
        scope=scope,
        incident_type="Disk full",
        systems=[],
        keywords=[],
        symptoms=[],
        frequency=len(members),
        success_rate=1,
        success_interval=(0, 1),
        severity_distribution={},
        confidence=1,
        confidence_factors=Factors(frequency=1, success=1, detail=1, recency=1),
        qualifies=True,
        first_seen=NOW,
        last_seen=NOW,
        centroid={},
    )
    return StoredPattern(pattern, run, None, revision)


def saved(pattern: StoredPattern, members: list[str]) -> None:
    patterns.save_members(pattern.pattern.pattern_id, pattern.members_run, members)
    with Transaction(SYSTEM, NOW) as transaction:
        patterns.save(transaction, pattern)


def test_a_run_that_names_very_many_incidents_comes_back_whole(scope: str) -> None:
    run = Run(
        run_id=f"run_{scope}",
        scope=scope,
        status=RunStatus.QUEUED,
        request=AnalysisRequest(scope=scope, incident_ids=longest_ids(1_000)),
        requested_at=NOW,
    )
    with Transaction(SYSTEM, NOW) as transaction:
        analyses.save(transaction, run)
    assert analyses.get(run.run_id) == run


def test_a_pattern_of_very_many_incidents_keeps_all_of_them(scope: str) -> None:
    members = longest_ids(3_100)
    first = stored(scope, members, "run_1", 1)
    saved(first, members)
    assert patterns.members(f"pat_{scope}") == members
    assert list(patterns.of_scope(scope)) == [first]
    assert list(patterns.known(scope)) == [(first.pattern, members)]


def test_members_of_earlier_runs_are_forgotten_and_the_current_ones_stay(scope: str) -> None:
    for revision, members in ((1, longest_ids(1_600)), (2, ["a", "b"])):
        saved(stored(scope, members, f"run_{revision}", revision), members)
        assert patterns.members(f"pat_{scope}") == members
    patterns.forget_old_members(f"pat_{scope}")
    keys = [item.sk for item in patterns.PatternItem.query(f"pat_{scope}")]
    assert keys == ["members#run_2#0000000", "pattern"]
    patterns.forget_old_members("pat_of_nobody")
