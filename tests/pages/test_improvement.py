"""What the runs of a playbook led to, as a reviewer reads it and decides on it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.api import Api

RENEW = {"command": "sudo certbot renew"}
SPEC = {
    "name": "Renew the certificate",
    "steps": [{"id": "renew", "name": "Renew it", "action": "shell", "args": RENEW}],
}


@pytest.fixture
def playbook_id(reviewer: Api, scope: str) -> str:
    return str(reviewer.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body["playbook_id"])


def ran(agent: Api, playbook_id: str, status: str, **fields: Any) -> None:
    times = {"started_at": "2026-01-31T10:00:00Z", "finished_at": "2026-01-31T10:10:00Z"}
    results = [{"step_id": "renew", "status": status, "error": "<port> 80 is taken"}]
    body = {"status": status, "satisfaction": 2, "step_results": results, **times, **fields}
    assert agent.post(f"/v1/playbooks/{playbook_id}/executions", body).status == 201


def test_a_reviewer_sees_what_fails_and_approves_the_improvement(
    signed_in: Page, stack: Stack, agent: Api, scope: str, playbook_id: str
) -> None:
    signed_in.goto(f"{stack.url}/review/playbooks/{playbook_id}")
    expect(signed_in.get_by_text("Nobody has run it yet")).to_be_visible()
    for _ in range(3):
        ran(agent, playbook_id, "failure", notes="Failed. Ran `sudo lego renew` instead.")
    signed_in.goto(f"{stack.url}/review?scope={scope}")
    expect(signed_in.locator(".queue li")).to_contain_text("improvement")
    signed_in.goto(f"{stack.url}/review/playbooks/{playbook_id}")
    runs = signed_in.get_by_role("heading", name="Runs", exact=True).locator("..")
    expect(runs).to_contain_text(re.compile(r"0%.*95% sure: 0% to 56%", re.DOTALL))
    expect(runs).to_contain_text("median 10 min, nine in ten within 10 min")
    expect(runs).to_contain_text("renew in 3 of 3 runs")
    signed_in.get_by_role("link", name="An improvement waits for a decision").click()
    changes = signed_in.locator("#changes")
    expect(changes).to_contain_text("What it changes of 1.0.0")
    expect(changes).to_contain_text("“Renew it” failed in 3 of 3 runs.")
    expect(changes.locator("del")).to_have_text("sudo certbot renew")
    expect(changes.locator("ins")).to_have_text("sudo lego renew")
    changes.get_by_text("In whose words").click()
    expect(changes).to_contain_text("<port> 80 is taken")
    changes.get_by_role("link", name="Side by side with the playbook").click()
    expect(signed_in.locator("ins").first).to_be_visible()
    signed_in.go_back()
    tick = signed_in.get_by_role("checkbox", name=re.compile("destroys something"))
    for box in tick.all():
        box.check()
    signed_in.get_by_role("button", name="Approve").click()
    signed_in.get_by_role("link", name="To the playbook").click()
    expect(signed_in.get_by_text("version 1.1.0").first).to_be_visible()
    for _ in range(4):
        ran(agent, playbook_id, "success")
    signed_in.reload()
    expect(runs).to_contain_text("It succeeds more often than 1.0.0")
    expect(signed_in.get_by_text("waits for a decision")).to_have_count(0)
