"""Exports: a playbook as a file in S3, in any of the formats."""

from datetime import datetime
from typing import Any

from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Value, format_time
from chalicelib.core.versions import (
    MAIN,
    BranchName,
    Playbook,
    PlaybookStatus,
    PlaybookVersion,
    VersionNumber,
)
from chalicelib.formats import FORMATS
from chalicelib.formats.document import Source
from chalicelib.observability import count, logger
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.errors import invalid, validated
from chalicelib.services.history import current_version, find_branch
from chalicelib.services.listing import MAX_LIMIT
from chalicelib.services.publish import find_playbook, find_version
from chalicelib.store import objects
from chalicelib.store import playbooks as store
from chalicelib.store.paging import Position
from chalicelib.store.transaction import Transaction

FORMAT_NAMES = tuple(FORMATS)
#: What is exported without being asked for.
ON_APPROVAL = ("json", "yaml")


class ExportRequest(Value):
    """Which format.

    Attributes:
        scope: for `export_scope`, whose playbooks.
        version, branch: for `export_playbook`, which version; the current one of `main` without.
    """

    format: str
    scope: Scope = DEFAULT_SCOPE
    version: VersionNumber | None = None
    branch: BranchName | None = None


def export_playbook(playbook_id: str, body: Any, caller: Caller, now: datetime) -> dict[str, Any]:
    """Write a version of a playbook to S3; tell where it is and what it does not hold.

    Raises:
        NotFound, Forbidden: as `find_version`.
        InvalidInput: there is no such format.
    """
    wanted = _wanted(body)
    playbook, version = find_version(playbook_id, wanted.version, wanted.branch, caller)
    return _export(playbook, version, wanted.format, caller, now)


def export_scope(body: Any, caller: Caller, now: datetime) -> dict[str, Any]:
    """Write all of a scope's playbooks that are in use to S3 and tell where each is.

    Raises:
        Forbidden: the scope is not the caller's.
        InvalidInput: there is no such format.
    """
    wanted = _wanted(body)
    check_scope(caller, wanted.scope)
    items: list[dict[str, Any]] = []
    position: Position | None = None
    while True:
        page = store.page(wanted.scope, MAX_LIMIT, position)
        items += [
            _export(playbook, _current(playbook), wanted.format, caller, now)
            for playbook in page.items
            if playbook.status is PlaybookStatus.ACTIVE
        ]
        position = page.position
        if position is None:
            return {"scope": wanted.scope, "format": wanted.format, "items": items}


def export_approved(playbook: Playbook, caller: Caller, now: datetime) -> None:
    """Export a playbook whose current version was just approved, or published otherwise.

    The version stands whatever S3 says; what is missing then can be asked for again.
    """
    for name in ON_APPROVAL:
        try:
            _export(playbook, _current(playbook), name, caller, now)
        except Exception:
            logger.exception("export failed", playbook_id=playbook.playbook_id, format=name)
            count("ExportsFailed")


def list_exports(playbook_id: str, caller: Caller) -> list[dict[str, Any]]:
    """What was exported of a playbook, with links to download it.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    find_playbook(playbook_id, caller)
    return [{**each, "url": objects.link(each["key"])} for each in store.exports(playbook_id)]


def _wanted(body: Any) -> ExportRequest:
    wanted = validated(ExportRequest, body)
    if wanted.format not in FORMATS:
        raise invalid("format", f"must be one of {', '.join(FORMATS)}")
    return wanted


def _current(playbook: Playbook) -> PlaybookVersion:
    return current_version(playbook, find_branch(playbook, MAIN))


def _export(
    playbook: Playbook, version: PlaybookVersion, name: str, caller: Caller, now: datetime
) -> dict[str, Any]:
    """Write the object first and then the record that points at it, never the other way round."""
    target = FORMATS[name]
    written = target.write(_source(playbook, version))
    key = f"playbooks/{playbook.scope}/{playbook.playbook_id}/{version.version}/{target.file}"
    export = {
        "playbook_id": playbook.playbook_id,
        "version": version.version,
        "format": name,
        "bucket": objects.bucket(),
        "key": key,
        "sha256": objects.write(key, written.text.encode(), target.content_type),
        "not_carried": list(written.not_carried),
    }
    with Transaction(caller.actor, now) as transaction:
        store.add_export(transaction, playbook.playbook_id, {**export, "at": format_time(now)})
        transaction.audit(playbook.scope, f"playbook:{playbook.playbook_id}", "exported", export)
    return {**export, "url": objects.link(key)}


def _source(playbook: Playbook, version: PlaybookVersion) -> Source:
    """The version with its own time: how the playbook stands changes with every run of it."""
    return Source(
        playbook_id=playbook.playbook_id,
        version=version.version,
        spec=version.spec,
        created_at=playbook.created_at,
        modified_at=version.created_at,
    )
