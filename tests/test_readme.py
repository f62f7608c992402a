"""Every command of the README that a machine without AWS can run, run as a newcomer would."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
#: A curl that fails where the API refuses, in a shell that fails where anything does.
STRICT = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'
#: What only works in an AWS account: the calls of its command line.
IN_AN_ACCOUNT = ("aws cloudformation ", "aws cognito-idp ", "  --", ".venv/bin/python -m infra.")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """What `make run` serves, once it says that it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PRECEDENT_")
    }
    server = subprocess.Popen(
        ["make", "--silent", "run"],
        cwd=PROJECT,
        env=environment | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    said = []
    for line in server.stdout:
        said.append(line)
        if line.startswith("Ready: "):
            break
    assert said, "make run ended at once"
    assert said[-1].startswith(f"Ready: http://127.0.0.1:{port} "), said
    yield f"http://127.0.0.1:{port}"
    os.killpg(server.pid, signal.SIGTERM)
    assert server.wait(timeout=60) in (0, -signal.SIGTERM, 2)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the tour is told with curl")
def test_the_tour_works_as_it_is_written(url: str) -> None:
    blocks = [block for language, block in BLOCKS if language == "sh"]
    assert len(blocks) >= 6
    script = STRICT + "".join(blocks)
    script = script.replace("URL=http://127.0.0.1:8000", f"URL={url}")
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert '"system_match"' in done.stdout
    assert '"executions":1' in done.stdout.replace(" ", "")


def test_every_other_command_is_one_of_make_or_needs_an_account() -> None:
    blocks = [block for language, block in BLOCKS if not language]
    lines = [line.split("#")[0].rstrip() for block in blocks for line in block.splitlines()]
    assert len(lines) >= 8
    for line in filter(None, lines):
        if line.startswith("make "):
            subprocess.run(
                ["make", "--dry-run", *line.split()[1:]], cwd=PROJECT, check=True, timeout=30
            )
        else:
            assert line.startswith(IN_AN_ACCOUNT), line
