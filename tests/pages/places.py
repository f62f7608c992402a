"""Every page of ours, and something hostile to show on each."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api import Api

SCOPE = "accessible"


@dataclass(frozen=True)
class Look:
    """A page to look at: where it is, what to do there, and whether it needs signing in.

    Attributes:
        press: a button to press.
        typed: what to have in fields before that, by their names.
        opened: how many of its details are opened; fewer where hundreds are alike.
    """

    path: str
    press: str = ""
    signed_in: bool = True
    typed: dict[str, str] = field(default_factory=dict)
    opened: int = 100


#: Every page of ours is a line here.
PAGES = {
    "sign-in": Look("/review", signed_in=False),
    "wrong password": Look("/review", "Sign in", signed_in=False),
    "session ended": Look("/review?told=session-ended", signed_in=False),
    "dashboard": Look(f"/review?scope={SCOPE}"),
    "dashboard, decided": Look(f"/review?scope={SCOPE}&status=approved"),
    "dashboard, nothing fits": Look(f"/review?scope={SCOPE}&text=nothing+like+it"),
    "dashboard, nothing reported": Look("/review?scope=nothing-yet"),
    "dashboard, not analysed": Look("/review?scope=reported-only"),
    "suggestion": Look("/review/suggestions/{waiting}"),
    "suggestion, refused": Look("/review/suggestions/{waiting}", "Approve"),
    "suggestion, approved": Look("/review/suggestions/{approved}"),
    "suggestion, overtaken": Look(
        "/review/suggestions/{waiting}",
        "Save the changes",
        typed={"revision": "1", "name": "Mine", "step-0-name": "Mine too"},
    ),
    "improvement": Look("/review/suggestions/{improvement}"),
    "comparison": Look("/review/suggestions/{waiting}/compare/{playbook}"),
    "playbooks": Look(f"/review/playbooks?scope={SCOPE}"),
    "playbooks, none": Look("/review/playbooks?scope=nothing-yet"),
    "playbook": Look("/review/playbooks/{playbook}"),
    "playbook, improved": Look("/review/playbooks/{failing}"),
    "versions": Look("/review/playbooks/{playbook}/versions"),
    "difference": Look("/review/playbooks/{playbook}/diff?from=main&to=fix"),
    "edit": Look("/review/playbooks/{playbook}/edit"),
    "edit, refused": Look(
        "/review/playbooks/{playbook}/edit", "Save as the next version", typed={"step-0-name": ""}
    ),
    "edit, overtaken": Look(
        "/review/playbooks/{playbook}/edit",
        "Save as the next version",
        typed={"based_on": "1.0.0", "name": "Mine"},
    ),
    "merge": Look("/review/playbooks/{playbook}/merges?branch=fix"),
    "merge, undecided": Look("/review/playbooks/{playbook}/merges?branch=fix", "Merge"),
    "gaps": Look(f"/review/gaps?scope={SCOPE}"),
    "audit": Look(f"/review/audit?scope={SCOPE}"),
    "docs": Look("/docs", signed_in=False, opened=9),
    "simulation": Look("/review/playbooks/{playbook}", "Simulate"),
    "hostile suggestion": Look("/review/suggestions/{hostile}"),
    "not found": Look("/review/suggestions/none"),
    "bad input": Look("/review?scope=no+such/scope"),
}

LONG = "n" * 10_000
HOSTILE = [
    "<script>window.hacked = 1</script>",
    '" onmouseover="window.hacked = 1" x="',
    "javascript:window.hacked=1",
    "\u202egnp.exe \u2067rtl\u2066",
    "w" * 250,
]


def made(agent: Api, reviewer: Api) -> dict[str, str]:
    """The ids of what the pages show: made once, as looking changes none of it."""
    agent.report([_incident("only", 1)], "reported-only")
    kinds = ("disk", "certificate", "hostile")
    agent.report([_incident(kind, number) for kind in kinds for number in range(6)], SCOPE)
    run = agent.analyse(SCOPE, force_analysis=True, min_incidents=3, confidence_threshold=0.1)
    assert run["suggestions_generated"] == 3, run
    found = {
        each["title"]: each["suggestion_id"] for each in agent.items("/v1/suggestions", scope=SCOPE)
    }
    ids = {kind: next(i for title, i in found.items() if _WORD[kind] in title) for kind in kinds}
    decided = reviewer.post(f"/v1/suggestions/{ids['certificate']}/reviews", {"action": "approve"})
    assert decided.status == 201, decided
    playbook_id = decided.body["playbook_id"]
    for status in ("success", "success", "failure"):
        run = {"status": status, "agent_id": HOSTILE[0], "notes": LONG}
        assert agent.post(f"/v1/playbooks/{playbook_id}/executions", run).status == 201
    _discuss(reviewer, f"/v1/suggestions/{ids['disk']}")
    _branch(reviewer, f"/v1/playbooks/{playbook_id}")
    asked = {"scope": SCOPE, "context": {"query": f"{HOSTILE[0]} what nothing is about"}}
    assert agent.post("/v1/recommendations", asked).status == 200
    failing = _let_fail(agent, reviewer)
    improvements = agent.items("/v1/suggestions", scope=SCOPE, status="pending")
    return {
        "failing": failing,
        "improvement": next(
            each["suggestion_id"] for each in improvements if each["kind"] == "improvement"
        ),
        "waiting": ids["disk"],
        "approved": ids["certificate"],
        "hostile": ids["hostile"],
        "playbook": playbook_id,
    }


def _discuss(reviewer: Api, path: str) -> None:
    """Fill what stands around a suggestion: comments, ratings, changes, reviews, a back-test."""
    reviewer.post(f"{path}/comments", {"text": f"{HOSTILE[0]} {LONG}"})
    reviewer.post(f"{path}/feedback", {"rating": 4, "comment": LONG, "tags": ["w" * 40]})
    changed = {"name": f"Disk full, {HOSTILE[0]}", "description": f"{'w' * 300} <b>theirs</b>"}
    edit = {"revision": 1, "modifications": changed}
    assert reviewer.call("PUT", path, edit).status == 200
    reviewer.post(f"{path}/reviews", {"action": "needs_revision", "reviewer_notes": LONG})
    assert reviewer.post(f"{path}/backtests").status == 202


def _branch(reviewer: Api, path: str) -> None:
    """Change a playbook on two branches so that they conflict."""
    spec = reviewer.get(path).body["spec"]
    assert reviewer.post(f"{path}/branches", {"name": "fix"}).status == 201
    for branch in ("fix", "main"):
        step = spec["steps"][0] | {"name": f"{branch} {'w' * 200}"}
        edit = {"branch": branch, "spec": spec | {"steps": [step, *spec["steps"][1:]]}}
        assert reviewer.call("PUT", path, edit).status == 200


def _let_fail(agent: Api, reviewer: Api) -> str:
    """A playbook whose runs ask for an improvement."""
    step = {"id": "renew", "name": "Renew it", "action": "shell", "args": {"command": "renew-it"}}
    draft = {"scope": SCOPE, "spec": {"name": "Renew the certificate", "steps": [step]}}
    playbook_id = reviewer.post("/v1/playbooks", draft).body["playbook_id"]
    results = [{"step_id": "renew", "status": "failure", "error": HOSTILE[0]}]
    notes = f"Failed. Ran `sudo lego renew {HOSTILE[0]}` instead."
    run = {"status": "failure", "satisfaction": 2, "step_results": results, "notes": notes}
    for _ in range(3):
        assert agent.post(f"/v1/playbooks/{playbook_id}/executions", run).status == 201
    return str(playbook_id)


_WORD = {"disk": "Disk full", "certificate": "Certificate", "hostile": "script"}


def _incident(kind: str, number: int) -> dict[str, Any]:
    opened = datetime.now(UTC) - timedelta(days=number, hours=1)
    told = {
        "only": ("Something happened", "", ""),
        "disk": (
            f"Disk full on app-{number}",
            "The root partition filled up with logs, writes fail.",
            f"1. Looked for the biggest directory with `du -sh /var/log/app{number}`\n"
            f"2. If it is the debug log, ran `rm -rf /var/log/app{number}/debug`\n"
            "3. Waited 5 minutes\n4. Checked with `df -h`, it is below 80% again",
        ),
        "certificate": (
            f"Certificate of shop-{number}.example has expired",
            "Browsers warn, the certificate ran out.",
            f"1. Renewed it with `certbot renew --cert-name shop-{number}.example`\n"
            "2. Ran `systemctl reload nginx`\n3. Told the shop team",
        ),
        "hostile": (
            f"{HOSTILE[0]} {'w' * 200} breaks",
            f"{LONG} {' '.join(HOSTILE)}",
            f"1. Ran `echo {HOSTILE[0]} {'c' * 300}`\n2. Told {HOSTILE[2]} {HOSTILE[3]} to all",
        ),
    }
    title, description, resolution = told[kind]
    return {
        "incident_id": f"{kind}-{number}",
        "title": title,
        "description": description,
        "resolution": resolution,
        "affected_systems": HOSTILE if kind == "hostile" else [kind],
        "symptoms": HOSTILE if kind == "hostile" else [f"{kind} alert"],
        "opened_at": opened.isoformat(),
        "resolved_at": (opened + timedelta(minutes=20 + number)).isoformat(),
    }
