"""Every name of the public contract, on one walk; each answer is held against its description."""

from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from chalicelib.core.events import EVENTS
from chalicelib.routes.access import ACCESS
from tests.api import Api
from tests.contract.incidents import RESTART, alike

INCIDENT = """incident_id title description resolution affected_systems symptoms error_messages tags
    severity status opened_at resolved_at reported_by scope"""
RUN = """run_id scope status total_incidents patterns_found new_patterns updated_patterns
    suggestions_generated started_at finished_at"""
PATTERN = """pattern_id scope incident_type systems keywords symptoms frequency success_rate
    mean_time_to_resolve_seconds severity_distribution confidence first_seen last_seen qualifies"""
SUGGESTION = """suggestion_id scope pattern_id title description category confidence_score
    confidence_factors status playbook_spec supporting_incidents revision created_at"""
SPEC = "version name category description parameters prerequisites steps metadata"
STEP = "id name action args when outputs validations risk evidence"
PARAMETER = "name required description type default examples pattern"
EXPORT = "format bucket key sha256 url"
EXECUTION = """version incident_id agent_id parameters status started_at finished_at step_results
    satisfaction notes"""
RECOMMENDED = """playbook_id version title relevance_score confidence_score scores reasoning
    estimated_duration_seconds required_permissions prerequisites success_probability
    similar_incidents capable_agents"""
SCORES = "text_similarity system_match severity_match symptom_match historical_success"
EVENT_TYPES = """analysis.completed pattern.discovered suggestion.created suggestion.reviewed
    playbook.published playbook.improvement_suggested execution.recorded"""
PAGES = """/review /review/suggestions/{suggestion_id} /review/playbooks/{playbook_id}
    /review/suggestions/{suggestion_id}/compare/{playbook_id}"""
LISTING = "items next_cursor"

WRITTEN = {
    "version": 1,
    "name": "Free the disk",
    "category": "storage",
    "description": "What we do when a disk is full.",
    "parameters": [{"name": "path", "required": True, "default": "/var/log", "pattern": "^/"}],
    "prerequisites": [{"type": "non_empty", "param": "path"}],
    "steps": [
        {"id": "look", "name": "Look", "action": "shell", "args": {"command": "du -sh ${path}"}},
        {"id": "tell", "name": "Tell", "action": "noop", "args": {"message": "Tell the team."}},
    ],
    "metadata": {"team": "storage"},
}
INCIDENT_NOW = {
    "title": "Queue of orders grows",
    "description": "Consumers of the orders queue fall behind.",
    "affected_systems": ["rabbitmq"],
    "severity": "SEV2",
    "symptoms": ["queue depth rises"],
    "error_messages": ["queue length limit reached"],
    "monitoring_alerts": ["RabbitmqQueueGrows"],
}


@dataclass(frozen=True)
class Walk:
    """A caller whose every answer must have the names that it asks for, and fit the description."""

    api: Api
    described: dict[str, Any]

    def call(
        self, route: str, names: str = "", code: int = 200, body: Any = None, **values: Any
    ) -> Any:
        """Call `METHOD /path/{id}`; what of the values the path has no place for is the query."""
        method, path = route.split()
        query = {name: value for name, value in values.items() if f"{{{name}}}" not in path}
        answer = self.api.call(method, path.format(**values), body, **query)
        assert answer.status == code, (route, answer)
        told = self.described["paths"][path][method.lower()]["responses"][str(code)]
        [content] = told["content"].values()
        schema = {**content["schema"], "components": self.described["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.body)
        has(answer.body, names, route)
        return answer.body

    def items(self, route: str, names: str, **values: Any) -> list[Any]:
        """The items of a listing that is not empty."""
        items = self.call(route, LISTING, limit=200, **values)["items"]
        assert items, route
        for item in items:
            has(item, names, route)
        return list(items)


def has(told: Any, names: str, where: str) -> None:
    missing = set(names.split()) - set(told)
    assert not missing, f"{where} lacks {missing}"


def has_spec(spec: Any) -> None:
    has(spec, SPEC, "the specification")
    for step in spec["steps"]:
        has(step, STEP, "a step")
    for parameter in spec["parameters"]:
        has(parameter, PARAMETER, "a parameter")


def test_every_name_of_the_public_contract(
    agent: Api, reviewer: Api, operator: Api, scope: str
) -> None:
    described = Api(agent.url, None).get("/openapi.json").body
    by = Walk(agent, described)
    lead = Walk(reviewer, described)
    suggestion_id, pattern_id = _from_incidents_to_a_suggestion(by, scope)
    playbook_id = _review(by, lead, suggestion_id)
    _recommend(by, scope, playbook_id)
    _change(by, scope)
    _agents(by, scope)
    by.call("GET /v1/patterns/{pattern_id}", PATTERN, pattern_id=pattern_id)
    by.call("GET /v1/settings")
    by.call("GET /health")
    Walk(operator, described).items("GET /v1/audit", "", entity=f"suggestion:{suggestion_id}")
    assert set(EVENTS) == set(EVENT_TYPES.split())
    assert {("GET", page) for page in PAGES.split()} | {("POST", "/mcp")} <= set(ACCESS)


def _from_incidents_to_a_suggestion(by: Walk, scope: str) -> tuple[str, str]:
    first, *others = [
        {**each, "scope": scope, "reported_by": "somebody", "tags": ["mq"], "error_messages": ["x"]}
        for each in alike(RESTART, range(1, 7))
    ]
    by.call("POST /v1/incidents", INCIDENT, 201, first)
    outcome = by.call(
        "POST /v1/incidents/batch", "accepted rejected", body={"incidents": [*others, {}]}
    )
    assert outcome["accepted"] == 5
    [rejected] = outcome["rejected"]
    has(rejected, "index errors", "a rejected incident")
    assert len(by.items("GET /v1/incidents", INCIDENT, scope=scope)) == 6
    by.call("GET /v1/incidents/{incident_id}", INCIDENT, incident_id="mq-1", scope=scope)
    wanted = {"scope": scope, "lookback_days": 30, "min_incidents": 5, "force_analysis": False}
    run = by.call("POST /v1/analyses", RUN, 202, wanted)
    by.api.ended(run["run_id"])
    run = by.call("GET /v1/analyses/{run_id}", RUN, run_id=run["run_id"])
    assert (run["status"], run["suggestions_generated"]) == ("completed", 1)
    [pattern] = by.items("GET /v1/patterns", PATTERN, scope=scope)
    pattern_id = pattern["pattern_id"]
    members = by.items(
        "GET /v1/patterns/{pattern_id}/incidents", "incident_id", pattern_id=pattern_id
    )
    assert len(members) == 6
    by.call("GET /v1/patterns/statistics", scope=scope)
    learned = {"scope": scope, "incident_ids": [each["incident_id"] for each in members]}
    by.api.ended(by.call("POST /v1/patterns/learn", RUN, 202, learned)["run_id"])
    [found] = by.items("GET /v1/suggestions", SUGGESTION, scope=scope, status="pending")
    return found["suggestion_id"], pattern_id


def _review(by: Walk, lead: Walk, suggestion_id: str) -> str:
    place = {"suggestion_id": suggestion_id}
    found = by.call("GET /v1/suggestions/{suggestion_id}", SUGGESTION, **place)
    has_spec(found["playbook_spec"])
    for step in found["playbook_spec"]["steps"]:
        has(step["evidence"], "support incident_ids quotes", "the evidence")
    rating = {"rating": 4, "comment": "Good."}
    by.call("POST /v1/suggestions/{suggestion_id}/feedback", "rating comment", 201, rating, **place)
    route = "POST /v1/suggestions/{suggestion_id}/reviews"
    decision = {"action": "approve", "reviewer_notes": "As we do it.", "modifications": {}}
    by.call(route, "type title status detail", 403, decision, **place)
    stale = decision | {"revision": found["revision"] + 1}
    lead.call(route, "type title status detail", 409, stale, **place)
    decision |= {"revision": found["revision"], "modifications": {"category": "messaging"}}
    review = lead.call(route, "playbook_id version", 201, decision, **place)
    [kept] = by.items(
        "GET /v1/suggestions/{suggestion_id}/reviews", "action reviewer_notes", **place
    )
    assert kept["action"] == "approve"
    return str(review["playbook_id"])


def _recommend(by: Walk, scope: str, playbook_id: str) -> None:
    for asked in (
        {"incident": INCIDENT_NOW, "agent_id": "somebody", "limit": 3},
        {"context": {"query": "rabbitmq queue", "systems": ["rabbitmq"], "severity": "high"}},
    ):
        route = "POST /v1/recommendations"
        body = {"scope": scope, "min_relevance": 0} | asked
        answer = by.call(route, "recommendation_id recommendations", body=body)
        [best] = answer["recommendations"]
        has(best, RECOMMENDED, route)
        has(best["scores"], SCORES, route)
        assert best["playbook_id"] == playbook_id
    by.call(
        "POST /v1/recommendations/{recommendation_id}/feedback",
        "",
        201,
        {"playbook_id": playbook_id, "helpful": True, "resolved": True, "rating": 5, "comment": ""},
        recommendation_id=answer["recommendation_id"],
    )


def _change(by: Walk, scope: str) -> None:
    draft = {
        "scope": scope,
        "spec": WRITTEN,
        "systems": ["nas"],
        "severity": "P2",
        "symptoms": ["full"],
    }
    playbook = by.call("POST /v1/playbooks", "playbook_id version", 201, draft)
    has_spec(playbook["spec"])
    place = {"playbook_id": playbook["playbook_id"]}
    assert len(by.items("GET /v1/playbooks", "playbook_id version spec", scope=scope)) == 2
    one = "/v1/playbooks/{playbook_id}"
    by.call(f"POST {one}/branches", "name", 201, {"name": "b", "from_version": "1.0.0"}, **place)
    for branch, change_type, number in (("main", "bugfix", "1.0.1"), ("b", "improved", "1.1.0")):
        field = "name" if branch == "main" else "category"
        change = {"spec": WRITTEN | {field: branch}, "change_type": change_type, "branch": branch}
        change |= {"changelog": "Better.", "based_on": "1.0.0"}
        assert by.call(f"PUT {one}", "version spec", body=change, **place)["version"] == number
    by.call(f"GET {one}", "version spec", version="1.1.0", branch="b", **place)
    by.items(f"GET {one}/versions", "version change_type changelog", branch="main", **place)
    by.call(f"GET {one}/diff", "from to", **place, **{"from": "1.0.0", "to": "1.0.1"})
    merge = {"branch": "b", "into": "main"}
    assert by.call(f"POST {one}/merges", "version", 201, merge, **place)["version"] == "1.2.0"
    assert by.call(f"POST {one}/merges", "version", 200, merge, **place)["unchanged"]
    back = by.call(f"POST {one}/rollbacks", "version", 201, {"version": "1.0.0"}, **place)
    assert back["version"] == "1.2.1"
    ran = {
        "version": "1.2.1",
        "incident_id": "mq-9",
        "agent_id": "somebody",
        "parameters": {"path": "/tmp"},
        "status": "partial",
        "started_at": "2026-01-01T00:00:00Z",
        "finished_at": "2026-01-01T00:05:00Z",
        "step_results": [{"step_id": "look", "status": "failure", "output": "", "error": "no"}],
        "satisfaction": 3,
        "notes": "Had to look twice.",
    }
    by.call(f"POST {one}/executions", EXECUTION, 201, ran, **place)
    by.items(f"GET {one}/executions", EXECUTION, **place)
    by.call(f"GET {one}/metrics", "", **place)
    by.call(f"POST {one}/simulations", "steps", body={"parameters": {"path": "/tmp"}}, **place)
    by.call(f"POST {one}/exports", EXPORT, 201, {"format": "yaml"}, **place)
    by.call("POST /v1/exports", "", 201, {"scope": scope, "format": "json"})
    assert by.call(f"DELETE {one}", "version", **place)["version"] == "2.0.0"


def _agents(by: Walk, scope: str) -> None:
    bot = {"agent_id": f"bot-{scope}"}
    told = {"capabilities": ["*"], "scopes": [scope], "subscriptions": EVENT_TYPES.split()}
    by.call("PUT /v1/agents/{agent_id}", "capabilities scopes subscriptions", body=told, **bot)
    by.items("GET /v1/agents", "agent_id capabilities scopes subscriptions")
    by.call("GET /v1/agents/{agent_id}/notifications", LISTING, after="0", **bot)
