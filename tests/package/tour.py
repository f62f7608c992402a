"""The README's tour, by the functions of a package in an account."""

import os
import re
import secrets
import subprocess
import sys
import urllib.parse
from datetime import UTC, datetime, timedelta
from typing import Any

from infra import package
from tests.package.account import Account
from tests.package.functions import Functions
from tests.payloads import payload


def take(deployed: Functions) -> None:
    """The README's tour, by the packaged functions on the created resources alone."""
    first = ("issue", "--name", "ops", "--role", "operator")
    operator = _command(deployed.account, "infra.tokens", "--stage", "prod", *first)
    tokens = {"operator": operator}
    for role in ("agent", "reviewer"):
        issued = _call(deployed, operator, "POST", "/v1/tokens", {"name": role, "role": role})
        tokens[role] = issued["token"]

    def agent(method: str, path: str, body: Any = None) -> Any:
        return _call(deployed, tokens["agent"], method, path, body)

    subscriptions = ["playbook.published", "execution.recorded"]
    agent("PUT", "/v1/agents/bot", {"capabilities": ["*"], "subscriptions": subscriptions})
    incidents = [_disk_full(days) for days in range(1, 9)]
    incidents[0]["description"] = "漢" * 99_980 + " Zoë Quill"  # too long for an item
    answer = agent("POST", "/v1/incidents/batch", {"incidents": incidents})
    assert answer == {"accepted": len(incidents), "rejected": []}
    run_id = agent("POST", "/v1/analyses", {"force_analysis": True})["run_id"]
    deployed.work()
    run = agent("GET", f"/v1/analyses/{run_id}")
    assert (run["status"], run["suggestions_generated"]) == ("completed", 1), run
    [suggestion] = agent("GET", "/v1/suggestions?status=pending")["items"]
    place = f"/v1/suggestions/{suggestion['suggestion_id']}/reviews"
    review = _call(deployed, tokens["reviewer"], "POST", place, {"action": "approve"})
    playbook_id = review["playbook_id"]
    asked = {"incident": {"title": incidents[0]["title"]}}
    [best, *_] = agent("POST", "/v1/recommendations", asked)["recommendations"]
    assert best["playbook_id"] == playbook_id
    playbook = f"/v1/playbooks/{playbook_id}"
    agent("POST", f"{playbook}/executions", {"status": "success", "agent_id": "bot"})
    exported = agent("POST", f"{playbook}/exports", {"format": "yaml"})
    stored = deployed.account.client("s3").get_object(
        Bucket=exported["bucket"], Key=exported["key"]
    )
    assert suggestion["title"] in stored["Body"].read().decode()
    deployed.work()
    told = agent("GET", "/v1/agents/bot/notifications")["items"]
    assert [each["type"] for each in told] == subscriptions
    erasure = _call(deployed, operator, "POST", "/v1/erasures", {"name": "Zoë Quill"})
    assert deployed.tick() == ["ScheduleAnalyses", "SweepExpired", "SweepOutbox"]
    place = f"/v1/erasures/{erasure['erasure_id']}"
    assert _call(deployed, operator, "GET", place)["changed"]["incidents"] == 1
    assert deployed.invoke("TakeAwsEvent", payload("cloudwatch-alarm")) == []
    deployed.work()
    erased = _command(deployed.account, "infra.erase", "--stage", "prod", "Zoë Quill")
    assert erased == "Nothing has this name."
    trails = _command(deployed.account, "infra.verify_audit", "--stage", "prod").splitlines()
    assert [line.rpartition(", ")[2] for line in trails] == ["whole", "whole"]


def sign_in(deployed: Functions) -> str:
    """The page that a reviewer sees who signs in with an account of the stack's user pool."""
    cognito = deployed.account.client("cognito-idp")
    ann = {"UserPoolId": deployed.account.made_here["UserPool"], "Username": "ann"}
    password = f"{secrets.token_urlsafe(24)}-aA1"
    cognito.admin_create_user(**ann, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**ann, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(**ann, GroupName="reviewer")
    page = deployed.request("GET", "/review")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.body)
    assert csrf
    form = {"csrf": csrf[1], "username": "ann", "password": password, "next": ""}
    headers = {
        "Cookie": page.headers["Set-Cookie"].split(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    sent = deployed.request("POST", "/review/sign-in", urllib.parse.urlencode(form), headers)
    signed_in = {"Cookie": sent.headers["Set-Cookie"].split(";")[0]}
    return str(deployed.request("GET", "/review", headers=signed_in).body)


def _disk_full(days: int) -> dict[str, Any]:
    """An incident of so many days ago."""
    opened = datetime.now(UTC) - timedelta(days=days)
    return {
        "title": "PostgreSQL cannot write, disk full",
        "affected_systems": ["postgresql"],
        "symptoms": ["writes fail"],
        "error_messages": ["No space left on device"],
        "severity": "high",
        "resolution": "1. Checked with `df -h`\n2. Rotated the logs: "
        "sudo logrotate -f /etc/logrotate.conf\n3. sudo systemctl restart postgresql",
        "opened_at": opened.isoformat(),
        "resolved_at": (opened + timedelta(hours=1)).isoformat(),
    }


def _call(deployed: Functions, token: str, method: str, path: str, body: Any = None) -> Any:
    """What the API answers, which must be no error."""
    answer = deployed.request(method, path, body, {"Authorization": f"Bearer {token}"})
    assert answer.status < 300, answer
    return answer.body


def _command(account: Account, *command: str) -> str:
    """What a command tells somebody who has the account's credentials and nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env=account.environment | {"PATH": os.environ["PATH"]},
        cwd=package.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
