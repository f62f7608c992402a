"""Exports: a playbook as a file in S3, in any of the formats."""

from datetime import datetime
from typing import Any

from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Value, format_time
from chalicelib.core.versions import Playbook
from chalicelib.formats import FORMATS
from chalicelib.observability import count, logger
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.errors import invalid, validated
from chalicelib.services.listing import MAX_LIMIT
from chalicelib.services.publish import find_playbook
from chalicelib.store import objects
from chalicelib.store import playbooks as store
from chalicelib.store.paging import Position
from chalicelib.store.transaction import Transaction

#: What is exported without being asked for.
ON_APPROVAL = ("json", "yaml")


class ExportRequest(Value):
    """Which format, and for `export_scope` whose playbooks."""

    format: str
    scope: Scope = DEFAULT_SCOPE


def export_playbook(playbook_id: str, body: Any, caller: Caller, now: datetime) -> dict[str, Any]:
    """Write a playbook's current version to S3 and tell where it is.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
        InvalidInput: there is no such format.
    """
    wanted = _wanted(body)
    return _export(find_playbook(playbook_id, caller), wanted.format, caller, now)


def export_scope(body: Any, caller: Caller, now: datetime) -> dict[str, Any]:
    """Write all of a scope's playbooks to S3 and tell where each is.

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
        items += [_export(playbook, wanted.format, caller, now) for playbook in page.items]
        position = page.position
        if position is None:
            return {"scope": wanted.scope, "format": wanted.format, "items": items}


def export_approved(playbook: Playbook, caller: Caller, now: datetime) -> None:
    """Export a playbook that was just approved.

    The approval stands whatever S3 says; what is missing then can be asked for again.
    """
    for name in ON_APPROVAL:
        try:
            _export(playbook, name, caller, now)
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


def _export(playbook: Playbook, name: str, caller: Caller, now: datetime) -> dict[str, Any]:
    """Write the object first and then the record that points at it, never the other way round."""
    written = FORMATS[name]
    key = (
        f"playbooks/{playbook.scope}/{playbook.playbook_id}/"
        f"{playbook.version}/playbook.{written.extension}"
    )
    body = written.write(playbook.spec).encode()
    export = {
        "playbook_id": playbook.playbook_id,
        "version": playbook.version,
        "format": name,
        "bucket": objects.bucket(),
        "key": key,
        "sha256": objects.write(key, body, written.content_type),
    }
    with Transaction(caller.actor, now) as transaction:
        store.add_export(transaction, playbook.playbook_id, {**export, "at": format_time(now)})
        transaction.audit(f"playbook:{playbook.playbook_id}", "exported", export)
    return {**export, "url": objects.link(key)}
