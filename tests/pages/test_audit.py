"""The audit trail as people read it."""

from playwright.sync_api import Page, expect

from tests.api import Api


def test_a_reviewer_reads_what_was_done_and_to_what(
    signed_in: Page, stack, agent: Api, operator: Api, scope: str
) -> None:
    agent.post("/v1/incidents", {"incident_id": "one", "title": "x", "scope": scope})
    signed_in.goto(f"{stack.url}/review/audit?scope={scope}")
    entry = signed_in.get_by_role("listitem")
    expect(entry).to_contain_text("reported")
    expect(entry).to_contain_text("agent:local-agent")
    entry.get_by_role("link").click()
    expect(signed_in.get_by_label("Only of")).to_have_value(f"incident:{scope}#one")
    token = operator.post("/v1/tokens", {"name": "seen", "role": "agent"}).body
    signed_in.goto(f"{stack.url}/review/audit?entity=token:{token['token_id']}")
    signed_in.get_by_text("6 changes").click()
    expect(signed_in.get_by_role("row", name="name")).to_contain_text("seen")
    assert token["token"] not in signed_in.content()
