"""Patterns are known again from run to run."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.reconciliation import FoundPattern, KnownPattern, reconcile

_groups = st.lists(st.integers(0, 4), min_size=1, max_size=20).map(
    lambda kinds: [
        frozenset(f"i{at}" for at, kind in enumerate(kinds) if kind == each)
        for each in sorted(set(kinds))
    ]
)


def _known(pattern_id, members, **centroid):
    return KnownPattern(pattern_id, frozenset(members), centroid)


def _found(members, **centroid):
    return FoundPattern(frozenset(members), centroid)


@given(_groups)
def test_the_same_groups_again_keep_their_ids(groups):
    known = [KnownPattern(f"p{at}", group, {}) for at, group in enumerate(groups)]
    again = reconcile(known, [FoundPattern(group, {}) for group in groups])
    assert again.carried == {at: f"p{at}" for at in range(len(groups))}
    assert (again.new, again.split, again.merged, again.unseen) == ([], {}, {}, [])


def test_an_incident_more_keeps_the_id():
    assert reconcile([_known("p", "abc")], [_found("abcd")]).carried == {0: "p"}


def test_a_split_keeps_the_id_on_the_larger_part():
    result = reconcile([_known("p", "abcde")], [_found("de"), _found("abc")])
    assert (result.carried, result.new, result.split) == ({1: "p"}, [0], {"p": [0]})


def test_a_merge_keeps_the_better_match_and_names_the_other():
    result = reconcile([_known("p", "ab"), _known("q", "cde")], [_found("abcde")])
    assert (result.carried, result.merged, result.unseen) == ({0: "q"}, {0: ["p"]}, [])


def test_without_common_members_the_centroid_decides():
    known = [_known("p", "ab", disk=0.8, full=0.6), _known("q", "cd", lag=1.0)]
    result = reconcile(known, [_found("xy", disk=0.6, full=0.8), _found("z", dns=1.0)])
    assert (result.carried, result.new, result.unseen) == ({0: "p"}, [1], ["q"])


def test_common_members_go_before_a_nearer_centroid():
    known = [_known("p", "abc", disk=1.0), _known("q", "xyz", lag=1.0)]
    assert reconcile(known, [_found("abc", lag=1.0)]).carried == {0: "p"}


def test_a_stray_member_makes_no_kin():
    result = reconcile([_known("p", "abcd", disk=1.0)], [_found("dxyz", lag=1.0)])
    assert (result.carried, result.new, result.unseen) == ({}, [0], ["p"])


def test_nothing_known_and_nothing_found():
    assert reconcile([], [_found("ab")]).new == [0]
    assert reconcile([_known("p", "ab")], []).unseen == ["p"]


@given(_groups, _groups, st.randoms(use_true_random=False))
def test_every_found_pattern_has_one_fate_whatever_the_order(before, after, random):
    known = [KnownPattern(f"p{at}", group, {}) for at, group in enumerate(before)]
    found = [FoundPattern(group, {}) for group in after]
    result = reconcile(known, found)
    assert sorted([*result.carried, *result.new]) == list(range(len(found)))
    assert len(set(result.carried.values())) == len(result.carried)
    shuffled = random.sample(known, len(known))
    assert reconcile(shuffled, found) == result
