"""What is known of how well a playbook works: a rate that starts from a prior, and voices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from chalicelib.core.confidence import wilson_interval
from chalicelib.core.fields import Rate, Time, Value

#: How many runs the success among the incidents behind a playbook counts for.
PRIOR_RUNS = 4
#: Voices for incidents less alike than this are not heard.
ALIKE = 0.5
#: A playbook keeps so many voices of a caller, and so many altogether; the latest ones.
VOICES_OF_ONE, VOICES = 5, 60

_UNDECIDED = 0.5


@dataclass(frozen=True)
class Record:
    """How often something succeeded: a Beta distribution of the rate, by its two counts.

    Before any run it is `PRIOR_RUNS` imagined ones that went as the incidents behind a playbook
    did, so that one lucky run does not make a best playbook, and one click decides nothing.
    """

    successes: float
    failures: float

    @classmethod
    def of(cls, rate: float) -> Self:
        """The record before any run, where the incidents were solved at that rate."""
        return cls(PRIOR_RUNS * rate, PRIOR_RUNS * (1 - rate))

    def plus(self, successes: float, runs: float) -> "Record":
        """The record with further runs in it."""
        return Record(self.successes + successes, self.failures + runs - successes)

    @property
    def rate(self) -> float:
        """The mean of the distribution: the probability, 0 to 1, that the next run succeeds."""
        return self.successes / (self.successes + self.failures)

    @property
    def interval(self) -> tuple[float, float]:
        """The rate's 95% interval, by Wilson's formula with the imagined runs counted in."""
        return wilson_interval(self.successes, self.successes + self.failures)


class Voice(Value):
    """What one caller said of a playbook for one incident.

    Attributes:
        caller: who said so; a token's or a reviewer's name.
        text: what the incident said, shortened.
        helped: 0 (it did not help) to 1 (it did).
        at: when.
    """

    caller: str
    text: str
    helped: Rate
    at: Time


@dataclass(frozen=True)
class Heard:
    """What was said of a playbook for incidents like one: each caller counts once.

    Attributes:
        weight: how many voices it comes to, each counted as far as its incidents are alike.
        successes: how many of them say that it helped, counted the same way.
        voices: the callers heard.
        helped: the callers who mostly say that it helped.
    """

    weight: float = 0.0
    successes: float = 0.0
    voices: int = 0
    helped: int = 0


def with_voice(voices: Sequence[Voice], voice: Voice) -> list[Voice]:
    """The voices with one more; what the same caller said of the same incident before goes."""
    others = [each for each in voices if (each.caller, each.text) != (voice.caller, voice.text)]
    own = [each for each in others if each.caller == voice.caller]
    dropped = own[: max(len(own) + 1 - VOICES_OF_ONE, 0)]
    return [*(each for each in others if each not in dropped), voice][-VOICES:]


def heard(voices: Sequence[Voice], alike: Sequence[float]) -> Heard:
    """What the voices come to for an incident.

    Args:
        voices: what was said of a playbook.
        alike: how alike, 0 to 1, the incident of each is.
    """
    of_caller: dict[str, list[tuple[float, float]]] = {}
    for voice, likeness in zip(voices, alike, strict=True):
        if likeness >= ALIKE:
            of_caller.setdefault(voice.caller, []).append((likeness, voice.helped))
    weight = successes = 0.0
    helped = 0
    for said in of_caller.values():
        opinion = sum(one * good for one, good in said) / sum(one for one, _ in said)
        strongest = max(one for one, _ in said)
        weight += strongest
        successes += strongest * opinion
        helped += opinion > _UNDECIDED
    return Heard(weight, successes, len(of_caller), helped)
