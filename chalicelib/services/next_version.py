"""The next version of a playbook, whatever makes it: numbered, written, exported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.fields import format_time
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import (
    MAIN,
    ChangeType,
    Playbook,
    PlaybookStatus,
    PlaybookVersion,
    VersionNumber,
    content_hash,
    next_number,
)
from chalicelib.services import export, retain
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, Forbidden, invalid
from chalicelib.services.history import add_version, current_version, find_branch
from chalicelib.services.publish import find_playbook
from chalicelib.store import versions as store
from chalicelib.store.transaction import Transaction

_TRIES = 5  # of a transaction that runs and other changes of the same playbook race with


@dataclass(frozen=True)
class Change:
    """What makes a next version: its content, and how it came to be.

    Attributes:
        merged_from: the version of another branch that was merged into it.
    """

    spec: PlaybookSpec
    change_type: ChangeType
    changelog: str
    author: str
    branch: str = MAIN
    merged_from: VersionNumber | None = None


@dataclass(frozen=True)
class Outcome:
    """A playbook and the version that a branch of it now stands at.

    Attributes:
        unchanged: nothing was written, since the branch had that content already.
    """

    playbook: Playbook
    version: PlaybookVersion
    unchanged: bool


def add_next(
    transaction: Transaction, playbook: Playbook, change: Change, now: datetime
) -> tuple[Playbook, PlaybookVersion]:
    """Add the next version of a playbook to a transaction.

    The transaction loses against whoever else writes the playbook first, on whatever branch.

    Args:
        transaction: collects what is written; it must not write the playbook otherwise.
        playbook: as it was read before the change was worked out.
        change: what the version is.
        now: when.

    Returns:
        The playbook as it then stands, and the version.

    Raises:
        NotFound: there is no such branch.
        Conflict: the playbook is deprecated, and this does not bring it back.
    """
    _check_in_use(playbook, change)
    branch = find_branch(playbook, change.branch)
    version = PlaybookVersion(
        playbook_id=playbook.playbook_id,
        version=next_number(playbook.highest_version, change.change_type),
        branch=branch.name,
        change_type=change.change_type,
        changelog=change.changelog,
        based_on=branch.version,
        merged_from=change.merged_from,
        content_hash=content_hash(change.spec),
        spec=change.spec,
        author=change.author,
        created_at=now,
    )
    number = version.version
    if branch.name == MAIN:
        changed = playbook.changed(
            now,
            version=number,
            highest_version=number,
            spec=change.spec,
            title=change.spec.name,
            status=(
                PlaybookStatus.DEPRECATED
                if change.change_type is ChangeType.DEPRECATED
                else PlaybookStatus.ACTIVE
            ),
        )
    else:
        changed = playbook.changed(now, highest_version=number)
        moved = branch.model_copy(update={"version": number, "updated_at": now})
        store.move_branch(transaction, moved)
    add_version(transaction, changed, version)
    return changed, version


def publish_next(
    playbook_id: str,
    branch: str,
    plan: Callable[[Playbook, PlaybookVersion], Change | None],
    caller: Caller,
    now: datetime,
    *,
    based_on: str | None = None,
) -> Outcome:
    """Make the next version of a branch, of what `plan` makes of the playbook and its current one.

    What has the branch's content already makes no version. A version of `main` is exported, and
    versions that nobody needs any more go.

    Args:
        playbook_id: whose version.
        branch: where it is made.
        plan: told the playbook and the branch's current version, gives the change, or None where
            there is nothing to change. It is asked anew when a run of the playbook was recorded in
            the meantime.
        caller: who makes it.
        now: when.
        based_on: the version that the branch must still stand at.

    Raises:
        NotFound: there is no such playbook or branch.
        Forbidden: its scope is not the caller's, or only a reviewer may change it.
        InvalidInput: `based_on` is no version.
        Conflict: somebody was faster, or the playbook is deprecated; or whatever `plan` raises.
    """
    for _ in range(_TRIES):
        playbook = find_playbook(playbook_id, caller)
        _check_may_change(playbook, branch, caller)
        current = current_version(playbook, find_branch(playbook, branch))
        change = plan(playbook, current)
        if change is None or _is_there(change, playbook, current):
            return Outcome(playbook, current, unchanged=True)
        _check_in_use(playbook, change)
        _check_based_on(current, branch, based_on)
        based_on = current.version
        try:
            with Transaction(caller, now) as transaction:
                changed, version = add_next(transaction, playbook, change, now)
        except Conflict:
            continue
        if branch == MAIN:
            export.export_approved(changed, caller, now)
        retain.prune(changed, now)
        return Outcome(changed, version, unchanged=False)
    raise Conflict("this playbook is changed very often just now; try again")


def _is_there(change: Change, playbook: Playbook, current: PlaybookVersion) -> bool:
    """Whether a change would leave everything as it is."""
    wants_deprecated = change.change_type is ChangeType.DEPRECATED
    is_deprecated = playbook.status is PlaybookStatus.DEPRECATED
    same = content_hash(change.spec) == current.content_hash
    return same and wants_deprecated == is_deprecated


def _check_in_use(playbook: Playbook, change: Change) -> None:
    if playbook.status is not PlaybookStatus.DEPRECATED:
        return
    if change.branch != MAIN or change.change_type is not ChangeType.ROLLBACK:
        raise Conflict("this playbook is deprecated; roll back to a version to bring it back")


def _check_may_change(playbook: Playbook, branch: str, caller: Caller) -> None:
    """What a reviewer approved, only a reviewer changes; branches are for everyone's proposals."""
    if branch == MAIN and playbook.suggestion_id and caller.role not in ("reviewer", "lead"):
        raise Forbidden(
            f"a reviewer approved this playbook, so only a reviewer changes {MAIN}; "
            "propose the change on a branch"
        )


def _check_based_on(current: PlaybookVersion, branch: str, based_on: str | None) -> None:
    """Let nobody write over what they have not seen."""
    if based_on is None or based_on == current.version:
        return
    if store.get(current.playbook_id, based_on) is None:
        raise invalid("based_on", f"is no version of {current.playbook_id}")
    raise Conflict(
        f"{branch} is at {current.version} by now, written by {current.author} at "
        f"{format_time(current.created_at)}, not at {based_on}; look at it, then try again"
    )
