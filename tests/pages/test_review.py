"""Reviewers in a real browser, without JavaScript: sign in, read, change, decide."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from local.stack import Stack
from tests.api import Api
from tests.pages.conftest import sign_in


def test_whoever_knows_our_address_alone_is_led_to_the_pages(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    expect(page).to_have_url(f"{stack.url}/review")


def test_a_wrong_password_is_told_and_the_name_kept(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/review")
    page.get_by_label("Name").fill("reviewer")
    page.get_by_label("Password").fill("guessed")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Name or password is not right")
    expect(page.get_by_label("Name")).to_have_value("reviewer")


def test_a_link_to_a_suggestion_leads_there_after_signing_in(
    page: Page, stack: Stack, suggestion_id: str
) -> None:
    page.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    page.get_by_label("Name").fill("reviewer")
    page.get_by_label("Password").fill("local-reviewer")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{stack.url}/review/suggestions/{suggestion_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("RabbitMQ")


def test_the_queue_shows_what_waits_in_the_scope(
    signed_in: Page, scope: str, suggestion_id: str
) -> None:
    signed_in.reload()
    signed_in.get_by_label("Scope").select_option(scope)
    signed_in.get_by_role("button", name="Show").click()
    expect(signed_in.locator(".queue li")).to_have_count(1)
    expect(signed_in.locator(".tiles")).to_contain_text("100% of them solved")
    signed_in.locator(".queue a").click()
    expect(signed_in).to_have_url(re.compile(f"{suggestion_id}$"))


def test_every_place_is_of_the_scope_that_is_looked_at(
    signed_in: Page, stack: Stack, scope: str, suggestion_id: str, reviewer: Api
) -> None:
    decided = reviewer.post(f"/v1/suggestions/{suggestion_id}/reviews", {"action": "approve"})
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    for name in ("Gaps", "Audit", "Queue", "Playbooks"):
        signed_in.get_by_label("Pages").get_by_role("link", name=name).click()
        expect(signed_in).to_have_url(re.compile(f"scope={scope}"))
    signed_in.locator(".queue a").click()
    expect(signed_in).to_have_url(re.compile(decided.body["playbook_id"]))


def test_each_step_shows_whose_words_it_comes_from(
    signed_in: Page, stack: Stack, suggestion_id: str
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    step = signed_in.locator(".steps > li").filter(has_text="rabbitmqctl list_queues")
    expect(step).to_contain_text("reads only")
    expect(step).to_contain_text("told in 4 of 4 incidents")
    step.get_by_text("In whose words").click()
    expect(step.locator("blockquote").first).to_be_visible()
    expect(step.locator("blockquote").first).to_contain_text("Listed the queues")
    expect(step).to_contain_text("queue-1 queue-2 queue-3 queue-4")


def test_a_changed_and_shortened_suggestion_is_approved_as_typed(
    signed_in: Page, stack: Stack, suggestion_id: str, agent: Api
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    signed_in.get_by_text("Change it").click()
    told = signed_in.locator("#edit-2")
    told.get_by_label("Leave this step out").check()
    signed_in.locator("#edit-0").get_by_label("Command").fill("sudo rabbitmqctl purge_queue orders")
    signed_in.get_by_label("Notes").fill("Purge; the orders are sent again anyway.")
    signed_in.get_by_role("button", name="Approve").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("destroys something; tick the box there")
    expect(signed_in.locator("#edit-2").get_by_label("Leave this step out")).to_be_checked()
    expect(signed_in.get_by_label("Notes")).to_have_value(re.compile("^Purge"))
    signed_in.get_by_label("I have read that step 1 destroys something").check()
    signed_in.get_by_role("button", name="Approve").click()
    expect(signed_in.get_by_role("status")).to_contain_text("approved")
    signed_in.get_by_role("link", name="To the playbook").click()
    expect(signed_in.locator("main")).to_contain_text("version 1.0.0")
    expect(signed_in.locator("main")).to_contain_text("purge_queue orders")
    expect(signed_in.locator("main")).to_contain_text("destroys something")
    expect(signed_in.locator(".steps > li")).to_have_count(2)
    expect(signed_in.get_by_text("playbook.yaml")).to_be_visible()
    [review] = agent.items(f"/v1/suggestions/{suggestion_id}/reviews")
    assert (review["reviewer"], review["modified_fields"]) == ("reviewer", ["steps"])


def test_whoever_was_slower_and_changed_nothing_is_shown_no_changes(
    signed_in: Page, stack: Stack, suggestion_id: str, reviewer: Api
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    sent_back = {"action": "needs_revision", "reviewer_notes": "Which queue?"}
    assert reviewer.post(f"/v1/suggestions/{suggestion_id}/reviews", sent_back).status == 201
    signed_in.get_by_role("button", name="Approve").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("revision")
    expect(signed_in.locator("#edit")).not_to_have_attribute("open", "")


def test_one_sent_back_can_still_be_rejected(
    signed_in: Page, stack: Stack, suggestion_id: str
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    signed_in.get_by_label("Notes").fill("Which queue?")
    signed_in.get_by_role("button", name="Send back").click()
    expect(signed_in.get_by_role("status")).to_contain_text("needs revision")
    expect(signed_in.locator("blockquote", has_text="Which queue?")).to_be_visible()
    signed_in.get_by_role("button", name="Reject").click()
    expect(signed_in.get_by_role("status")).to_contain_text("rejected")
    expect(signed_in.get_by_role("button", name="Approve")).to_have_count(0)


def test_the_slower_of_two_reviewers_is_told_and_keeps_the_notes(
    signed_in: Page, context: BrowserContext, stack: Stack, suggestion_id: str, reviewer: Api
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    signed_in.get_by_label("Notes").fill("I think so too.")
    reviewer.post(f"/v1/suggestions/{suggestion_id}/reviews", {"action": "needs_revision"})
    signed_in.get_by_role("button", name="Approve").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("revision 2 by now")
    expect(signed_in.get_by_label("Notes")).to_have_value("I think so too.")
    signed_in.get_by_role("button", name="Approve").click()
    expect(signed_in.get_by_role("status")).to_contain_text("approved")


def test_what_cannot_be_taken_comes_back_as_typed(
    signed_in: Page, stack: Stack, suggestion_id: str
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    signed_in.get_by_text("Change it").click()
    step = signed_in.locator("#edit-0")
    step.get_by_label("Name").fill("")
    step.get_by_label("Command").fill("rabbitmqctl status")
    signed_in.get_by_role("button", name="Approve").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("must not be empty")
    expect(step.get_by_label("Command")).to_have_value("rabbitmqctl status")


def test_the_keyboard_is_enough_and_enter_in_a_field_decides_nothing(
    signed_in: Page, stack: Stack, suggestion_id: str, agent: Api
) -> None:
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    signed_in.get_by_text("Change it").focus()
    signed_in.keyboard.press("Enter")
    signed_in.keyboard.press("Tab")
    signed_in.keyboard.press("End")
    signed_in.keyboard.type(" again")
    signed_in.keyboard.press("Enter")
    assert agent.get(f"/v1/suggestions/{suggestion_id}").body["status"] == "pending"
    for _ in range(60):
        signed_in.keyboard.press("Tab")
        if signed_in.locator("button:focus", has_text="Approve").count():
            break
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("status")).to_contain_text("approved")
    body = agent.get(f"/v1/suggestions/{suggestion_id}").body
    assert body["playbook_spec"]["name"].endswith(" again")


def test_a_playbook_is_exported_in_a_chosen_format(
    signed_in: Page, stack: Stack, scope: str, agent: Api
) -> None:
    step = {"id": "a", "name": "Look", "action": "shell", "args": {"command": "df -h"}}
    spec = {"name": "Free the disk", "steps": [step], "metadata": {"keywords": ["disk"]}}
    made = agent.post("/v1/playbooks", {"scope": scope, "spec": spec}).body
    signed_in.goto(f"{stack.url}/review/playbooks/{made['playbook_id']}")
    exports = signed_in.locator("#exports")
    expect(exports).to_contain_text("None yet.")
    exports.get_by_label("Format").select_option("ssm")
    exports.get_by_role("button", name="Export").click()
    expect(exports.get_by_role("link")).to_contain_text("ssm-automation.yaml")
    exports.get_by_text("Not carried over").click()
    expect(exports).to_contain_text("metadata: keywords")


def test_signing_out_closes_the_pages(signed_in: Page, stack: Stack, suggestion_id: str) -> None:
    signed_in.get_by_role("button", name="Sign out").click()
    signed_in.goto(f"{stack.url}/review/suggestions/{suggestion_id}")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_second_reviewer_signs_in_under_their_own_name(page: Page, stack: Stack) -> None:
    sign_in(page, stack.url, "reviewer2")
    expect(page.locator(".who")).to_have_text("reviewer2")
