"""Runs of playbooks are recorded, also many at once, and add up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.executions import Execution
from chalicelib.core.fields import format_time
from chalicelib.core.learning import Metrics
from chalicelib.services import operate, publish, rebuild, record, versions
from chalicelib.services.access import SYSTEM, Caller
from chalicelib.services.errors import Conflict, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.store import executions as store
from chalicelib.store import playbooks
from chalicelib.store.transaction import Transaction
from tests.services.cases import AGENT, NOW, REVIEWER, written

pytestmark = pytest.mark.usefixtures("stack")

Body = dict[str, Any]

ROTATED = {"step_id": "rotate", "status": "success"}


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
    metrics = record.playbook_metrics(playbook_id, Wanted(), AGENT)
    assert (metrics["executions"], metrics["successes"], metrics["success_rate"]) == (2, 1, 0.5)
    [version] = metrics["versions"]
    assert (version["version"], version["executions"], version["success_rate"]) == ("1.0.0", 2, 0.5)
    assert version["mean_duration_seconds"] == 180
    trail = operate.list_audit(f"playbook:{playbook_id}", Wanted(), AGENT).items
    done = sorted((each["action"], each["actor"]) for each in trail)
    assert done == [("executed", "agent:bot")] * 2 + [("published", "reviewer:ann")]


def test_without_runs_there_is_no_rate(playbook_id: str) -> None:
    metrics = record.playbook_metrics(playbook_id, Wanted(), AGENT)
    assert (metrics["executions"], metrics["success_rate"], metrics["versions"]) == (0, None, [])


def test_of_sixteen_writers_at_once_none_is_lost_and_none_counts_twice(playbook_id: str) -> None:
    def told(number: int) -> bool:
        steps = [{"step_id": "rotate", "status": "success" if number % 3 else "failure"}]
        body = {"execution_id": f"run-{number}", "satisfaction": 5, "step_results": steps}
        try:
            recorded(playbook_id, **body, status="success" if number % 3 else "failure")
        except Conflict:
            return False
        return True

    numbers = [*range(24), *range(0, 24, 2)]  # half of them are told twice
    with ThreadPoolExecutor(16) as pool:
        taken = dict.fromkeys(
            number for number, said in zip(numbers, pool.map(told, numbers), strict=True) if said
        )
    runs = record.list_executions(playbook_id, Wanted(200), AGENT).items
    assert sorted(run.execution_id for run in runs) == sorted(f"run-{each}" for each in taken)
    assert len(taken) >= 16  # whoever is refused is told, and few are
    metrics = record.playbook_metrics(playbook_id, Wanted(), AGENT)
    successes = sum(number % 3 > 0 for number in taken)
    assert (metrics["executions"], metrics["successes"]) == (len(taken), successes)
    head = publish.find_playbook(playbook_id, AGENT)
    assert (head.executions, head.successes) == (len(taken), successes)
    assert metrics["versions"][0]["step_failures"] == {"rotate": len(taken) - successes}
    assert rebuild.rebuild_metrics(playbook_id, REVIEWER, NOW) == []


def test_the_same_report_again_is_the_same_run(playbook_id: str) -> None:
    first = recorded(playbook_id, execution_id="a-1", notes="Worked.")
    assert recorded(playbook_id, execution_id="a-1", notes="Worked.") == first
    with pytest.raises(Conflict, match="a-1"):
        recorded(playbook_id, execution_id="a-1", notes="Did not.", status="failure")
    assert count_of(playbook_id) == 1
    assert record.playbook_metrics(playbook_id, Wanted(), AGENT)["executions"] == 1


def test_a_dry_run_is_kept_and_counts_nowhere(playbook_id: str) -> None:
    dry = recorded(playbook_id, dry_run=True, incident_id="inc-1", status="failure")
    assert [each.dry_run for each in record.list_executions(playbook_id, Wanted(), AGENT).items]
    metrics = record.playbook_metrics(playbook_id, Wanted(), AGENT)
    assert (metrics["executions"], metrics["versions"]) == (0, [])
    assert publish.find_playbook(playbook_id, AGENT).executions == 0
    assert store.ran_for(playbook_id) == {}
    assert store.get(playbook_id, dry.execution_id) == dry


def test_the_metrics_of_many_versions_come_in_parts(playbook_id: str) -> None:
    for number in range(3):
        if number:
            spec = publish.find_playbook(playbook_id, AGENT).spec.model_dump(mode="json")
            changed = {"spec": {**spec, "description": f"As of {number}."}}
            versions.edit(playbook_id, changed, REVIEWER, NOW)
        recorded(playbook_id, status="failure" if number == 1 else "success")
    latest = record.playbook_metrics(playbook_id, Wanted(2), AGENT)
    assert [each["version"] for each in latest["versions"]] == ["1.0.1", "1.0.2"]
    against = [each["against_previous"] for each in latest["versions"]]
    assert [each and each.version for each in against] == ["1.0.0", "1.0.1"]
    rest = record.playbook_metrics(playbook_id, Wanted(2, latest["next_cursor"]), AGENT)
    assert [each["version"] for each in rest["versions"]] == ["1.0.0"]
    assert rest["versions"][0]["against_previous"] is None
    assert rest["next_cursor"] is None
    assert latest["executions"] == rest["executions"] == 3
    assert latest["successes"] == rest["successes"] == 2


def test_what_is_wrong_in_the_metrics_is_put_right_from_the_records(playbook_id: str) -> None:
    started = {"started_at": format_time(NOW - timedelta(minutes=7))}
    for number in range(4):
        recorded(
            playbook_id,
            status="failure" if number else "success",
            finished_at=format_time(NOW - timedelta(minutes=number)),
            satisfaction=number + 1,
            step_results=[{"step_id": "rotate", "status": "failure"}],
            **started,
        )
    right = record.playbook_metrics(playbook_id, Wanted(), AGENT)
    assert rebuild.rebuild_metrics(playbook_id, REVIEWER, NOW) == []
    [kept] = store.metrics(playbook_id)
    wrong = Metrics(version=kept.version, executions=99, revision=kept.revision + 1)
    head = publish.find_playbook(playbook_id, AGENT)
    with Transaction(SYSTEM, NOW) as transaction:
        store.save_metrics(transaction, playbook_id, wrong)
        playbooks.save(transaction, head.changed(NOW, executions=99))
    assert record.playbook_metrics(playbook_id, Wanted(), AGENT) != right
    assert rebuild.rebuild_metrics(playbook_id, REVIEWER, NOW) == ["1.0.0"]
    assert record.playbook_metrics(playbook_id, Wanted(), AGENT) == right
    whole = store.altogether(playbook_id)
    assert whole is not None
    with Transaction(SYSTEM, NOW) as transaction:
        wrong = Metrics(version="1.0.0", executions=99, revision=whole.revision + 1)
        store.save_altogether(transaction, playbook_id, wrong)
    rebuild.rebuild_metrics(playbook_id, REVIEWER, NOW)
    assert record.playbook_metrics(playbook_id, Wanted(), AGENT) == right
    assert publish.find_playbook(playbook_id, AGENT).executions == 4


def test_no_secret_is_kept_wherever_a_run_tells_it(scope: str) -> None:
    value = "-".join(["opens", "sesame"])
    spec = {
        "name": "Log in",
        "parameters": [{"name": "key_phrase", "type": "secure_string"}, {"name": "host"}],
        "steps": [{"id": "in", "name": "Log in", "action": "noop", "args": {"message": "Log in"}}],
    }
    written = publish.write_playbook({"scope": scope, "spec": spec}, REVIEWER, NOW)
    result = {"step_id": "in", "status": "failure", "output": f"as {value}", "error": f"({value})"}
    kept = recorded(
        written.playbook_id,
        parameters={"key_phrase": value, "host": "db-1"},
        step_results=[result],
        notes=f"Logged in with {value}.",
    )
    assert kept.parameters == {"key_phrase": "<secure:key_phrase>", "host": "db-1"}
    everything = kept.model_dump_json() + store.latest(written.playbook_id, 1)[0].model_dump_json()
    assert value not in everything
    assert everything.count("<secure:key_phrase>") == 8


@pytest.fixture
def race(monkeypatch: pytest.MonkeyPatch, playbook_id: str) -> Callable[[int], list[str]]:
    """Lets somebody else record a run between the reading and the writing, so many times."""

    def lose(times: int) -> list[str]:
        others: list[str] = []
        write = record._record

        def too_late(*arguments: Any) -> Metrics:
            if len(others) < times:
                others.append("begun")
                other = record._execution(
                    f"exe_other_{len(others)}",
                    record.ExecutionReport(status="failure"),
                    arguments[1],
                    None,
                    AGENT,
                    NOW,
                )
                write(other, publish.find_playbook(playbook_id, AGENT), AGENT, NOW)
            return write(*arguments)

        monkeypatch.setattr(record, "_record", too_late)
        return others

    return lose


def test_a_run_that_lost_a_race_is_recorded_once(
    playbook_id: str, race: Callable[[int], list[str]]
) -> None:
    others = race(2)
    execution = recorded(playbook_id)
    assert len(others) == 2
    metrics = record.playbook_metrics(playbook_id, Wanted(), AGENT)
    assert (metrics["executions"], metrics["successes"]) == (3, 1)
    ids = [each.execution_id for each in record.list_executions(playbook_id, Wanted(), AGENT).items]
    assert ids.count(execution.execution_id) == 1


def test_a_run_that_loses_every_race_is_refused_and_not_recorded(
    playbook_id: str, race: Callable[[int], list[str]]
) -> None:
    others = race(1_000)
    with pytest.raises(Conflict):
        recorded(playbook_id)
    metrics = record.playbook_metrics(playbook_id, Wanted(), AGENT)
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
        ({"step_results": [{"step_id": "a", "status": "success"}]}, "step_results.0.step_id"),
        ({"step_results": [ROTATED, ROTATED]}, "step_results.1.step_id"),
        ({"finished_at": format_time(NOW + timedelta(days=9))}, "finished_at"),
        ({"execution_id": "a/b"}, "execution_id"),
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
    assert record.playbook_metrics(playbook_id, Wanted(), AGENT)["executions"] == 0


def test_of_a_playbook_of_nobody_or_of_others_nothing_is_recorded(playbook_id: str) -> None:
    with pytest.raises(NotFound):
        recorded("pb_of_nobody")
    stranger = Caller(name="other", role="agent", scopes=["elsewhere"])
    with pytest.raises(NotFound):
        record.record_execution(playbook_id, {"status": "success"}, stranger, NOW)
    with pytest.raises(NotFound):
        record.list_executions(playbook_id, Wanted(), stranger)
    with pytest.raises(NotFound):
        record.playbook_metrics(playbook_id, Wanted(), stranger)
