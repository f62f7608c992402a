"""Secrets sent by every way that there is must be found nowhere afterwards."""

import http.cookiejar
import io
import logging
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.api import Answer, Api
from tests.contract.canaries import (
    BODY,
    CANARIES,
    EMAIL,
    FORMS,
    GOOD,
    ORDER,
    SPEC,
    TAKEN,
    TEXT,
    TOKEN,
)
from tests.contract.incidents import RESTART, alike
from tests.payloads import ONE_TICKET, deliveries

if TYPE_CHECKING:
    from local.stack import Stack


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged meanwhile, as it would be printed."""
    from chalicelib.observability import logger

    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@pytest.fixture
def names(agent: Api, operator: Api, reviewer: Api, scope: str) -> dict[str, str]:
    """One of each thing that a path can name."""
    agent.report(alike(f"{RESTART} {TEXT}", range(1, 7), description=TEXT), scope)
    run = agent.analyse(scope, force_analysis=True)
    [suggestion, *_] = agent.get("/v1/suggestions", scope=scope).body["items"]
    playbook = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC})
    asked = {"scope": scope, "min_relevance": 0, "context": {"query": TEXT}}
    recommended = agent.post("/v1/recommendations", asked)
    return {
        "scope": scope,
        "incident_id": urllib.parse.quote(EMAIL),
        "run_id": run["run_id"],
        "pattern_id": suggestion["pattern_id"],
        "suggestion_id": suggestion["suggestion_id"],
        "playbook_id": playbook.body["playbook_id"],
        "recommendation_id": recommended.body["recommendation_id"],
        "agent_id": urllib.parse.quote(EMAIL),
    }


def test_a_secret_sent_by_any_route_is_kept_nowhere(
    stack: "Stack",
    agent: Api,
    reviewer: Api,
    operator: Api,
    names: dict[str, str],
    scope: str,
    log: io.StringIO,
) -> None:
    from chalicelib.routes.access import ACCESS

    answers, browser, taken = [], Browser(stack.url), set()
    for (method, path), roles in sorted(ACCESS.items(), key=lambda each: ORDER.index(each[0][0])):
        place = path.format_map(_Named(names))
        caller = next(
            (api for role, api in (("agent", agent), ("reviewer", reviewer)) if role in roles),
            operator,
        )
        if path.startswith("/review"):
            if roles:
                answers.append(browser.visit(method, place, BODY | FORMS.get(path, {})))
        elif method == "GET":
            answers.append(str(caller.get(place, scope=scope).body))
        else:
            body = BODY | {"scope": scope} | GOOD.get(f"{method} {path}", {})
            key = {"Idempotency-Key": f"{scope} {place}"}
            for sent in (body, {"scope": scope, **GOOD.get(f"{method} {path}", {})}):
                answer = caller.call(method, place, sent, key if sent is body else None)
                assert answer.status < 500, (method, path, answer)
                answers += [str(answer.body), str(answer.headers)]
                if answer.status < 300:
                    taken.add(f"{method} {path}")
    answers += [str(each.body) for each in (*deliver(agent, scope), *exchange(agent, names))]
    found = [*answers, log.getvalue(), *everything_kept()]
    assert len(answers) > 40
    assert any("REDACTED" in text for text in found)
    assert not [canary for canary in CANARIES if any(canary in text for text in found)]
    assert taken >= TAKEN


def test_what_was_taken_out_is_told_by_kind(agent: Api, scope: str) -> None:
    body = {"title": f"{EMAIL} used {TOKEN}", "description": f"{EMAIL} again", "scope": scope}
    answer = agent.post("/v1/incidents", body)
    assert answer.body["redactions"] == {"email": 2, "github_token": 1}
    assert answer.headers["Redactions"] == "email=2, github_token=1"
    [first, second] = re.findall(r"<REDACTED:email:[0-9a-f]{6}>", str(answer.body))
    assert first == second
    other = agent.post("/v1/incidents", body | {"scope": f"{scope}-other"})
    assert first not in str(other.body)
    agent.report(alike(f"{RESTART} Told {EMAIL}.", range(6)), scope)
    agent.analyse(scope, force_analysis=True)
    statistics = agent.get("/v1/patterns/statistics", scope=scope).body
    assert statistics["redactions"] == {"email": 6}


def test_a_scope_has_rules_of_its_own(agent: Api, operator: Api, scope: str) -> None:
    place = f"/v1/scopes/{scope}/redaction"
    rules = [{"kind": "customer", "pattern": r"\bC-(\d{6})\b"}]
    assert agent.call("PUT", place, {"rules": rules}).status == 403
    bad = operator.call("PUT", place, {"rules": [*rules, {"kind": "x", "pattern": "(a"}]})
    assert bad.bad_fields == ["rules.1.pattern"]
    assert operator.call("PUT", place, {"rules": rules, "anonymise": True}).status == 200
    assert operator.get(place).body["rules"] == rules
    body = {"title": "Order of C-123456 on web1.shop.example.com", "scope": scope}
    title = agent.post("/v1/incidents", body).body["title"]
    assert re.fullmatch(
        r"Order of C-<REDACTED:customer:\w{6}> on host-[0-9a-f]{6}\.internal", title
    )
    elsewhere = agent.post("/v1/incidents", body | {"scope": f"{scope}-other"})
    assert elsewhere.body["title"] == body["title"]


def test_what_cannot_be_redacted_is_refused(
    agent: Api, scope: str, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, text: str) -> str:
        raise ValueError(text)

    monkeypatch.setattr("chalicelib.redaction.Redactor.text", broken)
    body = {"title": TEXT[:290], "scope": scope, "incident_id": "closed"}
    answer = agent.post("/v1/incidents", body)
    assert answer.status == 503
    monkeypatch.undo()
    assert agent.get("/v1/incidents/closed", scope=scope).status == 404
    assert "redaction failed with ValueError" in log.getvalue() or "withheld" in log.getvalue()
    assert not [each for each in CANARIES if each in log.getvalue() + str(answer.body)]


def deliver(api: Api, scope: str) -> Iterator[Answer]:
    """What all tools send, with secrets in every sentence of it."""
    for source in ONE_TICKET:
        for body in deliveries(source):
            answer = api.call("POST", f"/v1/webhooks/{source}?scope={scope}", tainted(body))
            assert answer.status < 300, f"{source}: {answer.body}"
            yield answer


def tainted(value: Any) -> Any:
    """The same with the canaries behind every text that has words, not behind times and ids."""
    if isinstance(value, dict):
        return {n: entry if n.endswith("type") else tainted(entry) for n, entry in value.items()}
    if isinstance(value, list):
        return [tainted(entry) for entry in value]
    worded = isinstance(value, str) and value[:1].isalpha() and re.search("[a-z] [a-z]", value)
    return f"{value} {TEXT}" if worded else value


def exchange(api: Api, names: dict[str, str]) -> Iterator[Answer]:
    """A message for every tool of an assistant, and some that are none."""
    from chalicelib.routes.mcp_tools import TOOLS

    for tool in [*TOOLS, TEXT]:
        arguments = BODY | names | {"incident": BODY, "rating": 3, "helpful": True}
        params = {"name": tool, "arguments": arguments, "_meta": {"note": TEXT}}
        message = {"jsonrpc": "2.0", "id": TEXT, "method": "tools/call", "params": params}
        yield api.post("/mcp", message)
        yield api.post("/mcp", message | {"method": TEXT})
        yield api.post("/mcp", message | {"params": {"name": tool, "arguments": names}})


class _Named(dict[str, str]):
    """The things that paths name; what is not there has an id of nothing."""

    def __missing__(self, name: str) -> str:
        return "none"


class Browser:
    """A reviewer's browser, as far as forms need one."""

    def __init__(self, url: str) -> None:
        self._url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.visit(
            "POST", "/review/sign-in", {"username": "reviewer", "password": "local-reviewer"}
        )

    def visit(self, method: str, path: str, form: dict[str, Any]) -> str:
        page = self._open("/review", None)
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token, page
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        data = urllib.parse.urlencode(fields | {"csrf": token[1], "revision": "1"}).encode()
        return self._open(path, data if method == "POST" else None)

    def _open(self, path: str, data: bytes | None) -> str:
        try:
            with self._opener.open(self._url + path, data, timeout=60) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                pytest.fail(f"{path}: {error.code}")
            return error.read().decode()


def everything_kept() -> Iterator[str]:
    """All items of all tables, all objects of all buckets, and all messages of all queues."""
    dynamodb, s3, sqs = boto3.client("dynamodb"), boto3.client("s3"), boto3.client("sqs")
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from map(str, page["Items"])
    for bucket in s3.list_buckets()["Buckets"]:
        for entry in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            yield entry["Key"]
            yield s3.get_object(Bucket=bucket["Name"], Key=entry["Key"])["Body"].read().decode()
    for queue in sqs.list_queues().get("QueueUrls", []):
        for message in sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0
        ).get("Messages", []):
            yield message["Body"]
