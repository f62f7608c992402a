"""How fast it is: 1,000 incidents reported, analysed and suggested on the embedded AWS."""

import json
import os
import platform
import time
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ["PRECEDENT_STAGE"] = "local"

from local import stack
from local.examples import examples
from tests.api import Api

INCIDENTS = 1_000
BATCH = 200
SCOPE = "bench"


def incidents(number: int) -> list[dict[str, Any]]:
    """The example incidents again and again, each time an hour earlier and on other hosts."""
    now = datetime.now(UTC)
    made: list[dict[str, Any]] = []
    while len(made) < number:
        turn = len(made)
        for report in examples(now - timedelta(hours=turn)):
            texts = {
                name: report[name].replace("-1", f"-{turn % 90 + 10}")
                for name in ("title", "description", "resolution")
                if name in report
            }
            made.append(report | texts | {"incident_id": f"B-{len(made)}", "scope": SCOPE})
    return made[:number]


def main() -> None:
    """Run it and print the figures."""
    running = stack.start()
    api = Api(running.url, stack.TOKENS["agent"])
    reports = incidents(INCIDENTS)
    start = time.monotonic()
    for first in range(0, len(reports), BATCH):
        answer = api.post("/v1/incidents/batch", {"incidents": reports[first : first + BATCH]})
        assert answer.body == {"accepted": BATCH, "rejected": []}, answer
    reported = time.monotonic()
    run = api.analyse(SCOPE, lookback_days=3650, force_analysis=True)
    analysed = time.monotonic()
    suggestions = list(api.items("/v1/suggestions", scope=SCOPE, status="pending", limit=200))
    running.stop()
    print(
        json.dumps(
            {
                "incidents": run["total_incidents"],
                "status": run["status"],
                "patterns": run["patterns_found"],
                "suggestions": len(suggestions),
                "report_seconds": round(reported - start, 1),
                "analyse_and_suggest_seconds": round(analysed - reported, 1),
                "total_seconds": round(analysed - start, 1),
                "cores": os.cpu_count(),
                "python": platform.python_version(),
            }
        )
    )


if __name__ == "__main__":
    main()
