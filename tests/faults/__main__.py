"""Let AWS stumble, and see whether anything is lost, doubled or left half done.

    python -m tests.faults --positions      every use case, every call, every fault
    python -m tests.faults --operations 10000 --seed 1
"""

import argparse
import sys
import time

from tests.faults import world


def main(arguments: list[str]) -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__.split("\n")[0])
    parser.add_argument("--positions", action="store_true", help="every use case at every call")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth case alone")
    parser.add_argument("--only", default="", metavar="NAME", help="the use cases named so")
    parser.add_argument("--operations", type=int, default=0, metavar="N", help="drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(arguments)
    world.start()
    if wanted.positions:
        _positions(wanted.every, wanted.only)


def _positions(every: int, only: str) -> None:
    from tests.faults import positions

    if only:
        positions.USE_CASES[:] = [each for each in positions.USE_CASES if only in each.name]
    began = time.monotonic()
    calls = cases = 0
    for name, names, tried in positions.check_all(every):
        calls, cases = calls + len(names), cases + tried
        print(f"{name:42} {len(names):4} calls {tried:5} faults", flush=True)
    seconds = time.monotonic() - began
    print(f"{calls} positions, {cases} faults in {seconds:.0f} s: nothing lost, doubled or half done")


if __name__ == "__main__":
    main(sys.argv[1:])
