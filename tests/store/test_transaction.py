"""A use case's changes, their audit entries and their events: together, or not at all."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from pynamodb.exceptions import TransactWriteError

from chalicelib.core.callers import Caller
from chalicelib.store import audit, objects, outbox
from chalicelib.store.tables import PatternItem
from chalicelib.store.transaction import Conflict, Transaction

pytestmark = pytest.mark.usefixtures("stack")

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANN = Caller(name="ann", role="reviewer", scopes=["*"]).coming("page", "192.0.2.7")


class Sink:
    """A bus that takes nothing, so that events stay where a test can see them."""

    def put_events(self, *, Entries: list[Any]) -> dict[str, Any]:
        return {"Entries": [{"ErrorCode": "ThrottlingException"} for _ in Entries]}


@pytest.fixture(autouse=True)
def _no_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_bus", Sink)


def transaction() -> Transaction:
    return Transaction(ANN, NOW)


def change(scope: str, revision: int, text: str) -> Transaction:
    """The whole of a use case: a new revision, with its audit entry and its event."""
    changed = transaction()
    item = PatternItem(scope, "thing", document=text, revision=revision)
    changed.create(item) if revision == 1 else changed.replace(item)
    changed.audit(scope, f"thing:{scope}", "changed", {"to": text})
    changed.event("thing.changed", scope, {"to": text})
    return changed


def state(scope: str) -> tuple[str | None, int, int]:
    """The thing's text, its audit entries and its events."""
    found = list(PatternItem.query(scope, PatternItem.sk == "thing"))
    trail = list(audit.trail(scope))
    events = [event for event in map(json.loads, outbox.documents()) if event["scope"] == scope]
    return found[0].text if found else None, len(trail), len(events)


def test_a_change_its_audit_entry_and_its_event_are_written_together(scope: str) -> None:
    with change(scope, 1, "first"):
        assert state(scope) == (None, 0, 0)
    assert state(scope) == ("first", 1, 1)
    [entry] = audit.page(f"thing:{scope}", 10, None).items
    assert (
        entry.items()
        >= {
            "entity": f"thing:{scope}",
            "action": "changed",
            "actor": "reviewer:ann",
            "at": "2026-01-31T12:00:00Z",
        }.items()
    )
    assert entry["details"] == {"to": "first"}


@pytest.mark.parametrize("revision", [1, 2, 4])
def test_what_was_changed_by_another_conflicts_and_nothing_is_written(
    scope: str, revision: int
) -> None:
    for number, text in ((1, "first"), (2, "second")):
        with change(scope, number, text):
            pass
    before = state(scope)
    with pytest.raises(Conflict), change(scope, revision, "late"):
        pass
    assert state(scope) == before == ("second", 2, 2)
    with change(scope, 3, "third"):
        pass
    assert state(scope) == ("third", 3, 3)


def test_a_use_case_that_breaks_off_writes_nothing(scope: str) -> None:
    with pytest.raises(ZeroDivisionError), change(scope, 1, "half"):
        _ = 1 / 0
    assert state(scope) == (None, 0, 0)


@pytest.mark.parametrize("busy", [0, 1, 2], ids=["the thing", "its event", "the trail"])
def test_what_meets_a_write_under_way_is_written_after_it(
    scope: str, busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB lets no two transactions write an item at once; moto knows nothing of that."""
    answer = BotocoreStubber.__call__
    refused: list[str] = []

    def refuse_once(stub: BotocoreStubber, event_name: str, request: Any, **_: Any) -> Any:
        if refused or not event_name.endswith("TransactWriteItems"):
            return answer(stub, event_name, request)
        refused.append(event_name)
        codes = ["None"] * 4
        codes[busy] = "TransactionConflict"
        told = {
            "__type": "TransactionCanceledException",
            "Message": f"Transaction cancelled [{', '.join(codes)}]",
            "CancellationReasons": [{"Code": code} for code in codes],
        }
        return AWSResponse(request.url, 400, {}, MockRawResponse(json.dumps(told).encode()))

    monkeypatch.setattr(BotocoreStubber, "__call__", refuse_once)
    with change(scope, 1, "first"):
        pass
    assert refused
    assert state(scope) == ("first", 1, 1)


def test_of_many_at_once_one_wins_and_the_others_leave_no_trace(scope: str) -> None:
    won: list[str] = []
    barrier = threading.Barrier(6)

    def attempt(text: str) -> None:
        barrier.wait()
        try:
            with change(scope, 1, text):
                pass
        except Conflict:
            return
        won.append(text)

    threads = [threading.Thread(target=attempt, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert state(scope) == (won[0], 1, 1)


def test_a_transaction_that_cannot_be_is_no_conflict(scope: str) -> None:
    twice = change(scope, 1, "one")
    twice.put(PatternItem(scope, "thing", document="other"))
    with pytest.raises(TransactWriteError), twice:
        pass
    assert state(scope) == (None, 0, 0)


def test_what_is_deleted_goes_with_the_rest(scope: str) -> None:
    with change(scope, 1, "first"):
        pass
    with transaction() as removal:
        removal.delete(PatternItem(scope, "thing"))
        removal.audit(scope, f"thing:{scope}", "removed")
    assert state(scope) == (None, 2, 1)


def test_an_empty_transaction_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.store.transaction._connection", lambda: 1 / 0)
    with transaction():
        pass


def test_a_document_too_large_for_an_item_is_kept_in_s3(scope: str) -> None:
    text = json.dumps(["x" * 400_000])
    with change(scope, 1, text):
        pass
    item = PatternItem.get(scope, "thing")
    assert (item.document, item.text) == (None, text)
    assert objects.read(item.object_key) == text.encode()


def test_a_large_audit_entry_is_read_back_whole(scope: str) -> None:
    text = "x" * 400_000
    with transaction() as large:
        large.audit(scope, f"thing:{scope}", "changed", {"to": text})
    [entry] = audit.page(f"thing:{scope}", 10, None).items
    assert entry["details"] == {"to": text}
