"""Whether it helps: times to resolve with and without a playbook, and one version beside another.

The times to resolve are compared within each severity, as bad incidents are hurried and mild ones
wait. The difference is the median of all differences between an incident with and one without the
playbook (Hodges and Lehmann, Annals of Mathematical Statistics 1963). Its interval holds every
difference that the rank sums of Mann and Whitney, added over the severities, do not speak against
(Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 2014, section 4.3): it needs no
assumption about how times are distributed, and no random numbers.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum

from chalicelib.core.confidence import wilson_interval
from chalicelib.core.fields import Time, Value
from chalicelib.core.incidents import Incident, Severity
from chalicelib.core.learning import Metrics
from chalicelib.core.outcomes import solved
from chalicelib.core.times import LONGEST_TO_RESOLVE

#: How often the true difference may lie beyond either end of an interval.
_TAIL = 0.025
_Z_95 = 1.959964

#: With more pairs than this the rank sum is as good as normal.
_MOST_COUNTED = 1_000

#: One or two incidents may have been special, whatever their ranks say.
_LEAST = 3

#: The times of a stratum in milliseconds, ascending: with the playbook, and without.
_Stratum = tuple[list[int], list[int]]


class Verdict(StrEnum):
    """What can be said of a difference."""

    BETTER = "better"
    WORSE = "worse"
    NOT_TOLD_APART = "not_told_apart"
    TOO_FEW = "too_few"


class Effect(Value):
    """What running a playbook does to the time to resolve, as of an analysis.

    Attributes:
        verdict: better where it is shorter, too few where even the clearest difference between so
            many incidents might be chance.
        with_playbook, without_playbook: how many incidents are compared, by severity.
        unmatched: how many are not, as no other of their severity is on the other side.
        difference_seconds: how much longer it takes with it; below 0, shorter.
        interval_seconds: where that lies, 95% sure; None where there are too few to tell.
    """

    verdict: Verdict
    with_playbook: dict[Severity, int] = {}
    without_playbook: dict[Severity, int] = {}
    unmatched: int = 0
    difference_seconds: float | None = None
    interval_seconds: tuple[float, float] | None = None
    as_of: Time


class Difference(Value):
    """How the success rate of a version differs from that of an earlier one.

    Attributes:
        interval: where the difference lies, 95% sure.
    """

    version: str
    difference: float
    interval: tuple[float, float]
    verdict: Verdict


def effect(incidents: Iterable[Incident], ran_for: Iterable[str], now: Time) -> Effect:
    """What a playbook does to the time to resolve.

    Args:
        incidents: those of its pattern; the ones that were solved in a time that can be count.
        ran_for: the ids of those for which it was run, however that ended.
        now: the time of the analysis.
    """
    ran, longest = set(ran_for), LONGEST_TO_RESOLVE.total_seconds()
    times: defaultdict[Severity, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for incident in incidents:
        seconds = incident.seconds_to_resolve
        if seconds is not None and 0 < seconds <= longest and solved(incident):
            times[incident.severity][incident.incident_id not in ran].append(round(1_000 * seconds))
    matched = {each: times[each] for each in Severity if all(times[each])}
    strata = [(sorted(ones), sorted(others)) for ones, others in matched.values()]
    told = sum(len(ones) + len(others) for ones, others in times.values())
    compared = sum(len(ones) + len(others) for ones, others in strata)
    pairs = sum(len(ones) * len(others) for ones, others in strata)
    enough = all(sum(map(len, side)) >= _LEAST for side in zip(*strata, strict=True))
    beyond = _left_out(strata) if strata and enough else None
    interval = None
    if beyond is not None:
        interval = (_difference(strata, beyond), _difference(strata, pairs - 1 - beyond))
    return Effect(
        verdict=_shorter(interval),
        with_playbook={each: len(ones) for each, (ones, _) in matched.items()},
        without_playbook={each: len(others) for each, (_, others) in matched.items()},
        unmatched=told - compared,
        difference_seconds=_median_difference(strata, pairs) if pairs else None,
        interval_seconds=interval,
        as_of=now,
    )


def compared(newer: Metrics, older: Metrics) -> Difference:
    """How the success rates of two versions differ, of which both were run.

    The interval is made of those of the two rates (Newcombe, Statistics in Medicine 1998, method
    10).
    """
    one, other = newer.successes / newer.executions, older.successes / older.executions
    low, high = wilson_interval(newer.successes, newer.executions)
    other_low, other_high = wilson_interval(older.successes, older.executions)
    difference = one - other
    lower = difference - math.hypot(one - low, other_high - other)
    upper = difference + math.hypot(high - one, other - other_low)
    verdict = Verdict.NOT_TOLD_APART
    if lower > 0 or upper < 0:
        verdict = Verdict.BETTER if lower > 0 else Verdict.WORSE
    return Difference(
        version=older.version,
        difference=round(difference, 4),
        interval=(round(lower, 4), round(upper, 4)),
        verdict=verdict,
    )


def _shorter(interval: tuple[float, float] | None) -> Verdict:
    if interval is None:
        return Verdict.TOO_FEW
    low, high = interval
    if low <= 0 <= high:
        return Verdict.NOT_TOLD_APART
    return Verdict.BETTER if high < 0 else Verdict.WORSE


def _left_out(strata: Sequence[_Stratum]) -> int | None:
    """How many of the ordered differences lie below the interval, and as many above it.

    None where leaving out none would still be wrong too often.
    """
    sizes = [(len(ones), len(others)) for ones, others in strata]
    pairs = sum(one * other for one, other in sizes)
    if pairs > _MOST_COUNTED:
        variance = sum(one * other * (one + other + 1) / 12 for one, other in sizes)
        return max(math.floor(pairs / 2 - _Z_95 * math.sqrt(variance)) - 1, 0)
    ways = [1]
    for one, other in sizes:
        ways = _convolved(ways, _rank_sums(one, other))
    allowed, counted = _TAIL * sum(ways), 0
    for at, number in enumerate(ways):
        counted += number
        if counted > allowed:
            return at - 1 if at else None
    return None


def _rank_sums(one: int, other: int) -> list[int]:
    """In how many orders of so many incidents each Mann–Whitney statistic comes about.

    These are the coefficients of a Gaussian binomial: the product of (1 - q^(other + i)) over that
    of (1 - q^i), for i from 1 to `one`.
    """
    ways = [1] + [0] * (one * other)
    for i in range(1, one + 1):
        for at in range(len(ways) - 1, other + i - 1, -1):
            ways[at] -= ways[at - other - i]
        for at in range(i, len(ways)):
            ways[at] += ways[at - i]
    return ways


def _convolved(some: Sequence[int], more: Sequence[int]) -> list[int]:
    ways = [0] * (len(some) + len(more) - 1)
    for at, one in enumerate(some):
        for behind, other in enumerate(more):
            ways[at + behind] += one * other
    return ways


def _median_difference(strata: Sequence[_Stratum], pairs: int) -> float:
    low, high = (_difference(strata, place) for place in ((pairs - 1) // 2, pairs // 2))
    return round((low + high) / 2, 3)


def _difference(strata: Sequence[_Stratum], place: int) -> float:
    """The difference, in seconds, that stands at a place from 0 among all in their order.

    It is closed in on by counting how many are no larger, so the differences are never listed.
    """
    low = min(ones[0] - others[-1] for ones, others in strata)
    high = max(ones[-1] - others[0] for ones, others in strata)
    while low < high:
        middle = (low + high) // 2
        if _no_larger(strata, middle) > place:
            high = middle
        else:
            low = middle + 1
    return low / 1_000


def _no_larger(strata: Sequence[_Stratum], difference: int) -> int:
    """How many differences, with minus without, are at most this one."""
    return sum(
        bisect_right(ones, other + difference) for ones, others in strata for other in others
    )
