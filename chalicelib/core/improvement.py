"""What an improvement of a playbook is, and when one is wanted."""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from chalicelib.core.confidence import OFTEN, Factors, recency
from chalicelib.core.fields import Time, Value
from chalicelib.core.learning import Metrics
from chalicelib.core.playbooks import PlaybookSpec

#: So many accounts, at least, are more than chance.
LEAST = 3

#: A satisfaction of so much or more is that of somebody who was content.
CONTENT = 3

#: How sure it has to be that a rate lies below a line.
_SURE = 0.9

ChangeKind = Literal["replace", "add", "drop", "optional", "move"]


class Remedy(Value):
    """One change of a playbook, with what speaks for it.

    Attributes:
        key: what is changed and how, whatever the words: the same change has the same key.
        step_id: the step of the improved playbook; of one that is dropped, that of the base.
        reason: why, in words, with how many of how many speak for it.
        before, after: what the step does, by its command or message; empty where there is none.
        support, asked: how many accounts speak for it, of how many that could.
        execution_ids, incident_ids: whose accounts these are.
        quotes: in their words.
    """

    kind: ChangeKind
    key: str
    step_id: str
    name: str
    reason: str
    before: str = ""
    after: str = ""
    support: Annotated[int, Field(ge=1)]
    asked: Annotated[int, Field(ge=1)]
    execution_ids: list[str] = []
    incident_ids: list[str] = []
    quotes: list[str] = []

    @property
    def evidence(self) -> set[str]:
        """The runs and incidents that speak for it."""
        return {*self.execution_ids, *self.incident_ids}


class Improvement(Value):
    """A playbook made better, each change that made it so, and when the last evidence came."""

    spec: PlaybookSpec
    changes: Annotated[list[Remedy], Field(min_length=1)]
    last_seen: Time


class Proposals(Value):
    """What improvements of a playbook were proposed.

    Attributes:
        latest: the suggestion that was made last.
        rejected: of each suggestion that a reviewer rejected the evidence of its changes, by the
            change's key.
        incidents: those that were solved without the playbook, as the last analysis saw them.
        revision: 0 before anything was proposed.
    """

    latest: str | None = None
    rejected: dict[str, dict[str, list[str]]] = {}
    incidents: list[str] = []
    revision: int = 0

    def turned_down(self, key: str, evidence: set[str]) -> bool:
        """Whether a change was rejected, and too little speaks for it that did not then."""
        known = [changes[key] for changes in self.rejected.values() if key in changes]
        return bool(known) and len(evidence.difference(*known)) < LEAST

    def rejecting(self, suggestion_id: str, changes: Iterable[Remedy]) -> Self:
        """What was proposed, with a suggestion's changes rejected, as its next revision."""
        evidence = {change.key: sorted(change.evidence) for change in changes}
        rejected = {**self.rejected, suggestion_id: evidence}
        return self.model_copy(update={"rejected": rejected, "revision": self.revision + 1})

    def reinstating(self, suggestion_id: str) -> Self:
        """What was proposed, with a suggestion's changes rejected no more, as its next revision."""
        rejected = {each: told for each, told in self.rejected.items() if each != suggestion_id}
        return self.model_copy(update={"rejected": rejected, "revision": self.revision + 1})


def surely_below(hits: int, trials: int, line: float) -> bool:
    """Whether a rate lies below a line in nine of ten cases, of `LEAST` trials or more.

    Before the first trial every rate is taken to be as likely as any other. Then the chance that
    it lies below a line is that of more than `hits` hits in one more trial at the line's rate
    (Bayes 1763): 0 of 3 are surely below 0.7, and so are 1 of 3 and 2 of 5, but not 3 of 5.
    """
    if trials < LEAST:
        return False
    more = range(hits + 1, trials + 2)
    chance = math.fsum(
        math.comb(trials + 1, each) * line**each * (1 - line) ** (trials + 1 - each)
        for each in more
    )
    return chance >= _SURE


def wanting(figures: Metrics, threshold: float) -> bool:
    """Whether a version surely succeeds, or pleases, too seldom; or one of its steps fails so."""
    content = sum(often for rating, often in figures.ratings.items() if rating >= CONTENT)
    return (
        surely_below(figures.successes, figures.executions, threshold)
        or surely_below(content, sum(figures.ratings.values()), threshold)
        or any(
            surely_below(each.taken - each.failed, each.taken, threshold)
            for each in figures.steps.values()
        )
    )


def factors_of(improvement: Improvement, now: datetime) -> Factors:
    """How far an improvement can be trusted, by the factors that a new playbook is trusted by.

    `frequency` is how many runs and incidents speak for any change, `success` the least share of
    those asked that speak for one, `detail` the share of the changes that somebody tells in words,
    and `recency` that of the last evidence.
    """
    changes = improvement.changes
    evidence = set[str]().union(*(change.evidence for change in changes))
    return Factors(
        frequency=min(len(evidence) / OFTEN, 1.0),
        success=round(min(change.support / change.asked for change in changes), 4),
        detail=round(sum(bool(change.quotes) for change in changes) / len(changes), 4),
        recency=round(recency(improvement.last_seen, now), 4),
    )
