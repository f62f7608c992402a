"""What runs of a playbook, and incidents solved without it, tell of its steps and of others.

A run tells which of its steps failed, and in its notes what was done besides. Notes are read as a
resolution is; where they tell of no step, the resolution of the incident that the run was for
stands in. What steps put out is left alone: those are the machines' words, full of commands that
nobody ran.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.core.alignment import grouped
from chalicelib.core.arguments import SECURE
from chalicelib.core.executions import Execution
from chalicelib.core.incidents import Incident, Status
from chalicelib.core.outcomes import solved
from chalicelib.core.playbooks import PlaybookSpec, Step, placeholders
from chalicelib.core.steps import Mention, mentions
from chalicelib.core.verbs import imperative, verb_of

_RUN = "run:"
_PLAYBOOK = "playbook:"  # no incident's id has a run's or the playbook's place among the accounts
_TITLE = "A run of the playbook"

#: What somebody wishes for: "You should first ...", "Please ...", "Next time ...".
_WISH = re.compile(
    r"\b(?:should(?:\s+have)?|please|must|ought\s+to|next\s+time,?)\s+"
    r"(?:(?:first|also|rather|always|better)\s+){0,3}(?P<deed>[^.!?;\n`]{3,200})",
    re.IGNORECASE,
)
#: What happens, and is not done: "Step 2 failed with ...".
_NO_DEEDS = frozenset({"fail"})


@dataclass(frozen=True)
class Account:
    """What one run, or one incident that was solved without any, tells.

    Attributes:
        teller: whose account it is, among all of them.
        incident_id: the incident that it is about; empty if nobody says.
        told: what was done, wished for (`suggested`) or tried in vain, in its order.
        time: when the run was recorded, or the incident opened.
        run: the run, if it is one.
    """

    teller: str
    incident_id: str
    told: tuple[Mention, ...]
    time: datetime
    run: Execution | None = None

    @property
    def tells(self) -> bool:
        """Whether it tells of anything that was done or wished for."""
        return any(each.outcome != "failed" for each in self.told)


@dataclass(frozen=True)
class Deed:
    """One thing that is done, by the playbook or besides it.

    Attributes:
        step: the place of the playbook's step, from 0; None of what is none of its steps.
        mentions: what the accounts tell of it.
    """

    step: int | None
    mentions: tuple[Mention, ...]

    def tellers(self, *outcomes: str) -> set[str]:
        """The accounts that tell of it with one of these outcomes."""
        return {each.incident_id for each in self.mentions if each.outcome in outcomes}


def of_run(run: Execution, incident: Incident | None) -> Account:
    """What a run tells, with the incident that it was for if that is known."""
    notes = Incident(
        incident_id=run.execution_id,
        title=_TITLE,
        resolution=run.notes,
        status=Status.RESOLVED,
        opened_at=run.recorded_at,
    )
    told = _helpful(notes)
    told += list(_wishes(notes, told))
    if incident is not None and not any(each.outcome == "done" for each in told):
        told += [each for each in _helpful(incident) if each.outcome == "done"]
    teller = f"{_RUN}{run.execution_id}"
    return Account(teller, run.incident_id, _by(teller, told), run.recorded_at, run)


def of_incident(incident: Incident) -> Account:
    """What an incident tells that was solved without the playbook."""
    told = [each for each in _helpful(incident) if each.outcome != "suggested"]
    teller = incident.incident_id
    return Account(teller, teller, _by(teller, told), incident.opened_at)


def deeds(spec: PlaybookSpec, accounts: Sequence[Account], *, wishes: bool) -> list[Deed]:
    """What is done: each of the playbook's steps in its order, then what else accounts tell of.

    Args:
        spec: the playbook.
        accounts: in any order.
        wishes: whether what accounts merely wish for counts.
    """
    counted = ("done", "suggested") if wishes else ("done",)
    ordered = sorted(accounts, key=lambda each: each.teller)
    told = [[each for each in one.told if each.outcome in counted] for one in ordered]
    vain = [each for one in ordered for each in one.told if each.outcome == "failed"]
    own = [_as_mention(step, place) for place, step in enumerate(spec.steps)]
    places = {mention: place for place, mention in enumerate(own)}
    steps = [Deed(place, ()) for place in range(len(own))]
    others: list[Deed] = []
    for group in grouped([own, *told], vain):
        place = next((places[each] for each in group if each in places), None)
        rest = tuple(each for each in group if each not in places)
        if place is None:
            others.append(Deed(None, rest))
        else:
            steps[place] = Deed(place, rest)
    others.sort(key=lambda each: (-len(each.tellers(*counted)), each.mentions[0].quote))
    return steps + others


def values_known(
    spec: PlaybookSpec, accounts: Sequence[Account], found: Sequence[Deed]
) -> dict[str, dict[str, str]]:
    """The values of the playbook's parameters, each by the account that it is known from.

    A run says them. Of an incident they are what stands in its command at the place of `${name}`.
    """
    public = [each.name for each in spec.parameters if each.type != SECURE]
    values: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for account in accounts:
        for name, value in (account.run.parameters if account.run else {}).items():
            if name in public:
                values[name][account.teller] = str(value)
    for deed in found:
        if deed.step is None:
            continue
        for mention in deed.mentions:
            values_told = filled(spec.steps[deed.step].text, mention.command or "") or {}
            for name, value in values_told.items():
                if name in public:
                    values[name].setdefault(mention.incident_id, value)
    return {name: values[name] for name in public}


def taken(step: Step, run: Execution) -> bool | None:
    """Whether a run took a step, and did not skip it; None where it does not tell."""
    told = {result.step_id: result.status for result in run.step_results}
    return told[step.id] != "skipped" if step.id in told else None


def failed(step: Step, run: Execution) -> bool:
    """Whether a step failed in a run."""
    return any(
        result.step_id == step.id and result.status == "failure" for result in run.step_results
    )


def filled(template: str, command: str) -> Mapping[str, str] | None:
    """The values with which a step's command is this one; None where it is another one."""
    values: dict[str, str] = {}
    words, others = template.split(), command.split()
    if len(words) != len(others):
        return None
    for word, other in zip(words, others, strict=True):
        names = placeholders(word)
        if len(names) != 1:
            if word != other and not names:
                return None
            continue
        before, _, behind = word.partition(f"${{{names[0]}}}")
        fits = other.startswith(before) and other.endswith(behind)
        value = other[len(before) : len(other) - len(behind)] if fits else ""
        if not value or values.setdefault(names[0], value) != value:
            return None
    return values


def _helpful(incident: Incident) -> list[Mention]:
    """What an incident tells, with what was done only where it helped."""
    helped = solved(incident)
    return [
        each
        for each in mentions(incident)
        if (helped or each.outcome != "done")
        and (each.command or verb_of(each.text) not in _NO_DEEDS)
    ]


def _wishes(notes: Incident, told: Sequence[Mention]) -> Iterator[Mention]:
    """What the notes of a run wish for in words, and tell in no other way."""
    for match in _WISH.finditer(notes.resolution):
        deed = imperative(match["deed"])
        start, end = match.span()
        if deed and not any(start < each.span[1] and each.span[0] < end for each in told):
            quote = match.group()
            yield Mention(notes.incident_id, deed, None, quote, match.span(), outcome="suggested")


def _by(teller: str, told: Sequence[Mention]) -> tuple[Mention, ...]:
    return tuple(replace(each, incident_id=teller) for each in told)


def _as_mention(step: Step, place: int) -> Mention:
    command = step.text if step.action == "shell" else None
    text = step.name if command or step.action != "noop" else step.text
    return Mention(_PLAYBOOK, text, command, step.name, (place, place))
