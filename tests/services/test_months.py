"""Months of runs over a window that moves on: ids, counts and approvals stay."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.analyses import Run, RunStatus
from chalicelib.services import analyse, publish, report, review, understand
from chalicelib.services.listing import Wanted
from chalicelib.store import analyses
from tests.services.cases import AGENT, NOW, REVIEWER, disk_full, queued, suggestions
from tests.services.test_resume import CERTIFICATE, LAG

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
    assert (figures.patterns, figures.coverage.incidents_in_patterns) == (1, 1)
    assert figures.last_run.status == "completed"


def test_learning_from_incidents_of_two_patterns_leaves_both_and_the_third_alone(
    scope: str,
) -> None:
    for day in range(4):
        happened(scope, day)
        happened(scope, day, **LAG)
        happened(scope, day, **CERTIFICATE)
    analysed_on(scope, 4)
    before = understand.list_patterns(scope, Wanted(), AGENT).items
    chosen = [f"disk-{day}" for day in (0, 1)] + [f"{LAG['title']}-{day}" for day in (0, 1)]
    run = queued(scope, incident_ids=chosen, min_incidents=1, force_analysis=True)
    analyse.run(run.run_id, lambda: NOW + timedelta(days=400))
    ended = analyses.get(run.run_id)
    assert ended is not None
    assert (ended.total_incidents, ended.patterns_found, ended.updated_patterns) == (4, 2, 2)
    assert (ended.retired_patterns, ended.merged_patterns, ended.split_patterns) == (0, 0, 0)
    after = understand.list_patterns(scope, Wanted(), AGENT).items
    assert [(each.pattern_id, each.frequency) for each in after] == [
        (each.pattern_id, 4) for each in before
    ]


def test_an_approval_goes_along_when_its_pattern_merges(scope: str) -> None:
    for day in range(5):
        happened(scope, day)
    for day in range(3):
        happened(scope, day, **CERTIFICATE)
    analysed_on(scope, 5)
    [gone] = [each for each in suggestions(scope) if len(each.supporting_incidents) == 3]
    review.decide(gone.suggestion_id, {"action": "approve"}, REVIEWER, NOW)
    for day in range(3):
        time = (NOW + timedelta(days=day)).isoformat()
        moment = {"incident_id": f"{CERTIFICATE['title']}-{day}", "opened_at": time}
        body = disk_full(0, resolved_at=None) | moment | {"scope": scope}
        report.report(body, AGENT, NOW + timedelta(days=day))
    assert analysed_on(scope, 6).merged_patterns == 1
    [kept] = understand.list_patterns(scope, Wanted(), AGENT).items
    assert (kept.frequency, understand.find_pattern(gone.pattern_id, AGENT).merged_into) == (
        8, kept.pattern_id,
    )  # fmt: skip
    playbooks = [each for each in suggestions(scope) if each.kind == "playbook"]
    assert sorted(each.status for each in playbooks) == ["approved", "superseded"]
    happened(scope, 6)
    assert analysed_on(scope, 7).suggestions_generated == 0
