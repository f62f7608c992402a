"""What every page owes its readers: room on a phone, labels, contrast, nothing from elsewhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from local.stack import Stack
from tests.api import Api
from tests.pages.conftest import sign_in

_OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_UNLABELLED = """[...document.querySelectorAll("input:not([type=hidden]), textarea, select")]
    .filter(field => field.labels.length === 0).map(field => field.name)"""
_CONTRAST = """[...document.querySelectorAll("main *, header *")].filter(node =>
    [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
  .map(node => {
    const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
    const light = colour => {
      const [r, g, b] = parts(colour).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let behind = node;
    while (behind && parts(getComputedStyle(behind).backgroundColor)[3] === 0)
      behind = behind.parentElement;
    const ground = getComputedStyle(behind || document.body).backgroundColor;
    const [dark, bright] = [light(getComputedStyle(node).color), light(ground)]
      .sort((a, b) => a - b);
    return [(bright + 0.05) / (dark + 0.05), node.textContent.trim().slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5)"""


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Page]:
    visit = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=request.param, has_touch=True
    )
    page = visit.new_page()
    sign_in(page, stack.url)
    yield page
    visit.close()


def test_every_page_reads_well_on_a_phone(
    phone: Page, stack: Stack, scope: str, suggestion_id: str, reviewer: Api
) -> None:
    """WCAG 2.2: contrast of text (1.4.3) 4.5 to 1, no scrolling aside (1.4.10), labels (3.3.2)."""
    decided = reviewer.post(f"/v1/suggestions/{suggestion_id}/reviews", {"action": "approve"})
    paths = [
        f"/review?scope={scope}&status=approved",
        f"/review/gaps?scope={scope}",
        f"/review/suggestions/{suggestion_id}",
        f"/review/playbooks/{decided.body['playbook_id']}",
        "/review/suggestions/none",
        "/docs",
    ]
    for path in paths:
        phone.goto(stack.url + path)
        assert not phone.evaluate(_OVERFLOW), path
        assert phone.evaluate(_UNLABELLED) == [], path
        assert phone.evaluate(_CONTRAST) == [], path
        assert phone.locator("h1").count() == 1, path


def test_what_waits_reads_well_on_a_phone(phone: Page, stack: Stack, suggestion_id: str) -> None:
    phone.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    for summary in phone.locator("summary").all():
        summary.click()
    assert not phone.evaluate(_OVERFLOW)
    assert phone.evaluate(_UNLABELLED) == []
    assert phone.evaluate(_CONTRAST) == []


def test_no_page_asks_for_anything_from_elsewhere_or_breaks_its_policy(
    signed_in: Page, stack: Stack, suggestion_id: str
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.on("console", lambda message: complaints.append(message.text))
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    assert asked
    assert all(url.startswith((stack.url, "data:")) for url in asked)
    assert complaints == []
