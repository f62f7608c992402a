"""`make bench`: every benchmark, each in a process of its own, a line of JSON each."""

import json
import math
import subprocess
import sys
from typing import Any

SIZES = (10_000, 30_000, 100_000)
COMPARED = 50_000


def main() -> None:
    """Run them and print the figures as they come."""
    run("tests.bench.api")
    run("tests.bench.playbooks")
    run("tests.bench.versions")
    run("tests.bench.pages")
    run("tests.bench.recommending")
    seconds = [run("tests.bench.scale", str(size))["seconds"] for size in SIZES]
    exponent = math.log(seconds[-1] / seconds[0]) / math.log(SIZES[-1] / SIZES[0])
    print(json.dumps({"sizes": SIZES, "seconds": seconds, "growth_exponent": round(exponent, 2)}))
    run("tests.bench.scale", "against", str(COMPARED))


def run(module: str, *arguments: str) -> dict[str, Any]:
    """The figures that a benchmark prints as its last line."""
    command = [sys.executable, "-m", module, *arguments]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    line = printed.strip().splitlines()[-1]
    print(line, flush=True)
    figures: dict[str, Any] = json.loads(line)
    return figures


if __name__ == "__main__":
    main()
