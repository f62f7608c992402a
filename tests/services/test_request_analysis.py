"""Who asks for analyses: people and agents, the daily schedule, and those who choose incidents."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.core.analyses import RunStatus
from chalicelib.services import analyse, operate, request_analysis
from chalicelib.services.access import Caller
from chalicelib.services.errors import Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.store import analyses, patterns
from tests.services.cases import AGENT, NOW, disk_full, queued, told

pytestmark = pytest.mark.usefixtures("stack")


def test_a_request_is_queued_with_its_options_and_on_record(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    body = {"scope": scope, "lookback_days": 7, "incident_ids": ["only-for-learning"]}
    run = request_analysis.request(body, AGENT, NOW)
    assert sent == [(run.run_id, 0)]
    assert (run.status, run.request.lookback_days) == (RunStatus.QUEUED, 7)
    assert run.request.incident_ids is None
    [entry] = operate.list_audit(f"analysis:{run.run_id}", Wanted(), AGENT).items
    assert (entry["action"], entry["actor"]) == ("requested", "agent:bot")


@pytest.mark.parametrize("setting", ["enabled", "continuous_monitoring"])
def test_switched_off_nothing_is_queued_for_the_day(
    scope: str, sent: list[tuple[str, int]], set_settings: Callable[..., None], setting: str
) -> None:
    told(scope, disk_full(1))
    set_settings(**{setting: "false"})
    assert request_analysis.request_daily(NOW) == []
    assert sent == []


def test_every_day_one_run_is_queued_for_each_scope(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    for each in (scope, f"{scope}-b"):
        told(each, disk_full(1), disk_full(2))
    runs = request_analysis.request_daily(NOW)
    scopes = [run.scope for run in runs]
    assert (scopes.count(scope), scopes.count(f"{scope}-b")) == (1, 1)
    assert sent == [(run.run_id, 0) for run in runs]
    assert all(analyses.get(run.run_id) == run for run in runs)


def test_learning_takes_the_named_incidents_alone_however_old(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    told(scope, *(disk_full(number) for number in range(400, 405)), disk_full(1))
    wanted = [f"disk-{number}" for number in range(400, 403)]
    run = request_analysis.request_learning({"scope": scope, "incident_ids": wanted}, AGENT, NOW)
    assert sent == [(run.run_id, 0)]
    analyse.run(run.run_id, lambda: NOW)
    ended = request_analysis.find_run(run.run_id, AGENT)
    assert (ended.status, ended.total_incidents) == (RunStatus.COMPLETED, 3)
    [stored] = patterns.of_scope(scope)
    assert patterns.members(stored.pattern.pattern_id) == wanted


def test_learning_needs_incidents_and_a_scope_of_ones_own(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    told(scope, disk_full(1))
    for body in ({}, {"incident_ids": []}, {"incident_ids": ["disk-1", "disk-of-nobody"]}):
        with pytest.raises(InvalidInput) as raised:
            request_analysis.request_learning(body | {"scope": scope}, AGENT, NOW)
        assert [each["field"] for each in raised.value.errors] == ["incident_ids"]
    assert "counted from 0: 1" in str(raised.value)
    stranger = Caller(name="other", role="agent", scopes=["elsewhere"])
    with pytest.raises(Forbidden):
        request_analysis.request({"scope": scope}, stranger, NOW)
    with pytest.raises(NotFound):
        request_analysis.find_run(queued(scope).run_id, stranger)
    with pytest.raises(NotFound):
        request_analysis.find_run("run_of_nobody", AGENT)
    assert sent == []


def test_a_scope_that_cannot_be_queued_stops_no_other(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def send(run_id: str, delay_seconds: int = 0) -> None:
        run = analyses.get(run_id)
        if run and run.scope == scope:
            raise ConnectionError("the queue is away")
        sent.append(run_id)

    monkeypatch.setattr("chalicelib.store.queue.send", send)
    for each in (scope, f"{scope}-b"):
        told(each, disk_full(1))
    scopes = [run.scope for run in request_analysis.request_daily(NOW)]
    assert (scopes.count(scope), scopes.count(f"{scope}-b")) == (0, 1)
    assert len(sent) == len(scopes)


def test_the_runs_of_a_scope_are_listed_latest_first(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    asked = [
        request_analysis.request({"scope": scope}, AGENT, NOW + timedelta(hours=hours))
        for hours in range(3)
    ]
    first = request_analysis.list_runs(scope, Wanted(2), AGENT)
    rest = request_analysis.list_runs(scope, Wanted(2, first.next_cursor), AGENT)
    assert first.items + rest.items == asked[::-1]
    assert rest.next_cursor is None
    stranger = Caller(name="other", role="agent", scopes=["elsewhere"])
    with pytest.raises(Forbidden):
        request_analysis.list_runs(scope, Wanted(), stranger)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("similarity_threshold", 1.1),
        ("min_pattern_frequency", 1),
        ("min_success_rate", -0.1),
        ("confidence_threshold", "high"),
        ("dry_run", "perhaps"),
    ],
)
def test_thresholds_that_cannot_be_are_named(scope: str, name: str, bad: object) -> None:
    with pytest.raises(InvalidInput) as raised:
        request_analysis.request({"scope": scope, name: bad}, AGENT, NOW)
    assert [each["field"] for each in raised.value.errors] == [name]
