"""Other tools' deliveries over HTTP: who may send, and what becomes of them."""

import copy
import hashlib
import hmac
import io
import json
import secrets
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from infra import webhook_secret
from local.examples import secret as made_up
from local.stack import Stack
from tests.api import Answer, Api
from tests.payloads import deliveries, payload

HEADERS = {"pagerduty": ("X-PagerDuty-Signature", "v1="), "jira": ("X-Hub-Signature", "sha256=")}


def agreed(source: str, scope: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret that the tool and the service share from now on."""
    secret = secrets.token_hex(16)
    monkeypatch.setattr(
        sys, "argv", ["x", "--stage", "local", "--source", source, "--scope", scope]
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(secret + "\n"))
    webhook_secret.main()
    return secret


def sent(url: str, source: str, scope: str, body: Any, secret: str) -> Answer:
    """What the tool gets to hear when it sends a body, signed with a secret."""
    raw = json.dumps(body, indent=1).encode()
    header, prefix = HEADERS[source]
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    path = f"/v1/webhooks/{source}?scope={scope}"
    return Api(url, None).call("POST", path, raw, {header: f"{prefix}0,{prefix}{signature}"})


def handed_in(api: Api, source: str, scope: str, body: Any) -> Answer:
    """The same with a token."""
    return api.call("POST", f"/v1/webhooks/{source}?scope={scope}", body)


def incidents(agent: Api, scope: str) -> dict[str, Any]:
    return {each["incident_id"]: each for each in agent.items("/v1/incidents", scope=scope)}


@pytest.mark.parametrize("source", HEADERS)
def test_what_the_tool_signed_is_taken_in_and_nothing_else(
    agent: Api, scope: str, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    secret = agreed(source, scope, monkeypatch)
    body, *rest = deliveries(source)
    for place, wrong in ((scope, secret + "x"), (f"{scope}-other", secret)):
        assert sent(agent.url, source, place, body, wrong).status == 401
    assert Api(agent.url, None).call("POST", f"/v1/webhooks/{source}", body).status == 401
    assert incidents(agent, scope) == {}
    answer = sent(agent.url, source, scope, body, secret)
    assert answer.status == 200
    assert answer.body["incident_ids"] == list(incidents(agent, scope))
    for each in rest:
        assert sent(agent.url, source, scope, each, secret).status == 200
    [incident] = incidents(agent, scope).values()
    assert (incident["status"], incident["reported_by"]) == ("resolved", source)


def test_one_delivery_under_one_key_goes_into_each_scope_that_it_is_sent_to(
    agent: Api, scope: str
) -> None:
    body = deliveries("pagerduty")[0]
    for place in (scope, scope, f"{scope}-other"):
        key = {"Idempotency-Key": f"delivery-{scope}"}
        answer = agent.call("POST", f"/v1/webhooks/pagerduty?scope={place}", body, key)
        assert answer.body["incident_ids"] == list(incidents(agent, place))


def test_a_secret_may_be_changed_and_a_scope_have_any_name(
    agent: Api, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"{scope}:eu@shop"
    agreed("pagerduty", place, monkeypatch)
    secret = agreed("pagerduty", place, monkeypatch)
    body = payload("pagerduty-triggered")
    assert sent(agent.url, "pagerduty", place, body, secret).status == 200
    assert len(incidents(agent, place)) == 1


def test_a_delivery_again_changes_nothing_and_a_late_one_is_joined(agent: Api, scope: str) -> None:
    first, *others = deliveries("pagerduty")
    operator = Api(agent.url, "local-operator-token")

    def trail() -> int:
        entity = f"incident:{scope}#pagerduty:PINC001"
        return len(list(operator.items("/v1/audit", entity=entity)))

    for body in [*reversed(others), first]:
        assert handed_in(agent, "pagerduty", scope, body).status == 200
    entries = trail()
    for body in [*others, first]:
        assert handed_in(agent, "pagerduty", scope, body).status == 200
    assert trail() == entries > 1
    [incident] = incidents(agent, scope).values()
    assert (incident["status"], incident["reopened"]) == ("resolved", 0)
    assert incident["resolution"].index("pool") < incident["resolution"].index("pgbouncer")
    again = copy.deepcopy(first)
    again["event"] |= {"event_type": "incident.reopened", "occurred_at": "2026-01-31T08:00:00Z"}
    handed_in(agent, "pagerduty", scope, again)
    [incident] = incidents(agent, scope).values()
    assert (incident["status"], incident["reopened"]) == ("open", 1)


def test_deliveries_at_the_same_time_are_all_joined(agent: Api, scope: str) -> None:
    bodies = deliveries("pagerduty")
    answers: list[int] = []

    def send(body: Any) -> None:
        while (status := handed_in(agent, "pagerduty", scope, body).status) == 409:
            pass
        answers.append(status)

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
    [incident] = incidents(agent, scope).values()
    assert (incident["status"], incident["reopened"]) == ("resolved", 0)
    assert "pool" in incident["resolution"]
    assert "pgbouncer" in incident["resolution"]


@pytest.mark.parametrize("source", ["alertmanager", "servicenow", "cloudwatch", "opscenter"])
def test_a_tool_that_does_not_sign_sends_a_token(agent: Api, scope: str, source: str) -> None:
    for body in deliveries(source):
        assert handed_in(agent, source, scope, body).status == 200
    assert "resolved" in [each["status"] for each in incidents(agent, scope).values()]


def test_secrets_are_removed_after_the_signature_is_checked(
    agent: Api, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, password = agreed("jira", scope, monkeypatch), made_up("password", scope)
    body = copy.deepcopy(payload("jira-comment"))
    # In the document the password's name and the password are texts of their own.
    texts = [
        {"type": "text", "text": "Logged in with password="},
        {"type": "text", "text": password},
    ]
    body["comment"]["body"]["content"].insert(0, {"type": "paragraph", "content": texts})
    assert sent(agent.url, "jira", scope, body, secret).status == 200
    [incident] = incidents(agent, scope).values()
    assert password not in json.dumps(incident)
    assert "password=<REDACTED" in incident["resolution"]


def test_what_no_tool_sends_is_refused_by_its_field(agent: Api, scope: str) -> None:
    answer = handed_in(agent, "alertmanager", scope, {"version": "4", "alerts": [{"labels": {}}]})
    assert answer.status == 400
    assert set(answer.bad_fields) == {"alerts.0.status", "alerts.0.startsAt"}
    future = copy.deepcopy(payload("alertmanager-again"))
    future["alerts"][0]["startsAt"] = "2999-01-01T00:00:00Z"
    assert handed_in(agent, "alertmanager", scope, future).bad_fields == ["opened_at"]
    unknown = handed_in(agent, "carrier-pigeon", scope, {})
    assert unknown.status == 404
    assert "alertmanager" in unknown.body["detail"]
    assert handed_in(agent, "jira", "two%20words", {}).bad_fields == ["scope"]
    assert incidents(agent, scope) == {}


def test_what_an_account_s_own_alarms_tell_goes_where_the_settings_say(
    agent: Api, stack: Stack, scope: str, set_settings: Callable[..., None]
) -> None:
    alarm, item = payload("cloudwatch-alarm"), payload("opscenter-created")
    assert stack.workers.invoke("take_aws_event", alarm) == []
    set_settings(aws_events_scope=scope)
    for event in (alarm, item, payload("cloudwatch-ok")):
        assert len(stack.workers.invoke("take_aws_event", event)) == 1
    found = incidents(agent, scope)
    assert sorted(each["status"] for each in found.values()) == ["open", "resolved"]
