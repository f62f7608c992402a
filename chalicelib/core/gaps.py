"""Coverage gaps: what was asked for and no playbook answers, grouped by likeness."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field

from chalicelib.core.fields import Rate, Scope, Time, Value
from chalicelib.core.search_terms import words
from chalicelib.core.situations import Situation

#: Two that have this share of their words in common ask for the same.
_SAME = 0.6
_LONGEST_EXAMPLE = 300
_EXAMPLES, _WORDS, _SYSTEMS = 5, 60, 10


class NearestPlaybook(Value):
    """The playbook that came nearest, and what kept it from being recommended."""

    playbook_id: str
    title: str
    relevance_score: Rate
    missing: list[str] = []


class Gap(Value):
    """Something that was asked for, in one or many words, and not answered.

    Attributes:
        count: how often it was asked for.
        examples: in whose words, the latest first.
        words: what all that fall under it are compared with: the first one's words.
    """

    gap_id: str
    scope: Scope
    title: str
    count: Annotated[int, Field(ge=1)] = 1
    first_asked: Time
    last_asked: Time
    examples: list[str]
    systems: list[str] = []
    asked_by: list[str] = []
    nearest_miss: NearestPlaybook | None = None
    words: list[str]
    revision: Annotated[int, Field(ge=1)] = 1

    def again(self, other: Self) -> Self:
        """The gap with another in it that asks for the same."""
        examples = dict.fromkeys([*other.examples, *self.examples])
        return self.model_copy(
            update={
                "count": self.count + other.count,
                "last_asked": max(self.last_asked, other.last_asked),
                "examples": list(examples)[:_EXAMPLES],
                "systems": sorted({*self.systems, *other.systems})[:_SYSTEMS],
                "asked_by": sorted({*self.asked_by, *other.asked_by})[:_SYSTEMS],
                "nearest_miss": other.nearest_miss,
                "revision": self.revision + 1,
            }
        )


def gap_of(
    scope: str, situation: Situation, asked_by: str, miss: NearestPlaybook | None, at: Time
) -> Gap:
    """The gap that one question shows; the same question in the same words has the same id."""
    said = sorted(words("\n".join([situation.title, *situation.signs])))
    said = (said or sorted(words(situation.text)))[:_WORDS]
    title = situation.title.strip() or next(iter(situation.signs), "") or situation.text.strip()
    title = title[:_LONGEST_EXAMPLE] or "(nothing was told)"
    return Gap(
        gap_id=f"gap_{hashlib.sha256(' '.join(said).encode()).hexdigest()[:20]}",
        scope=scope,
        title=title,
        first_asked=at,
        last_asked=at,
        examples=[title],
        systems=situation.affected_systems[:_SYSTEMS],
        asked_by=[asked_by],
        nearest_miss=miss,
        words=said,
    )


def like(gaps: Iterable[Gap], asked: Gap) -> Gap | None:
    """The gap that already stands for what was asked, the likest; None where none does."""
    alike = [(_likeness(gap, asked), gap.gap_id, gap) for gap in gaps]
    fitting = [each for each in alike if each[0] >= _SAME]
    return min(fitting, key=lambda each: (-each[0], each[1]))[2] if fitting else None


def _likeness(one: Gap, other: Gap) -> float:
    """The share of their words that two have in common, 0 to 1 (Dice); those without are alike."""
    if one.gap_id == other.gap_id:
        return 1
    mine, theirs = set(one.words), set(other.words)
    return 2 * len(mine & theirs) / max(len(mine) + len(theirs), 1)
