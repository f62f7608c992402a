"""What becomes of the product when AWS stumbles, in a process of its own for its own AWS.

`python -m tests.faults` has all of it; here is a share of it, another of each use case.
"""

import os
import subprocess
import sys


def outcome(*arguments: str) -> str:
    """What the command prints; it must end well."""
    # Not on the embedded AWS that other tests of this process use.
    elsewhere = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL"}
    command = [sys.executable, "-m", "tests.faults", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_fault_at_any_call_loses_doubles_or_halves_anything() -> None:
    assert " 0 wrong" in outcome("--positions", "--every", "47")


def test_work_at_random_with_faults_leaves_what_was_acknowledged_once() -> None:
    assert "lost 0, doubled 0, orphaned 0" in outcome("--operations", "90", "--seed", "7")
