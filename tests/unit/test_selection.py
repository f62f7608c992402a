"""Of the groups of a linkage tree, those that stand out are kinds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from chalicelib.core.selection import selected


def _tree(distances):
    return linkage(squareform(np.array(distances)), "average")


def _selected(distances, least=0.3, sizes=None):
    sizes = np.array(sizes or [1] * len(distances))
    _, groups = selected(_tree(distances), sizes, least, 1 - least)
    return sorted(group.tolist() for group in groups)


def _blocks(near, far, sizes=(3, 3)):
    """Groups whose members are `near` to each other, and `far` from those of other groups."""
    group = np.repeat(range(len(sizes)), sizes)
    distances = np.where(group[:, None] == group, near, far).astype(float)
    np.fill_diagonal(distances, 0)
    return distances


def test_groups_that_lie_far_from_each_other_are_kinds():
    assert _selected(_blocks(0.2, 0.9)) == [[0, 1, 2], [3, 4, 5]]


def test_groups_that_lie_near_each_other_are_one_kind():
    assert _selected(_blocks(0.35, 0.45)) == [[0, 1, 2, 3, 4, 5]]


def test_tight_groups_in_a_theme_stay_apart_though_the_theme_is_near_enough():
    assert _selected(_blocks(0.02, 0.5)) == [[0, 1, 2], [3, 4, 5]]


def test_a_pair_that_is_near_by_chance_does_not_leave_its_kind():
    distances = _blocks(0.4, 0.9, sizes=(5, 3))
    distances[0, 1] = distances[1, 0] = 0.1
    assert _selected(distances) == [[0, 1, 2, 3, 4], [5, 6, 7]]
    distances = _blocks(0.05, 0.6, sizes=(2, 3))
    assert _selected(distances) == [[0, 1], [2, 3, 4]]


def test_what_is_not_near_enough_is_no_kind():
    assert _selected(_blocks(0.75, 0.9)) == []
    assert _selected(_blocks(0.75, 0.9), least=0.25) == [[0, 1, 2], [3, 4, 5]]


def test_the_same_report_again_is_a_kind_and_a_lone_one_is_not():
    assert _selected([[0, 0.9], [0.9, 0]], sizes=[2, 1]) == [[0]]


def test_a_copy_or_two_take_no_kind_apart_and_many_are_a_kind():
    distances = _blocks(0.35, 0.9)
    for often in (1, 2, 3):
        assert _selected(distances, sizes=[often, 1, 1, 1, 1, 1]) == [[0, 1, 2], [3, 4, 5]]
    assert [0] in _selected(distances, sizes=[20, 1, 1, 1, 1, 1])


def test_beyond_some_copies_more_of_them_change_nothing():
    distances = _blocks(0.25, 0.9)
    found = {str(_selected(distances, sizes=[often, 1, 1, 1, 1, 1])) for often in (11, 50, 9_999)}
    assert len(found) == 1


_matrices = st.integers(2, 12).flatmap(
    lambda n: st.lists(st.floats(0.01, 1), min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2)
)


@settings(deadline=None, max_examples=150)
@given(_matrices, st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_a_stricter_threshold_only_takes_kinds_apart(condensed, one, other):
    tree = linkage(np.array(condensed), "average")
    sizes = np.ones(len(tree) + 1)
    looser, stricter = (
        [set(group) for group in selected(tree, sizes, least, 1 - least)[1]]
        for least in sorted([one, other])
    )
    assert all(any(kind <= wider for wider in looser) for kind in stricter)
    for kinds in (looser, stricter):
        members = [member for kind in kinds for member in kind]
        assert len(members) == len(set(members))


@pytest.mark.parametrize("least", [0.2, 0.5, 0.8])
def test_every_kind_is_a_group_of_the_tree_that_reaches_the_threshold(least):
    random = np.random.default_rng(7)
    points = random.random((40, 3))
    tree = linkage(points, "average")
    tree[:, 2] /= tree[-1, 2]
    groups = {n: {n} for n in range(40)}
    for node, (a, b, _, _) in enumerate(tree, start=40):
        groups[node] = groups[int(a)] | groups[int(b)]
    heights = {frozenset(groups[n + 40]): tree[n, 2] for n in range(len(tree))}
    for group in selected(tree, np.ones(40), least, 1 - least)[1]:
        assert heights[frozenset(group.tolist())] <= 1 - least + 1e-9
