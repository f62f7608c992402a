"""How a playbook could be better: what its runs and further incidents say against its steps.

Every change is one that somebody made by hand: a step done in the place of one that failed, one
done besides, one left out, two in the other order. Rules find them and count who tells of them;
whether they are right, a reviewer decides.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.core.accounts import Account, Deed, failed, filled, taken
from chalicelib.core.executions import ExecutionStatus
from chalicelib.core.improvement import LEAST, ChangeKind, surely_below
from chalicelib.core.playbooks import Kind, PlaybookSpec

#: So many, at least, of those whose step failed did the same instead.
_LEAST_AGREEING = 2

#: What fewer than half do is optional, and two steps change places where more than half do so.
_HALF = 0.5

_DONE = ("done", "suggested")


@dataclass(frozen=True)
class Edit:
    """A change of a playbook.

    Attributes:
        step: the place of the step that is changed; None of one that is added.
        deed: what comes in its place, or besides.
        command: what it runs instead, where no account but the playbook itself says so.
        ahead_of: the place of the step that it is moved ahead of.
        tellers: the accounts that speak for it.
        asked: how many could.
    """

    kind: ChangeKind
    reason: str
    tellers: frozenset[str]
    asked: int
    step: int | None = None
    deed: Deed | None = None
    command: str = ""
    ahead_of: int | None = None


@dataclass(frozen=True)
class Case:
    """A playbook with what is told of it.

    Attributes:
        deeds: its steps in their order, then what else is done (see `accounts.deeds`).
        threshold: the line below which a step fails too often.
    """

    spec: PlaybookSpec
    accounts: Sequence[Account]
    deeds: Sequence[Deed]
    threshold: float

    def edits(self) -> list[Edit]:
        """All changes that are called for, each step and each deed in one of them at most."""
        made = list(self._cures([deed for deed in self.deeds if deed.step is None]))
        for further in (
            self._changed,
            self._given_way,
            self._besides,
            self._left_out,
            self._turned_round,
        ):
            made += further(made)
        return made

    def order_of(self, one: Deed, other: Deed) -> tuple[set[str], set[str]]:
        """The accounts that take one first, and those that take the other first."""
        first, second = self._places(one), self._places(other)
        both = first.keys() & second.keys()
        return (
            {each for each in both if first[each] < second[each]},
            {each for each in both if first[each] > second[each]},
        )

    def _cures(self, free: Sequence[Deed]) -> Iterator[Edit]:
        """What to do about the steps that fail."""
        used: list[Deed] = []
        for place, step in enumerate(self.spec.steps):
            told_so = self.deeds[place].tellers("failed")
            runs = [(each, each.run) for each in self.accounts if each.run]
            broke = [a for a, run in runs if failed(step, run) or a.teller in told_so]
            tried = [a for a, run in runs if taken(step, run) or a in broke]
            well = len(tried) - len(broke)
            if len(broke) < LEAST or not surely_below(well, len(tried), self.threshold):
                continue
            cure = self._cure(place, broke, len(tried), [each for each in free if each not in used])
            if cure:
                used += [cure.deed] if cure.deed else []
                yield cure

    def _cure(
        self, place: int, broke: Sequence[Account], tried: int, free: Sequence[Deed]
    ) -> Edit | None:
        """What was done instead of a step that fails; else what it was learned from says; else
        nothing, where it is not missed."""
        step, tellers = self.spec.steps[place], {each.teller for each in broke}
        telling = sum(each.tells for each in broke)
        kind = _kind(self.deeds[place]) or step.kind
        others = [deed for deed in free if kind in (None, _kind(deed))]
        agreed = [
            (deed, deed.tellers(*_DONE) & tellers)
            for deed in [self._otherwise(place, tellers), *others]
        ]
        deed, agreeing = max(agreed, key=lambda pair: len(pair[1]), default=(None, set[str]()))
        often = f"“{step.name}” failed in {len(broke)} of {tried} runs."
        if len(agreeing) >= _LEAST_AGREEING and 2 * len(agreeing) >= telling:
            reason = f"{often} In {len(agreeing)} of these, this was done instead."
            return Edit("replace", reason, frozenset(tellers), tried, place, deed)
        runs = [each.run for each in broke if each.run]
        unharmed = all(run.status is ExecutionStatus.SUCCESS for run in runs)
        if unharmed and len(broke) == tried and len(self.spec.steps) > 1 and not step.when:
            reason = f"{often} All of them succeeded without it."
            return Edit("drop", reason, frozenset(tellers), tried, place)
        if step.alternatives:
            reason = f"{often} Of the incidents that it was learned from, some ran this instead."
            other = step.alternatives[0]
            return Edit("replace", reason, frozenset(tellers), tried, place, command=other)
        return None

    def _otherwise(self, place: int, tellers: set[str]) -> Deed:
        """What these accounts ran that is the step, but not as the playbook has it."""
        return Deed(
            None,
            tuple(
                each
                for each in self.deeds[place].mentions
                if each.incident_id in tellers and each.command and each.outcome != "failed"
                if filled(self.spec.steps[place].text, each.command) is None
            ),
        )

    def _changed(self, made: Sequence[Edit]) -> Iterator[Edit]:
        """Commands that most further incidents run in the same other form."""
        edited, incidents = {edit.step for edit in made}, self._telling_incidents()
        for place, step in enumerate(self.spec.steps):
            if place in edited or step.action != "shell":
                continue
            asked = self.deeds[place].tellers("done") & incidents
            forms = Counter(each.command for each in self._otherwise(place, asked).mentions)
            form = min(forms, key=lambda each: (-forms[each], each), default=None)
            same = [each for each in self.deeds[place].mentions if form and each.command == form]
            deed = Deed(None, tuple(each for each in same if each.incident_id in asked))
            tellers = deed.tellers("done")
            if len(tellers) >= LEAST and 2 * len(tellers) >= len(asked):
                reason = f"{len(tellers)} of {len(asked)} further incidents ran this form of it."
                yield Edit("replace", reason, frozenset(tellers), len(asked), place, deed)

    def _given_way(self, made: Sequence[Edit]) -> Iterator[Edit]:
        """Changes that further incidents make in another way, each by the next one of theirs."""
        incidents = self._telling_incidents()
        edited, used = {edit.step for edit in made}, [edit.deed for edit in made]
        given = [
            place
            for place, step in enumerate(self.spec.steps)
            if place not in edited and step.kind == "change" and len(incidents) >= LEAST
            if not self.deeds[place].tellers(*_DONE) & incidents
        ]
        instead = [
            (deed, tellers)
            for deed in self.deeds[len(self.spec.steps) :]
            if deed not in used and _kind(deed) == "change"
            for tellers in [deed.tellers("done") & incidents]
            if len(tellers) >= LEAST and 2 * len(tellers) >= len(incidents)
        ]
        instead.sort(key=lambda pair: self._mean_place(pair[0]))
        for place, (deed, tellers) in zip(given, instead, strict=False):
            reason = (
                f"None of {len(incidents)} further incidents was solved by "
                f"“{self.spec.steps[place].name}”; in {len(tellers)} of them this was done instead."
            )
            yield Edit("replace", reason, frozenset(tellers), len(incidents), place, deed)

    def _besides(self, made: Sequence[Edit]) -> Iterator[Edit]:
        """What is no step of the playbook, and at least half do it: of all runs, and of the
        incidents that tell anything; or wish for it, of those that do tell."""
        telling = [each for each in self.accounts if each.tells]
        used = [edit.deed for edit in made]
        for deed in self.deeds[len(self.spec.steps) :]:
            tellers, done = deed.tellers(*_DONE), bool(deed.tellers("done"))
            asked = sum(each.tells or (done and each.run is not None) for each in self.accounts)
            if deed in used or len(tellers) < LEAST or 2 * len(tellers) < asked:
                continue
            runs = sum(each.teller in tellers for each in telling if each.run)
            counted = [(runs, "runs"), (len(tellers) - runs, "incidents")]
            where = " and ".join(f"{number} {what}" for number, what in counted if number)
            how = "Done besides" if done else "Wished for"
            reason = f"{how} in {where}, of {asked} that could tell; no step says so yet."
            yield Edit("add", reason, frozenset(tellers), asked, deed=deed)

    def _left_out(self, made: Sequence[Edit]) -> Iterator[Edit]:
        """Steps that surely fewer than half take: of further incidents, or of runs that succeed."""
        incidents = self._telling_incidents()
        changed = {edit.step for edit in made}
        for place, step in enumerate(self.spec.steps):
            if place in changed or step.optional:
                continue
            without = incidents - self.deeds[place].tellers(*_DONE, "failed")
            if surely_below(len(incidents) - len(without), len(incidents), _HALF):
                reason = (
                    f"{len(without)} of {len(incidents)} further incidents were solved without it."
                )
                yield Edit("optional", reason, frozenset(without), len(incidents), place)
                continue
            told = {
                each.teller: taken(step, each.run)
                for each in self.accounts
                if each.run and each.run.status is ExecutionStatus.SUCCESS
            }
            told = {teller: took for teller, took in told.items() if took is not None}
            skipped = {teller for teller, took in told.items() if not took}
            if surely_below(len(told) - len(skipped), len(told), _HALF):
                reason = f"{len(skipped)} of {len(told)} runs that succeeded skipped it."
                yield Edit("optional", reason, frozenset(skipped), len(told), place)

    def _turned_round(self, made: Sequence[Edit]) -> Iterator[Edit]:
        """Steps that surely more than half take in the other order."""
        changed = {edit.step for edit in made}
        steps = [place for place in range(len(self.spec.steps)) if place not in changed]
        moved: set[int] = set()
        for before, after in ((a, b) for a in steps for b in steps if a < b):
            kept, turned = self.order_of(self.deeds[before], self.deeds[after])
            both = len(kept) + len(turned)
            if after in moved or before in moved or not surely_below(len(kept), both, _HALF):
                continue
            moved.add(after)
            reason = f"{len(turned)} of {both} take it ahead of “{self.spec.steps[before].name}”."
            yield Edit("move", reason, frozenset(turned), both, after, ahead_of=before)

    def _telling_incidents(self) -> set[str]:
        return {each.teller for each in self.accounts if each.tells and not each.run}

    def _mean_place(self, deed: Deed) -> float:
        places = self._places(deed).values()
        return sum(places) / max(len(places), 1)

    def _places(self, deed: Deed) -> dict[str, int]:
        """Where each account takes a deed first."""
        mine = {(each.incident_id, each.span, each.command) for each in deed.mentions}
        return {
            account.teller: place
            for account in self.accounts
            for place, each in reversed(list(enumerate(account.told)))
            if (each.incident_id, each.span, each.command) in mine
        }


def _kind(deed: Deed) -> Kind | None:
    """What a deed is for, as most of its mentions say."""
    kinds = Counter(mention.kind for mention in deed.mentions)
    return min(kinds, key=lambda each: (-kinds[each], each), default=None)
