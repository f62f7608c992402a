"""The archive of the bus and its other targets: nothing is lost, and nobody is told twice."""

import sys
import time
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from infra import replay
from tests.api import Api
from tests.services.cases import written


def told(agent: Api, bot: str, scope: str, least: int) -> list[str]:
    """The playbooks of a scope that an agent was told of, once they are that many."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        everything = agent.items(f"/v1/agents/{bot}/notifications")
        items = [each for each in everything if each["scope"] == scope]
        if len(items) >= least:
            return [each["detail"]["playbook_id"] for each in items]
        time.sleep(0.05)
    raise AssertionError(f"{bot} was not told")


def registered(agent: Api, bot: str, scope: str) -> str:
    subscriptions = ["playbook.published"]
    body = {"capabilities": ["*"], "scopes": [scope], "subscriptions": subscriptions}
    assert agent.call("PUT", f"/v1/agents/{bot}", body).status == 200
    return bot


def forget_what_other_tests_sent() -> None:
    """Moto replays all of an archive, whatever the time that is asked for."""
    archived = get_backend("events")[DEFAULT_ACCOUNT_ID]["eu-west-1"].archives["precedent-local"]
    archived.events.clear()


def test_a_replay_fills_what_is_missing_and_repeats_nothing(
    agent: Api, scope: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_what_other_tests_sent()
    before = registered(agent, f"before-{scope}", scope)
    published = [written(scope).playbook_id]
    assert told(agent, before, scope, 1) == published
    after = registered(agent, f"after-{scope}", scope)
    now = datetime.now(UTC)
    times = [(now + timedelta(hours=hours)).isoformat() for hours in (-1, 1)]
    monkeypatch.setattr(
        sys, "argv", ["replay", "--stage", "local", "--from", times[0], "--to", times[1]]
    )
    assert replay.main() == 0
    assert "Completed." in capsys.readouterr().out
    assert told(agent, after, scope, 1) == published
    published.append(written(scope, "Another").playbook_id)
    assert told(agent, before, scope, 2) == told(agent, after, scope, 2) == published


def test_a_time_that_ends_before_it_begins_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--stage", "local", "--from", "2026-01-31", "--to", "2026-01-30"]
    monkeypatch.setattr(sys, "argv", ["replay", *arguments])
    with pytest.raises(SystemExit):
        replay.main()
    assert "must be later" in capsys.readouterr().err


def test_a_queue_of_an_operator_s_own_gets_what_its_rule_lets_through(
    stack: object, scope: str
) -> None:
    events, sqs = boto3.client("events"), boto3.client("sqs")
    dead = sqs.create_queue(QueueName=f"{scope}-dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = f'{{"deadLetterTargetArn": "{dead_arn["QueueArn"]}", "maxReceiveCount": "1"}}'
    url = sqs.create_queue(QueueName=scope, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    rule = {"Name": scope, "EventBusName": "precedent-local"}
    pattern = f'{{"detail-type": ["playbook.published"], "detail": {{"scope": ["{scope}"]}}}}'
    events.put_rule(**rule, EventPattern=pattern)
    events.put_targets(
        Rule=scope, EventBusName="precedent-local", Targets=[{"Id": "1", "Arn": arn["QueueArn"]}]
    )
    for place in (scope, f"{scope}-other"):
        written(place)
    end = time.monotonic() + 30
    messages: list[dict[str, str]] = []
    while not messages and time.monotonic() < end:
        messages = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages", [])
    [message] = messages
    assert f'"{scope}"' in message["Body"]
    # Read once and not deleted, it is put aside.
    assert sqs.receive_message(QueueUrl=url).get("Messages", []) == []
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == message["Body"]
    events.remove_targets(Rule=scope, EventBusName="precedent-local", Ids=["1"])
    events.delete_rule(**rule)
