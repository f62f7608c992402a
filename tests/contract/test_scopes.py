"""What belongs to one scope, asked for from another: every route, by every role, for every id."""

import urllib.parse
import uuid
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.routes.access import ACCESS
from chalicelib.services.access import Caller
from local.stack import Stack
from tests.api import Api
from tests.contract.test_walk import incidents

ROLES = ("agent", "reviewer", "lead", "operator", "auditor")
STEP = {"id": "a", "name": "Look", "action": "shell", "args": {"command": "df -h"}}
SPEC = {"version": 1, "name": "Look at the disk", "steps": [STEP]}
LIVE = {"title": "Elasticsearch is slow", "affected_systems": ["elasticsearch"]}

#: A good body of each route that takes one, so that nothing but the scope can be what is refused.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/incidents"): {"title": "Theirs"},
    ("POST", "/v1/analyses"): {},
    ("POST", "/v1/patterns/learn"): {"incident_ids": ["es-1", "es-2", "es-3"]},
    ("POST", "/v1/webhooks/{source}"): {},
    ("POST", "/v1/playbooks"): {"spec": SPEC},
    ("POST", "/v1/playbooks/imports"): {"format": "json", "content": "{}"},
    ("POST", "/v1/exports"): {"format": "json"},
    ("POST", "/v1/recommendations"): {"incident": LIVE},
    ("PUT", "/v1/suggestions/{suggestion_id}"): {"revision": 1, "modifications": {"name": "Mine"}},
    ("POST", "/v1/suggestions/{suggestion_id}/reviews"): {"action": "approve"},
    ("POST", "/v1/suggestions/{suggestion_id}/feedback"): {"rating": 5},
    ("POST", "/v1/suggestions/{suggestion_id}/backtests"): {},
    ("POST", "/v1/suggestions/{suggestion_id}/comments"): {"text": "Mine"},
    ("PUT", "/v1/suggestions/{suggestion_id}/assignee"): {"assignee": "me"},
    ("PUT", "/v1/playbooks/{playbook_id}"): {"spec": SPEC | {"name": "Mine"}},
    ("POST", "/v1/playbooks/{playbook_id}/branches"): {"name": "mine"},
    ("POST", "/v1/playbooks/{playbook_id}/merges"): {"branch": "theirs"},
    ("POST", "/v1/playbooks/{playbook_id}/rollbacks"): {"version": "1.0.0"},
    ("POST", "/v1/playbooks/{playbook_id}/exports"): {"format": "json"},
    ("POST", "/v1/playbooks/{playbook_id}/simulations"): {},
    ("POST", "/v1/playbooks/{playbook_id}/executions"): {"status": "success"},
    ("POST", "/v1/recommendations/{recommendation_id}/feedback"): {"playbook_id": "any"},
    ("PUT", "/v1/agents/{agent_id}"): {"capabilities": ["shell"]},
    ("PUT", "/v1/scopes/{scope}/sharing"): {"shared_with": []},
    ("PUT", "/v1/scopes/{scope}/redaction"): {},
    ("POST", "/v1/tokens"): {"name": "mine", "role": "agent"},
    ("POST", "/v1/tokens/{token_id}/rotations"): {},
    ("POST", "/v1/erasures"): {"name": "Ann Smith"},
}
QUERIES = {("GET", "/v1/playbooks/{playbook_id}/diff"): {"from": "1.0.0", "to": "1.0.0"}}
#: Routes that belong to no scope, and lists that leave out what is not the caller's.
OF_NO_SCOPE = {"/v1/settings", "/v1/agents", "/v1/tokens", "/v1/incidents/batch"}
ROUTES = [route for route in ACCESS if route[1].startswith("/v1") and route[1] not in OF_NO_SCOPE]
#: The pages that ask who it is, and what is typed into the forms of any of them.
PAGES = [route for route, roles in ACCESS.items() if route[1].startswith("/review") and roles]
PAGE_QUERY = {"branch": "theirs", "from": "1.0.0", "to": "1.0.0"}
FORM = "application/x-www-form-urlencoded"
TYPED = {
    "action": "approve",
    "revision": "1",
    "text": "Mine",
    "rating": "5",
    "format": "json",
    "version": "1.0.0",
    "name": "mine",
    "from_version": "1.0.0",
    "branch": "theirs",
}


@dataclass(frozen=True)
class Ours:
    """A scope with one thing of each kind in it, and callers of every role who reach another."""

    scope: str
    ids: dict[str, str]
    strangers: dict[str, Api]


@pytest.fixture(scope="module")
def ours(stack: Stack) -> Ours:
    agent, reviewer = Api(stack.url, "local-agent-token"), Api(stack.url, "local-reviewer-token")
    operator = Api(stack.url, "local-operator-token")
    scope = f"ours-{uuid.uuid4().hex[:8]}"
    agent.report(incidents(), scope)
    run = agent.analyse(scope)
    [suggestion] = agent.items("/v1/suggestions", scope=scope)
    playbook = reviewer.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body
    agent.post(f"/v1/playbooks/{playbook['playbook_id']}/branches", {"name": "ours"})
    answer = agent.post("/v1/recommendations", {"scope": scope, "incident": LIVE}).body
    token = {"name": f"bot-{scope}", "role": "agent", "scopes": [scope]}
    issued = operator.post("/v1/tokens", token).body
    erasure = operator.post("/v1/erasures", {"name": "Nobody Known"}).body
    bot = Api(stack.url, issued["token"])
    assert bot.call("PUT", f"/v1/agents/bot-{scope}", {"capabilities": ["shell"]}).status == 200
    ids = {
        "incident_id": "es-1",
        "run_id": run["run_id"],
        "pattern_id": suggestion["pattern_id"],
        "suggestion_id": suggestion["suggestion_id"],
        "playbook_id": playbook["playbook_id"],
        "branch": "ours",
        "recommendation_id": answer["recommendation_id"],
        "agent_id": f"bot-{scope}",
        "token_id": issued["token_id"],
        "erasure_id": erasure["erasure_id"],
        "scope": scope,
        "source": "pagerduty",
    }
    strangers = {}
    for role in ROLES:
        wanted = {"name": f"{role}-{scope}", "role": role, "scopes": [f"{scope}-not"]}
        strangers[role] = Api(stack.url, operator.post("/v1/tokens", wanted).body["token"])
    return Ours(scope, ids, strangers)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nothing_opens_from_another_scope(ours: Ours, method: str, path: str, role: str) -> None:
    body, query = BODIES.get((method, path)), dict(QUERIES.get((method, path), {}))
    named = "{" not in path or "{scope}" in path or "{source}" in path or "{incident_id}" in path
    if named and "{scope}" not in path:
        if body is None or "{source}" in path:
            query["scope"] = ours.scope
        elif path == "/v1/tokens":
            body = body | {"scopes": [ours.scope]}
        else:
            body = body | {"scope": ours.scope}
    answer = ours.strangers[role].call(method, path.format(**ours.ids), body, **query)
    if path == "/v1/agents/{agent_id}" and method == "PUT" and role in ACCESS[method, path]:
        assert answer.status == 409  # the name is taken; whose it is, is not told
        return
    refused = 403 if named or role not in ACCESS[method, path] else 404
    assert answer.status == refused, answer


@pytest.mark.parametrize("role", ROLES)
def test_no_page_opens_from_another_scope_or_to_another_role(ours: Ours, role: str) -> None:
    from chalicelib.routes.sessions import COOKIE, new_session

    caller = Caller.model_validate({"name": "s", "role": role, "scopes": [f"{ours.scope}-not"]})
    session = replace(new_session(caller), fresh=False)
    cookie = {"Cookie": f"{COOKIE}={session.value}"}
    browser = Api(ours.strangers[role].url, None)
    for method, path in PAGES:
        query = PAGE_QUERY if "{" in path else {"scope": ours.scope}
        place = path.format(**ours.ids)
        refused = 403 if "{" not in path or role not in ACCESS[method, path] else 404
        if method == "POST":
            form = urllib.parse.urlencode(TYPED).encode()
            as_form = {**cookie, "Content-Type": FORM}
            # Without its token no form is looked at; with it, nothing is there.
            assert browser.call("POST", place, form, as_form).status == 403, place
            answer = browser.call("POST", place, form + f"&csrf={session.csrf}".encode(), as_form)
        else:
            answer = browser.call("GET", place, headers=cookie, **query)
        assert answer.status == refused, (method, path, answer)
    queue = browser.call("GET", "/review", headers=cookie, scope=ours.scope)
    assert ours.ids["suggestion_id"] not in str(queue.body)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", ["/v1/agents", "/v1/tokens"])
def test_lists_leave_out_what_is_of_another_scope(ours: Ours, path: str, role: str) -> None:
    if role in ACCESS["GET", path]:
        listed = list(ours.strangers[role].items(path, limit=200))
        assert not [each for each in listed if ours.scope in each["scopes"]]


@pytest.mark.parametrize("role", ["reviewer", "lead", "operator", "auditor"])
def test_the_trail_of_a_thing_of_another_scope_is_empty(ours: Ours, role: str) -> None:
    for kind in ("suggestion", "playbook", "pattern", "analysis", "token", "agent"):
        name = ours.ids[f"{'run' if kind == 'analysis' else kind}_id"]
        assert not list(ours.strangers[role].items("/v1/audit", entity=f"{kind}:{name}"))


def test_nothing_of_it_was_changed(ours: Ours, agent: Api) -> None:
    suggestion = agent.get(f"/v1/suggestions/{ours.ids['suggestion_id']}").body
    assert (suggestion["status"], suggestion["revision"]) == ("pending", 1)
    playbook = agent.get(f"/v1/playbooks/{ours.ids['playbook_id']}").body
    assert (playbook["title"], playbook["version"]) == (SPEC["name"], "1.0.0")
    branches = agent.items(f"/v1/playbooks/{ours.ids['playbook_id']}/branches")
    assert [branch["name"] for branch in branches] == ["main", "ours"]
    assert agent.get(f"/v1/agents/bot-{ours.scope}").status == 200


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_another_method_of_a_request(ours: Ours, agent: Api, header: str) -> None:
    path = f"/v1/playbooks/{ours.ids['playbook_id']}"
    assert agent.call("GET", path, headers={header: "DELETE"}).status == 200
    assert agent.call("POST", path, {}, {header: "DELETE"}).status == 405
    assert agent.get(path, _method="DELETE").body["status"] == "active"


def extra(**fields: Any) -> dict[str, Any]:
    """What no body may set: who did it, how it was decided, what it belongs to."""
    set_by_us = {
        "status": "approved",
        "approvals": [{"review_id": "r", "reviewer": "me", "approved_at": "2026-01-31T12:00:00Z"}],
        "playbook_id": "pb_mine",
        "suggestion_id": "sug_mine",
        "created_by": "reviewer:me",
        "registered_by": "reviewer:me",
        "recorded_by": "me",
        "reviewer": "me",
        "given_by": "me",
        "written_by": "me",
        "counted": True,
        "executions": 1_000,
        "token_id": "tok_mine",
        "digest": "0" * 64,
    }
    return set_by_us | fields


def test_no_body_sets_what_is_not_its_senders_to_say(
    agent: Api, reviewer: Api, operator: Api, scope: str
) -> None:
    pairs, solved = [], incidents()
    for number, fields in enumerate(({}, extra())):
        own = f"{scope}-{number}"
        agent.report(solved, own)
        agent.analyse(own)
        [suggestion] = agent.items("/v1/suggestions", scope=own)
        place = f"/v1/suggestions/{suggestion['suggestion_id']}"
        incident = {"title": "T", "scope": own, "incident_id": "i"} | fields | {"status": "open"}
        change = {"modifications": {"name": "New"}} | fields | {"revision": 1}
        playbook = reviewer.post("/v1/playbooks", {"scope": own, "spec": SPEC} | fields).body
        run = fields | {"status": "success", "execution_id": "e"}
        pairs.append(
            [
                agent.post("/v1/incidents", incident).body,
                reviewer.call("PUT", place, change).body,
                agent.post(f"{place}/comments", fields | {"text": "Hm."}).body,
                agent.post(f"{place}/feedback", fields | {"rating": 4}).body,
                reviewer.post(f"{place}/reviews", fields | {"action": "reject"}).body,
                playbook,
                agent.post(f"/v1/playbooks/{playbook['playbook_id']}/executions", run).body,
                agent.call("PUT", f"/v1/agents/{own}", fields | {"capabilities": ["x"]}).body,
                operator.post("/v1/tokens", fields | {"name": "n", "role": "agent"}).body,
            ]
        )
    for plain, stuffed in zip(*pairs, strict=True):
        assert _without_ids(plain) == _without_ids(stuffed)


def _without_ids(answer: Any) -> Any:
    """An answer without what differs between any two: ids, times, scopes, digests, tokens."""
    if isinstance(answer, dict):
        kept = {name: value for name, value in answer.items() if not name.endswith(("_at", "_id"))}
        own = {"scope", "digest", "token"}
        return {name: _without_ids(value) for name, value in kept.items() if name not in own}
    if isinstance(answer, list):
        return [_without_ids(each) for each in answer]
    return answer
