"""Branches of a playbook: lines of versions beside `main`, and how they come together again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.ancestry import common_ancestor, parents
from chalicelib.core.caution import newly_destructive
from chalicelib.core.fields import Value
from chalicelib.core.merging import Merge, Resolution, Unmergeable, merge
from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.versions import (
    MAIN,
    Branch,
    BranchName,
    Changelog,
    ChangeType,
    Playbook,
    PlaybookVersion,
    VersionNumber,
)
from chalicelib.services import retain
from chalicelib.services.access import Caller
from chalicelib.services.confirm import ConfirmedSteps, check_confirmed
from chalicelib.services.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    Unresolved,
    invalid,
    validated,
)
from chalicelib.services.history import current_version, find_branch
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.next_version import Change, Outcome, publish_next
from chalicelib.services.publish import find_playbook, publishable
from chalicelib.store import playbooks
from chalicelib.store import versions as store
from chalicelib.store.paging import slice_of
from chalicelib.store.transaction import Transaction

_MAX_BRANCHES = 100  # of a playbook; merging and pruning read them all
_TRIES = 5


class BranchRequest(Value):
    """A new branch's name, and the version that it begins with: the current one of `main`."""

    name: BranchName
    from_version: VersionNumber | None = None


class MergeRequest(Value):
    """What to merge into what.

    Attributes:
        resolutions: what it is to be where both changed the same, by the conflicts' fields.
        confirmed_steps: the ids of the steps that destroy something and come to `main` by this.
        based_on, merged_from: the versions of `into` and of `branch` that the caller saw; without
            them the current ones are meant.
    """

    branch: BranchName
    into: BranchName = MAIN
    resolutions: Annotated[dict[str, Resolution], Field(max_length=2_000)] = {}
    confirmed_steps: ConfirmedSteps = []
    changelog: Changelog = ""
    based_on: VersionNumber | None = None
    merged_from: VersionNumber | None = None


class BranchDeletion(Value):
    """Which version the branch must still stand at to be deleted; without it the current one."""

    based_on: VersionNumber | None = None


@dataclass(frozen=True)
class Attempt:
    """What merging one version into another makes.

    Attributes:
        base: the latest version that both follow from.
        ours, theirs: what is merged into, and what is merged.
        merge: None where nothing is left to merge.
    """

    base: PlaybookVersion
    ours: PlaybookVersion
    theirs: PlaybookVersion
    merge: Merge | None

    @property
    def to_confirm(self) -> list[Step]:
        """What would come to `main` and destroys something there that nothing did before."""
        merged = self.merge.spec if self.merge else None
        if merged is None or self.ours.branch != MAIN:
            return []
        return newly_destructive(self.ours.spec, merged)


def create_branch(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Branch:
    """Begin a branch at any version of a playbook.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
        InvalidInput: the body is no branch, or names no version; or there are too many.
        Conflict: there is a branch of that name.
    """
    wanted = validated(BranchRequest, body)
    for _ in range(_TRIES):
        playbook = find_playbook(playbook_id, caller)
        begins = wanted.from_version or playbook.version
        if store.get(playbook_id, begins) is None:
            raise invalid("from_version", f"is no version of {playbook_id}")
        known = {each.name: each for each in store.branches(playbook_id)}
        if wanted.name in (MAIN, *known):
            raise Conflict(_is_taken(wanted.name, known.get(wanted.name)))
        if len(known) >= _MAX_BRANCHES:
            raise invalid("name", f"a playbook has at most {_MAX_BRANCHES} branches beside {MAIN}")
        branch = Branch(
            playbook_id=playbook_id,
            name=wanted.name,
            from_version=begins,
            version=begins,
            created_by=caller.name,
            created_at=now,
            updated_at=now,
        )
        try:
            _add(branch, playbook, caller, now)
        except Conflict:
            continue
        return branch
    raise Conflict("this playbook is changed very often just now; try again")


def list_branches(playbook_id: str, wanted: Wanted, caller: Caller) -> Listing[Branch]:
    """The branches of a playbook: `main`, then the others by name.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    playbook = find_playbook(playbook_id, caller)
    beside = [each for each in store.branches(playbook_id) if not each.deleted_at]
    branches = [find_branch(playbook, MAIN), *beside]
    return listing(
        f"branches {playbook_id}", wanted, lambda limit, at: slice_of(branches, limit, at)
    )


def delete_branch(playbook_id: str, name: str, body: Any, caller: Caller, now: datetime) -> Branch:
    """Delete a branch that is merged or given up.

    Its versions go with it, but those that were run, were merged, that another branch begins with
    or a suggestion points at; under such a name no other branch begins.

    Raises:
        NotFound: there is no such playbook or branch (any more).
        Forbidden: the scope is not the caller's, or somebody else began the branch and the caller
            is no reviewer.
        InvalidInput: it is `main`, or the body is no deletion.
        Conflict: it stands at another version by now.
    """
    wanted = validated(BranchDeletion, body)
    if name == MAIN:
        raise invalid("name", f"the branch {MAIN} cannot be deleted; deprecate the playbook")
    for _ in range(_TRIES):
        playbook = find_playbook(playbook_id, caller)
        branch = find_branch(playbook, name)
        if caller.name != branch.created_by and caller.role not in ("reviewer", "lead"):
            raise Forbidden("only who began a branch, or a reviewer, deletes it")
        if wanted.based_on not in (None, branch.version):
            raise Conflict(f"{name} is at {branch.version} by now; look at it, then try again")
        deleted = branch.model_copy(update={"deleted_at": now, "updated_at": now})
        changed = playbook.changed(now)
        try:
            with Transaction(caller, now) as transaction:
                store.move_branch(transaction, deleted)
                playbooks.save(transaction, changed)
                told = {"branch": name, "version": branch.version}
                entity = f"playbook:{playbook_id}"
                transaction.audit(playbook.scope, entity, "branch_deleted", told)
        except Conflict:
            continue
        retain.prune(changed, now)
        return deleted
    raise Conflict("this playbook is changed very often just now; try again")


def merge_branch(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Outcome:
    """Merge a branch into another one, as the latter's next version.

    Merging what is merged already changes nothing.

    Raises:
        NotFound: there is no such playbook or branch.
        Forbidden: as `versions.edit`.
        InvalidInput: the body is no merge, or resolves what is no conflict.
        Unresolved: both changed the same, and `resolutions` does not say which it is to be.
        Unconfirmed: it brings steps to `main` that destroy something, without confirming each.
        Conflict: somebody was faster, or what comes out is no sound playbook.
    """
    request = validated(MergeRequest, body)
    if request.branch == request.into:
        raise invalid("branch", "must be another one than the one to merge into")

    def plan(playbook: Playbook, ours: PlaybookVersion) -> Change | None:
        tried = _attempt(playbook, ours, request)
        if tried.merge is None:
            return None
        spec = _resolved(tried, tried.merge, request)
        return Change(
            publishable(spec),
            ChangeType.MERGED,
            request.changelog or f"Merged {request.branch} at {tried.theirs.version}.",
            caller.name,
            request.into,
            tried.theirs.version,
        )

    return publish_next(playbook_id, request.into, plan, caller, now, based_on=request.based_on)


def try_merge(playbook_id: str, body: Any, caller: Caller) -> Attempt:
    """What merging would make, and what both changed; nothing is written.

    Raises:
        NotFound, Forbidden, InvalidInput: as `merge_branch`.
        Conflict: what comes out is no sound playbook.
    """
    request = validated(MergeRequest, body)
    playbook = find_playbook(playbook_id, caller)
    ours = current_version(playbook, find_branch(playbook, request.into))
    return _attempt(playbook, ours, request)


def _attempt(playbook: Playbook, ours: PlaybookVersion, request: MergeRequest) -> Attempt:
    playbook_id = playbook.playbook_id
    theirs = current_version(playbook, find_branch(playbook, request.branch))
    follows = parents(store.history(playbook_id), store.branches(playbook_id))
    base = store.get(playbook_id, common_ancestor(ours.version, theirs.version, follows))
    if base is None:
        raise Conflict("the history of this playbook has just changed; try again")
    if base.version == theirs.version:
        return Attempt(base, ours, theirs, None)
    try:
        merged = merge(base.spec, ours.spec, theirs.spec, request.resolutions)
    except Unmergeable as error:
        raise Conflict(str(error)) from None
    return Attempt(base, ours, theirs, merged)


def _resolved(tried: Attempt, merged: Merge, request: MergeRequest) -> PlaybookSpec:
    """What a merge makes, if whoever merges has seen it, decided on it, and confirmed it."""
    theirs = tried.theirs
    if request.merged_from not in (None, theirs.version):
        raise Conflict(f"{theirs.branch} is at {theirs.version} by now; look at it, then try again")
    if merged.unused:
        raise InvalidInput(_no_conflicts(merged.unused))
    if merged.conflicts or merged.spec is None:
        ours = tried.ours.version
        raise Unresolved(merged.conflicts, tried.base.version, ours, theirs.version)
    check_confirmed(tried.to_confirm, request.confirmed_steps)
    return merged.spec


def _no_conflicts(fields: Sequence[str]) -> list[dict[str, str]]:
    said = "is no conflict of this merge"
    return [{"field": f"resolutions.{field}", "message": said} for field in fields]


def _is_taken(name: str, branch: Branch | None) -> str:
    if branch and branch.deleted_at:
        return f"there was a branch {name}, of which versions are kept; take another name"
    return f"there is a branch {name} already"


def _add(branch: Branch, playbook: Playbook, caller: Caller, now: datetime) -> None:
    """Write a branch, and the playbook with it: so that nobody prunes what it begins with."""
    with Transaction(caller, now) as transaction:
        store.add_branch(transaction, branch)
        playbooks.save(transaction, playbook.changed(now))
        told = {"branch": branch.name, "from_version": branch.from_version}
        transaction.audit(playbook.scope, f"playbook:{branch.playbook_id}", "branched", told)
