"""A playbook's life at random, beside a simple model of it: nothing is lost, numbers only rise."""

from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chalicelib.core.learning import Metrics, metrics_of
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import PlaybookStatus, content_hash, sort_key
from chalicelib.services import branches, publish, rebuild, record, retain, versions
from chalicelib.services.errors import Conflict, Unresolved
from chalicelib.services.listing import Wanted
from chalicelib.services.next_version import Outcome
from chalicelib.store import executions
from chalicelib.store import versions as store
from tests.services.cases import AGENT, NOW, REVIEWER

MAX_VERSIONS = 5
FIELDS = ("description", "steps.a.args.command", "steps.b.args.command")
Content = tuple[str, str, str]

contents = st.tuples(*[st.sampled_from("123")] * 3)
places = st.integers(0, 99)
sides = st.sampled_from(["ours", "theirs"])
statuses = st.sampled_from(["success", "failure", "partial"])


def spec_of(content: Content) -> dict[str, Any]:
    steps = [
        {"id": name, "name": name, "action": "shell", "args": {"command": command}}
        for name, command in zip("ab", content[1:], strict=True)
    ]
    return {"name": "A life", "description": content[0], "steps": steps}


def said(spec: PlaybookSpec) -> Content:
    return spec.description, spec.steps[0].text, spec.steps[1].text


class Life(RuleBasedStateMachine):
    """The model: every version ever made with its content and all that it follows from.

    Versions that were pruned stay in the model, so that merges are judged by the whole history.
    """

    @initialize(content=contents)
    def write(self, content: Content) -> None:
        body = {"scope": "life", "spec": spec_of(content)}
        self.place = publish.write_playbook(body, REVIEWER, NOW).playbook_id
        self.content = {"1.0.0": content}
        self.follows = {"1.0.0": {"1.0.0"}}
        self.stands = {"main": "1.0.0"}
        self.branches = {"1.0.0": "main"}  # of every version
        self.begins: dict[str, str] = {}  # of every branch that is not forgotten
        self.deleted: set[str] = set()
        self.needed = {"1.0.0"}  # they were merged or run
        self.gone: set[str] = set()
        self.deprecated = False
        self.runs: list[tuple[str, str]] = []

    @rule(content=contents, place=places, kind=st.sampled_from(["modified", "improved"]))
    def edit(self, content: Content, place: int, kind: str) -> None:
        branch = self.a_branch(place)
        body = {"spec": spec_of(content), "branch": branch, "change_type": kind}
        same = content == self.content[self.stands[branch]] and not self.deprecated
        self.step(lambda: versions.edit(self.place, body, REVIEWER, NOW), branch, content, same)

    @rule(content=contents, place=places)
    def edit_what_is_stale(self, content: Content, place: int) -> None:
        old = self.a_version(place)
        if old != self.stands["main"] and content != self.content[self.stands["main"]]:
            body = {"spec": spec_of(content), "based_on": old}
            with pytest.raises(Conflict):
                versions.edit(self.place, body, REVIEWER, NOW)

    @rule(place=places)
    def branch(self, place: int) -> None:
        name, begins = f"b{len(self.stands) + len(self.deleted)}", self.a_version(place)
        body = {"name": name, "from_version": begins}
        branches.create_branch(self.place, body, REVIEWER, NOW)
        self.stands[name] = begins
        self.begins[name] = begins

    @rule(place=places)
    def delete_a_branch(self, place: int) -> None:
        name = self.a_branch(place)
        if name == "main":
            return
        branches.delete_branch(self.place, name, {"based_on": self.stands[name]}, REVIEWER, NOW)
        del self.stands[name]
        self.deleted.add(name)
        self.prune()

    @rule(one=places, other=places, side=sides)
    def merge(self, one: int, other: int, side: str) -> None:
        branch, into = self.a_branch(one), self.a_branch(other)
        if branch == into:
            return
        ours, theirs = self.stands[into], self.stands[branch]
        base = max(self.follows[ours] & self.follows[theirs], key=sort_key)
        sides = [self.content[each] for each in (base, ours, theirs)]
        merged: Any = tuple(t if o == b else o for b, o, t in zip(*sides, strict=True))
        clashes = [
            place for place, (b, o, t) in enumerate(zip(*sides, strict=True)) if b != o != t != b
        ]
        body: dict[str, Any] = {"branch": branch, "into": into}
        if clashes and not self.deprecated:
            with pytest.raises(Unresolved) as raised:
                branches.merge_branch(self.place, body, REVIEWER, NOW)
            told = [each.field for each in raised.value.conflicts]
            assert sorted(told) == sorted(FIELDS[place] for place in clashes)
            body["resolutions"] = {FIELDS[place]: side for place in clashes}
            taken = sides[1 if side == "ours" else 2]
            merged = tuple(
                taken[place] if place in clashes else each for place, each in enumerate(merged)
            )
        nothing = theirs in self.follows[ours] or (merged == sides[1] and not self.deprecated)
        self.step(
            lambda: branches.merge_branch(self.place, body, REVIEWER, NOW),
            into,
            merged,
            nothing,
            theirs,
        )
        if theirs in self.follows[self.stands[into]]:
            again = body | {"resolutions": {}}
            assert branches.merge_branch(self.place, again, REVIEWER, NOW).unchanged

    @rule(place=places)
    def roll_back(self, place: int) -> None:
        version = self.a_version(place)
        content, was = self.content[version], self.deprecated
        self.deprecated = False  # a rollback brings it back
        same = content == self.content[self.stands["main"]] and not was
        body = {"version": version}
        self.step(
            lambda: versions.roll_back(self.place, body, REVIEWER, NOW), "main", content, same
        )

    @rule()
    def deprecate(self) -> None:
        was, self.deprecated = self.deprecated, False
        content = self.content[self.stands["main"]]
        self.step(lambda: versions.deprecate(self.place, {}, REVIEWER, NOW), "main", content, was)
        self.deprecated = True

    @rule(place=places, status=statuses)
    def run(self, place: int, status: str) -> None:
        version = self.a_version(place)
        record.record_execution(self.place, {"version": version, "status": status}, AGENT, NOW)
        self.runs.append((version, status))
        self.needed.add(version)

    @rule()
    def let_years_pass(self) -> None:
        retain.prune(publish.find_playbook(self.place, AGENT), NOW + timedelta(days=1_000))
        self.go(self.free())

    @invariant()
    def nothing_is_lost_but_the_oldest_that_nobody_needs(self) -> None:
        assert {each.version for each in store.history(self.place)} == set(self.there())

    @invariant()
    def branches_stand_where_the_model_says(self) -> None:
        listed = branches.list_branches(self.place, Wanted(200), AGENT).items
        assert {each.name: each.version for each in listed} == self.stands
        playbook = publish.find_playbook(self.place, AGENT)
        assert playbook.highest_version == max(self.content, key=sort_key)
        assert (playbook.status is PlaybookStatus.DEPRECATED) == self.deprecated
        assert said(playbook.spec) == self.content[playbook.version]

    def teardown(self) -> None:
        for number in self.there():
            version = store.get(self.place, number)
            assert version is not None
            assert version.content_hash == content_hash(version.spec)
            assert said(version.spec) == self.content[number]
        runs = record.list_executions(self.place, Wanted(200), AGENT).items
        assert sorted((each.version, str(each.status)) for each in runs) == sorted(self.runs)
        expected = metrics_of(runs)
        kept = executions.metrics(self.place)
        right = [expected[number] for number in sorted(expected, key=sort_key)]
        assert [each.summary() for each in kept] == [each.summary() for each in right]
        whole = reduce(Metrics.merged, right, Metrics(version="1.0.0")).summary()
        told = record.playbook_metrics(self.place, Wanted(), AGENT)
        assert {name: told[name] for name in whole if name != "version"} == {
            name: whole[name] for name in whole if name != "version"
        }
        assert rebuild.rebuild_metrics(self.place, REVIEWER, NOW) == []

    def step(
        self,
        act: Callable[[], Outcome],
        branch: str,
        content: Content,
        same: bool,
        merged: str | None = None,
    ) -> None:
        """Do what makes a version, unless there is nothing to change or it is deprecated."""
        if self.deprecated and not same:
            with pytest.raises(Conflict, match="deprecated"):
                act()
            return
        outcome = act()
        assert outcome.unchanged == same
        if same:
            assert outcome.version.version == self.stands[branch]
            return
        number = outcome.version.version
        assert sort_key(number) > max(map(sort_key, self.content))
        self.content[number] = content
        self.follows[number] = self.follows[self.stands[branch]] | {number}
        self.stands[branch] = number
        if merged:
            self.follows[number] |= self.follows[merged]
            self.needed |= {number, merged}
        self.branches[number] = branch
        self.prune()

    def prune(self) -> None:
        """What there is too much of goes, the oldest first, and what was deleted in any case."""
        too_many = len(self.there()) - MAX_VERSIONS
        going: list[str] = []
        for each in self.free():
            if len(going) < too_many or self.branches[each] in self.deleted:
                going.append(each)
        self.go(going)

    def go(self, versions: list[str]) -> None:
        """Versions go, and the deleted branches of which nothing is left are forgotten."""
        self.gone |= set(versions)
        for name in self.deleted - {self.branches[each] for each in self.there()}:
            self.begins.pop(name, None)

    def there(self) -> list[str]:
        """The versions that are not pruned, the oldest first."""
        return sorted(set(self.content) - self.gone, key=sort_key)

    def free(self) -> list[str]:
        """Those that nobody needs, the oldest first."""
        needed = {*self.needed, *self.stands.values(), *self.begins.values()}
        return [each for each in self.there() if each not in needed]

    def a_version(self, place: int) -> str:
        return self.there()[place % len(self.there())]

    def a_branch(self, place: int) -> str:
        return sorted(self.stands)[place % len(self.stands)]


@pytest.mark.usefixtures("stack")
def test_a_playbooks_life(set_settings: Callable[..., None]) -> None:
    set_settings(max_versions_per_playbook=MAX_VERSIONS)
    run_state_machine_as_test(
        Life, settings=settings(max_examples=6, stateful_step_count=25, deadline=None)
    )
