"""How the versions of a playbook follow from each other, and which of them may go."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.core.versions import MAIN, Branch, HistoryEntry, sort_key

Parents = Mapping[str, Sequence[str]]


def parents(history: Iterable[HistoryEntry], branches: Iterable[Branch]) -> Parents:
    """The versions that each one follows from directly.

    A version follows the one before it on its branch, the first one what its branch begins with,
    and a merge also what was merged. Versions that were pruned are stepped over: what a branch
    begins with and what was merged never are (see `prunable`).
    """
    begins = {branch.name: branch.from_version for branch in branches if branch.name != MAIN}
    follows: dict[str, list[str]] = {}
    for entry in sorted(history, key=lambda each: sort_key(each.version)):
        before = begins.get(entry.branch)
        follows[entry.version] = [each for each in (before, entry.merged_from) if each]
        begins[entry.branch] = entry.version
    return follows


def ancestors(version: str, follows: Parents) -> set[str]:
    """All versions that one follows from, itself among them."""
    found: set[str] = set()
    waiting = [version]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += follows.get(each, ())
    return found


def common_ancestor(one: str, other: str, follows: Parents) -> str:
    """The latest version that both follow from.

    As every version has a higher number than those that it follows from, the highest number among
    the common ones is no other common one's ancestor.

    Raises:
        ValueError: they have none.
    """
    return max(ancestors(one, follows) & ancestors(other, follows), key=sort_key)


def prunable(
    history: Sequence[HistoryEntry],
    branches: Collection[Branch],
    referenced: Collection[str],
    now: datetime,
    *,
    max_versions: int,
    retention_days: int,
) -> list[str]:
    """The versions that may go, the oldest first.

    Those are the versions of deleted branches, those older than `retention_days`, and the oldest
    ones beyond `max_versions`, but never one that a branch begins with or stands at, a merge or
    what was merged (merging needs these), or one of `referenced`.

    Args:
        history: all versions of the playbook.
        branches: all its branches, `main` and the deleted ones among them.
        referenced: the versions that were run, or that something else points at.
        now: the time.
        max_versions: how many versions a playbook may have, if so many can go.
        retention_days: how long a version is kept in any case, within `max_versions`.
    """
    needed = set(referenced)
    for branch in branches:
        needed |= (
            {branch.from_version} if branch.deleted_at else {branch.version, branch.from_version}
        )
    deleted = {branch.name for branch in branches if branch.deleted_at}
    for entry in history:
        if entry.merged_from:
            needed |= {entry.version, entry.merged_from}
    oldest_kept = now - timedelta(days=retention_days)
    beyond = len(history) - max_versions
    removed: list[str] = []
    for entry in sorted(history, key=lambda each: sort_key(each.version)):
        if entry.version in needed:
            continue
        if entry.branch in deleted or len(removed) < beyond or entry.created_at < oldest_kept:
            removed.append(entry.version)
    return removed
