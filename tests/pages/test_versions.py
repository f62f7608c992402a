"""Versions in a real browser, without JavaScript: edit, compare, branch, merge, roll back."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.stack import Stack
from tests.api import Api
from tests.pages.test_looks import _CONTRAST, _OVERFLOW, _UNLABELLED, phone  # noqa: F401


def _step(step_id: str, name: str, command: str) -> dict[str, Any]:
    return {"id": step_id, "name": name, "action": "shell", "args": {"command": command}}


SPEC = {
    "name": "Free the <disk>",
    "description": "When the data volume is full.",
    "steps": [
        _step("look", "Look", "df -h"),
        _step("restart", "Restart", "sudo systemctl restart postgresql"),
    ],
}


@pytest.fixture
def playbook_id(agent: Api, scope: str) -> str:
    return str(agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body["playbook_id"])


@pytest.fixture
def place(stack: Stack, playbook_id: str) -> str:
    return f"{stack.url}/review/playbooks/{playbook_id}"


def changed(api: Api, playbook_id: str, command: str, **body: Any) -> None:
    spec = SPEC | {"steps": [SPEC["steps"][0], _step("restart", "Restart", command)]}
    answer = api.call("PUT", f"/v1/playbooks/{playbook_id}", {"spec": spec} | body)
    assert answer.status == 200, answer


def test_an_edit_is_a_version_that_is_seen_beside_the_one_before_and_rolled_back(
    signed_in: Page, place: str, playbook_id: str, agent: Api
) -> None:
    signed_in.goto(place)
    signed_in.get_by_role("link", name="Edit").click()
    signed_in.locator("#edit-1").get_by_label("Command").fill("sudo systemctl reload postgresql")
    signed_in.get_by_role("button", name="Move step 2 up").click()
    expect(signed_in).to_have_url(re.compile("/edit#edit-0$"))
    signed_in.get_by_label("What you changed").fill("Reload is enough.")
    signed_in.get_by_role("button", name="Save").click()
    expect(signed_in.get_by_role("status")).to_contain_text("A new version is there")
    expect(signed_in.locator("#version-1\\.0\\.1")).to_contain_text("Reload is enough.")
    body = agent.get(f"/v1/playbooks/{playbook_id}").body
    assert [each["id"] for each in body["spec"]["steps"]] == ["restart", "look"]
    assert body["author"] == "reviewer"

    signed_in.get_by_role("link", name="What changed since 1.0.0").click()
    steps = signed_in.locator(".steps > li")
    expect(steps.locator("del")).to_have_text("restart")
    expect(steps.locator("ins")).to_have_text("reload")
    expect(steps.nth(0)).to_contain_text("moved from 2 to 1")
    expect(steps.nth(1)).to_contain_text("the same")
    signed_in.get_by_text("As unified text").click()
    expect(signed_in.locator("details pre")).to_contain_text("--- 1.0.0")

    signed_in.get_by_role("link", name="Versions").click()
    signed_in.get_by_role("button", name="Roll main back to 1.0.0").click()
    expect(signed_in.get_by_role("status")).to_contain_text("old content")
    assert agent.get(f"/v1/playbooks/{playbook_id}").body["version"] == "1.0.2"
    signed_in.get_by_label("Why").fill("The disk is gone.")
    signed_in.get_by_role("button", name="Deprecate").click()
    expect(signed_in.locator(".status")).to_have_text("deprecated")


def test_what_comes_to_destroy_something_is_asked_first(
    signed_in: Page, place: str, playbook_id: str, agent: Api
) -> None:
    def version() -> str:
        return str(agent.get(f"/v1/playbooks/{playbook_id}").body["version"])

    signed_in.goto(f"{place}/edit")
    signed_in.locator("#edit-1").get_by_label("Command").fill("rm -rf /var/lib/postgresql/old")
    signed_in.get_by_role("button", name="Save").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("Restart: destroys something")
    assert version() == "1.0.0"
    signed_in.get_by_label("I have read that this destroys something").check()
    signed_in.get_by_role("button", name="Save").click()
    expect(signed_in.get_by_role("status")).to_contain_text("A new version is there")
    changed(agent, playbook_id, "sudo systemctl reload postgresql")

    signed_in.goto(f"{place}/versions")
    signed_in.get_by_role("button", name="Roll main back to 1.0.1").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("Restart: destroys something")
    assert signed_in.evaluate(_UNLABELLED) == []
    signed_in.get_by_role("button", name="Roll main back to 1.0.1").click()
    expect(signed_in.get_by_role("alert")).to_be_visible()
    assert version() == "1.0.2"
    signed_in.get_by_label("I have read that this destroys something").check()
    signed_in.get_by_role("button", name="Roll main back to 1.0.1").click()
    expect(signed_in.get_by_role("status")).to_contain_text("old content")
    assert version() == "1.0.3"


def test_conflicts_are_decided_one_by_one_on_the_page(
    signed_in: Page, place: str, playbook_id: str, agent: Api
) -> None:
    signed_in.goto(f"{place}/versions")
    signed_in.get_by_label("Name of a new branch").fill("fix/unit")
    signed_in.get_by_role("button", name="Create branch").click()
    expect(signed_in.get_by_role("status")).to_contain_text("The branch is there")
    expect(signed_in.locator(".steps")).to_contain_text("It begins at 1.0.0")
    fix = "sudo systemctl restart postgresql@15"
    changed(agent, playbook_id, fix, branch="fix/unit", change_type="bugfix")
    changed(agent, playbook_id, "sudo systemctl reload postgresql")

    signed_in.get_by_role("link", name="Merge fix/unit into main").click()
    signed_in.get_by_role("button", name="Merge").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("is not decided yet")
    conflict = signed_in.get_by_role("group", name="step restart, command")
    expect(conflict.locator("ins")).to_have_text(["reload", "@15"])
    conflict.get_by_label("neither, but this").check()
    conflict.get_by_label("Another text").fill("sudo systemctl reload postgresql@15")
    signed_in.get_by_role("button", name="Merge").click()
    expect(signed_in.get_by_role("status")).to_have_text("Merged.")
    body = agent.get(f"/v1/playbooks/{playbook_id}").body
    assert (body["version"], body["merged_from"]) == ("1.1.0", "1.0.1")
    assert body["spec"]["steps"][1]["args"]["command"] == "sudo systemctl reload postgresql@15"
    signed_in.get_by_role("link", name="Merge fix/unit into main").click()
    expect(signed_in.get_by_role("status")).to_contain_text("Nothing is left to merge")

    signed_in.get_by_role("link", name="Versions").click()
    signed_in.get_by_text("Delete fix/unit", exact=True).click()
    signed_in.get_by_role("button", name="Delete the branch fix/unit").click()
    expect(signed_in.get_by_role("status")).to_contain_text("The branch is deleted")
    assert [each["name"] for each in agent.items(f"/v1/playbooks/{playbook_id}/branches")] == [
        "main"
    ]


def test_who_was_overtaken_keeps_what_they_typed_on_a_branch(
    signed_in: Page, place: str, playbook_id: str, agent: Api
) -> None:
    signed_in.goto(f"{place}/edit")
    signed_in.get_by_label("Description").fill("When any volume is full.")
    changed(agent, playbook_id, "sudo systemctl reload postgresql")
    signed_in.get_by_role("button", name="Save").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("main is at 1.0.1 by now")
    expect(signed_in.get_by_label("Description")).to_have_value("When any volume is full.")
    signed_in.get_by_label("Name of the branch").fill("mine")
    signed_in.get_by_role("button", name="Save").click()
    expect(signed_in).to_have_url(re.compile(r"/merges\?branch=mine"))
    expect(signed_in.locator("ins")).to_have_text("any")
    signed_in.get_by_role("button", name="Merge").click()
    expect(signed_in.get_by_role("status")).to_have_text("Merged.")
    spec = agent.get(f"/v1/playbooks/{playbook_id}").body["spec"]
    assert spec["description"] == "When any volume is full."
    assert spec["steps"][1]["args"]["command"] == "sudo systemctl reload postgresql"


def test_the_pages_read_well_on_a_phone(
    phone: Page,  # noqa: F811
    stack: Stack,
    place: str,
    playbook_id: str,
    suggestion_id: str,
    agent: Api,
) -> None:
    agent.post(f"/v1/playbooks/{playbook_id}/branches", {"name": "fix"})
    changed(agent, playbook_id, "x" * 300, branch="fix")
    changed(agent, playbook_id, "<b>reload</b>")
    paths = [
        f"{place}/versions",
        f"{place}/diff?from=main&to=fix",
        f"{place}/merges?branch=fix",
        f"{place}/edit",
        f"{stack.url}/review/suggestions/{suggestion_id}/compare/{playbook_id}",
    ]
    for path in paths:
        answer = phone.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert not phone.evaluate(_OVERFLOW), path
        assert phone.evaluate(_UNLABELLED) == [], path
        assert phone.evaluate(_CONTRAST) == [], path
        assert phone.locator("h1").count() == 1, path
        assert phone.locator("main b").count() == 0, path
