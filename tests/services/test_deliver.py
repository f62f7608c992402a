"""From the outbox to the bus: nothing is lost, and what comes twice can be told."""

import json
import random
import threading
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.core.callers import SYSTEM
from chalicelib.services import deliver
from chalicelib.store import outbox
from chalicelib.store.outbox import NotDelivered
from chalicelib.store.tables import OutboxItem
from chalicelib.store.transaction import Transaction
from local.stack import Stack
from tests.queues import notifications
from tests.services.cases import NOW

pytestmark = pytest.mark.usefixtures("stack")

Event = dict[str, Any]


class Bus:
    """The bus, with faults: it refuses some types of events, or does not answer at all."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.silent = False
        self.requests: list[list[Event]] = []
        self._bus = boto3.client("events")
        self._lock = threading.Lock()

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:
        if self.silent:
            raise ConnectionError("the bus does not answer")
        if sum(len(entry["Detail"]) for entry in Entries) > 256 * 1024:  # moto takes any
            raise ClientError({"Error": {"Code": "ValidationException"}}, "PutEvents")
        with self._lock:
            self.requests.append([json.loads(entry["Detail"]) for entry in Entries])
        taken = [entry for entry in Entries if entry["DetailType"] not in self.refused]
        answers = iter(self._bus.put_events(Entries=taken)["Entries"] if taken else [])
        no = {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded."}
        return {"Entries": [next(answers) if each in taken else no for each in Entries]}

    def times(self, event: Event) -> int:
        """How often an event was sent."""
        sent = [each["event_id"] for request in self.requests for each in request]
        return sent.count(event["event_id"])


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, stack: object) -> Bus:
    """What the use cases and the worker behind the outbox's stream reach now."""
    faulty = Bus()
    monkeypatch.setattr(outbox, "_bus", lambda: faulty)
    return faulty


def happened(scope: str, *types: str) -> list[Event]:
    """Events that are written to the outbox, as they are there."""
    with Transaction(SYSTEM, NOW) as transaction:
        for event_type in types:
            transaction.event(event_type, scope, {"said": "ü"})
    ours = [event for event in deliver.events_in(outbox.documents()) if event["scope"] == scope]
    return sorted(ours, key=lambda event: types.index(event["type"]))


def still_waiting(scope: str) -> list[str]:
    return sorted(
        event["type"] for event in deliver.events_in(outbox.documents()) if event["scope"] == scope
    )


def test_what_the_bus_refuses_waits_for_the_sweep(scope: str, bus: Bus) -> None:
    bus.refused = {"test.late"}
    happened(scope, "test.late")
    with pytest.raises(NotDelivered, match="1 of "):
        deliver.sweep()
    assert still_waiting(scope) == ["test.late"]
    bus.refused = set()
    assert deliver.sweep() >= 1
    assert still_waiting(scope) == []
    assert notifications(scope, until="test.late") == {"test.late"}


def test_of_a_batch_the_refused_ones_alone_stay(scope: str, bus: Bus) -> None:
    types = ["test.first", "test.refused", "test.third"]
    bus.refused = set(types)
    events = happened(scope, *types)
    bus.refused = {"test.refused"}
    with pytest.raises(NotDelivered, match="1 of 3"):
        deliver.deliver(events)
    assert still_waiting(scope) == ["test.refused"]


def test_a_bus_that_does_not_answer_loses_nothing(scope: str, bus: Bus) -> None:
    bus.silent = True
    happened(scope, "test.kept")
    with pytest.raises(ConnectionError):
        deliver.sweep()
    assert still_waiting(scope) == ["test.kept"]


def test_an_event_may_be_delivered_again_and_keeps_its_id(scope: str, bus: Bus) -> None:
    bus.refused = {"test.twice"}
    [event] = happened(scope, "test.twice")
    bus.refused = set()
    before = bus.times(event)
    assert [deliver.deliver([event]) for _ in range(2)] == [1, 1]
    assert bus.times(event) - before >= 2
    assert still_waiting(scope) == []


def test_an_event_says_what_happened_where_and_when(scope: str, bus: Bus) -> None:
    bus.refused = {"test.told"}
    [event] = happened(scope, "test.told")
    assert event.keys() == {"event_id", "type", "version", "scope", "at", "detail"}
    assert (event["type"], event["scope"]) == ("test.told", scope)
    assert (event["at"], event["detail"]) == ("2026-01-31T12:00:00Z", {"said": "ü"})


def test_many_events_go_in_requests_that_the_bus_takes(scope: str, bus: Bus) -> None:
    types = [f"test.number-{number:02d}" for number in range(23)]
    bus.refused = set(types)
    events = happened(scope, *types)
    bus.refused = set()
    bus.requests.clear()
    assert deliver.deliver(events) == 23
    assert max(len(request) for request in bus.requests) <= 10
    assert all(bus.times(event) >= 1 for event in events)
    assert still_waiting(scope) == []


def test_large_events_go_in_requests_that_the_bus_takes(bus: Bus) -> None:
    bus.requests.clear()
    large = [
        {
            "event_id": f"large-{number}",
            "type": "test.large",
            "version": 1,
            "scope": "x",
            "at": "2026-01-31T12:00:00Z",
            "detail": {"said": "漢" * 30_000},
        }
        for number in range(5)
    ]
    assert deliver.deliver(large) == 5
    sent = [request for request in bus.requests if request[0]["type"] == "test.large"]
    assert [len(request) for request in sent] == [2, 2, 1]


def test_a_record_that_is_no_event_holds_up_no_other(
    scope: str, bus: Bus, stack: Stack, request: pytest.FixtureRequest
) -> None:
    types = [f"test.{number}" for number in range(9)]
    bus.refused = set(types)
    events = happened(scope, *types)
    bus.refused = set()
    poison = OutboxItem(f"poison-{scope}", "event", document='{"type": "test.poison"}')
    poison.save()
    request.addfinalizer(poison.delete)
    documents = [*map(json.dumps, events), "no JSON", str(poison.document)]
    records = [
        {
            "eventName": "INSERT",
            "eventID": "1",
            "eventSourceARN": "local",
            "awsRegion": "local",
            "dynamodb": {
                "ApproximateCreationDateTime": NOW.timestamp(),
                "SequenceNumber": "1",
                "SizeBytes": 1,
                "StreamViewType": "NEW_IMAGE",
                "Keys": {},
                "NewImage": {"sk": {"S": "event"}, "document": {"S": each}},
            },
        }
        for each in documents * 5
    ]
    random.Random(8).shuffle(records)
    before = [bus.times(event) for event in events]
    answer = stack.workers.invoke("deliver_events", {"Records": records})
    assert answer == {"batchItemFailures": []}
    assert all(bus.times(each) >= then + 1 for each, then in zip(events, before, strict=True))
    happened(scope, "test.late")
    deliver.sweep()
    assert still_waiting(scope) == []


def test_what_the_bus_takes_never_holds_up_no_other(scope: str, bus: Bus) -> None:
    types = ["test.large", "test.behind"]
    bus.refused = set(types)
    large, behind = happened(scope, *types)
    bus.refused = set()
    large["detail"] = {"said": "x" * 300_000}
    with pytest.raises(NotDelivered, match="1 of 2"):
        deliver.deliver([large, behind])
    assert bus.times(behind) >= 1
    deliver.sweep()  # the large one is small enough where it is
    assert still_waiting(scope) == []


def test_nothing_to_deliver_is_nothing_wrong(bus: Bus) -> None:
    assert deliver.deliver([]) == 0
    assert [] not in bus.requests
