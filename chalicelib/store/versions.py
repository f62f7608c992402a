"""Versions and branches of playbooks in DynamoDB.

A version is two items: all of it under its number, and under its branch what tells of it without
its content, so that a long history is read at once.
"""

import json
from collections.abc import Iterator

from chalicelib.core.versions import Branch, HistoryEntry, PlaybookVersion, sort_key
from chalicelib.store.paging import Page, Position
from chalicelib.store.playbooks import latest_first
from chalicelib.store.tables import PlaybookItem
from chalicelib.store.transaction import Transaction


def get(playbook_id: str, version: str) -> PlaybookVersion | None:
    """One version of a playbook, None where there is none (any more)."""
    item = PlaybookItem.find(playbook_id, _version(version))
    return PlaybookVersion.model_validate_json(item.text) if item else None


def add(transaction: Transaction, version: PlaybookVersion) -> None:
    """Write a version; no other of the playbook may have its number."""
    where, number = version.playbook_id, version.version
    transaction.create(PlaybookItem(where, _version(number), document=version.model_dump_json()))
    entry = version.entry
    transaction.create(PlaybookItem(where, _entry(entry), document=entry.model_dump_json()))


def page(
    playbook_id: str, branch: str, limit: int, position: Position | None
) -> Page[HistoryEntry]:
    """A page of what tells of a branch's versions, the newest first."""
    return latest_first(playbook_id, f"history#{branch}#", limit, position).of(_history_entry)


def history(playbook_id: str) -> Iterator[HistoryEntry]:
    """What tells of every version of a playbook, on all branches."""
    query = PlaybookItem.query(
        playbook_id,
        PlaybookItem.sk.startswith("history#"),
        consistent_read=True,
        attributes_to_get=["document", "object_key"],
    )
    return map(_history_entry, query)


def get_branch(playbook_id: str, name: str) -> Branch | None:
    """A branch beside `main`, None where there is none."""
    item = PlaybookItem.find(playbook_id, _branch(name))
    return Branch.model_validate_json(item.text) if item else None


def branches(playbook_id: str) -> list[Branch]:
    """The branches beside `main`, by their names, and those that are deleted."""
    query = PlaybookItem.query(
        playbook_id, PlaybookItem.sk.startswith("branch#"), consistent_read=True
    )
    return [Branch.model_validate_json(item.text) for item in query]


def add_branch(transaction: Transaction, branch: Branch) -> None:
    """Write a new branch."""
    transaction.create(_branch_item(branch))


def move_branch(transaction: Transaction, branch: Branch) -> None:
    """Write where a branch now stands, or that it is deleted.

    The playbook's own revision is what guards it.
    """
    transaction.put(_branch_item(branch))


def remove_branch(transaction: Transaction, branch: Branch) -> None:
    """Remove what tells of a branch, of which there is no version."""
    transaction.delete(PlaybookItem(branch.playbook_id, _branch(branch.name)))


def refer(transaction: Transaction, playbook_id: str, version: str, source: str) -> None:
    """Keep a version from being pruned, as something such as `suggestion:ID` points at it."""
    key = f"reference#{sort_key(version)}#{source}"
    transaction.put(PlaybookItem(playbook_id, key, document=json.dumps({"version": version})))


def referred(playbook_id: str) -> set[str]:
    """The versions that something points at."""
    query = PlaybookItem.query(
        playbook_id, PlaybookItem.sk.startswith("reference#"), consistent_read=True
    )
    return {json.loads(item.text)["version"] for item in query}


def remove(transaction: Transaction, entry: HistoryEntry) -> None:
    """Remove a version with its content."""
    transaction.delete(PlaybookItem(entry.playbook_id, _version(entry.version)))
    transaction.delete(PlaybookItem(entry.playbook_id, _entry(entry)))


def _version(version: str) -> str:
    return f"version#{sort_key(version)}"


def _entry(entry: HistoryEntry) -> str:
    return f"history#{entry.branch}#{sort_key(entry.version)}"


def _branch(name: str) -> str:
    return f"branch#{name}"


def _branch_item(branch: Branch) -> PlaybookItem:
    document = branch.model_dump_json()
    return PlaybookItem(branch.playbook_id, _branch(branch.name), document=document)


def _history_entry(item: PlaybookItem) -> HistoryEntry:
    return HistoryEntry.model_validate_json(item.text)
