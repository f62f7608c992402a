"""What the tests of the use cases share: times, callers, incidents, and how they are analysed."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.analyses import AnalysisRequest, Run, RunStatus
from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import Playbook
from chalicelib.services import analyse, publish, report, versions
from chalicelib.services.access import SYSTEM, Caller
from chalicelib.services.listing import Wanted
from chalicelib.services.next_version import Outcome
from chalicelib.services.suggestions import list_suggestions
from chalicelib.store import analyses
from chalicelib.store.transaction import Transaction

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
AGENT = Caller(name="bot", role="agent", scopes=["*"])
REVIEWER = Caller(name="ann", role="reviewer", scopes=["*"])

STEPS = [
    "Checked the free space with `df -h`",
    "Rotated the logs: sudo logrotate -f /etc/logrotate.conf",
    "Restarted the service: sudo systemctl restart postgresql",
]
DESTROYS = "Deleted the old logs: sudo rm -rf /var/log/postgresql/old"


def disk_full(number: int, steps: list[str] = STEPS, **changed: Any) -> dict[str, Any]:
    """One of the incidents of a kind that comes up again and again."""
    opened = NOW - timedelta(days=number)
    return {
        "incident_id": f"disk-{number}",
        "title": "PostgreSQL cannot write, disk full",
        "description": "The data volume of the database has no space left.",
        "affected_systems": ["postgresql"],
        "symptoms": ["writes fail"],
        "error_messages": ["No space left on device"],
        "severity": "high",
        "resolution": "\n".join(f"{place}. {step}" for place, step in enumerate(steps, 1)),
        "opened_at": opened.isoformat(),
        "resolved_at": (opened + timedelta(hours=1)).isoformat(),
    } | changed


def told(scope: str, *bodies: dict[str, Any]) -> None:
    """Report incidents to a scope; all must be taken."""
    outcome = report.report_batch([body | {"scope": scope} for body in bodies], AGENT, NOW)
    assert outcome.rejected == []


def queued(scope: str, **request: Any) -> Run:
    """A run that was asked for, and that no worker knows of."""
    run = Run(
        run_id=f"run_{uuid.uuid4().hex[:20]}",
        scope=scope,
        status=RunStatus.QUEUED,
        request=AnalysisRequest(scope=scope, **request),
        requested_at=NOW,
    )
    with Transaction(SYSTEM, NOW) as transaction:
        analyses.create(transaction, run)
    return run


def analysed(scope: str, **request: Any) -> Run:
    """A run that was done in this thread, as it ended."""
    run_id = queued(scope, **request).run_id
    analyse.run(run_id, lambda: NOW)
    ended = analyses.get(run_id)
    assert ended is not None
    return ended


def suggestions(scope: str, status: str | None = None) -> list[Suggestion]:
    """The scope's suggestions, the latest first."""
    return list_suggestions(scope, status, Wanted(), AGENT).items


def suggested(scope: str, steps: list[str] = STEPS) -> Suggestion:
    """The one suggestion that five incidents of the same steps make."""
    told(scope, *(disk_full(number, steps) for number in range(1, 6)))
    analysed(scope)
    [suggestion] = suggestions(scope)
    return suggestion


def written(scope: str, name: str = "Free the disk", **found_by: Any) -> Playbook:
    """A playbook that a person wrote."""
    command = {"command": "sudo logrotate -f /etc/logrotate.conf"}
    step = {"id": "rotate", "name": "Rotate the logs", "action": "shell", "args": command}
    body = {"scope": scope, "spec": {"name": name, "steps": [step]}, **found_by}
    return publish.write_playbook(body, REVIEWER, NOW)


def described(playbook: Playbook, text: str, caller: Caller = REVIEWER, **body: Any) -> Outcome:
    """The playbook's next version, with another description than the first one's."""
    spec = playbook.spec.model_dump(mode="json") | {"description": text}
    return versions.edit(playbook.playbook_id, {"spec": spec} | body, caller, NOW)


def numbers(playbook: Playbook, branch: str = "main") -> list[str]:
    """The versions made on a branch, the newest first."""
    listed = publish.list_versions(playbook.playbook_id, branch, Wanted(200), AGENT)
    return [each.version for each in listed.items]
