"""Every page before axe-core, by WCAG 2.2 AA, and under the keyboard; hostile texts on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from local.stack import TOKENS, Stack
from tests.api import Api
from tests.npm import installed
from tests.pages.conftest import sign_in
from tests.pages.places import PAGES, Look, made

NPM = Path(__file__).parent / "npm"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"type": "tag", "values": TAGS}
#: What can be otherwise in the dark.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

_AXE = "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
_OPEN = """count => [...document.querySelectorAll("details")].slice(0, count)
  .forEach(each => each.open = true)"""
_OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
#: What has the focus, and whether that shows; null when the focus has left the page.
_FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  each.dataset.visited = "yes";
  const style = getComputedStyle(each), box = each.getBoundingClientRect();
  const shows = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && box.width > 0 && box.left >= 0;
  return [each.outerHTML.slice(0, 80), shows];
}"""
_UNVISITED = """[...document.querySelectorAll(
    "a[href], button:not([disabled]), input:not([type=hidden]), select, textarea, summary"
  )].filter(each => !each.dataset.visited && each.checkVisibility())
  .filter(each => each.type !== "radio"
    || ![...document.getElementsByName(each.name)].some(other => other.dataset.visited))
  .map(each => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def axe() -> str:
    return installed(NPM, "axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def places(stack: Stack) -> dict[str, str]:
    agent, reviewer = Api(stack.url, TOKENS["agent"]), Api(stack.url, TOKENS["reviewer"])
    return made(agent, reviewer)


LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def visits(
    request: pytest.FixtureRequest, browser: Browser, stack: Stack
) -> Iterator[dict[bool, Page]]:
    """A page of somebody who has signed in, and of somebody who has not; scripts may run."""
    width, scheme = request.param
    pages, contexts = {}, []
    for signed_in in (True, False):
        look = {"width": width, "height": 844}
        contexts.append(browser.new_context(viewport=look, color_scheme=scheme))
        contexts[-1].set_default_timeout(20_000)
        pages[signed_in] = contexts[-1].new_page()
    sign_in(pages[True], stack.url)
    yield pages
    for each in contexts:
        each.close()


@pytest.mark.parametrize("visits", [LOOKS[0]], indirect=True)
def test_no_page_breaks_a_rule_of_wcag_or_scrolls_aside(
    visits: dict[bool, Page], stack: Stack, places: dict[str, str], axe: str
) -> None:
    """Each page is opened once and looked at in each width and scheme."""
    wrong = []
    for name, look in PAGES.items():
        page = visits[look.signed_in]
        page.set_viewport_size({"width": 1280, "height": 844})
        _open(page, stack.url, look, places)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("h1")).not_to_have_text("Internal Server Error")
        page.evaluate(_OPEN, look.opened)
        if page.evaluate("window.hacked"):
            wrong.append((name, "runs what an incident says"))
        page.evaluate(axe)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            if page.evaluate(_OVERFLOW):
                wrong.append((name, width, "scrolls aside"))
            told = page.evaluate(_AXE, RULES if scheme == "light" else COLOURS)
            assert told["passes"], name
            wrong += [
                (
                    name,
                    width,
                    scheme,
                    each["id"],
                    [node["html"][:120] for node in each["nodes"]][:3],
                )
                for each in told["violations"]
            ]
    assert not wrong


def _open(page: Page, url: str, look: Look, places: dict[str, str]) -> None:
    page.goto(url + look.path.format(**places))
    if look.press:
        page.locator("form").evaluate_all("forms => forms.forEach(each => each.noValidate = true)")
        page.evaluate(_OPEN, look.opened)
        for name, value in look.typed.items():
            page.locator(f"[name={name}]").first.evaluate(
                "(each, value) => each.value = value", value
            )
        page.get_by_role("button", name=look.press, exact=True).click()


@pytest.mark.parametrize("visits", [LOOKS[0], LOOKS[3]], indirect=True)
@pytest.mark.parametrize(
    "name", ["sign-in", "dashboard", "suggestion", "playbook", "versions", "edit", "merge"]
)
def test_everything_is_reached_by_the_keyboard_and_shows_it(
    visits: dict[bool, Page], stack: Stack, places: dict[str, str], name: str
) -> None:
    page = visits[PAGES[name].signed_in]
    page.goto(stack.url + PAGES[name].path.format(**places))
    page.evaluate(_OPEN, PAGES[name].opened)
    hidden = []
    for _ in range(300):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            break
        if not focused[1]:
            hidden.append(focused[0])
    assert hidden == []
    assert page.evaluate(_UNVISITED) == []
