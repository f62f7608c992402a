"""Playbooks, their exports and their executions over HTTP."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.core.executions import Execution
from chalicelib.core.versions import Playbook
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import export, imports, publish, record, simulate
from chalicelib.services.listing import Listing
from chalicelib.services.simulate import PlaybookSimulation

playbooks = Blueprint(__name__)


@endpoint(playbooks, "GET", "/v1/playbooks")
def list_playbooks(call: Call) -> Listing[Playbook]:
    """A scope's playbooks, the last changed first."""
    return publish.list_playbooks(call.scope, call.wanted, call.caller)


@endpoint(playbooks, "POST", "/v1/playbooks", status=201)
def write_playbook(call: Call) -> Playbook:
    """Publish a playbook that a person wrote."""
    return publish.write_playbook(call.body, call.caller, call.now)


@endpoint(playbooks, "POST", "/v1/playbooks/imports", status=201)
def import_playbook(call: Call) -> Playbook:
    """Publish a playbook that was written elsewhere."""
    return imports.import_playbook(call.body, call.caller, call.now)


@endpoint(playbooks, "GET", "/v1/playbooks/{playbook_id}")
def get_playbook(call: Call, playbook_id: str) -> dict[str, Any]:
    """A playbook in one of its versions."""
    playbook, version = publish.find_version(
        playbook_id, call.query.get("version"), call.query.get("branch"), call.caller
    )
    return playbook.model_dump(mode="json") | version.model_dump(mode="json")


@endpoint(playbooks, "GET", "/v1/playbooks/{playbook_id}/metrics")
def get_metrics(call: Call, playbook_id: str) -> dict[str, Any]:
    """What the executions add up to."""
    return record.playbook_metrics(playbook_id, call.caller)


@endpoint(playbooks, "POST", "/v1/playbooks/{playbook_id}/exports", status=201)
def export_playbook(call: Call, playbook_id: str) -> dict[str, Any]:
    """Write a playbook to S3."""
    return export.export_playbook(playbook_id, call.body, call.caller, call.now)


@endpoint(playbooks, "POST", "/v1/exports", status=201)
def export_scope(call: Call) -> dict[str, Any]:
    """Write all of a scope's playbooks to S3."""
    return export.export_scope(call.body, call.caller, call.now)


@endpoint(playbooks, "POST", "/v1/playbooks/{playbook_id}/simulations")
def simulate_playbook(call: Call, playbook_id: str) -> PlaybookSimulation:
    """Show each step as it would run; nothing is executed."""
    return simulate.simulate(playbook_id, call.body, call.caller)


@endpoint(playbooks, "POST", "/v1/playbooks/{playbook_id}/executions", status=201)
def record_execution(call: Call, playbook_id: str) -> Execution:
    """Record that a playbook was run, and how it went."""
    return record.record_execution(playbook_id, call.body, call.caller, call.now)


@endpoint(playbooks, "GET", "/v1/playbooks/{playbook_id}/executions")
def list_executions(call: Call, playbook_id: str) -> Listing[Execution]:
    """The runs of a playbook, the latest first."""
    return record.list_executions(playbook_id, call.wanted, call.caller)
