"""How an analysis ends, and what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.analyses import Progress, RunStatus, Stage
from chalicelib.core.suggestions import Suggestion
from chalicelib.services import (
    analyse,
    operate,
    request_analysis,
    review,
    suggest,
    understand,
)
from chalicelib.services.listing import Wanted
from chalicelib.services.suggestions import find_suggestion
from chalicelib.store import analyses, patterns
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    analysed,
    disk_full,
    queued,
    suggested,
    suggestions,
    told,
)

pytestmark = pytest.mark.usefixtures("stack")


def found(scope: str) -> list[tuple[str, int]]:
    return [(each.pattern.pattern_id, each.pattern.frequency) for each in patterns.of_scope(scope)]


def test_enough_incidents_make_a_completed_run_with_its_figures(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    run = analysed(scope)
    assert run.status is RunStatus.COMPLETED
    assert (run.total_incidents, run.patterns_found, run.new_patterns) == (5, 1, 1)
    assert (run.updated_patterns, run.suggestions_generated) == (0, 1)
    assert run.started_at == run.finished_at == NOW
    [entry, *_] = operate.list_audit(f"analysis:{run.run_id}", Wanted(), AGENT).items
    assert (entry["action"], entry["details"]["patterns_found"]) == ("completed", 1)


def test_too_few_closed_incidents_are_insufficient(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 5)))
    told(scope, disk_full(5, status="open", resolved_at=None))
    run = analysed(scope)
    assert (run.status, run.total_incidents) == (RunStatus.INSUFFICIENT_DATA, 4)
    assert "4" in run.detail
    assert "5" in run.detail
    assert found(scope) == []


def test_incidents_before_the_window_do_not_count(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(8, 13)))
    assert analysed(scope, lookback_days=10).total_incidents == 3
    assert analysed(scope, lookback_days=12).total_incidents == 5


def test_nothing_new_is_skipped_unless_the_analysis_is_forced(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    analysed(scope)
    before = found(scope), suggestions(scope)
    again = analysed(scope)
    assert (again.status, again.total_incidents) == (RunStatus.SKIPPED, 5)
    forced = analysed(scope, force_analysis=True)
    assert forced.status is RunStatus.COMPLETED
    assert (forced.new_patterns, forced.updated_patterns) == (0, 1)
    assert forced.suggestions_generated == 0
    assert (found(scope), suggestions(scope)) == before


def test_another_incident_or_other_settings_are_something_new(
    scope: str, set_settings: Callable[..., None]
) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    analysed(scope)
    told(scope, disk_full(6))
    assert analysed(scope).status is RunStatus.COMPLETED
    [(_, frequency)] = found(scope)
    assert frequency == 6
    set_settings(min_pattern_frequency=7)
    assert analysed(scope).status is RunStatus.COMPLETED
    [stored] = patterns.of_scope(scope)
    assert not stored.pattern.qualifies


def test_a_pattern_keeps_the_members_that_have_left_the_window(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 11)))
    analysed(scope)
    [(pattern_id, _)] = found(scope)
    told(scope, disk_full(11, opened_at=NOW.isoformat(), resolved_at=NOW.isoformat()))
    run = analysed(scope, lookback_days=5)
    assert (run.total_incidents, run.updated_patterns) == (6, 1)
    assert found(scope) == [(pattern_id, 11)]
    members = understand.list_members(pattern_id, Wanted(limit=7), AGENT)
    rest = understand.list_members(pattern_id, Wanted(7, members.next_cursor), AGENT)
    ids = [each.incident_id for each in members.items + rest.items]
    assert sorted(ids) == sorted(f"disk-{number}" for number in range(1, 12))


def test_a_run_that_failed_says_so_and_gives_the_scope_back(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    with monkeypatch.context() as broken:
        broken.setattr(analyse, "find_clusters", lambda *_: 1 / 0)
        failed = analysed(scope)
    assert (failed.status, failed.finished_at) == (RunStatus.FAILED, NOW)
    assert "division" not in failed.detail
    assert analysed(scope).status is RunStatus.COMPLETED


def test_a_message_that_comes_twice_does_nothing_the_second_time(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    run = analysed(scope)
    analyse.run(run.run_id, lambda: NOW + timedelta(hours=1))
    assert analyses.get(run.run_id) == run
    analyse.run("run_of_nobody", lambda: NOW)
    assert analyses.get("run_of_nobody") is None


def test_two_runs_of_a_scope_at_once_take_turns(
    scope: str, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    second = queued(scope, force_analysis=True)
    find_clusters = analyse.find_clusters

    def meanwhile(*arguments: Any) -> Any:
        analyse.run(second.run_id, lambda: NOW)
        return find_clusters(*arguments)

    with monkeypatch.context() as slow:
        slow.setattr(analyse, "find_clusters", meanwhile)
        assert analysed(scope).status is RunStatus.COMPLETED
    [(run_id, delay)] = [each for each in sent if each[0].startswith("run_")]
    assert (run_id, delay > 0) == (second.run_id, True)
    assert analyses.get(second.run_id) == second
    analyse.run(second.run_id, lambda: NOW)
    assert len(found(scope)) == len(suggestions(scope)) == 1


def test_analyses_that_are_switched_off_are_skipped_unless_forced(
    scope: str, set_settings: Callable[..., None]
) -> None:
    set_settings(enabled="false")
    told(scope, *(disk_full(number) for number in range(1, 6)))
    run = analysed(scope)
    assert (run.status, found(scope)) == (RunStatus.SKIPPED, [])
    assert "off" in run.detail
    assert analysed(scope, force_analysis=True).status is RunStatus.COMPLETED


def test_patterns_that_turn_out_to_be_one_are_merged(scope: str) -> None:
    other = {
        "title": "Certificate of the mail gateway expired",
        "description": "Clients refuse the TLS handshake.",
        "affected_systems": ["postfix"],
        "symptoms": ["handshake refused"],
        "error_messages": ["certificate has expired"],
        "resolution": "Renewed the certificate with `certbot renew`, then reloaded postfix.",
    }
    told(scope, *(disk_full(number) for number in range(1, 5)))
    told(scope, *(disk_full(number, **other) for number in range(5, 8)))
    analysed(scope)
    (kept, _), (gone, _) = found(scope)
    [lapsed] = [each for each in suggestions(scope) if each.pattern_id == gone]
    told(scope, *(disk_full(number) for number in range(5, 8)))
    run = analysed(scope)
    assert (run.patterns_found, run.new_patterns, run.updated_patterns) == (1, 0, 1)
    assert found(scope) == [(kept, 7)]
    merged = understand.find_pattern(gone, AGENT)
    assert (merged.state, merged.merged_into) == ("merged", kept)
    assert understand.list_patterns(scope, Wanted(), AGENT, "merged").items == [merged]
    withdrawn = find_suggestion(lapsed.suggestion_id, AGENT)
    assert (lapsed.status, withdrawn.status) == ("pending", "superseded")
    history = {each["what"]: each for each in understand.list_history(gone, Wanted(), AGENT).items}
    assert history.keys() == {"discovered", "merged"}
    assert (history["merged"]["merged_into"], history["merged"]["run_id"]) == (kept, run.run_id)


def test_a_reviewer_who_decides_while_the_analysis_writes_has_the_last_word(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = suggested(scope)
    told(scope, disk_full(6))
    propose = suggest.propose

    def decided_meanwhile(*arguments: Any) -> Suggestion | None:
        proposed = propose(*arguments)
        if find_suggestion(waiting.suggestion_id, AGENT).status == "pending":
            review.decide(waiting.suggestion_id, {"action": "reject"}, REVIEWER, NOW)
        return proposed

    monkeypatch.setattr(suggest, "propose", decided_meanwhile)
    run = analysed(scope)
    assert (run.status, run.suggestions_generated) == (RunStatus.COMPLETED, 0)
    [kept] = suggestions(scope)
    assert (kept.status, kept.revision) == ("rejected", 2)
    assert kept.supporting_incidents == waiting.supporting_incidents
    [(_, frequency)] = found(scope)
    assert frequency == 6


def test_thresholds_of_one_run_are_kept_with_it_and_decide(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    run = analysed(scope, min_pattern_frequency=6, confidence_threshold=0.5)
    assert run.thresholds is not None
    assert (run.thresholds.min_pattern_frequency, run.thresholds.confidence_threshold) == (6, 0.5)
    assert run.thresholds.similarity_threshold == 0.7
    [stored] = patterns.of_scope(scope)
    assert not stored.pattern.qualifies
    assert analysed(scope, min_pattern_frequency=6, confidence_threshold=0.5).status == "skipped"
    assert analysed(scope).suggestions_generated == 1


def test_a_dry_run_tells_and_changes_nothing(scope: str) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    run = analysed(scope, dry_run=True)
    assert (run.status, run.patterns_found, run.new_patterns) == (RunStatus.COMPLETED, 1, 1)
    [shown] = run.preview
    assert (shown.pattern_id, shown.frequency, shown.qualifies) == (None, 5, True)
    assert (found(scope), suggestions(scope)) == ([], [])
    analysed(scope)
    [(pattern_id, _)] = before = found(scope)
    told(scope, disk_full(6))
    again = analysed(scope, dry_run=True)
    assert [(each.pattern_id, each.frequency) for each in again.preview] == [(pattern_id, 6)]
    assert found(scope) == before
    assert analysed(scope).status is RunStatus.COMPLETED


def test_a_run_tells_how_far_it_has_come(scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    seen = []
    find_clusters = analyse.find_clusters

    def watched(*arguments: Any) -> Any:
        [run] = request_analysis.list_runs(scope, Wanted(), AGENT).items
        seen.append((run.status, run.progress))
        return find_clusters(*arguments)

    monkeypatch.setattr(analyse, "find_clusters", watched)
    ended = analysed(scope)
    assert seen == [(RunStatus.RUNNING, Progress(stage=Stage.READING, share=1))]
    assert ended.progress is not None
