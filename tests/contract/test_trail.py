"""The trail over HTTP: who, from where, and what was before and after."""

from tests.api import Api
from tests.contract.test_scopes import SPEC


def test_a_change_tells_who_from_where_and_what_it_was(
    agent: Api, reviewer: Api, scope: str
) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9"}
    report = {"incident_id": "i", "title": "Slow", "severity": "low", "scope": scope}
    agent.call("POST", "/v1/incidents", report, forged)
    agent.call("POST", "/v1/incidents", report | {"severity": "high"}, forged)
    made = reviewer.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body
    place = f"/v1/playbooks/{made['playbook_id']}"
    assert reviewer.call("PUT", place, {"spec": SPEC | {"name": "New"}}).status in (200, 201)
    bot = f"bot-{scope}"
    agent.call("PUT", f"/v1/agents/{bot}", {"capabilities": ["a"], "scopes": [scope]})
    agent.call("PUT", f"/v1/agents/{bot}", {"capabilities": ["b"], "scopes": [scope]})

    [replaced, reported] = reviewer.items("/v1/audit", entity=f"incident:{scope}#i")
    assert (replaced["action"], reported["action"]) == ("replaced", "reported")
    assert replaced["changes"]["severity"] == ["low", "high"]
    assert replaced["actor"] == "agent:local-agent"
    assert replaced["origin"] == {"way": "api", "address": "127.0.0.1"}
    trail = reviewer.items("/v1/audit", entity=f"playbook:{made['playbook_id']}")
    [published, _] = [each for each in trail if each["action"] == "published"]
    assert published["changes"]["title"] == [SPEC["name"], "New"]
    registered = next(reviewer.items("/v1/audit", entity=f"agent:{bot}"))
    assert registered["changes"]["capabilities"] == [["a"], ["b"]]
