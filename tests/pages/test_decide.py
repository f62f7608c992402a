"""Reviewers who change, try, discuss and decide together, on a desk and on a phone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from local.stack import Stack
from tests.api import Api
from tests.pages.conftest import sign_in

_OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(params=[(1280, True), (390, False)], ids=["desk", "phone, no script"])
def desk(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Page]:
    """The pages as the reviewer sees them, who has just signed in."""
    width, scripts = request.param
    visit = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    visit.set_default_timeout(20_000)
    page = visit.new_page()
    sign_in(page, stack.url)
    yield page
    if scripts:
        assert not page.evaluate(_OVERFLOW)
    visit.close()


def test_steps_are_moved_added_and_saved_without_a_decision(
    desk: Page, stack: Stack, suggestion_id: str, agent: Api
) -> None:
    desk.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    desk.get_by_text("Change it").click()
    desk.locator("#edit-1").get_by_label("Name").fill("Scale the consumers")
    desk.get_by_role("button", name="Move step 2 up").click()
    expect(desk).to_have_url(re.compile("#edit-0$"))
    expect(desk.locator("#edit-0").get_by_label("Name")).to_have_value("Scale the consumers")
    desk.get_by_role("button", name="Add a step").click()
    desk.locator("#edit-3").get_by_label("Name").fill("Look at the depth again")
    desk.locator("#edit-3").get_by_label("Command or message").fill("rabbitmqctl list_queues")
    desk.locator("#edit-0").get_by_label("Risk").select_option("destroys")
    desk.get_by_role("button", name="Add a parameter").click()
    new = desk.locator("#parameter-2")
    new.get_by_label("Name").fill("queue")
    new.get_by_label("Default").fill("orders")
    assert agent.get(f"/v1/suggestions/{suggestion_id}").body["revision"] == 1
    desk.get_by_role("button", name="Save the changes").click()
    expect(desk.get_by_role("status")).to_contain_text("saved. Nothing is decided")
    kept = agent.get(f"/v1/suggestions/{suggestion_id}").body
    steps = kept["playbook_spec"]["steps"]
    assert (kept["status"], kept["revision"], kept["edited_by"]) == ("pending", 2, "reviewer")
    assert [step["name"] for step in steps][::3] == [
        "Scale the consumers",
        "Look at the depth again",
    ]
    assert (steps[0]["risk"], steps[3]["kind"]) == ("destroys", "verify")
    assert steps[0]["evidence"]["support"] == 4
    assert kept["playbook_spec"]["parameters"][2]["default"] == "orders"
    desk.locator("#changes summary").click()
    expect(desk.locator("#changes")).to_contain_text("order of the steps")
    expect(desk.locator("#changes")).to_contain_text("changes destroys")


def test_the_slower_of_two_editors_sees_both_versions_and_chooses(
    desk: Page, stack: Stack, suggestion_id: str, agent: Api, reviewer: Api
) -> None:
    path = f"/v1/suggestions/{suggestion_id}"
    desk.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    desk.get_by_text("Change it").click()
    desk.locator("#edit-0").get_by_label("Command").fill("rabbitmqctl list_queues -p mine")
    desk.locator("#edit-2").get_by_label("Message").fill("Tell the shop team at once")
    spec = agent.get(path).body["playbook_spec"]
    spec["steps"][0]["args"]["command"] = "rabbitmqctl list_queues -p theirs"
    theirs = {"revision": 1, "playbook_spec": spec | {"description": "Theirs."}}
    assert reviewer.call("PUT", path, theirs).status == 200
    desk.get_by_role("button", name="Save the changes").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Somebody else was faster")
    both = desk.locator("li").filter(has_text="changed by both")
    expect(both).to_contain_text("-p mine")
    expect(both).to_contain_text("-p theirs")
    expect(desk.locator("li").filter(has_text="changed by you alone")).to_have_count(1)
    both.get_by_label("Stored").check()
    desk.get_by_role("button", name="Save what is chosen").click()
    expect(desk.get_by_role("status")).to_contain_text("brought together")
    kept = agent.get(path).body
    commands = [step["args"].get("command") for step in kept["playbook_spec"]["steps"]]
    assert (kept["revision"], commands[0]) == (3, "rabbitmqctl list_queues -p theirs")
    assert kept["playbook_spec"]["steps"][2]["args"]["message"] == "Tell the shop team at once"
    assert kept["playbook_spec"]["description"] == "Theirs."


def test_two_reviewers_approve_and_one_takes_it_back(
    desk: Page,
    browser: Browser,
    stack: Stack,
    suggestion_id: str,
    agent: Api,
    set_settings: Callable[..., None],
) -> None:
    set_settings(approvals_required=2)
    place = f"{stack.url}/review/suggestions/{suggestion_id}"
    desk.goto(place)
    desk.get_by_role("button", name="Approve").click()
    expect(desk.get_by_role("status")).to_contain_text("1 of 2 approvals so far")
    visit = browser.new_context(java_script_enabled=False)
    other = visit.new_page()
    sign_in(other, stack.url, "reviewer2")
    other.goto(place)
    expect(other.locator(".decision").first).to_contain_text("1 of 2 approvals reviewer")
    other.get_by_role("button", name="Approve").click()
    expect(other.get_by_role("status")).to_contain_text("approved")
    visit.close()
    desk.goto(place)
    desk.get_by_role("button", name="Undo the decision").click()
    expect(desk.get_by_role("status")).to_contain_text("The decision is undone")
    kept = agent.get(f"/v1/suggestions/{suggestion_id}").body
    assert (kept["status"], [each["reviewer"] for each in kept["approvals"]]) == (
        "pending",
        ["reviewer"],
    )
    desk.get_by_role("button", name="Undo my approval").click()
    assert agent.get(f"/v1/suggestions/{suggestion_id}").body["approvals"] == []


def test_a_suggestion_is_discussed_assigned_rated_and_tried(
    desk: Page, stack: Stack, suggestion_id: str, agent: Api
) -> None:
    desk.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    desk.get_by_role("textbox", name="Comment", exact=True).fill("Why <not> purge it?")
    desk.get_by_role("button", name="Comment").click()
    expect(desk.locator("#comments blockquote")).to_have_text("Why <not> purge it?")
    desk.get_by_role("button", name="Assign to me").click()
    expect(desk.locator("#assignee")).to_contain_text("Assigned to reviewer")
    desk.get_by_label("4", exact=True).check()
    desk.get_by_label("Tags, with commas between them").fill("clear, short")
    desk.get_by_role("button", name="Rate").click()
    expect(desk.locator("#feedback li")).to_contain_text("4 of 5")
    expect(desk.locator("#feedback li")).to_contain_text("clear, short")
    for _ in range(100):
        desk.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
        if desk.get_by_text("Would have been recommended").count():
            break
        desk.wait_for_timeout(200)
    expect(desk.locator("#backtest")).to_contain_text("for 4 of 4 incidents of its pattern")
    desk.get_by_role("button", name="Try it again").click()
    expect(desk.get_by_role("status")).to_contain_text("The back-test is asked for")
