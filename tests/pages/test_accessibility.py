"""Every page before axe-core, by WCAG 2.2 AA, and under the keyboard; hostile texts on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from local.stack import TOKENS, Stack
from tests.api import Api
from tests.npm import installed
from tests.pages.conftest import sign_in

NPM = Path(__file__).parent / "npm"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCOPE = "accessible"

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
  .map(each => each.outerHTML.slice(0, 80))"""


@dataclass(frozen=True)
class Look:
    """A page to look at.

    Attributes:
        press: a button to press there.
        signed_in: whether it needs signing in.
        opened: how many of its details are opened; fewer where hundreds are alike.
    """

    path: str
    press: str = ""
    signed_in: bool = True
    opened: int = 100


#: Every page of ours is a line here.
PAGES = {
    "sign-in": Look("/review", signed_in=False),
    "wrong password": Look("/review", "Sign in", signed_in=False),
    "session ended": Look("/review?told=session-ended", signed_in=False),
    "the API": Look("/docs", signed_in=False, opened=9),
    "dashboard": Look(f"/review?scope={SCOPE}"),
    "dashboard, decided": Look(f"/review?scope={SCOPE}&status=approved"),
    "dashboard, nothing fits": Look(f"/review?scope={SCOPE}&text=nothing+like+it"),
    "dashboard, nothing reported": Look("/review?scope=nothing-yet"),
    "dashboard, not analysed": Look("/review?scope=reported-only"),
    "suggestion": Look("/review/suggestions/{waiting}"),
    "suggestion, refused": Look("/review/suggestions/{waiting}", "Approve"),
    "suggestion, approved": Look("/review/suggestions/{approved}"),
    "playbook": Look("/review/playbooks/{playbook}"),
    "simulation": Look("/review/playbooks/{playbook}", "Simulate"),
    "hostile suggestion": Look("/review/suggestions/{hostile}"),
    "not found": Look("/review/suggestions/none"),
    "bad input": Look("/review?scope=no+such/scope"),
}

LONG = "n" * 10_000
HOSTILE = [
    "<script>window.hacked = 1</script>",
    '" onmouseover="window.hacked = 1" x="',
    "javascript:window.hacked=1",
    "\u202egnp.exe \u2067rtl\u2066",
    "w" * 250,
]


@pytest.fixture(scope="module")
def axe() -> str:
    return installed(NPM, "axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def places(stack: Stack) -> dict[str, str]:
    """The ids of what the pages show: made once, as looking changes none of it."""
    agent, reviewer = Api(stack.url, TOKENS["agent"]), Api(stack.url, TOKENS["reviewer"])
    agent.report([_incident("only", 1)], "reported-only")
    kinds = ("disk", "certificate", "hostile")
    agent.report([_incident(kind, number) for kind in kinds for number in range(6)], SCOPE)
    run = agent.analyse(SCOPE, force_analysis=True, min_incidents=3, confidence_threshold=0.1)
    assert run["suggestions_generated"] == 3, run
    found = {
        each["title"]: each["suggestion_id"] for each in agent.items("/v1/suggestions", scope=SCOPE)
    }
    ids = {kind: next(i for title, i in found.items() if _WORD[kind] in title) for kind in kinds}
    decided = reviewer.post(f"/v1/suggestions/{ids['certificate']}/reviews", {"action": "approve"})
    assert decided.status == 201, decided
    playbook_id = decided.body["playbook_id"]
    for status in ("success", "success", "failure"):
        run = {"status": status, "agent_id": HOSTILE[0], "notes": LONG}
        assert agent.post(f"/v1/playbooks/{playbook_id}/executions", run).status == 201
    reviewer.post(f"/v1/suggestions/{ids['disk']}/reviews",
                  {"action": "needs_revision", "reviewer_notes": LONG})  # fmt: skip
    return {
        "waiting": ids["disk"],
        "approved": ids["certificate"],
        "hostile": ids["hostile"],
        "playbook": playbook_id,
    }


_WORD = {"disk": "Disk full", "certificate": "Certificate", "hostile": "script"}


def _incident(kind: str, number: int) -> dict[str, Any]:
    opened = datetime.now(UTC) - timedelta(days=number, hours=1)
    told = {
        "only": ("Something happened", "", ""),
        "disk": (
            f"Disk full on app-{number}",
            "The root partition filled up with logs, writes fail.",
            f"1. Looked for the biggest directory with `du -sh /var/log/app{number}`\n"
            f"2. If it is the debug log, ran `rm -rf /var/log/app{number}/debug`\n"
            "3. Waited 5 minutes\n4. Checked with `df -h`, it is below 80% again",
        ),
        "certificate": (
            f"Certificate of shop-{number}.example has expired",
            "Browsers warn, the certificate ran out.",
            f"1. Renewed it with `certbot renew --cert-name shop-{number}.example`\n"
            "2. Ran `systemctl reload nginx`\n3. Told the shop team",
        ),
        "hostile": (
            f"{HOSTILE[0]} {'w' * 200} breaks",
            f"{LONG} {' '.join(HOSTILE)}",
            f"1. Ran `echo {HOSTILE[0]} {'c' * 300}`\n2. Told {HOSTILE[2]} {HOSTILE[3]} to all",
        ),
    }
    title, description, resolution = told[kind]
    return {
        "incident_id": f"{kind}-{number}",
        "title": title,
        "description": description,
        "resolution": resolution,
        "affected_systems": HOSTILE if kind == "hostile" else [kind],
        "symptoms": HOSTILE if kind == "hostile" else [f"{kind} alert"],
        "opened_at": opened.isoformat(),
        "resolved_at": (opened + timedelta(minutes=20 + number)).isoformat(),
    }


#: Each costs some seconds; under the keyboard two do.
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


def test_no_page_breaks_a_rule_of_wcag_or_scrolls_aside(
    visits: dict[bool, Page], stack: Stack, places: dict[str, str], axe: str
) -> None:
    wrong = []
    for name, look in PAGES.items():
        page = visits[look.signed_in]
        page.goto(stack.url + look.path.format(**places))
        if look.press:
            page.locator("form").evaluate_all(
                "forms => forms.forEach(each => each.noValidate = true)"
            )
            page.get_by_role("button", name=look.press, exact=True).click()
        expect(page.locator("h1")).to_have_count(1)
        page.evaluate(_OPEN, look.opened)
        if page.evaluate(_OVERFLOW):
            wrong.append((name, "scrolls aside"))
        if page.evaluate("window.hacked"):
            wrong.append((name, "runs what an incident says"))
        page.evaluate(axe)
        told = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
        )
        assert told["passes"], name
        wrong += [
            (name, each["id"], [node["html"][:120] for node in each["nodes"]][:3])
            for each in told["violations"]
        ]
    assert not wrong


@pytest.mark.parametrize("visits", [LOOKS[0], LOOKS[3]], indirect=True)
@pytest.mark.parametrize("name", ["sign-in", "dashboard", "suggestion", "playbook"])
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
