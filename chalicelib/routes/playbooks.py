"""Playbooks, their exports and their executions over HTTP."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.core.executions import Execution, ExecutionReport
from chalicelib.core.versions import MAIN, BranchName, Playbook, VersionNumber
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import PAGING, SCOPE
from chalicelib.services import export, imports, publish, record, simulate
from chalicelib.services.listing import Listing
from chalicelib.services.simulate import PlaybookSimulation

playbooks = Blueprint(__name__)

_BRANCH = {"branch": Annotated[BranchName, Field(description=f"`{MAIN}` if absent.")]}
_VERSION = {
    "version": Annotated[VersionNumber, Field(description="The current one if absent.")],
    **_BRANCH,
}
_EXAMPLE = {
    "spec": {
        "version": 1,
        "name": "Redis is out of memory",
        "parameters": [{"name": "limit", "type": "size", "default": "4gb"}],
        "steps": [
            {
                "id": "raise",
                "name": "Raise the limit",
                "action": "shell",
                "args": {"command": "redis-cli config set maxmemory ${limit}"},
            }
        ],
    },
    "systems": ["redis"],
    "symptoms": ["OOM command not allowed"],
}
_RUN = {"status": "success", "agent_id": "build-7", "satisfaction": 5, "notes": "Worked at once."}


@endpoint(playbooks, "GET", "/v1/playbooks", asks=SCOPE)
def list_playbooks(call: Call) -> Listing[Playbook]:
    """A scope's playbooks, the last changed first."""
    return publish.list_playbooks(call.scope, call.wanted, call.caller)


@endpoint(
    playbooks,
    "POST",
    "/v1/playbooks",
    status=201,
    takes=publish.PlaybookDraft,
    example=_EXAMPLE,
)
def write_playbook(call: Call) -> Playbook:
    """Publish a playbook that a person wrote."""
    return publish.write_playbook(call.body, call.caller, call.now)


@endpoint(playbooks, "POST", "/v1/playbooks/imports", status=201, takes=imports.ImportRequest)
def import_playbook(call: Call) -> Playbook:
    """Publish a playbook that was written elsewhere."""
    return imports.import_playbook(call.body, call.caller, call.now)


@endpoint(playbooks, "GET", "/v1/playbooks/{playbook_id}", asks=_VERSION)
def get_playbook(call: Call, playbook_id: str) -> publish.PlaybookAtVersion:
    """A playbook in one of its versions."""
    playbook, version = publish.find_version(
        playbook_id, call.query.get("version"), call.query.get("branch"), call.caller
    )
    return publish.PlaybookAtVersion(**(dict(playbook) | dict(version)))


@endpoint(playbooks, "GET", "/v1/playbooks/{playbook_id}/metrics", asks=PAGING)
def get_metrics(call: Call, playbook_id: str) -> record.PlaybookMetrics:
    """What the executions add up to: all of them, and by version those of the latest ones."""
    return record.playbook_metrics(playbook_id, call.wanted, call.caller)


@endpoint(
    playbooks,
    "POST",
    "/v1/playbooks/{playbook_id}/exports",
    status=201,
    takes=export.ExportRequest,
    example={"format": "yaml"},
)
def export_playbook(call: Call, playbook_id: str) -> export.Export:
    """Write a playbook to S3."""
    return export.export_playbook(playbook_id, call.body, call.caller, call.now)


@endpoint(playbooks, "POST", "/v1/exports", status=201, takes=export.ExportRequest)
def export_scope(call: Call) -> export.ScopeExport:
    """Write all of a scope's playbooks to S3."""
    return export.export_scope(call.body, call.caller, call.now)


@endpoint(
    playbooks,
    "POST",
    "/v1/playbooks/{playbook_id}/simulations",
    takes=simulate.SimulationRequest,
    example={"parameters": {"limit": "4gb"}},
)
def simulate_playbook(call: Call, playbook_id: str) -> PlaybookSimulation:
    """Show each step as it would run; nothing is executed."""
    return simulate.simulate(playbook_id, call.body, call.caller)


@endpoint(
    playbooks,
    "POST",
    "/v1/playbooks/{playbook_id}/executions",
    status=201,
    takes=ExecutionReport,
    example=_RUN,
)
def record_execution(call: Call, playbook_id: str) -> Execution:
    """Record that a playbook was run, and how it went."""
    return record.record_execution(playbook_id, call.body, call.caller, call.now)


@endpoint(playbooks, "GET", "/v1/playbooks/{playbook_id}/executions")
def list_executions(call: Call, playbook_id: str) -> Listing[Execution]:
    """The runs of a playbook, the latest first."""
    return record.list_executions(playbook_id, call.wanted, call.caller)
