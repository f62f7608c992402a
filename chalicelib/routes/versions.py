"""What becomes of playbooks over HTTP: versions, branches, merges, differences."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.core.versions import MAIN, Branch, HistoryEntry
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import branches, compare, publish
from chalicelib.services import versions as changes
from chalicelib.services.listing import Listing
from chalicelib.services.versions import Outcome

versions = Blueprint(__name__)


@endpoint(versions, "PUT", "/v1/playbooks/{playbook_id}")
def edit_playbook(call: Call, playbook_id: str) -> dict[str, Any]:
    """Make the next version of a playbook."""
    return _shown(changes.edit(playbook_id, call.body, call.caller, call.now))


@endpoint(versions, "DELETE", "/v1/playbooks/{playbook_id}")
def deprecate_playbook(call: Call, playbook_id: str) -> dict[str, Any]:
    """Say that a playbook is not to be used any more."""
    return _shown(changes.deprecate(playbook_id, call.body, call.caller, call.now))


@endpoint(versions, "GET", "/v1/playbooks/{playbook_id}/versions")
def list_versions(call: Call, playbook_id: str) -> Listing[HistoryEntry]:
    """The versions made on a branch, the newest first."""
    branch = call.query.get("branch", MAIN)
    return publish.list_versions(playbook_id, branch, call.wanted, call.caller)


@endpoint(versions, "GET", "/v1/playbooks/{playbook_id}/diff")
def compare_versions(call: Call, playbook_id: str) -> dict[str, Any]:
    """What differs between two versions, by step and field and as text."""
    before, after = call.query.get("from"), call.query.get("to")
    found = compare.compare_versions(playbook_id, before, after, call.caller)
    return {
        "playbook_id": playbook_id,
        "from": found.before.version,
        "to": found.after.version,
        **dict(found.diff),
        "unified": found.unified,
    }


@endpoint(versions, "POST", "/v1/playbooks/{playbook_id}/branches", status=201)
def create_branch(call: Call, playbook_id: str) -> Branch:
    """Begin a branch at a version."""
    return branches.create_branch(playbook_id, call.body, call.caller, call.now)


@endpoint(versions, "GET", "/v1/playbooks/{playbook_id}/branches")
def list_branches(call: Call, playbook_id: str) -> Listing[Branch]:
    """The branches of a playbook, `main` first."""
    return branches.list_branches(playbook_id, call.wanted, call.caller)


@endpoint(versions, "POST", "/v1/playbooks/{playbook_id}/merges", status=201)
def merge_branch(call: Call, playbook_id: str) -> dict[str, Any]:
    """Merge a branch into another one."""
    return _shown(branches.merge_branch(playbook_id, call.body, call.caller, call.now))


@endpoint(versions, "POST", "/v1/playbooks/{playbook_id}/rollbacks", status=201)
def roll_back(call: Call, playbook_id: str) -> dict[str, Any]:
    """Make a version with the content of an earlier one."""
    return _shown(changes.roll_back(playbook_id, call.body, call.caller, call.now))


def _shown(outcome: Outcome) -> dict[str, Any]:
    """A playbook in its new version, and whether that is new at all."""
    return {
        **outcome.playbook.model_dump(mode="json"),
        **outcome.version.model_dump(mode="json"),
        "unchanged": outcome.unchanged,
    }
