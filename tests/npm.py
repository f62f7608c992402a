"""Checkers that npm has, in the versions that a folder of ours pins."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder: Path, file: str) -> Path:
    """A file below a folder's `node_modules`, which is installed if it is not there yet."""
    found = folder / "node_modules" / file
    if not found.exists():
        if shutil.which("npm") is None:
            _without("npm is not there (Debian: apt-get install npm)", file)
        done = subprocess.run(["npm", "ci", "--silent"], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            _without(f"npm could not install it: {done.stderr[:300]}", file)
    return found


def _without(reason: str, file: str) -> None:
    """Go on without it, but not where all has to be checked."""
    told = f"{file} is needed; {reason}"
    if os.environ.get("CI"):
        pytest.fail(told)
    pytest.skip(told)
