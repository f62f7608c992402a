"""Months of runs over a window that moves on: ids, counts and approvals stay."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.analyses import Run, RunStatus
from chalicelib.services import analyse, publish, report, review, understand
from chalicelib.services.listing import Wanted
from chalicelib.store import analyses
from tests.services.cases import AGENT, NOW, REVIEWER, disk_full, queued, suggestions
from tests.services.test_resume import LAG

pytestmark = pytest.mark.usefixtures("stack")


def happened(scope: str, day: int, **fields: Any) -> None:
    time = NOW + timedelta(days=day)
    moment = {"opened_at": time.isoformat(), "resolved_at": (time + timedelta(hours=1)).isoformat()}
    body = disk_full(0, incident_id=f"{fields.get('title', 'disk')}-{day}", **fields) | moment
    report.report(body | {"scope": scope}, AGENT, time)


def analysed_on(scope: str, day: int) -> Run:
    run = queued(scope, min_incidents=1)
    analyse.run(run.run_id, lambda: NOW + timedelta(days=day))
    ended = analyses.get(run.run_id)
    assert ended is not None
    assert ended.status is RunStatus.COMPLETED, ended
    return ended


def test_a_kind_that_pauses_for_months_comes_back_as_itself_with_its_playbook(scope: str) -> None:
    days = [*range(0, 40, 5), *range(300, 320, 5)]
    for day in range(0, 320, 5):
        happened(scope, day, **LAG)
        if day in days:
            happened(scope, day)
    runs = [analysed_on(scope, 12)]
    for waiting in suggestions(scope, "pending"):
        review.decide(waiting.suggestion_id, {"action": "approve"}, REVIEWER, NOW)
    held = {
        each.title: each.spec.metadata["pattern_id"]
        for each in publish.list_playbooks(scope, Wanted(), AGENT).items
    }
    assert len(held) == 2
    runs += [analysed_on(scope, day) for day in [*range(32, 320, 20), 320]]
    assert sum(run.new_patterns for run in runs) == 2
    assert sum(run.suggestions_generated for run in runs) == 2
    assert [
        sum(run.retired_patterns for run in runs),
        sum(run.revived_patterns for run in runs),
    ] == [1, 1]
    sizes = {}
    for pattern_id in held.values():
        pattern = understand.find_pattern(pattern_id, AGENT)
        assert pattern.state == "active"
        sizes[pattern.incident_type] = pattern.frequency
        members = understand.list_members(pattern_id, Wanted(200), AGENT).items
        assert len(members) == pattern.frequency
    assert sorted(sizes.values()) == [len(days), 64]
    [disk] = [pattern_id for title, pattern_id in held.items() if "PostgreSQL" in title]
    history = [each["what"] for each in understand.list_history(disk, Wanted(), AGENT).items]
    assert history[-1] == "discovered"
    assert [each for each in history if each != "updated"][:2] == ["revived", "retired"]
    assert {each.status for each in suggestions(scope)} == {"approved"}


def test_what_was_resolved_and_is_open_again_counts_as_failed(scope: str) -> None:
    for day in range(4):
        happened(scope, day)
    analysed_on(scope, 4)
    happened(scope, 3, status="open", resolution="")
    again = report.find_incident(scope, "disk-3", AGENT)
    assert (again.reopened, again.status) == (1, "open")
    analysed_on(scope, 5)
    [pattern] = understand.list_patterns(scope, Wanted(), AGENT).items
    assert (pattern.frequency, pattern.success_rate, pattern.reopened) == (4, 0.75, 1)
    happened(scope, 3)
    analysed_on(scope, 6)
    [pattern] = understand.list_patterns(scope, Wanted(), AGENT).items
    assert (pattern.success_rate, pattern.reopened) == (1, 1)
    figures = understand.statistics(scope, AGENT)
    assert (figures["patterns"], figures["coverage"]["incidents_in_patterns"]) == (1, 1)
    assert figures["last_run"]["status"] == "completed"
