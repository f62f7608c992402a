"""What people think of suggestions, and what that makes of the confidence in their pattern.

One person's last rating of a pattern's suggestions counts, however often they rate. The mean is
taken with a prior of `PRIOR_PEOPLE` who find it neither good nor bad, so that one click does not
decide (a Bayesian average). `docs/feedback.md` has examples.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import Field, field_validator
from typing_extensions import TypedDict

from chalicelib.core.fields import Time, Value

#: So many people with `NEUTRAL` to say are imagined beside those who rated.
PRIOR_PEOPLE = 5
NEUTRAL = 3

_BEST = 5
_MOST_TAGS = 200
_TAGS_SHOWN = 20

Rating = Annotated[int, Field(ge=1, le=_BEST)]
Tag = Annotated[str, Field(min_length=1, max_length=50)]


class FeedbackReport(Value):
    """What someone thinks of a suggestion."""

    rating: Rating
    comment: Annotated[str, Field(max_length=20_000)] = ""
    tags: Annotated[list[Tag], Field(max_length=10)] = []

    @field_validator("tags", mode="before")
    @classmethod
    def _tidy(cls, tags: Any) -> Any:
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            return tags
        return list(dict.fromkeys(tag.strip().casefold() for tag in tags))


class Feedback(FeedbackReport):
    """Feedback as it is kept."""

    feedback_id: str
    suggestion_id: str
    given_by: str
    given_at: Time


class Opinion(Value):
    """What one person last said of a pattern's suggestions."""

    rating: Rating
    tags: list[str] = []


class Opinions(Value):
    """What everybody last said of a pattern's suggestions, by who they are."""

    by_person: dict[str, Opinion] = {}
    revision: Annotated[int, Field(ge=0)] = 0

    def plus(self, person: str, said: FeedbackReport) -> Self:
        """The opinions with one person's in place of what they said before."""
        own = {person: Opinion(rating=said.rating, tags=said.tags)}
        told = {"by_person": self.by_person | own, "revision": self.revision + 1}
        return self.model_copy(update=told)

    @property
    def value(self) -> float:
        """How good people find it: -1 to 1, and 0 as long as nobody has said."""
        return opinion(each.rating for each in self.by_person.values())


class RatingFigures(TypedDict):
    """What people think of a scope's suggestions; the mean is null where nobody has rated."""

    ratings: int
    mean_rating: float | None
    distribution: dict[str, int]
    tags: dict[str, int]


class FeedbackFigures(Value):
    """What the opinions of all patterns of a scope add up to."""

    distribution: dict[int, int] = {}
    tags: dict[str, int] = {}
    revision: Annotated[int, Field(ge=0)] = 0

    def plus(self, said: FeedbackReport, instead: Opinion | None) -> Self:
        """The figures with one opinion more, or with one in place of another."""
        ratings, tags = Counter(self.distribution), Counter(self.tags)
        if instead is not None:
            ratings[instead.rating] -= 1
            tags.subtract(instead.tags)
        ratings[said.rating] += 1
        tags.update(said.tags)
        told = {
            "distribution": dict(+ratings),
            "tags": dict(_commonest(+tags, _MOST_TAGS)),
            "revision": self.revision + 1,
        }
        return self.model_copy(update=told)

    def summary(self) -> RatingFigures:
        """The figures that people read; the mean is None where nobody has rated."""
        number = sum(self.distribution.values())
        total = sum(rating * people for rating, people in self.distribution.items())
        return {
            "ratings": number,
            "mean_rating": round(total / number, 2) if number else None,
            "distribution": {
                str(rating): self.distribution.get(rating, 0) for rating in range(1, _BEST + 1)
            },
            "tags": dict(_commonest(self.tags, _TAGS_SHOWN)),
        }


def opinion(ratings: Iterable[int]) -> float:
    """How good people find something, -1 to 1: where their mean lies, prior included."""
    given = list(ratings)
    mean = (PRIOR_PEOPLE * NEUTRAL + sum(given)) / (PRIOR_PEOPLE + len(given))
    return round((mean - NEUTRAL) / (_BEST - NEUTRAL), 4)


def _commonest(counts: dict[str, int], most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
