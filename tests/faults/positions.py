"""Every use case with every fault at every call that it makes.

The calls are found by recording them. After a fault the caller tries again until it is answered,
what comes later is drained, and then everything that is kept has to be what it is undisturbed.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from chalicelib.services import operate
from chalicelib.services.errors import Conflict, NotFound
from tests.faults import world
from tests.faults.injection import Calls, Fault, Killed, injected
from tests.faults.use_cases import UseCase
from tests.services.cases import NOW

_ATTEMPTS = 6
_STILL_RUNNING = "still running"
_really_sleep = time.sleep


@dataclass
class Found:
    """What came of a use case.

    Attributes:
        name: the use case's.
        calls: those that it makes undisturbed.
        tried: how many faults were tried.
        wrong: where and what was left that is not left undisturbed.
    """

    name: str
    calls: list[str]
    tried: int
    wrong: list[str]


def check_all(use_cases: Sequence[UseCase], every: int = 1) -> Iterator[Found]:
    """Check use cases, one by one.

    Args:
        use_cases: which.
        every: only each so-manieth fault is tried, others for each use case.
    """
    empty = world.snapshot()
    for place, use_case in enumerate(use_cases):
        world.put_back(empty)
        yield _check(use_case, every, place)


def _check(use_case: UseCase, every: int, first: int) -> Found:
    known = use_case.prepare()
    if use_case.drained:
        world.drain(NOW)
    before = world.snapshot()
    calls = Calls()
    expected = _states(use_case, known, before, calls)
    cases = [(number, fault) for number in range(1, len(calls.names) + 1) for fault in Fault]
    found = Found(use_case.name, calls.names, 0, [])
    for number, fault in cases[first % every :: every]:
        world.put_back(before)
        found.tried += 1
        try:
            insist(partial(use_case.act, known), Calls(number, fault))
            _settled(use_case, known)
            _compare(use_case, expected)
        except Exception as error:
            where = f"{fault} at call {number}, {calls.names[number - 1]}"
            found.wrong.append(f"{where}: {error or repr(error)}")
    return found


def _states(use_case: UseCase, known: Any, before: bytes, calls: Calls) -> list[world.State]:
    """What may be kept in the end: what doing it leaves undisturbed, once, or any times."""
    states = []
    for times in use_case.times:
        world.put_back(before)
        for _ in range(times):
            with injected(calls if times == 1 else Calls()):
                use_case.act(known)
        _settled(use_case, known)
        states.append(_counted(use_case))
    return states


def insist(act: Callable[[], Any], calls: Calls) -> Any:
    """Do something with a fault, and again without one until it is answered, as a caller would.

    Returns:
        The answer; None where the caller was told, after the fault, that it is done already.
    """
    try:
        with injected(calls):
            return act()
    except (Killed, Exception):
        if not calls.struck:
            raise
    for _ in range(_ATTEMPTS):
        world.new_process()
        try:
            return act()
        except NotFound:
            return None  # it is gone: that was what was asked for
        except Conflict as error:
            if _STILL_RUNNING not in str(error):
                return None
            _really_sleep(0.003)
    raise AssertionError("it is not answered however often it is tried")


def _settled(use_case: UseCase, known: Any) -> None:
    use_case.later()
    # What went back to its queue comes again soon; what somebody held, when that is given up.
    world.drain(NOW)
    world.drain(NOW + timedelta(hours=2))


def _compare(use_case: UseCase, expected: list[world.State]) -> None:
    for scope in world.scopes_with_a_trail():
        _, bad = operate.verify_trail(scope)
        assert bad is None, f"the trail of {scope} does not hold: {bad}"
    left = _counted(use_case)
    if left not in expected:
        missing, more = expected[0] - left, left - expected[0]
        raise AssertionError(f"missing {_short(missing)}; too many {_short(more)}")


def _counted(use_case: UseCase) -> world.State:
    kept = world.state()
    if not use_case.may_lack:
        return kept
    return world.State(
        {
            key: count
            for key, count in kept.items()
            if not re.search(use_case.may_lack, " ".join(key))
        }
    )


def _short(state: world.State) -> list[str]:
    return [" ".join(key)[:200] for key in state]
