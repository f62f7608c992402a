"""One function at work in a process of its own, for `tests.bench.functions`, which sends it events.

It loads what the function loads, and only then what calls it.
"""

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any


def run(name: str) -> dict[str, float]:
    """In the process of the function: answer the events, and tell what that took."""
    import app

    start, start_mib = time.process_time(), peak_mib()
    longest, events = 0.0, 0
    for line in sys.stdin:
        began = time.process_time()
        _invoke(app.app, name, json.loads(line))
        longest, events = max(longest, time.process_time() - began), events + 1
    return {
        "events": events,
        "start_cpu_seconds": round(start, 2),
        "start_mib": round(start_mib),
        "peak_mib": round(peak_mib()),
        "longest_cpu_seconds": round(longest, 2),
    }


def _invoke(app: Any, name: str, event: Any) -> None:
    from chalice.local import LambdaContext
    from chalice.test import Client

    if name == "api_handler":
        answer = Client(app).http.request(**event | {"body": base64.b64decode(event["body"])})
        assert answer.status_code < 300, answer.body
    else:
        app.handler_map[name](event, LambdaContext(name, memory_size=1024))


def peak_mib() -> float:
    """The most memory that this process has held so far, in MiB (Linux)."""
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    return int(status.split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
