"""From the bus into the inboxes: each event once, none lost, whoever writes at the same time."""

import json
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core.agents import Agent
from chalicelib.core.events import Event
from chalicelib.services import agents, notify
from chalicelib.services.access import Caller
from chalicelib.services.listing import Wanted
from chalicelib.store import agents as store
from local.stack import Stack
from tests.services.cases import NOW

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def bot(scope: str) -> Caller:
    """A token, with an agent of the same name in the scope."""
    caller = Caller(name=f"bot-{scope}", role="agent", scopes=[scope])
    registered(caller, scope)
    return caller


def registered(caller: Caller, *scopes: str, now: datetime = NOW) -> Agent:
    subscriptions = ["execution.recorded"]
    body = {"capabilities": [], "scopes": scopes, "subscriptions": subscriptions}
    return agents.register(caller.name, body, caller, now)


def event(scope: str, event_id: str) -> Event:
    detail = {"execution_id": "exe_1", "playbook_id": "p", "version": "1.0.0", "status": "success"}
    return Event(
        event_id=f"{scope}-{event_id}",
        type="execution.recorded",
        version=1,
        scope=scope,
        at=NOW,
        detail=detail,
    )


def inbox(caller: Caller, now: datetime = NOW, **wanted: Any) -> list[dict[str, Any]]:
    return notify.notifications(caller.name, None, Wanted(**wanted), caller, now).items


def test_an_event_that_comes_again_makes_no_second_notification(scope: str, bot: Caller) -> None:
    told = [notify.tell(event(scope, each), NOW) for each in ("a", "b", "a", "b", "c")]
    # Agents of other tests work everywhere, and hear of it too.
    assert [number > 0 for number in told] == [True, True, False, False, True]
    ids = [each.event_id.removeprefix(f"{scope}-") for each in inbox(bot)]
    assert ids == ["a", "b", "c"]


def test_events_at_the_same_time_are_numbered_without_gaps(scope: str, bot: Caller) -> None:
    def work(number: int) -> None:
        # As the queue does, try again what failed.
        while True:
            try:
                notify.tell(event(scope, str(number % 6)), NOW)
            except notify.Conflict:
                continue
            return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    items = inbox(bot)
    assert [each.sequence for each in items] == [1, 2, 3, 4, 5, 6]
    assert len({each.event_id for each in items}) == 6


def test_two_weeks_later_it_is_gone_though_dynamodb_has_not_deleted_it(
    scope: str, bot: Caller
) -> None:
    notify.tell(event(scope, "old"), NOW)
    notify.tell(event(scope, "new"), NOW + timedelta(days=10))
    assert len(inbox(bot, NOW + timedelta(days=13))) == 2
    [left] = inbox(bot, NOW + timedelta(days=15))
    assert left.sequence == 2


def test_what_came_through_a_scope_that_is_reached_no_more_is_left_out(
    scope: str, bot: Caller
) -> None:
    both = bot.model_copy(update={"scopes": [scope, f"{scope}-b"]})
    registered(both, *both.scopes)
    notify.tell(event(scope, "a"), NOW)
    notify.tell(event(f"{scope}-b", "b"), NOW)
    assert [each.scope for each in inbox(both)] == [scope, f"{scope}-b"]
    assert [each.scope for each in inbox(bot)] == [scope]


def test_who_takes_the_id_of_one_that_is_gone_does_not_read_its_letters(
    scope: str, bot: Caller
) -> None:
    notify.tell(event(scope, "a"), NOW)
    agents.remove(bot.name, bot, NOW)
    registered(bot, scope, now=NOW + timedelta(seconds=1))
    assert inbox(bot) == []


def test_when_its_token_calls_an_agent_is_seen_but_once_a_minute(scope: str, bot: Caller) -> None:
    stranger = Caller(name=f"stranger-{scope}", role="agent", scopes=[scope])
    for seconds, caller, expected in ((40, bot, 0), (90, stranger, 0), (130, bot, 130)):
        agents._lately.pop(caller.actor, None)  # as in another process
        agents.seen(caller, NOW + timedelta(seconds=seconds))
        seen = store.get(bot.name)
        assert seen is not None
        assert seen.last_seen_at == NOW + timedelta(seconds=expected)
    agents.seen(bot, NOW + timedelta(seconds=180))
    again = store.get(bot.name)
    assert again is not None
    assert again.last_seen_at == NOW + timedelta(seconds=130)


def test_of_a_batch_the_message_that_fails_alone_goes_back(
    scope: str, bot: Caller, stack: Stack
) -> None:
    good = {"detail": event(scope, "good").model_dump(mode="json")}
    bodies = {"1": json.dumps(good), "2": "{}", "3": "no JSON"}
    records = [
        {"messageId": name, "body": body, "receiptHandle": name, "eventSource": "aws:sqs"}
        for name, body in bodies.items()
    ]
    answer = stack.workers.invoke("fill_inboxes", {"Records": records})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]}
    assert [each.event_id for each in inbox(bot, datetime.now(NOW.tzinfo))] == [f"{scope}-good"]
