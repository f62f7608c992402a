"""One function at work in a process of its own, for `tests.bench.functions`, which sends it events.

It loads what the function loads, and only then what calls it.
"""

import base64
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalice.app import Chalice


def run(name: str) -> dict[str, float]:
    """Answer the events that come in, and tell what that took."""
    from app import app

    start, start_mib = time.process_time(), peak_mib()
    invoke = _requests(app) if name == "api_handler" else _invocations(app, name)
    longest, events = 0.0, 0
    for line in sys.stdin:
        event = json.loads(line)
        began = time.process_time()
        invoke(event)
        longest, events = max(longest, time.process_time() - began), events + 1
    return {
        "events": events,
        "start_cpu_seconds": round(start, 2),
        "start_mib": round(start_mib),
        "peak_mib": round(peak_mib()),
        "longest_cpu_seconds": round(longest, 2),
    }


def _requests(app: Chalice) -> Callable[[Any], None]:
    from chalice.test import Client

    http = Client(app).http

    def send(request: Any) -> None:
        answer = http.request(**request | {"body": base64.b64decode(request["body"])})
        assert answer.status_code < 300, answer.body

    return send


def _invocations(app: Chalice, name: str) -> Callable[[Any], None]:
    from chalice.local import LambdaContext

    def invoke(event: Any) -> None:
        app.handler_map[name](event, LambdaContext(name, memory_size=1024))

    return invoke


def peak_mib() -> float:
    """The most memory that this process has held so far, in MiB (Linux)."""
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
