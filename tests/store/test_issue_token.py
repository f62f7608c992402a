"""Tokens, as an operator issues and revokes them from the command line."""

import sys

import pytest

from infra import issue_token
from local.stack import Stack
from tests.api import Api


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["issue_token", "--stage", "local", *arguments])
    issue_token.main()


def test_a_token_reaches_its_scope_until_it_is_revoked(
    stack: Stack,
    scope: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, "--name", "build-7", "--role", "agent", "--scope", scope)
    token = capsys.readouterr().out.strip()
    caller = Api(stack.url, token)
    assert caller.get("/v1/incidents", scope=scope).status == 200
    assert caller.get("/v1/incidents", scope="another").status == 403
    assert caller.get("/v1/audit", entity="x").status == 403
    run(monkeypatch, "--revoke", token)
    assert caller.get("/v1/incidents", scope=scope).status == 401


def test_a_token_is_never_taken_for_an_option(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "-" * size)
    run(monkeypatch, "--name", "build-8", "--role", "agent")
    token = capsys.readouterr().out.strip()
    run(monkeypatch, "--revoke", token)
    assert Api(stack.url, token).get("/v1/patterns").status == 401


def test_a_role_that_there_is_not_is_refused(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, "--name", "x", "--role", "system")
    assert "agent, reviewer or operator" in capsys.readouterr().err
