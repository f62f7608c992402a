"""The story of docs/improving.md: it prints what it says that it prints."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api import Api

STORY = (Path(__file__).parents[2] / "docs" / "improving.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|text)\n(.*?)^```$", STORY, re.MULTILINE | re.DOTALL)
STRICT = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'


@pytest.mark.skipif(shutil.which("curl") is None, reason="the story is told with curl")
def test_the_story_goes_as_it_is_told(agent: Api) -> None:
    script = STRICT + f"URL={agent.url}\n" + "".join(text for kind, text in BLOCKS if kind == "sh")
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    expected = [text for kind, text in BLOCKS if kind == "text"]
    assert len(expected) == 4
    assert done.stdout == "".join(expected)
