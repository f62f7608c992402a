"""How fast the pages are, and how large: 5,000 suggestions in a scope, 500 incidents behind one.

Server time is the time from a request's last byte to its answer's last on the same machine, so the
embedded AWS and the way there and back are in it; `cpu_seconds` is what of it the process computed,
whatever else the machine did. Each page is asked for eleven times by a reviewer who has signed in;
the first time is told apart, as caches are empty then.
"""

import http.cookiejar
import json
import os
import re
import statistics
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ["PRECEDENT_STAGE"] = "local"

from local import stack
from tests.api import Api

SUGGESTIONS, INCIDENTS, TIMES = 5_000, 500, 10
SCOPE = "pages"
LIMIT_SECONDS, LIMIT_BYTES = 0.3, 200_000


class Browser:
    """A reviewer who has signed in."""

    def __init__(self, url: str) -> None:
        jar = http.cookiejar.CookieJar()
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        found = re.search(r'name="csrf" value="([^"]+)"', self.get("/review"))
        assert found
        form = {"csrf": found[1], "username": "reviewer", "password": "local-reviewer"}
        body = urllib.parse.urlencode(form).encode()
        self._opener.open(f"{url}/review/sign-in", body).close()

    def get(self, path: str) -> str:
        """The page at a path."""
        with self._opener.open(self._url + path) as answer:
            return str(answer.read().decode())

    def measure(self, path: str) -> dict[str, Any]:
        """How long a page takes, in seconds, and how large it is."""
        taken, computed = [], []
        for _ in range(TIMES + 1):
            start, before = time.perf_counter(), time.process_time()
            page = self.get(path)
            taken.append(time.perf_counter() - start)
            computed.append(time.process_time() - before)
        return {
            "cpu_seconds": round(statistics.median(computed[1:]), 3),
            "median_seconds": round(statistics.median(taken[1:]), 3),
            "worst_seconds": round(max(taken[1:]), 3),
            "first_seconds": round(taken[0], 3),
            "bytes": len(page.encode()),
        }


def report(api: Api) -> str:
    """Report incidents of one kind, and return the suggestion that they make."""
    now = datetime.now(UTC)
    incidents = []
    for number in range(INCIDENTS):
        opened = now - timedelta(hours=number + 1)
        incidents.append(
            {
                "incident_id": f"Q-{number}",
                "title": f"Queue orders-{number % 9} grows on mq-{number % 7}",
                "description": "Consumers fall behind and messages pile up. " * 5,
                "affected_systems": ["rabbitmq"],
                "severity": ("high", "medium")[number % 2],
                "resolution": (
                    f"1. Listed the queues with `rabbitmqctl list_queues -p orders-{number % 9}`\n"
                    f"2. Scaled it: `kubectl scale deploy/consumer --replicas={number % 5 + 3}`\n"
                    f"3. Restarted it: `systemctl restart consumer-{number % 7}`\n"
                    "4. Told the shop team that orders are late\n"
                    "5. Checked with `rabbitmqctl list_queues` that it drains again"
                ),
                "opened_at": opened.isoformat(),
                "resolved_at": (opened + timedelta(minutes=5 + number % 90)).isoformat(),
            }
        )
    api.report(incidents, SCOPE)
    run = api.analyse(SCOPE, force_analysis=True, lookback_days=365)
    assert run["suggestions_generated"] == 1, run
    [found] = api.items("/v1/suggestions", scope=SCOPE)
    return str(found["suggestion_id"])


def multiply(suggestion_id: str) -> None:
    """Keep so many more suggestions of the usual size: four in five wait, others are decided."""
    from chalicelib.core.callers import SYSTEM
    from chalicelib.core.suggestions import SuggestionStatus
    from chalicelib.store import suggestions
    from chalicelib.store.transaction import Transaction

    model = suggestions.get(suggestion_id)
    assert model is not None
    few = model.model_copy(update={"supporting_incidents": model.supporting_incidents[:20]})
    decided = (SuggestionStatus.APPROVED, SuggestionStatus.REJECTED)
    for first in range(0, SUGGESTIONS - 1, 25):
        with Transaction(SYSTEM, model.created_at) as transaction:
            for number in range(first, min(first + 25, SUGGESTIONS - 1)):
                changed = {
                    "suggestion_id": f"sug_{number:020d}",
                    "title": f"Queue orders grows, case {number}",
                    "systems": [f"mq-{number % 90}"],
                    "confidence_score": 0.75 + number % 25 / 100,
                    "created_at": model.created_at - timedelta(minutes=number),
                    "status": decided[number % 2] if number % 5 == 0 else SuggestionStatus.PENDING,
                }
                suggestions.save(transaction, few.model_copy(update=changed))


def main() -> None:
    """Run it and print the figures."""
    running = stack.start()
    suggestion_id = report(Api(running.url, stack.TOKENS["agent"]))
    multiply(suggestion_id)
    reviewer = Api(running.url, stack.TOKENS["reviewer"])
    first = reviewer.get("/v1/suggestions", scope=SCOPE, status="pending", limit=1)
    review = f"/v1/suggestions/{first.body['items'][0]['suggestion_id']}/reviews"
    playbook_id = reviewer.post(review, {"action": "approve"}).body["playbook_id"]
    browser = Browser(running.url)
    queue = f"/review?scope={SCOPE}"
    pages = {
        "dashboard": queue,
        "approved": f"{queue}&status=approved",
        "found by text": f"{queue}&text=case+499",
        "found by none": f"{queue}&text=nothing+like+it",
        "found by system": f"{queue}&system=mq-17",
        "suggestion": f"/review/suggestions/{suggestion_id}",
        "playbook": f"/review/playbooks/{playbook_id}",
    }
    figures = {name: browser.measure(path) for name, path in pages.items()}
    running.stop()
    over = [
        name
        for name, each in figures.items()
        if each["median_seconds"] > LIMIT_SECONDS or each["bytes"] > LIMIT_BYTES
    ]
    print(
        json.dumps(
            {
                "suggestions": SUGGESTIONS,
                "incidents": INCIDENTS,
                "pages": figures,
                "over_the_limits": over,
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()
