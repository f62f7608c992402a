"""A real browser without JavaScript, and something to review."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.api import Api

if TYPE_CHECKING:
    from local.stack import Stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("the tests of the pages need Chromium; .ci/run installs it")
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visit of somebody whose browser runs no scripts."""
    visit = browser.new_context(java_script_enabled=False)
    visit.set_default_timeout(10_000)
    yield visit
    visit.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def signed_in(page: Page, stack: "Stack") -> Page:
    """The review queue, of the reviewer who has just signed in."""
    sign_in(page, stack.url)
    return page


def sign_in(page: Page, url: str, name: str = "reviewer") -> None:
    page.goto(f"{url}/review")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(f"local-{name}")
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def suggestion_id(agent: Api, scope: str) -> str:
    """A suggestion that waits for a decision, made of four incidents."""
    agent.report([_incident(number) for number in range(1, 5)], scope)
    run = agent.analyse(scope, force_analysis=True, min_incidents=3)
    assert run["suggestions_generated"] == 1, run
    [found] = agent.items("/v1/suggestions", scope=scope)
    return str(found["suggestion_id"])


def _incident(number: int) -> dict[str, object]:
    opened = datetime.now(UTC) - timedelta(days=number)
    return {
        "incident_id": f"queue-{number}",
        "title": "RabbitMQ <orders> queue grows",
        "description": "The consumers of the orders queue fall behind, messages pile up.",
        "affected_systems": ["rabbitmq"],
        "symptoms": ["queue depth rises"],
        "severity": "high",
        "resolution": (
            "1. Listed the queues with `rabbitmqctl list_queues -p orders`\n"
            f"2. Scaled it: `kubectl scale deployment/consumer --replicas={number + 3}`\n"
            "3. Told the shop team that orders are late"
        ),
        "opened_at": opened.isoformat(),
        "resolved_at": (opened + timedelta(minutes=30)).isoformat(),
    }
