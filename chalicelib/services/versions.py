"""What becomes of a playbook: edited, rolled back, deprecated, each as its next version."""

from datetime import datetime
from typing import Any

from chalicelib.core.caution import newly_destructive
from chalicelib.core.fields import Value
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import (
    MAIN,
    BranchName,
    Changelog,
    ChangeType,
    Playbook,
    PlaybookVersion,
    VersionNumber,
)
from chalicelib.services.access import Caller
from chalicelib.services.confirm import ConfirmedSteps, check_confirmed
from chalicelib.services.errors import invalid, validated
from chalicelib.services.next_version import Change, Outcome, publish_next
from chalicelib.services.publish import PlaybookAtVersion, find_playbook, publishable
from chalicelib.store import versions as store


class ChangedPlaybook(PlaybookAtVersion):
    """A playbook with the version that a branch of it now stands at.

    Attributes:
        unchanged: nothing was written, since the branch had that content already.
    """

    unchanged: bool


class PlaybookEdit(Value):
    """A playbook as somebody wants it to be from now on.

    Attributes:
        based_on: the version that the writer saw; without it the current one is meant.
        confirmed_steps: the ids of the steps that destroy something and are new on `main`; without
            them nobody is asked, with them each has to be among them.
    """

    spec: PlaybookSpec
    change_type: ChangeType = ChangeType.MODIFIED
    changelog: Changelog = ""
    branch: BranchName = MAIN
    based_on: VersionNumber | None = None
    confirmed_steps: ConfirmedSteps | None = None


class Rollback(Value):
    """Which version's content is wanted back, on which branch.

    Attributes:
        based_on, confirmed_steps: as of a `PlaybookEdit`.
    """

    version: VersionNumber
    changelog: Changelog = ""
    branch: BranchName = MAIN
    based_on: VersionNumber | None = None
    confirmed_steps: ConfirmedSteps | None = None


class Deprecation(Value):
    """Why a playbook is not to be used any more."""

    changelog: Changelog = "Deprecated."
    based_on: VersionNumber | None = None


def edit(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Outcome:
    """Make the next version of a branch.

    Raises:
        NotFound: there is no such playbook or branch.
        Forbidden: its scope is not the caller's, or only a reviewer may change it.
        InvalidInput: the body holds no sound specification, or `based_on` is no version.
        Unconfirmed: `confirmed_steps` lacks a step that destroys something.
        Conflict: somebody was faster, or the playbook is deprecated.
    """
    wanted = validated(PlaybookEdit, body)
    if wanted.change_type is ChangeType.DEPRECATED and wanted.branch != MAIN:
        raise invalid("change_type", f"only the branch {MAIN} can be deprecated")
    change = Change(
        publishable(wanted.spec), wanted.change_type, wanted.changelog, caller.name, wanted.branch
    )
    return _publish_confirmed(playbook_id, change, wanted, caller, now)


def roll_back(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Outcome:
    """Make a version with the content of an earlier one; it brings back what is deprecated.

    Raises:
        NotFound, Forbidden, Conflict: as `edit`.
        InvalidInput: the body names no version of the playbook.
        Unconfirmed: as `edit`.
    """
    wanted = validated(Rollback, body)
    find_playbook(playbook_id, caller)
    earlier = store.get(playbook_id, wanted.version)
    if earlier is None:
        raise invalid("version", f"is no version of {playbook_id}")
    change = Change(
        earlier.spec,
        ChangeType.ROLLBACK,
        wanted.changelog or f"Back to {wanted.version}.",
        caller.name,
        wanted.branch,
    )
    return _publish_confirmed(playbook_id, change, wanted, caller, now)


def deprecate(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Outcome:
    """Make a version that says not to use the playbook any more; it stays readable.

    Raises:
        NotFound, Forbidden, Conflict: as `edit`.
        InvalidInput: the body is no deprecation.
    """
    wanted = validated(Deprecation, body)

    def plan(playbook: Playbook, current: PlaybookVersion) -> Change:
        return Change(current.spec, ChangeType.DEPRECATED, wanted.changelog, caller.name)

    return publish_next(playbook_id, MAIN, plan, caller, now, based_on=wanted.based_on)


def _publish_confirmed(
    playbook_id: str, change: Change, wanted: PlaybookEdit | Rollback, caller: Caller, now: datetime
) -> Outcome:
    """Make a change of a branch, where it was confirmed as far as the caller asks for that."""

    def plan(playbook: Playbook, current: PlaybookVersion) -> Change:
        if wanted.confirmed_steps is not None and change.branch == MAIN:
            added = newly_destructive(current.spec, change.spec)
            check_confirmed(added, wanted.confirmed_steps)
        return change

    return publish_next(playbook_id, change.branch, plan, caller, now, based_on=wanted.based_on)
