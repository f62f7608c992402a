"""`python -m tests.pages.screenshots`: the README's pictures of the pages, made anew.

It runs everything on the embedded AWS with the example incidents, tells of some weeks more, decides
on what is suggested, runs what was approved, and looks at the pages in Chromium.
"""

import os
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ["PRECEDENT_STAGE"] = "local"

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from local import stack
from local.__main__ import load_examples
from tests.api import Api
from tests.pages.conftest import sign_in

_ROOM = 16
DOCS = Path(__file__).parents[2] / "docs"
_KINDS = {
    "search": (
        "Product search times out on es-{n}",
        "Queries take longer than five seconds, the search page times out.",
        "elasticsearch",
        "1. Checked the cluster with `curl -s es-{n}:9200/_cluster/health`\n"
        "2. Waited 5 minutes for relocating shards\n"
        "{way}\n"
        "4. Verified with `curl -s es-{n}:9200/_cat/indices` that it is green again\n"
        "5. Told the shop team that search is fast again",
    ),
    "backup": (
        "Backup of db-{n} is late",
        "The nightly dump did not finish before the day began.",
        "postgres",
        "1. Looked at `pg_stat_activity` on db-{n}\n2. Ran `systemctl restart pgbackrest`\n"
        "3. Checked `pgbackrest info`, it is complete again",
    ),
    "mail": (
        "Mail to customers queues up on mx-{n}",
        "The provider defers our messages, the queue grows.",
        "postfix",
        "1. Looked at the queue with `postqueue -p | tail`\n2. Ran `postqueue -f`\n"
        "3. Told support that mails are late",
    ),
    "cache": (
        "Cache misses rise on redis-{n}",
        "The hit rate fell below a half, the database is busy.",
        "redis",
        "1. Checked `redis-cli info stats`\n2. Ran `redis-cli config set maxmemory 8gb`\n"
        "3. Checked the hit rate again",
    ),
}
_WAYS = {
    "fragmented": "3. Merged fragmented segments with `curl -XPOST es-{n}:9200/_forcemerge`",
    "heap": "3. Restarted it because of the full heap: `systemctl restart elasticsearch`",
}


def incidents(kind: str, first: int, last: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Incidents of a kind, that many of days ago, with times to resolve that are spread."""
    chance = random.Random(kind)
    title, description, system, resolution = _KINDS[kind]
    for number in range(first, last):
        way = list(_WAYS)[number % 2]
        opened = now - timedelta(days=number * 4 + chance.random() * 3, hours=2)
        told = {"n": number % 7 + 1, "way": _WAYS[way].format(n=number % 7 + 1)}
        yield {
            "incident_id": f"{kind}-{number}",
            "title": title.format(**told),
            "description": description + (f" It is {way}." if kind == "search" else ""),
            "affected_systems": [system],
            "severity": ("high", "medium", "critical")[number % 3],
            "resolution": resolution.format(**told),
            "status": "unresolved" if number % 11 == 10 else "resolved",
            "opened_at": opened.isoformat(),
            "resolved_at": (opened + timedelta(minutes=8 + chance.expovariate(1 / 40))).isoformat(),
        }


def tell(url: str) -> str:
    """Fill the service, and return the suggestion that shows most."""
    agent, reviewer = (Api(url, stack.TOKENS[role]) for role in ("agent", "reviewer"))
    now = datetime.now(UTC)
    for number, kind in enumerate(_KINDS):
        agent.report(list(incidents(kind, 0, 18 - 3 * number, now)), "default")
    agent.analyse("default", force_analysis=True, lookback_days=120)
    waiting = list(agent.items("/v1/suggestions", scope="default", status="pending"))
    shown = max(waiting, key=lambda each: len(each["supporting_incidents"]))
    decide = ("mail", "backup", "cache", "tls", "disk", "dns")
    for each in waiting:
        if any(word in each["title"].casefold() for word in decide):
            act(agent, reviewer, each)
    after = [
        {**each, "incident_id": f"{each['incident_id']}-since", "opened_at": at.isoformat(),
         "resolved_at": (at + timedelta(minutes=6 + place)).isoformat()}
        for place, each in enumerate(incidents("backup", 1, 9, now))
        for at in [datetime.now(UTC)]
    ]  # fmt: skip
    agent.report(after, "default")
    agent.analyse("default", force_analysis=True, lookback_days=120)
    return str(shown["suggestion_id"])


def act(agent: Api, reviewer: Api, suggestion: dict[str, Any]) -> None:
    """Reject what destroys something, approve the others, and run these."""
    review = f"/v1/suggestions/{suggestion['suggestion_id']}/reviews"
    steps = suggestion["playbook_spec"]["steps"]
    if any(step["risk"] == "destroys" for step in steps):
        reviewer.post(review, {"action": "reject", "reviewer_notes": "Too dangerous as it is."})
        return
    approved = reviewer.post(review, {"action": "approve", "reviewer_notes": "As we do it."})
    assert approved.status == 201, approved
    chance = random.Random(suggestion["title"])
    for _ in range(chance.randrange(2, 14)):
        run = {"status": "success" if chance.random() < 0.85 else "failure", "agent_id": "build-7"}
        agent.post(f"/v1/playbooks/{approved.body['playbook_id']}/executions", run)


def look(browser: Browser, url: str, suggestion_id: str, into: Path) -> None:
    """Take the pictures: the queue, a suggestion, and the figures as they are in the dark."""
    looks = {
        "queue": ({"width": 1180, "height": 900}, "light", "/review", None),
        "review": (
            {"width": 1180, "height": 1240},
            "light",
            f"/review/suggestions/{suggestion_id}",
            None,
        ),
        "figures": ({"width": 1180, "height": 900}, "dark", "/review", "section:has(> #pictures)"),
    }
    for name, (size, scheme, path, part) in looks.items():
        page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
        sign_in(page, url)
        page.goto(url + path)
        page.screenshot(path=into / f"{name}.png", clip=_around(page, part), full_page=bool(part))
        page.context.close()


def _around(page: Page, part: str | None) -> FloatRect | None:
    """The rectangle of a part of the page, with some room; None for what is seen of it."""
    box = page.locator(part).bounding_box() if part else None
    if box is None:
        return None
    width, height = box["width"] + 2 * _ROOM, box["height"] + 2 * _ROOM
    return {"x": box["x"] - _ROOM, "y": box["y"] - _ROOM, "width": width, "height": height}


def main() -> None:
    """Make them."""
    running = stack.start()
    load_examples(running.url)
    suggestion_id = tell(running.url)
    with sync_playwright() as playwright:
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        look(browser, running.url, suggestion_id, DOCS)
        browser.close()
    running.stop()


if __name__ == "__main__":
    main()
