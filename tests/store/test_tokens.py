"""Tokens, as an operator issues, lists, rotates and revokes them from the command line."""

import sys
from datetime import UTC, datetime

import pytest

from chalicelib.core.callers import SYSTEM
from chalicelib.store import tokens as store
from chalicelib.store.tables import AuditItem, TokenItem
from chalicelib.store.transaction import Conflict, Transaction
from infra import tokens
from local.stack import Stack
from tests.api import Api

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Console:
    """A shell in which the command is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def run(self, *arguments: str) -> tuple[str, str]:
        """What the command prints: its output, and what it says beside that."""
        self._monkeypatch.setattr(sys, "argv", ["tokens", "--stage", "local", *arguments])
        tokens.main()
        said = self._capsys.readouterr()
        return said.out.strip(), said.err.strip()

    def issue(self, *arguments: str) -> tuple[str, str]:
        """A new token, and its id."""
        token, said = self.run("issue", *arguments)
        return token, said.split(":")[0]


@pytest.fixture
def console(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Console:
    return Console(monkeypatch, capsys)


def test_a_token_reaches_its_scope_until_it_is_revoked(
    stack: Stack, console: Console, scope: str
) -> None:
    token, token_id = console.issue("--name", "build-7", "--scope", scope)
    caller = Api(stack.url, token)
    assert caller.get("/v1/incidents", scope=scope).status == 200
    assert caller.get("/v1/incidents", scope="another").status == 403
    assert caller.get("/v1/audit", entity="x").status == 403
    listed, _ = console.run("list")
    assert f"{token_id}  agent build-7 of {scope}" in listed
    console.run("revoke", token_id)
    assert caller.get("/v1/incidents", scope=scope).status == 401
    assert token_id not in console.run("list")[0]


def test_a_rotated_token_ends_at_once_or_after_the_overlap(stack: Stack, console: Console) -> None:
    first, first_id = console.issue("--name", "build-7")
    second, said = console.run("rotate", first_id, "--overlap-seconds", "60")
    assert Api(stack.url, first).get("/v1/patterns").status == 200
    assert Api(stack.url, second).get("/v1/patterns").status == 200
    third, _ = console.run("rotate", said.split(":")[0])
    assert Api(stack.url, second).get("/v1/patterns").status == 401
    assert Api(stack.url, third).get("/v1/patterns").status == 200


def test_one_that_has_ended_is_not_rotated(console: Console) -> None:
    _, token_id = console.issue("--name", "build-7")
    granted = store.get(token_id)
    assert granted is not None
    with Transaction(SYSTEM, NOW) as transaction:
        store.change(transaction, granted.model_copy(update={"expires_at": NOW}))
    with pytest.raises(SystemExit, match="this token has ended"):
        console.run("rotate", token_id)


def test_what_is_revoked_while_it_is_rotated_stays_so(console: Console) -> None:
    token, token_id = console.issue("--name", "build-7")
    granted = store.get(token_id)
    assert granted is not None
    rotation = Transaction(SYSTEM, NOW)
    store.change(rotation, granted)
    console.run("revoke", token_id)
    with pytest.raises(Conflict), rotation:
        pass
    assert (store.get(token_id), store.grant_of(token)) == (None, None)


def test_only_hashes_are_kept(console: Console) -> None:
    token, _ = console.issue("--name", "build-7")
    kept = [*TokenItem.scan(), *AuditItem.query("*")]
    assert not [item for item in kept if token in f"{item.pk} {item.sk} {item.document}"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["issue", "--name", "x", "--role", "system"], "role: Input should be 'agent'"),
        (["issue", "--name", "x", "--expires-at", "2020-01-01"], "must be in the future"),
        (["issue", "--name", "x", "--scope", "a b"], "scopes"),
        (["revoke", "tok_none"], "there is no token tok_none"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    console: Console, arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit, match=said):
        console.run(*arguments)
