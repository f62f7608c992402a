"""A playbook tried with values in a real browser, without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.api import Api
from tests.contract.test_simulations import SPEC
from tests.pages.test_looks import _CONTRAST, _OVERFLOW, _UNLABELLED, phone
from tests.pages.test_safety import _csrf, _send, _signed_in

__all__ = ["phone"]


@pytest.fixture
def place(stack: Stack, agent: Api, scope: str) -> str:
    """The page of a playbook with a destructive step, a secret and a condition."""
    written = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body
    return f"{stack.url}/review/playbooks/{written['playbook_id']}"


def test_values_are_typed_and_each_step_shows_as_it_would_run(signed_in: Page, place: str) -> None:
    signed_in.goto(place)
    expect(signed_in.locator(".steps .dangerous")).to_contain_text("destroys something")
    expect(signed_in.locator(".steps .dangerous")).to_contain_text("backlog is true")
    expect(signed_in.get_by_label("namespace")).to_have_attribute("placeholder", "for example shop")
    expect(signed_in.get_by_label("password")).to_have_attribute("type", "password")
    signed_in.get_by_label("namespace").fill("shop")
    signed_in.get_by_label("password").fill("x" * 9)
    signed_in.get_by_label("backlog").select_option("no")
    signed_in.get_by_role("button", name="Simulate").click()
    expect(signed_in.get_by_role("status")).to_contain_text("Nothing has been executed")
    steps = signed_in.locator("#simulation .steps > li")
    expect(steps.nth(0)).to_contain_text("oc login -u ops -p '<secure:password>'")
    expect(steps.nth(1)).to_contain_text("kubectl -n shop scale deploy/c --replicas=3")
    expect(steps.nth(1)).to_contain_text("number of replicas first")
    expect(steps.nth(2)).to_contain_text("would be left out")
    expect(signed_in.get_by_label("namespace")).to_have_value("shop")
    expect(signed_in.get_by_label("password")).to_have_value("")
    assert "x" * 9 not in signed_in.content()


def test_what_is_missing_or_refused_is_told_at_its_field_and_what_was_typed_is_kept(
    signed_in: Page, place: str
) -> None:
    signed_in.goto(place)
    signed_in.get_by_label("namespace").fill("Shop; <b>")
    signed_in.get_by_role("button", name="Simulate").click()
    alert = signed_in.get_by_role("alert")
    expect(alert).to_contain_text("Missing: password")
    expect(alert).to_contain_text("namespace must match")
    field = signed_in.get_by_label("namespace")
    expect(field).to_have_value("Shop; <b>")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(signed_in.locator("#value-namespace-hint")).to_contain_text("must match")
    signed_in.get_by_role("link", name="Back to the steps as written").click()
    expect(signed_in.locator("#simulation")).to_have_count(0)


def test_the_keyboard_is_enough(signed_in: Page, place: str) -> None:
    signed_in.goto(place)
    signed_in.get_by_label("namespace").focus()
    signed_in.keyboard.type("shop")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("alert")).to_contain_text("Missing: password")
    expect(signed_in.locator("#simulation .steps > li").nth(1)).to_contain_text("-n shop scale")


def test_a_simulation_reads_well_on_a_phone(phone: Page, place: str) -> None:
    phone.goto(place)
    phone.get_by_role("button", name="Simulate").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    assert not phone.evaluate(_OVERFLOW)
    assert phone.evaluate(_UNLABELLED) == []
    assert phone.evaluate(_CONTRAST) == []
    phone.get_by_label("namespace").fill("shop")
    phone.get_by_label("password").fill("x" * 9)
    phone.get_by_role("button", name="Simulate").click()
    expect(phone.get_by_role("status")).to_be_visible()
    assert phone.evaluate(_CONTRAST) == []


def test_a_form_from_elsewhere_simulates_nothing(stack: Stack, place: str) -> None:
    cookie, page = _signed_in(stack)
    path = place.removeprefix(stack.url)
    forged = _send(stack, path, {"value-namespace": "shop", "csrf": "forged"}, cookie)
    assert forged.status == 403
    sent = _send(stack, path, {"value-namespace": "shop", "csrf": _csrf(page)}, cookie)
    assert (sent.status, "Steps as they would run" in sent.body) == (200, True)
