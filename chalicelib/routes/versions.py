"""What becomes of playbooks over HTTP: versions, branches, merges, differences."""

from typing import Annotated
from urllib.parse import unquote

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.core.versions import MAIN, Branch, BranchName, HistoryEntry
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import branches, compare, publish
from chalicelib.services import versions as changes
from chalicelib.services.listing import Listing
from chalicelib.services.next_version import Outcome
from chalicelib.services.versions import ChangedPlaybook

versions = Blueprint(__name__)

_ON = {"branch": Annotated[BranchName, Field(description=f"`{MAIN}` if absent.")]}
_BETWEEN = {
    "from": Annotated[
        BranchName,
        Field(description="A version or a branch; what `to` is based on if absent."),
    ],
    "to": Annotated[BranchName, Field(description=f"A version or a branch; `{MAIN}` if absent.")],
}


@endpoint(versions, "PUT", "/v1/playbooks/{playbook_id}", takes=changes.PlaybookEdit)
def edit_playbook(call: Call, playbook_id: str) -> ChangedPlaybook:
    """Make the next version of a playbook."""
    return _shown(changes.edit(playbook_id, call.body, call.caller, call.now))


@endpoint(versions, "DELETE", "/v1/playbooks/{playbook_id}", takes=changes.Deprecation)
def deprecate_playbook(call: Call, playbook_id: str) -> ChangedPlaybook:
    """Say that a playbook is not to be used any more."""
    return _shown(changes.deprecate(playbook_id, call.body, call.caller, call.now))


@endpoint(versions, "GET", "/v1/playbooks/{playbook_id}/versions", asks=_ON)
def list_versions(call: Call, playbook_id: str) -> Listing[HistoryEntry]:
    """The versions made on a branch, the newest first."""
    branch = call.query.get("branch", MAIN)
    return publish.list_versions(playbook_id, branch, call.wanted, call.caller)


@endpoint(versions, "GET", "/v1/playbooks/{playbook_id}/diff", asks=_BETWEEN)
def compare_versions(call: Call, playbook_id: str) -> compare.VersionDiff:
    """What differs between two versions, by step and field and as text."""
    before, after = call.query.get("from"), call.query.get("to")
    return compare.compare_versions(playbook_id, before, after, call.caller).told


@endpoint(
    versions,
    "POST",
    "/v1/playbooks/{playbook_id}/branches",
    status=201,
    takes=branches.BranchRequest,
    example={"name": "safer-restart"},
)
def create_branch(call: Call, playbook_id: str) -> Branch:
    """Begin a branch at a version."""
    return branches.create_branch(playbook_id, call.body, call.caller, call.now)


@endpoint(versions, "GET", "/v1/playbooks/{playbook_id}/branches")
def list_branches(call: Call, playbook_id: str) -> Listing[Branch]:
    """The branches of a playbook, `main` first."""
    return branches.list_branches(playbook_id, call.wanted, call.caller)


@endpoint(
    versions,
    "DELETE",
    "/v1/playbooks/{playbook_id}/branches/{branch}",
    takes=branches.BranchDeletion,
)
def delete_branch(call: Call, playbook_id: str, branch: str) -> Branch:
    """Delete a branch that is merged or given up; `/` in its name is written `%2F`.

    Its versions go with it, but those that somebody needs.
    """
    return branches.delete_branch(playbook_id, unquote(branch), call.body, call.caller, call.now)


@endpoint(
    versions,
    "POST",
    "/v1/playbooks/{playbook_id}/merges",
    status=201,
    takes=branches.MergeRequest,
    example={"branch": "safer-restart", "into": MAIN},
)
def merge_branch(call: Call, playbook_id: str) -> ChangedPlaybook:
    """Merge a branch into another one.

    Where both changed the same, 409 tells the `conflicts`: send it again with `resolutions`.
    """
    return _shown(branches.merge_branch(playbook_id, call.body, call.caller, call.now))


@endpoint(
    versions,
    "POST",
    "/v1/playbooks/{playbook_id}/rollbacks",
    status=201,
    takes=changes.Rollback,
    example={"version": "1.0.0"},
)
def roll_back(call: Call, playbook_id: str) -> ChangedPlaybook:
    """Make a version with the content of an earlier one."""
    return _shown(changes.roll_back(playbook_id, call.body, call.caller, call.now))


def _shown(outcome: Outcome) -> ChangedPlaybook:
    """A playbook in its new version, and whether that is new at all."""
    both = dict(outcome.playbook) | dict(outcome.version)
    return ChangedPlaybook(**both, unchanged=outcome.unchanged)
