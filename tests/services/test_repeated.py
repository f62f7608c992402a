"""Messages that come again, in any order, or never; a clock that steps back: the same end."""

import json
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from chalice.app import SQSEvent

from chalicelib.core.analyses import RunStatus
from chalicelib.core.backtest import BackTestStatus
from chalicelib.core.events import Event
from chalicelib.routes import workers
from chalicelib.services import (
    agents,
    analyse,
    backtest,
    deliver,
    discuss,
    edit,
    library,
    notify,
    operate,
    publish,
    record,
    request_analysis,
    understand,
)
from chalicelib.services.listing import Wanted
from chalicelib.store import analyses, executions, outbox, queue
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    analysed,
    described,
    disk_full,
    suggested,
    suggestions,
    told,
    written,
)

pytestmark = pytest.mark.usefixtures("stack")

DAY = timedelta(days=1)


def event(scope: str, number: int) -> dict[str, Any]:
    detail = {
        "playbook_id": f"pb_{number}",
        "version": "1.0.0",
        "title": "Free the disk",
        "change_type": "created",
        "systems": [],
        "required_capabilities": [],
    }
    return {
        "event_id": f"{scope}-{number}",
        "type": "playbook.published",
        "version": 1,
        "scope": scope,
        "at": "2026-01-31T12:00:00Z",
        "detail": detail,
    }


def ear(scope: str) -> str:
    """An agent that hears of what is published in a scope."""
    body = {"scopes": [scope], "subscriptions": ["playbook.published"], "capabilities": []}
    return agents.register(f"ear-{scope}", body, AGENT, NOW).agent_id


def heard(agent_id: str) -> list[str]:
    found = notify.notifications(agent_id, None, Wanted(200), AGENT, NOW)
    return sorted(each.event_id for each in found.items)


def test_events_five_times_in_any_order_are_told_once(scope: str) -> None:
    agent_id = ear(scope)
    messages = [Event.model_validate(event(scope, number)) for number in range(10)] * 5
    random.Random(8).shuffle(messages)
    for message in messages:
        notify.tell(message, NOW)
    assert heard(agent_id) == sorted(f"{scope}-{number}" for number in range(10))


def test_of_ten_records_the_poisoned_one_alone_goes_back(scope: str) -> None:
    agent_id = ear(scope)
    bodies = [json.dumps({"detail": event(scope, number)}) for number in range(10)]
    bodies[3] = '{"detail": "poison"}'
    records = [
        {"messageId": str(number), "body": body, "receiptHandle": "", "eventSource": "aws:sqs"}
        for number, body in enumerate(bodies)
    ]
    for _ in range(2):  # it comes again, and the others with it
        answer = workers._each(
            SQSEvent({"Records": records}, None),
            lambda body: notify.tell(Event.model_validate(json.loads(body)["detail"]), NOW),
        )
        assert answer == {"batchItemFailures": [{"itemIdentifier": "3"}]}
    assert heard(agent_id) == sorted(f"{scope}-{each}" for each in range(10) if each != 3)


def test_messages_to_the_workers_five_times_in_any_order_are_worked_on_once(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    suggestion = suggested(scope)
    sent.clear()
    run = request_analysis.request({"scope": scope, "force_analysis": True}, AGENT, NOW)
    backtest.request(suggestion.suggestion_id, REVIEWER, NOW + DAY)
    messages = [body for body, _ in sent] * 5
    random.Random(8).shuffle(messages)
    for body in messages:
        wanted = backtest if body.startswith(backtest.MESSAGE) else analyse
        wanted.run(body, lambda: NOW + DAY)
    actions = [
        entry["action"]
        for entity in (f"analysis:{run.run_id}", f"suggestion:{suggestion.suggestion_id}")
        for entry in operate.list_audit(entity, Wanted(), AGENT).items
    ]
    assert (actions.count("completed"), actions.count("back-tested")) == (1, 1)
    assert len(suggestions(scope)) == 1


def test_a_back_test_leaves_one_alone_that_was_asked_for_meanwhile(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    suggestion_id = suggested(scope).suggestion_id
    backtest.request(suggestion_id, REVIEWER, NOW + DAY)
    first, _ = sent[-1]
    asked: list[str] = []

    def clock() -> datetime:
        if not asked:  # somebody changes the suggestion while the worker begins
            body = {"revision": 1, "modifications": {"description": "Make room."}}
            edit.edit(suggestion_id, body, REVIEWER, NOW + DAY)
            asked.append(backtest.request(suggestion_id, REVIEWER, NOW + DAY).backtest_id)
        return NOW + DAY

    backtest.run(first, clock)
    second, _ = sent[-1]
    backtest.run(second, clock)
    found = backtest.find(suggestion_id, REVIEWER)
    assert [found.backtest_id] == asked
    assert (found.status, found.revision) == (BackTestStatus.COMPLETED, 2)


def learned(scope: str) -> list[Any]:
    """What is known of a scope's patterns, and what is proposed."""
    patterns = understand.list_patterns(scope, Wanted(), AGENT).items
    proposed = [(each.title, each.status, each.revision) for each in suggestions(scope)]
    return [*((each.incident_type, each.frequency) for each in patterns), *proposed]


def test_a_schedule_that_fires_twice_or_not_at_all_leaves_the_same(
    scope: str, sent: list[tuple[str, int]]
) -> None:
    ends = []
    for times in ([1, 1], [2, 2], [0, 1]):  # how often it fires on each of two days
        place = f"{scope}-{len(ends)}"
        told(place, *(disk_full(number) for number in range(1, 6)))
        for day, often in enumerate(times):
            for _ in range(often):
                request_analysis.request_daily(NOW + day * DAY)
            runs = [run for body, _ in sent if (run := analyses.get(body)) is not None]
            sent.clear()
            for run in runs:
                if run.scope == place:
                    analyse.run(run.run_id, lambda: NOW + DAY)
        ends.append(learned(place))
    assert ends[0] == ends[1] == ends[2] != []


def test_a_message_that_was_not_sent_is_sent_by_the_sweep(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ConnectionClosedError(endpoint_url="https://sqs.local")

    monkeypatch.setattr(queue, "send", away)
    run = request_analysis.request({"scope": scope}, AGENT, NOW)
    assert run.status is RunStatus.QUEUED
    assert run.run_id in outbox.messages()
    came: list[str] = []
    monkeypatch.setattr(queue, "send", lambda body, delay_seconds=0: came.append(body))
    deliver.sweep()
    assert run.run_id in came
    assert run.run_id not in outbox.messages()


def test_a_clock_that_steps_back_loses_nothing(scope: str, sent: list[tuple[str, int]]) -> None:
    playbook = written(scope)
    library.forget()
    library.index_now(scope, NOW)
    earlier = NOW - timedelta(seconds=50)
    suggestion = suggested(f"{scope}-b").suggestion_id
    discuss.comment(suggestion, {"text": "first"}, REVIEWER, NOW)
    discuss.comment(suggestion, {"text": "second"}, REVIEWER, earlier)
    for number in range(2):
        body = {"execution_id": f"run-{number}", "status": "success"}
        record.record_execution(playbook.playbook_id, body, AGENT, NOW - number * DAY)
    described(playbook, "Another.")
    spec = publish.find_playbook(playbook.playbook_id, AGENT).spec.model_dump(mode="json")
    body = {"scope": scope, "spec": spec | {"name": "Later, by an earlier clock"}}
    late = publish.write_playbook(body, REVIEWER, earlier)
    index = library.index_now(scope, earlier)
    assert late.playbook_id in {each.playbook_id for each in index.candidates}
    assert len(list(executions.every(playbook.playbook_id))) == 2
    assert len(discuss.list_comments(suggestion, Wanted(), REVIEWER).items) == 2
    told(f"{scope}-b", disk_full(6))
    assert analysed(f"{scope}-b", force_analysis=True).status is RunStatus.COMPLETED
    run = request_analysis.request({"scope": f"{scope}-b", "force_analysis": True}, AGENT, NOW)
    analyse.run(run.run_id, lambda: earlier)
    found = request_analysis.find_run(run.run_id, AGENT)
    assert (found.status, found.new_patterns) == (RunStatus.COMPLETED, 0)
    assert [each[1] for each in learned(f"{scope}-b")][:1] == [6]
    for each in (scope, f"{scope}-b"):
        assert operate.verify_trail(each)[1] is None
