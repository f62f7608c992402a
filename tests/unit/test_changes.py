"""What a run does to the patterns, from run to run and over months."""

import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.changes import FOUND, Fate, Plan, changes
from chalicelib.core.patterns import PatternState
from chalicelib.core.reconciliation import FoundPattern, KnownPattern

NOW = datetime(2026, 1, 31, tzinfo=UTC)
_CLOSED = {Fate.MERGED: PatternState.MERGED}


class Store:
    """The patterns as the changes make them."""

    def __init__(self):
        self.known = {}
        self.seen = {}
        self._numbers = itertools.count(1)

    def run(self, groups, now=NOW, looked_at="groups", seen=None, recurs=lambda kinds: {}):
        found = [FoundPattern(frozenset(group), terms) for group, terms in groups]
        if looked_at == "groups":
            looked_at = frozenset().union(*(group for group, _ in groups))
        self.seen |= seen or {}
        made = changes(
            list(self.known.values()),
            found,
            looked_at=looked_at,
            now=now,
            new_id=lambda _: f"p{next(self._numbers)}",
            recurs=recurs,
        )
        for change in made:
            state = PatternState.ACTIVE
            if change.fate in (Fate.MERGED, Fate.RETIRED, Fate.DISSOLVED):
                state = _CLOSED.get(change.fate, PatternState.RETIRED)
            last_seen = max((self.seen.get(each, now) for each in change.members), default=now)
            self.known[change.pattern_id] = KnownPattern(
                change.pattern_id, frozenset(change.members), change.centroid, state, last_seen
            )
        return made

    def active(self):
        return {each.pattern_id: set(each.members) for each in self.known.values() if each.active}


def fates(made):
    return {change.pattern_id: change.fate for change in made}


def test_an_incident_that_became_another_kind_leaves_its_pattern():
    store = Store()
    store.run([("abc", {}), ("xy", {})])
    store.run([("ab", {}), ("xyc", {})])
    assert store.active() == {"p1": set("ab"), "p2": set("xyc")}


def test_a_pattern_that_was_not_found_keeps_what_nobody_else_has():
    store = Store()
    store.run([("abcd", {}), ("xyz", {})])
    made = store.run([("xyzd", {})])
    assert fates(made) == {"p1": Fate.REDUCED, "p2": Fate.UPDATED}
    assert store.active() == {"p1": set("abc"), "p2": set("xyzd")}


def test_a_kind_that_was_looked_at_and_is_none_any_more_dissolves_and_may_come_back():
    store = Store()
    store.run([("abc", {})])
    assert fates(store.run([], looked_at=frozenset("abc"))) == {"p1": Fate.DISSOLVED}
    assert fates(store.run([("abc", {})])) == {"p1": Fate.REVIVED}


def test_a_looser_run_merges_and_the_next_one_gives_both_their_ids_back():
    store = Store()
    store.run([("abcd", {}), ("xyz", {})])
    made = store.run([("abcdxyz", {})])
    assert fates(made) == {"p2": Fate.MERGED, "p1": Fate.UPDATED}
    [kept] = [change for change in made if change.fate is Fate.UPDATED]
    assert kept.absorbed == ["p2"]
    made = store.run([("abcd", {}), ("xyz", {})])
    assert fates(made) == {"p1": Fate.UPDATED, "p2": Fate.REVIVED}
    assert store.active() == {"p1": set("abcd"), "p2": set("xyz")}


def test_a_merge_takes_the_older_members_along_and_a_stray_few_are_no_merge():
    store = Store()
    store.run([("abcdef", {}), ("uvwxyz", {})])
    store.run([("efyz", {})], looked_at=frozenset("efyz"))
    assert store.active() == {"p1": set("abcdefyz"), "p2": set("uvwx")}
    store = Store()
    store.run([("abcdef", {}), ("wxyz", {})])
    store.run([("efxyz", {})], looked_at=frozenset("efxyz"))
    assert store.active() == {"p1": set("abcd"), "p2": set("efwxyz")}


def test_a_split_is_told_on_both_sides():
    store = Store()
    store.run([("abcdefg", {})])
    made = {change.pattern_id: change for change in store.run([("abcd", {}), ("efg", {})])}
    assert (made["p1"].fate, made["p1"].split_into) == (Fate.SPLIT, ["p2"])
    assert (made["p2"].fate, made["p2"].split_from) == (Fate.DISCOVERED, "p1")


def test_learning_leaves_alone_what_it_does_not_look_at():
    store = Store()
    store.run(
        [("abcd", {"disk": 1.0}), ("wxyz", {"lag": 1.0})], seen=dict.fromkeys("abcdwxyz", NOW)
    )
    later = NOW + timedelta(days=400)
    made = store.run([("de", {"other": 1.0})], now=later, looked_at=None)
    assert fates(made) == {"p1": Fate.UPDATED}
    assert store.known["p1"].centroid == {"disk": 1.0}
    assert store.active() == {"p1": set("abcde"), "p2": set("wxyz")}


def test_a_plan_adds_up():
    store = Store()
    store.run([("abc", {}), ("xyz", {}), ("mnop", {})])
    made = store.run([("abcxyz", {}), ("mn", {}), ("op", {}), ("qr", {})])
    plan = Plan(total_incidents=12, incidents_in_patterns=12, fingerprint="", changes=made)
    figures = plan.figures()
    assert figures["patterns_found"] == 4
    assert (figures["new_patterns"], figures["updated_patterns"]) == (2, 2)
    assert (figures["split_patterns"], figures["merged_patterns"]) == (1, 1)


_runs = st.lists(
    st.tuples(st.lists(st.integers(-1, 3), min_size=12, max_size=12), st.integers(0, 8)),
    min_size=1,
    max_size=6,
)


@given(_runs)
@settings(max_examples=150)
def test_no_incident_is_ever_in_two_patterns_and_a_rerun_changes_nothing(runs):
    store = Store()
    for kinds, start in runs:
        window = frozenset(f"i{at}" for at in range(start, start + 12))
        groups = defaultdict(set)
        for at, kind in zip(sorted(window), kinds, strict=True):
            if kind >= 0:
                groups[kind].add(at)
        found = [(group, {}) for group in groups.values() if len(group) > 1]
        store.run(found, looked_at=window)
        held = [member for members in store.active().values() for member in members]
        assert len(held) == len(set(held))
        before = store.active()
        again = store.run(found, looked_at=window)
        assert store.active() == before
        assert all(change.same_members for change in again if change.fate in FOUND)
        assert all(any(group <= members for members in before.values()) for group, _ in found)


def test_over_a_year_of_daily_runs_each_kind_keeps_its_id_and_all_its_incidents():
    every = {"disk": 3, "lag": 9, "dns": 14}
    pauses = {"lag": range(100, 320)}
    store, opened, reported = Store(), {}, defaultdict(set)
    ids = defaultdict(set)
    retired = []
    for day in range(365):
        now = NOW + timedelta(days=day)
        for kind, interval in every.items():
            if day % interval == 0 and day not in pauses.get(kind, ()):
                opened[f"{kind}-{day}"] = now
                reported[kind].add(f"{kind}-{day}")
        window = {each for each, time in opened.items() if now - time <= timedelta(days=30)}
        groups = [(group & window, {kind: 1.0}) for kind, group in reported.items()]
        groups = [(group, terms) for group, terms in groups if len(group) > 1]
        made = store.run(groups, now=now, looked_at=frozenset(window), seen=opened)
        retired += [(change.pattern_id, day) for change in made if change.fate is Fate.RETIRED]
        for each in store.known.values():
            [kind] = {member.partition("-")[0] for member in each.members}
            ids[kind].add(each.pattern_id)
    assert {kind: len(each) for kind, each in ids.items()} == {"disk": 1, "lag": 1, "dns": 1}
    [(pattern_id, day)] = retired
    assert (ids["lag"], 99 + 180 <= day <= 99 + 182) == ({pattern_id}, True)
    held = {next(iter(each)).partition("-")[0]: each for each in store.active().values()}
    assert held == dict(reported)


def test_a_kind_rarer_than_the_window_is_long_is_counted_and_never_retires():
    store, opened = (
        Store(),
        {f"tls-{number}": NOW + timedelta(days=40 * number) for number in range(12)},
    )
    store.run([({"tls-0", "tls-1", "tls-2"}, {"tls": 1.0})], seen=opened)
    for number in range(3, 12):
        one = f"tls-{number}"
        made = store.run(
            [({"a", "b"}, {"other": 1.0})],
            now=opened[one],
            looked_at=frozenset({one, "a", "b"}),
            recurs=lambda kinds, one=one: {"p1": {one}} if "p1" in kinds else {},
        )
        assert fates(made)["p1"] is Fate.UPDATED
    assert store.active()["p1"] == set(opened)


def test_a_single_incident_that_another_pattern_holds_stays_there():
    store = Store()
    store.run([("abc", {"x": 1.0}), ("mno", {"y": 1.0})])
    store.run([], looked_at=frozenset("c"), recurs=lambda kinds: {"p2": {"c"}})
    assert store.active() == {"p1": set("abc"), "p2": set("mno")}
