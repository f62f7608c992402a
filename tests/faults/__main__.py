"""Let AWS stumble, and see whether anything is lost, doubled or left half done.

python -m tests.faults --positions      every use case, every call, every fault
python -m tests.faults --operations 10000 --seed 1
"""

import argparse
import sys
import time
from typing import NoReturn

from tests.faults import world


def main(arguments: list[str]) -> NoReturn:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__.split("\n")[0])
    parser.add_argument("--positions", action="store_true", help="every use case at every call")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth case alone")
    parser.add_argument("--only", default="", metavar="NAME", help="the use cases named so")
    parser.add_argument("--operations", type=int, default=0, metavar="N", help="drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(arguments)
    world.start()
    well = True
    if wanted.positions:
        well &= _positions(wanted.every, wanted.only)
    if wanted.operations:
        well &= _operations(wanted.operations, wanted.seed)
    sys.exit(0 if well else 1)


def _positions(every: int, only: str) -> bool:
    """Try every use case at every call, print what came of each, and tell whether all was well."""
    from tests.faults.positions import check_all
    from tests.faults.use_cases import USE_CASES

    began = time.monotonic()
    calls = faults = wrong = 0
    for found in check_all([each for each in USE_CASES if only in each.name], every):
        calls, faults = calls + len(found.calls), faults + found.tried
        wrong += len(found.wrong)
        print(f"{found.name:42} {len(found.calls):4} calls {found.tried:5} faults", flush=True)
        for each in found.wrong:
            print(f"    WRONG: {each}", flush=True)
    seconds = time.monotonic() - began
    print(f"{calls} positions, {faults} faults, {wrong} wrong, in {seconds:.0f} s")
    return not wrong


def _operations(operations: int, seed: int) -> bool:
    """Work at random with faults, and print what came of it."""
    from tests.faults.machine import run_all

    began = time.monotonic()
    print(f"seed {seed}", flush=True)
    done, struck = run_all(operations, seed)
    seconds = time.monotonic() - began
    print(
        f"{done} operations, {struck} of them with a fault, in {seconds:.0f} s: "
        "lost 0, doubled 0, orphaned 0"
    )
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
