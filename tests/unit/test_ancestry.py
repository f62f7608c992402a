"""How versions follow from each other, and which of them nobody needs any more."""

from datetime import timedelta

import pytest

from chalicelib.core.ancestry import ancestors, common_ancestor, parents, prunable
from chalicelib.core.versions import MAIN, Branch, ChangeType, HistoryEntry
from tests.unit.five_incidents import NOW


def _entry(number: str, branch: str = MAIN, age: int = 0, **values) -> HistoryEntry:
    return HistoryEntry(
        playbook_id="pb",
        version=number,
        branch=branch,
        change_type=ChangeType.MODIFIED,
        changelog="",
        content_hash=number,
        author="ann",
        created_at=NOW - timedelta(days=age),
        **values,
    )


def _branch(name: str, begins: str, stands: str) -> Branch:
    times = {"created_at": NOW, "updated_at": NOW}
    return Branch(
        playbook_id="pb", name=name, from_version=begins, version=stands, created_by="ann", **times
    )


# main 1.0.0 ── 1.0.1 ───── 1.0.3 ──── 1.1.0 ── 1.1.2
#         fix └── 1.0.2 ──────┴(1.0.4)┘ 1.1.1
HISTORY = [
    _entry("1.0.0", age=9),
    _entry("1.0.1", age=8),
    _entry("1.0.2", "fix", age=7),
    _entry("1.0.3", age=6),
    _entry("1.0.4", "fix", age=5),
    _entry("1.1.0", age=4, merged_from="1.0.4"),
    _entry("1.1.1", "fix", age=3),
    _entry("1.1.2", age=2),
]
BRANCHES = [_branch(MAIN, "1.0.0", "1.1.2"), _branch("fix", "1.0.0", "1.1.1")]


def test_a_merge_follows_from_both():
    follows = parents(HISTORY, BRANCHES)
    assert ancestors("1.1.0", follows) == {"1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.1.0"}
    assert common_ancestor("1.0.3", "1.0.2", follows) == "1.0.0"
    assert common_ancestor("1.1.2", "1.1.1", follows) == "1.0.4"
    assert common_ancestor("1.1.2", "1.0.4", follows) == "1.0.4"


def test_pruned_versions_are_stepped_over():
    kept = [each for each in HISTORY if each.version not in ("1.0.1", "1.0.2", "1.0.3")]
    assert common_ancestor("1.1.2", "1.1.1", parents(kept, BRANCHES)) == "1.0.4"


def _prunable(**limits: int) -> list[str]:
    wanted = {"max_versions": 100, "retention_days": 100} | limits
    return prunable(HISTORY, BRANCHES, {"1.0.1"}, NOW, **wanted)


@pytest.mark.parametrize(
    ("limits", "gone"),
    [
        ({}, []),
        ({"max_versions": 8}, []),
        ({"max_versions": 7}, ["1.0.2"]),
        ({"max_versions": 1}, ["1.0.2", "1.0.3"]),
        ({"retention_days": 6}, ["1.0.2"]),
        ({"retention_days": 1}, ["1.0.2", "1.0.3"]),
    ],
)
def test_only_the_oldest_that_nobody_needs_may_go(limits: dict[str, int], gone: list[str]):
    assert _prunable(**limits) == gone
