"""Every use case with every fault at every call that it makes.

The calls are found by recording them. After a fault the caller tries again until it is answered,
what comes later is drained, and then everything that is kept has to be what it is undisturbed.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from chalicelib.services import operate
from chalicelib.services.errors import Conflict, NotFound
from tests.faults import world
from tests.faults.injection import Calls, Fault, Killed, injected
from tests.faults.use_cases import USE_CASES, UseCase
from tests.services.cases import NOW

_ATTEMPTS = 6
_STILL_RUNNING = "still running"
_really_sleep = time.sleep


class Wrong(AssertionError):
    """What is kept after a fault is not what is kept undisturbed."""


def check_all(every: int = 1) -> Iterator[tuple[str, list[str], int]]:
    """Check the use cases one by one, and give each one's name, calls and number of cases.

    Args:
        every: only each so-manieth case is tried, others for each use case.

    Raises:
        Wrong: one left something else than it leaves undisturbed.
    """
    empty = world.snapshot()
    for place, use_case in enumerate(USE_CASES):
        world.put_back(empty)
        yield use_case.name, *_check(use_case, every, place)


def _check(use_case: UseCase, every: int, first: int) -> tuple[list[str], int]:
    known = use_case.prepare()
    if use_case.name != "outbox delivery" and use_case.name != "outbox sweep":
        world.drain(NOW)
    before = world.snapshot()
    calls = Calls()
    expected = _states(use_case, known, before, calls)
    cases = [(number, fault) for number in range(1, len(calls.names) + 1) for fault in Fault]
    tried = cases[first % every :: every]
    for number, fault in tried:
        world.put_back(before)
        try:
            _disturbed(use_case, known, Calls(number, fault))
            _settled(use_case, known)
            _compare(use_case, expected)
        except Exception as error:
            where = f"{use_case.name}: {fault} at call {number}, {calls.names[number - 1]}"
            raise Wrong(f"{where}: {error}") from error
    return calls.names, len(tried)


def _states(
    use_case: UseCase, known: Any, before: bytes, calls: Calls
) -> list[world.State]:
    """What may be kept in the end: what doing it leaves undisturbed, once, or any times."""
    states = []
    for times in range(1, 4 if use_case.at_least_once else 2):
        world.put_back(before)
        for _ in range(times):
            with injected(calls if times == 1 else Calls()):
                use_case.act(known)
        _settled(use_case, known)
        states.append(_counted(use_case))
    return states


def _disturbed(use_case: UseCase, known: Any, calls: Calls) -> None:
    """Do it with a fault, and again without one until it is answered, as a new process would."""
    try:
        with injected(calls):
            use_case.act(known)
        return
    except (Killed, Exception):
        assert calls.struck, "it failed before the fault"
    for _ in range(_ATTEMPTS):
        world.new_process()
        try:
            use_case.act(known)
            return
        except NotFound:
            return  # it is gone: that was what was asked for
        except Conflict as error:
            if _STILL_RUNNING not in str(error):
                return  # it is done already, or the caller is told that it cannot be
            _really_sleep(0.003)
    raise AssertionError("it is not answered however often it is tried")


def _settled(use_case: UseCase, known: Any) -> None:
    use_case.later()
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
        {key: count for key, count in kept.items() if use_case.may_lack not in "".join(key)}
    )


def _short(state: world.State) -> list[str]:
    return [" ".join(key)[:700] for key in state]
