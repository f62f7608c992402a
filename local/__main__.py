"""`make run`: everything on 127.0.0.1:$PORT until it is interrupted."""

import json
import os
import queue
import re
import signal
import sys
import time
import urllib.request
from typing import Any

from local import examples, stack

_DEFAULT_PORT = 8000
_LAST_PORT = 65_535
_PATIENCE_SECONDS = 120


def main() -> int:
    """Start the stack, load the examples, say that it is ready, and wait."""
    told = os.environ.get("PORT") or str(_DEFAULT_PORT)
    if not re.fullmatch("[0-9]{1,5}", told) or int(told) > _LAST_PORT:
        print(f"PORT must be a number up to {_LAST_PORT}, not {told}.")
        return 1
    port = int(told)
    try:
        running = stack.start(port)
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}). Try PORT=8001 make run.")
        return 1
    if os.environ.get("EXAMPLES") != "0":
        load_examples(running.url)
    print(
        f"Ready: {running.url} - agents: Authorization: Bearer {stack.TOKENS['agent']}"
        f" - reviewers: {running.url}/review as reviewer / local-reviewer",
        flush=True,
    )
    _wait_for_the_end()
    running.stop()
    return 0


def _wait_for_the_end() -> None:
    """Wait for a signal to end, however many come.

    `make` hands a signal on that its group has got already, so two come at once; and of what could
    be waited for, only this queue may be put to by a handler that interrupts another one
    (https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
    """
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: signals.put(number))
    signals.get()


def load_examples(url: str) -> None:
    """Report the example incidents as an agent would, and have them analysed."""
    incidents = examples.examples(stack.now())
    answer = call(url, "/v1/incidents/batch", {"incidents": incidents})
    print(f"Reported {answer['accepted']} example incidents.", flush=True)
    run = call(url, "/v1/analyses", {"force_analysis": True})
    end = time.monotonic() + _PATIENCE_SECONDS
    while run["status"] in ("queued", "running") and time.monotonic() < end:
        time.sleep(0.3)
        run = call(url, f"/v1/analyses/{run['run_id']}")
    print(
        f"Analysed them ({run['status']}): {run['patterns_found']} patterns, "
        f"{run['suggestions_generated']} suggestions.",
        flush=True,
    )


def call(url: str, path: str, body: Any = None) -> Any:
    """Call the local API as the agent."""
    request = urllib.request.Request(
        url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {stack.TOKENS['agent']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


if __name__ == "__main__":
    sys.exit(main())
