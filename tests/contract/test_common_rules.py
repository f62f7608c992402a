"""What holds for every route: who may call, how errors look, and the same request twice."""

import pytest

from chalicelib.routes.access import ACCESS, PUBLIC
from tests.api import Api

PARAMETERS = {"incident_id", "run_id", "pattern_id", "suggestion_id", "playbook_id"}
API_ROUTES = [route for route in ACCESS if route[1].startswith("/v1")]


def concrete(path: str) -> str:
    return "/".join("none" if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize(("method", "path"), API_ROUTES)
@pytest.mark.parametrize("token", [None, "", "unknown-token"])
def test_without_a_known_token_nothing_opens(
    agent: Api, method: str, path: str, token: str | None
) -> None:
    answer = Api(agent.url, token).call(method, concrete(path), {} if method == "POST" else None)
    assert answer.status == 401
    assert answer.body["status"] == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), API_ROUTES)
@pytest.mark.parametrize("role", ["agent", "reviewer", "lead", "operator", "auditor"])
def test_the_table_of_roles_and_routes_is_what_is_enforced(
    by_role: dict[str, Api], method: str, path: str, role: str
) -> None:
    api = by_role[role]
    answer = api.call(method, concrete(path), {} if method == "POST" else None)
    allowed = ACCESS[method, path] == PUBLIC or role in ACCESS[method, path]
    assert (answer.status != 403) == allowed
    assert answer.status < 500


def test_every_route_of_the_app_is_in_the_table(stack) -> None:
    routes = {(method, path) for path, methods in stack.app.routes.items() for method in methods}
    assert routes == set(ACCESS)


@pytest.fixture(scope="module")
def by_role(stack) -> dict[str, Api]:
    """A caller of each role, who reaches every scope."""
    operator = Api(stack.url, "local-operator-token")
    roles = ("agent", "reviewer", "lead", "operator", "auditor")
    issued = {role: operator.post("/v1/tokens", {"name": role, "role": role}) for role in roles}
    return {role: Api(stack.url, answer.body["token"]) for role, answer in issued.items()}


def test_an_auditor_changes_nothing() -> None:
    signing_in_and_out = {("POST", "/review/sign-in"), ("POST", "/review/sign-out")}
    of_many = {("POST", "/mcp"), ("DELETE", "/mcp")}  # each tool is a route of the table
    for (method, path), roles in ACCESS.items():
        if method != "GET" and (method, path) not in signing_in_and_out | of_many:
            assert roles, f"{method} {path} is open to everybody"
            assert "auditor" not in roles, f"{method} {path}"


def test_an_agent_never_approves(agent: Api) -> None:
    answer = agent.post("/v1/suggestions/any/reviews", {"action": "approve"})
    assert answer.status == 403


def test_a_token_reaches_its_own_scopes_alone(agent: Api, operator: Api, scope: str) -> None:
    wanted = {"name": "narrow", "role": "agent", "scopes": [scope]}
    granted = operator.post("/v1/tokens", wanted).body
    narrow = Api(agent.url, granted["token"])
    assert narrow.post("/v1/incidents", {"title": "mine", "scope": scope}).status == 201
    assert narrow.post("/v1/incidents", {"title": "theirs", "scope": "elsewhere"}).status == 403
    assert narrow.get("/v1/patterns", scope="elsewhere").status == 403
    batch = narrow.post(
        "/v1/incidents/batch",
        {"incidents": [{"title": "x", "scope": "elsewhere"}, {"title": "y", "scope": scope}]},
    )
    assert batch.body["accepted"] == 1
    assert batch.body["rejected"][0]["errors"][0]["field"] == "scope"
    run = agent.post("/v1/analyses", {"scope": f"{scope}-b"}).body
    # Whoever may not see a thing is not told that it is there.
    assert narrow.get(f"/v1/analyses/{run['run_id']}").status == 404
    assert operator.call("DELETE", f"/v1/tokens/{granted['token_id']}").status == 200
    assert narrow.get("/v1/settings").status == 401


def test_an_unknown_method_is_a_problem_too(agent: Api) -> None:
    answer = agent.call("DELETE", "/v1/incidents")
    assert answer.status == 405
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_a_limit_is_from_1_to_200(agent: Api, limit: str) -> None:
    answer = agent.get("/v1/incidents", limit=limit)
    assert answer.status == 400
    assert answer.bad_fields == ["limit"]


def test_a_cursor_is_ours_and_of_the_same_listing(agent: Api, scope: str) -> None:
    agent.report([{"title": f"incident {number}"} for number in range(3)], scope)
    cursor = agent.get("/v1/incidents", scope=scope, limit=1).body["next_cursor"]
    for path, query in (
        ("/v1/incidents", {"scope": scope, "cursor": cursor + "x"}),
        ("/v1/incidents", {"scope": f"{scope}-other", "cursor": cursor}),
        ("/v1/patterns", {"scope": scope, "cursor": cursor}),
    ):
        assert agent.get(path, **query).bad_fields == ["cursor"]


class TestIdempotencyKey:
    def test_the_same_request_again_gives_the_first_answer(self, agent: Api, scope: str) -> None:
        key = {"Idempotency-Key": f"first-{scope}"}
        body = {"title": "Once", "scope": scope}
        first = agent.post("/v1/incidents", body, key)
        again = agent.post("/v1/incidents", body, key)
        assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
        assert len(list(agent.items("/v1/incidents", scope=scope))) == 1

    def test_another_body_is_refused(self, agent: Api, scope: str) -> None:
        key = {"Idempotency-Key": f"second-{scope}"}
        agent.post("/v1/incidents", {"title": "One", "scope": scope}, key)
        answer = agent.post("/v1/incidents", {"title": "Other", "scope": scope}, key)
        assert answer.status == 422
        assert len(list(agent.items("/v1/incidents", scope=scope))) == 1

    def test_a_refused_request_may_be_corrected(self, agent: Api, scope: str) -> None:
        key = {"Idempotency-Key": f"third-{scope}"}
        assert agent.post("/v1/incidents", {"title": "", "scope": scope}, key).status == 400
        assert agent.post("/v1/incidents", {"title": "x", "scope": scope}, key).status == 201

    def test_a_key_is_its_callers_own(self, agent: Api, operator: Api, scope: str) -> None:
        key = {"Idempotency-Key": f"fourth-{scope}"}
        one = agent.post("/v1/incidents", {"title": "x", "scope": scope}, key).body
        other = operator.post("/v1/incidents", {"title": "x", "scope": scope}, key).body
        assert one["incident_id"] != other["incident_id"]

    def test_it_has_a_length(self, agent: Api) -> None:
        answer = agent.post("/v1/incidents", {"title": "x"}, {"Idempotency-Key": "k" * 256})
        assert answer.bad_fields == ["Idempotency-Key"]


def test_health_needs_no_token(agent: Api) -> None:
    assert Api(agent.url, None).get("/health").body == {"status": "ok"}


def test_settings_are_those_in_force(agent: Api) -> None:
    settings = agent.get("/v1/settings").body
    assert settings["auto_generation"]["min_pattern_frequency"] == 3
    assert settings["human_review"]["required_for_approval"] is True
