"""Runs of playbooks are recorded, also many at once, and add up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.fields import format_time
from chalicelib.core.executions import Execution
from chalicelib.services import operate, publish, record
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from tests.services.cases import AGENT, NOW, written

pytestmark = pytest.mark.usefixtures("stack")

Body = dict[str, Any]


@pytest.fixture
def playbook_id(scope: str) -> str:
    return written(scope).playbook_id


def recorded(playbook_id: str, **body: Any) -> Execution:
    return record.record_execution(playbook_id, {"status": "success", **body}, AGENT, NOW)


def count_of(playbook_id: str) -> int:
    """How many runs are listed."""
    return len(record.list_executions(playbook_id, Wanted(), AGENT).items)


def test_a_run_counts_for_the_version_that_was_run(playbook_id: str) -> None:
    minutes = {
        "started_at": format_time(NOW - timedelta(minutes=3)),
        "finished_at": format_time(NOW),
    }
    steps = [{"step_id": "rotate", "status": "failure", "error": "permission denied"}]
    recorded(playbook_id, satisfaction=4, **minutes)
    failed = recorded(playbook_id, status="failure", version="1.0.0", step_results=steps)
    assert (failed.version, failed.recorded_by) == ("1.0.0", "bot")
    metrics = record.playbook_metrics(playbook_id, AGENT)
    assert (metrics["executions"], metrics["successes"], metrics["success_rate"]) == (2, 1, 0.5)
    [version] = metrics["versions"]
    assert (version["version"], version["executions"], version["success_rate"]) == ("1.0.0", 2, 0.5)
    assert version["mean_duration_seconds"] == 180
    trail = operate.list_audit(f"playbook:{playbook_id}", Wanted()).items
    done = sorted((each["action"], each["actor"]) for each in trail)
    assert done == [("executed", "agent:bot")] * 2 + [("published", "reviewer:ann")]


def test_without_runs_there_is_no_rate(playbook_id: str) -> None:
    metrics = record.playbook_metrics(playbook_id, AGENT)
    assert (metrics["executions"], metrics["success_rate"], metrics["versions"]) == (0, None, [])


def test_runs_recorded_at_the_same_time_all_count(playbook_id: str) -> None:
    def until_taken(number: int) -> str:
        status = "success" if number % 3 else "failure"
        for _ in range(50):
            with suppress(Conflict):
                return recorded(playbook_id, status=status, satisfaction=5).execution_id
        raise AssertionError(f"run {number} was refused again and again")

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(until_taken, range(18)))
    assert len(set(ids)) == 18
    metrics = record.playbook_metrics(playbook_id, AGENT)
    assert (metrics["executions"], metrics["successes"]) == (18, 12)
    [version] = metrics["versions"]
    assert version["executions"] == 18
    assert sum(version["outcomes"].values()) == 18
    assert count_of(playbook_id) == 18


@pytest.fixture
def race(monkeypatch: pytest.MonkeyPatch, playbook_id: str) -> Callable[[int], list[str]]:
    """Lets somebody else record a run between the reading and the writing, so many times."""

    def lose(times: int) -> list[str]:
        others: list[str] = []
        write = record._record

        def too_late(*arguments: Any) -> None:
            if len(others) < times:
                others.append("begun")
                other = record._execution(
                    record.ExecutionReport(status="failure"), arguments[1], AGENT, NOW
                )
                write(other, publish.find_playbook(playbook_id, AGENT), AGENT, NOW)
            write(*arguments)

        monkeypatch.setattr(record, "_record", too_late)
        return others

    return lose


def test_a_run_that_lost_a_race_is_recorded_once(
    playbook_id: str, race: Callable[[int], list[str]]
) -> None:
    others = race(2)
    execution = recorded(playbook_id)
    assert len(others) == 2
    metrics = record.playbook_metrics(playbook_id, AGENT)
    assert (metrics["executions"], metrics["successes"]) == (3, 1)
    ids = [each.execution_id for each in record.list_executions(playbook_id, Wanted(), AGENT).items]
    assert ids.count(execution.execution_id) == 1


def test_a_run_that_loses_every_race_is_refused_and_not_recorded(
    playbook_id: str, race: Callable[[int], list[str]]
) -> None:
    others = race(1_000)
    with pytest.raises(Conflict):
        recorded(playbook_id)
    metrics = record.playbook_metrics(playbook_id, AGENT)
    assert (metrics["executions"], metrics["successes"]) == (len(others), 0)
    assert count_of(playbook_id) == len(others)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": "1.0.1"}, "version"),
        ({"version": "latest"}, "version"),
        ({"status": "splendid"}, "status"),
        ({"satisfaction": 6}, "satisfaction"),
        ({"step_results": [{"step_id": "a", "status": "maybe"}]}, "step_results.0.status"),
        (
            {"started_at": "2026-01-02T00:00:00Z", "finished_at": "2026-01-01T00:00:00Z"},
            "finished_at",
        ),
    ],
)
def test_what_is_no_run_is_named_and_does_not_count(
    playbook_id: str, body: Body, field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        recorded(playbook_id, **body)
    assert [each["field"] for each in raised.value.errors] == [field]
    assert record.playbook_metrics(playbook_id, AGENT)["executions"] == 0


def test_of_a_playbook_of_nobody_or_of_others_nothing_is_recorded(playbook_id: str) -> None:
    with pytest.raises(NotFound):
        recorded("pb_of_nobody")
    stranger = Caller(name="other", role="agent", scopes=["elsewhere"])
    with pytest.raises(Forbidden):
        record.record_execution(playbook_id, {"status": "success"}, stranger, NOW)
    with pytest.raises(Forbidden):
        record.list_executions(playbook_id, Wanted(), stranger)
    with pytest.raises(Forbidden):
        record.playbook_metrics(playbook_id, stranger)
