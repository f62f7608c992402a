"""The audit trail in DynamoDB: one chain a scope, whoever writes, and whatever goes wrong."""

import json
import sys
import threading
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ConnectionClosedError
from pynamodb.transactions import TransactWrite

from chalicelib.core.callers import Caller
from chalicelib.services import operate
from chalicelib.store import audit
from chalicelib.store.tables import AuditItem, PatternItem
from chalicelib.store.transaction import Transaction
from infra import verify_audit

pytestmark = pytest.mark.usefixtures("stack")

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANN = Caller(name="ann", role="reviewer", scopes=["*"]).coming("page", "192.0.2.7")


def act(scope: str, *actions: str) -> None:
    with Transaction(ANN, NOW) as transaction:
        for action in actions:
            transaction.put(PatternItem(scope, action, document="{}"))
            transaction.audit(scope, f"thing:{action}", action)


def test_the_entries_of_a_scope_are_one_chain(scope: str) -> None:
    act(scope, "one", "two")
    act(scope, "three")
    act(f"{scope}-other", "elsewhere")
    assert [(each["number"], each["action"]) for each in audit.trail(scope)] == [
        (1, "one"),
        (2, "two"),
        (3, "three"),
    ]
    assert operate.verify_trail(scope) == (3, None)
    [latest, *_] = audit.page_of_scope(scope, 10, None).items
    assert latest["action"] == "three"


def test_writers_at_once_lose_no_entry_and_nobody_is_turned_away(scope: str) -> None:
    barrier = threading.Barrier(16)

    def write(number: int) -> None:
        barrier.wait()
        act(scope, f"by-{number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each["action"] for each in audit.trail(scope)} == {f"by-{n}" for n in range(16)}
    assert operate.verify_trail(scope) == (16, None)


def test_an_answer_that_is_lost_after_the_write_makes_no_second_entry(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = TransactWrite._commit

    def lose_the_answer(transaction: TransactWrite) -> None:
        commit(transaction)
        monkeypatch.setattr(TransactWrite, "_commit", commit)
        # What the library does when a connection breaks: the same request once more.
        commit(transaction)

    monkeypatch.setattr(TransactWrite, "_commit", lose_the_answer)
    act(scope, "once")
    assert operate.verify_trail(scope) == (1, None)


def test_a_connection_that_breaks_before_the_write_is_told(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(transaction: TransactWrite) -> None:
        raise ConnectionClosedError(endpoint_url="dynamodb")

    monkeypatch.setattr(TransactWrite, "_commit", broken)
    with pytest.raises(ConnectionClosedError):
        act(scope, "never")
    assert list(audit.trail(scope)) == []


def test_who_tampers_with_the_table_is_found_out(scope: str) -> None:
    act(scope, "one", "two", "three")
    item = AuditItem.get(scope, "000000000002")
    item.document = json.dumps(json.loads(item.document or "") | {"actor": "reviewer:bob"})
    item.save()
    _, bad_link = operate.verify_trail(scope)
    assert bad_link is not None
    assert (bad_link.number, bad_link.reason) == (2, "entry 2 was altered")
    item.delete()
    _, bad_link = operate.verify_trail(scope)
    assert bad_link is not None
    assert bad_link.reason == "entry 2 is missing"


def test_the_command_names_the_first_bad_link(
    scope: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    act(scope, "one", "two")
    monkeypatch.setattr(sys, "argv", ["verify_audit", "--stage", "local", "--scope", scope])
    with pytest.raises(SystemExit) as whole:
        verify_audit.main()
    AuditItem.get(scope, "000000000001").delete()
    with pytest.raises(SystemExit) as broken:
        verify_audit.main()
    assert (whole.value.code, broken.value.code) == (0, 1)
    assert capsys.readouterr().out.splitlines() == [
        f"{scope}: 2 entries, whole",
        f"{scope}: entry 1 is missing",
    ]


def test_the_command_verifies_every_trail_that_there_is(
    scope: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    act(scope, "one")
    monkeypatch.setattr(sys, "argv", ["verify_audit", "--stage", "local"])
    with pytest.raises(SystemExit):
        verify_audit.main()
    said = capsys.readouterr().out.splitlines()
    assert f"{scope}: 1 entries, whole" in said
