"""Secrets, and what is sent with them in it by every way that there is."""

import base64
import urllib.parse
from typing import Any

PASSWORD = "-".join(["hunter", "two", "7", "canary"])
TOKEN = "gh" + "p_" + "Ab3dEf6hIj" * 3 + "kLmN4o"
EMAIL = "canary.person" + "@" + "mail-canary.example.com"
HIDDEN = base64.b64encode(f"password={PASSWORD}".encode()).decode()
ESCAPED = urllib.parse.quote(f"password={PASSWORD}", safe="").replace("-", "%2D")
HALVES = TOKEN[:20], TOKEN[20:]
CANARIES = [PASSWORD, TOKEN, EMAIL, HIDDEN, ESCAPED, HALVES[1], "hunter%2Dtwo"]
TEXT = (
    f"We saw password={PASSWORD} and {TOKEN} of {EMAIL}, as base64 {HIDDEN}, in a URL "
    f"https://x.example.com/?next={ESCAPED} and in two lines:\n{HALVES[0]}\n{HALVES[1]}\n"
)
STEP = {"id": "look", "name": TEXT[:200], "action": "shell", "args": {"command": f"echo {TEXT}"}}
SPEC = {
    "version": 1,
    "name": f"Name {TOKEN}",
    "category": "incident",
    "description": TEXT,
    "steps": [STEP],
    "metadata": {"note": TEXT},
}
#: What a request may hold; each route takes of it what it knows, or refuses it.
BODY: dict[str, Any] = {
    "title": TEXT[:290],
    **dict.fromkeys(
        """description resolution reported_by comment notes reviewer_notes changelog agent_id name
        reason message query error output text content""".split(),
        TEXT,
    ),
    **{
        name: [TEXT]
        for name in """affected_systems symptoms error_messages tags systems capabilities
        subscriptions monitoring_alerts""".split()
    },
    "unknown": {"deep": [TEXT], "password": PASSWORD},
}
#: What makes a route take its body; the other routes get what all get.
GOOD: dict[str, dict[str, Any]] = {
    "POST /v1/incidents": {"incident_id": EMAIL},
    "POST /v1/incidents/batch": {"incidents": [BODY, BODY | {"title": ""}, TEXT]},
    "POST /v1/suggestions/{suggestion_id}/reviews": {"action": "needs_revision"},
    "POST /v1/suggestions/{suggestion_id}/feedback": {"rating": 3},
    "PUT /v1/suggestions/{suggestion_id}": {
        "revision": 1,
        "modifications": {"description": TEXT, "metadata": {"note": TEXT}},
    },
    "PUT /v1/suggestions/{suggestion_id}/assignee": {"assignee": EMAIL},
    "POST /v1/suggestions/{suggestion_id}/comments": {"text": TEXT},
    "POST /v1/erasures": {"name": EMAIL},
    "POST /v1/tokens": {"name": f"bot of {TOKEN}", "role": "agent", "scopes": ["canary"]},
    "PUT /v1/agents/{agent_id}": {"capabilities": [TOKEN], "systems": [TOKEN]},
    "PUT /v1/playbooks/{playbook_id}": {"spec": SPEC, "based_on": "1.0.0", "changelog": TEXT},
    "POST /v1/playbooks/{playbook_id}/branches": {"name": TOKEN, "from_version": "1.0.0"},
    "POST /v1/playbooks/{playbook_id}/rollbacks": {"version": "1.0.0", "changelog": TEXT},
    "POST /v1/playbooks": {"spec": SPEC},
    "POST /v1/playbooks/imports": {"format": "json", "content": SPEC, "name": TEXT[:290]},
    "POST /v1/playbooks/{playbook_id}/exports": {"format": "json"},
    "POST /v1/exports": {"format": "json"},
    "POST /v1/playbooks/{playbook_id}/simulations": {"parameters": {"host": TEXT}},
    "POST /v1/playbooks/{playbook_id}/executions": {
        "status": "failure",
        "agent_id": TOKEN,
        "parameters": {"password": PASSWORD, "host": TEXT},
        "step_results": [{"step_id": "look", "status": "failure", "output": TEXT, "error": TEXT}],
    },
    "POST /v1/recommendations": {"incident": {**BODY, "severity": "high"}},
    "POST /v1/recommendations/{recommendation_id}/feedback": {"helpful": True},
    "PUT /v1/scopes/{scope}/redaction": {"rules": [{"kind": TEXT, "pattern": TEXT}]},
}


#: What a page's form holds beside what all get.
FORMS: dict[str, dict[str, str]] = {
    "/review/suggestions/{suggestion_id}": {"action": "save", "reviewer_notes": TEXT},
    "/review/suggestions/{suggestion_id}/feedback": {"rating": "4", "tags": TOKEN},
    "/review/suggestions/{suggestion_id}/assignee": {"to": "other", "assignee": EMAIL},
    "/review/playbooks/{playbook_id}/branches": {"name": TOKEN, "from_version": "1.0.0"},
    "/review/playbooks/{playbook_id}/edit": {"based_on": "1.0.0", "changelog": TEXT},
    "/review/playbooks/{playbook_id}/rollbacks": {"version": "1.0.0", "changelog": TEXT},
}
#: Routes that take all these texts. One that refused them would show nothing of what it keeps.
TAKEN = {
    *("POST /v1/incidents", "POST /v1/incidents/batch", "POST /v1/recommendations"),
    "POST /v1/erasures",
    *("POST /v1/playbooks", "POST /v1/playbooks/imports", "POST /v1/tokens"),
    "POST /v1/playbooks/{playbook_id}/executions",
    "POST /v1/playbooks/{playbook_id}/rollbacks",
    "POST /v1/playbooks/{playbook_id}/simulations",
    "POST /v1/suggestions/{suggestion_id}/comments",
    "POST /v1/suggestions/{suggestion_id}/feedback",
    "POST /v1/suggestions/{suggestion_id}/reviews",
    "PUT /v1/suggestions/{suggestion_id}/assignee",
}
#: In which order the routes are walked: what is read was written before, what goes goes last.
ORDER = ["POST", "PUT", "GET", "DELETE"]
