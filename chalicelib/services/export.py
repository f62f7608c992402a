"""Exports: a playbook as a file in S3, in any of the formats."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

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
from chalicelib.formats.document import Source, Written
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

    format: Annotated[str, Field(json_schema_extra={"enum": [*FORMAT_NAMES]})]
    scope: Scope = DEFAULT_SCOPE
    version: VersionNumber | None = None
    branch: BranchName | None = None


class Export(TypedDict):
    """A playbook's version as a file in S3.

    Its link is good for an hour; `not_carried` tells what the format has no place for.
    """

    playbook_id: str
    version: str
    format: str
    bucket: str
    key: str
    sha256: str
    not_carried: list[str]
    url: str


class ScopeExport(TypedDict):
    """The files of all of a scope's playbooks."""

    scope: str
    format: str
    items: list[Export]


def export_playbook(playbook_id: str, body: Any, caller: Caller, now: datetime) -> Export:
    """Write a version of a playbook to S3; tell where it is and what it does not hold.

    Raises:
        NotFound, Forbidden: as `find_version`.
        InvalidInput: there is no such format.
    """
    wanted = _wanted(body)
    playbook, version = find_version(playbook_id, wanted.version, wanted.branch, caller)
    return _export(playbook, version, wanted.format, caller, now)


def export_scope(body: Any, caller: Caller, now: datetime) -> ScopeExport:
    """Write all of a scope's playbooks that are in use to S3 and tell where each is.

    Raises:
        Forbidden: the scope is not the caller's.
        InvalidInput: there is no such format.
    """
    wanted = _wanted(body)
    check_scope(caller, wanted.scope)
    items: list[Export] = []
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
            _export(playbook, _current(playbook), name, caller, now, requested=False)
        except Exception:
            logger.exception("export failed", playbook_id=playbook.playbook_id, format=name)
            count("ExportsFailed")


def written(playbook_id: str, name: str, caller: Caller) -> Written:
    """A playbook's current version as a format writes it; nothing is kept.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    playbook = find_playbook(playbook_id, caller)
    return FORMATS[name].write(_source(playbook, _current(playbook)))


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


def was_requested(playbook_id: str) -> bool:
    """Whether anybody has asked for an export of a playbook."""
    return any(each.get("requested", True) for each in store.exports(playbook_id))


def _current(playbook: Playbook) -> PlaybookVersion:
    return current_version(playbook, find_branch(playbook, MAIN))


def _export(
    playbook: Playbook,
    version: PlaybookVersion,
    name: str,
    caller: Caller,
    now: datetime,
    requested: bool = True,
) -> Export:
    """Write the object first and then the record that points at it, never the other way round."""
    target = FORMATS[name]
    written = target.write(_source(playbook, version))
    key = f"playbooks/{playbook.scope}/{playbook.playbook_id}/{version.version}/{target.file}"
    export: Export = {
        "playbook_id": playbook.playbook_id,
        "version": version.version,
        "format": name,
        "bucket": objects.bucket(),
        "key": key,
        "sha256": objects.write(key, written.text.encode(), target.content_type),
        "not_carried": list(written.not_carried),
        "url": objects.link(key),
    }
    kept = {name: value for name, value in export.items() if name != "url"}
    with Transaction(caller, now) as transaction:
        record = {**kept, "at": format_time(now), "requested": requested}
        store.add_export(transaction, playbook.playbook_id, record)
        transaction.audit(playbook.scope, f"playbook:{playbook.playbook_id}", "exported", kept)
    return export


def _source(playbook: Playbook, version: PlaybookVersion) -> Source:
    """The version with its own time: how the playbook stands changes with every run of it."""
    return Source(
        playbook_id=playbook.playbook_id,
        version=version.version,
        spec=version.spec,
        created_at=playbook.created_at,
        modified_at=version.created_at,
    )
