"""The Model Context Protocol, by its official client and message by message."""

import asyncio
import base64
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import methods
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from chalicelib.routes.access import ACCESS
from chalicelib.routes.mcp_messages import HANDSHAKE_VERSIONS, STATED_VERSIONS
from chalicelib.routes.mcp_tools import TOOLS
from tests.api import Answer, Api

#: The two ways to agree on a version: by a handshake, and by saying it in each request.
MODES = ("legacy", "auto")
CONTRACT = {
    *("analyze_incident_patterns", "get_pattern_statistics", "trigger_pattern_learning"),
    *("get_pending_playbook_suggestions", "review_playbook_suggestion"),
    *("export_generated_playbooks", "recommend_playbooks_for_incident"),
    *("recommend_playbooks_for_context", "record_recommendation_feedback"),
}
SPEC = {
    "name": "Redis is out of memory",
    "description": "Raises *the* limit.",
    "parameters": [{"name": "limit", "type": "size"}],
    "steps": [
        {
            "id": "raise",
            "name": "Raise the limit",
            "action": "shell",
            "args": {"command": "redis-cli config set maxmemory ${limit}"},
        }
    ],
}
INCIDENTS = [
    {
        "incident_id": f"disk-{number}",
        "title": "Disk full on build host",
        "affected_systems": ["build"],
        "resolution": "Checked with `df -h`, then ran `rm -rf /var/cache/old`.",
    }
    for number in range(5)
]


def talk(api: Api, mode: str, conversation: Callable[[Client], Awaitable[Any]]) -> Any:
    """What a conversation of the official client with us comes to."""

    async def run() -> Any:
        headers = {"Authorization": f"Bearer {api.token}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            transport = streamable_http_client(f"{api.url}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                return await conversation(client)

    return asyncio.run(run())


def use(api: Api, tool: str, mode: str = "auto", **arguments: Any) -> Any:
    """What a tool answers; the client holds it against the tool's output schema."""

    async def conversation(client: Client) -> Any:
        await client.list_tools()
        return await client.call_tool(tool, arguments)

    return talk(api, mode, conversation)


def refused(api: Api, mode: str, conversation: Callable[[Client], Awaitable[Any]]) -> str:
    """What a request that cannot be served is answered."""

    async def expected(client: Client) -> str:
        with pytest.raises(MCPError) as error:
            await conversation(client)
        return str(error.value)

    return str(talk(api, mode, expected))


def said(result: Any) -> str:
    assert result.is_error, result
    return str(result.content[0].text)


def post(api: Api, message: Any, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.call("POST", "/mcp", message, names)


def rpc(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def stated(method: str, named: str | None = None, /, **params: Any) -> tuple[Any, dict[str, str]]:
    """A request of 2026-07-28 and its headers."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": STATED_VERSIONS[0],
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {"MCP_Protocol_Version": STATED_VERSIONS[0], "Mcp_Method": method}
    if named is not None:
        headers["Mcp_Name"] = named
    return rpc(method, _meta=meta, **params), headers


@pytest.mark.parametrize("mode", MODES)
def test_a_client_connects_and_finds_the_tools(agent: Api, mode: str) -> None:
    async def conversation(client: Client) -> Any:
        return client.server_info, client.instructions, (await client.list_tools()).tools

    server, instructions, tools = talk(agent, mode, conversation)
    assert server.name == "precedent"
    assert "simulate_playbook" in instructions
    found = {tool.name: tool for tool in tools}
    assert set(found) == CONTRACT | {"read_playbook", "simulate_playbook"}
    for tool in tools:
        assert len(tool.description) > 60
        assert tool.input_schema["type"] == tool.output_schema["type"] == "object"
    hints = {name: tool.annotations for name, tool in found.items()}
    assert hints["review_playbook_suggestion"].destructive_hint
    assert not hints["review_playbook_suggestion"].read_only_hint
    assert hints["simulate_playbook"].read_only_hint
    assert hints["simulate_playbook"].idempotent_hint
    incident = found["recommend_playbooks_for_incident"].input_schema
    assert "incident" in incident["required"]
    assert "context" not in incident["properties"]
    assert incident["$defs"]["Situation"]["properties"]["affected_systems"]["maxItems"] == 200
    assert "status" not in found["get_pending_playbook_suggestions"].input_schema["properties"]
    runs = found["analyze_incident_patterns"].input_schema["properties"]
    assert runs["lookback_days"]["description"] == "How far back incidents are read."


@pytest.mark.parametrize("mode", MODES)
def test_an_assistant_is_told_what_to_do_and_says_what_came_of_it(
    agent: Api, scope: str, mode: str
) -> None:
    body = {"scope": scope, "spec": SPEC, "systems": ["redis"], "symptoms": ["OOM command"]}
    playbook_id = agent.post("/v1/playbooks", body).body["playbook_id"]
    incident = {"title": "Redis is out of memory", "affected_systems": ["redis"]}
    given = use(agent, "recommend_playbooks_for_incident", mode, scope=scope, incident=incident)
    assert not given.is_error
    best = given.structured_content["recommendations"][0]
    assert best["playbook_id"] == playbook_id
    asked = {"query": "redis out of memory", "systems": ["redis"]}
    found = use(agent, "recommend_playbooks_for_context", mode, scope=scope, context=asked)
    assert found.structured_content["recommendations"][0]["playbook_id"] == playbook_id
    read = use(agent, "read_playbook", mode, playbook_id=playbook_id).structured_content
    assert read["spec"]["steps"][0]["args"]["command"] == SPEC["steps"][0]["args"]["command"]
    shown = use(
        agent, "simulate_playbook", mode, playbook_id=playbook_id, parameters={"limit": "4gb"}
    )
    assert shown.structured_content["steps"][0]["command"].endswith("maxmemory 4gb")
    kept = use(
        agent,
        "record_recommendation_feedback",
        mode,
        recommendation_id=given.structured_content["recommendation_id"],
        playbook_id=playbook_id,
        helpful=True,
    )
    assert kept.structured_content["given_by"] == "local-agent"
    exported = use(agent, "export_generated_playbooks", mode, scope=scope, format="markdown")
    assert [each["playbook_id"] for each in exported.structured_content["items"]] == [playbook_id]


def test_incidents_become_a_suggestion_that_only_a_reviewer_approves(
    agent: Api, reviewer: Api, scope: str
) -> None:
    agent.report(INCIDENTS, scope)
    run = use(agent, "analyze_incident_patterns", scope=scope, force_analysis=True)
    assert agent.ended(run.structured_content["run_id"])["status"] == "completed"
    figures = use(agent, "get_pattern_statistics", scope=scope).structured_content
    assert (figures["patterns"], figures["last_run"]["status"]) == (1, "completed")
    ids = [each["incident_id"] for each in INCIDENTS]
    learned = use(agent, "trigger_pattern_learning", scope=scope, incident_ids=ids)
    assert agent.ended(learned.structured_content["run_id"])["status"] == "completed"
    waiting = use(agent, "get_pending_playbook_suggestions", scope=scope, limit=5)
    [suggestion] = waiting.structured_content["items"]
    decision = {
        "suggestion_id": suggestion["suggestion_id"],
        "action": "approve",
        "revision": suggestion["revision"],
    }
    refused = said(use(agent, "review_playbook_suggestion", **decision))
    assert refused.startswith("This needs the role lead or reviewer.")
    unconfirmed = said(use(reviewer, "review_playbook_suggestion", **decision))
    assert "confirmed_steps" in unconfirmed
    assert "ask before you confirm" in unconfirmed
    risky = [s["id"] for s in suggestion["playbook_spec"]["steps"] if s["risk"] == "destroys"]
    done = use(reviewer, "review_playbook_suggestion", **decision, confirmed_steps=risky)
    assert done.structured_content["version"] == "1.0.0"
    again = said(use(reviewer, "review_playbook_suggestion", **decision, confirmed_steps=risky))
    assert "Read it again" in again


def test_a_call_that_comes_again_under_its_key_is_done_once(
    agent: Api, reviewer: Api, scope: str
) -> None:
    def again(api: Api, tool: str, **arguments: Any) -> Any:
        """What a tool answers both times, as if the first answer had been lost."""
        keyed = arguments | {"idempotency_key": f"{tool} in {scope}"}
        answers = [use(api, tool, **keyed) for _ in range(2)]
        assert answers[0].structured_content == answers[1].structured_content, answers
        other = said(use(api, tool, **keyed | {"scope": f"{scope}-other"}))
        assert other == "This idempotency_key was used for another request. Use a new key."
        done.add(tool)
        return answers[0].structured_content

    def runs() -> list[str]:
        return [each["run_id"] for each in agent.items("/v1/analyses", scope=scope)]

    done: set[str] = set()
    agent.report(INCIDENTS, scope)
    ids = [each["incident_id"] for each in INCIDENTS]
    first = again(agent, "analyze_incident_patterns", scope=scope, force_analysis=True)["run_id"]
    agent.ended(first)
    second = again(agent, "trigger_pattern_learning", scope=scope, incident_ids=ids)["run_id"]
    agent.ended(second)
    assert runs() == [second, first]
    [suggestion] = agent.items("/v1/suggestions", scope=scope)
    place = suggestion["suggestion_id"]
    steps = [each["id"] for each in suggestion["playbook_spec"]["steps"]]
    decision = {"suggestion_id": place, "action": "approve", "confirmed_steps": steps}
    playbook_id = again(reviewer, "review_playbook_suggestion", **decision)["playbook_id"]
    assert len(list(reviewer.items(f"/v1/suggestions/{place}/reviews"))) == 1
    asked = {"scope": scope, "context": {"query": "disk full on the build host"}}
    again(agent, "recommend_playbooks_for_context", **asked)
    asked = {"scope": scope, "incident": {"title": "disk full on the build host"}}
    given = again(agent, "recommend_playbooks_for_incident", **asked)["recommendation_id"]
    rating = {"recommendation_id": given, "playbook_id": playbook_id, "helpful": True}
    again(agent, "record_recommendation_feedback", **rating)
    entries = reviewer.items("/v1/audit", entity=f"playbook:{playbook_id}")
    assert [each["action"] for each in entries].count("recommendation rated") == 1
    assert done == {name for name, tool in TOOLS.items() if not tool.idempotent}


def test_a_key_is_its_callers_own_and_none_is_needed(agent: Api, operator: Api, scope: str) -> None:
    asked = {"scope": scope, "idempotency_key": "mine"}
    mine = use(agent, "analyze_incident_patterns", **asked).structured_content["run_id"]
    theirs = use(operator, "analyze_incident_patterns", **asked).structured_content["run_id"]
    no_key = use(agent, "analyze_incident_patterns", scope=scope).structured_content["run_id"]
    assert len({mine, theirs, no_key}) == 3
    for wrong in ("", "k" * 256, 7):
        answer = use(agent, "analyze_incident_patterns", scope=scope, idempotency_key=wrong)
        assert "idempotency_key: must" in said(answer)


def test_tools_that_say_so_do_no_more_when_called_again(
    agent: Api, reviewer: Api, scope: str
) -> None:
    playbook_id = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body["playbook_id"]
    tools = {
        "get_pattern_statistics": {"scope": scope},
        "get_pending_playbook_suggestions": {"scope": scope},
        "export_generated_playbooks": {"scope": scope, "format": "json"},
        "read_playbook": {"playbook_id": playbook_id},
        "simulate_playbook": {"playbook_id": playbook_id, "parameters": {"limit": "4gb"}},
    }

    def told() -> tuple[list[str], list[Any]]:
        """What was done in the scope, and each file that was written, however often that was."""
        entries = list(reviewer.items("/v1/audit", scope=scope))
        written = [each["details"] for each in entries if each["action"] == "exported"]
        done = [each["action"] for each in entries if each["action"] != "exported"]
        return done, [each for at, each in enumerate(written) if each not in written[:at]]

    found = talk(agent, "auto", lambda client: client.list_tools()).tools
    idempotent = {each.name for each in found if each.annotations.idempotent_hint}
    assert set(tools) == idempotent
    assert idempotent == {t.name for t in found if "idempotency_key" not in str(t.input_schema)}
    for tool, arguments in tools.items():
        use(agent, tool, **arguments)
        before = told()
        assert not use(agent, tool, **arguments).is_error
        assert told() == before, tool


def test_what_goes_wrong_in_a_tool_is_told_with_what_to_do(agent: Api, scope: str) -> None:
    wrong = said(use(agent, "recommend_playbooks_for_incident", incident={"title": 1}, limit=0))
    assert "incident.title" in wrong
    assert "limit" in wrong
    assert "Correct these arguments" in wrong
    assert "must list" in said(use(agent, "trigger_pattern_learning", scope=scope))
    assert "playbook_id: is required" in said(use(agent, "read_playbook"))
    assert "Look the id up" in said(use(agent, "read_playbook", playbook_id="none"))
    assert "limit" in said(use(agent, "get_pending_playbook_suggestions", limit=1_000))
    assert "format" in said(use(agent, "export_generated_playbooks", format="runes"))
    hidden = {"incident": {"title": "x"}, "context": {"query": "x"}}
    assert not use(agent, "recommend_playbooks_for_incident", scope=scope, **hidden).is_error
    assert "no such tool" in refused(agent, "auto", lambda client: client.call_tool("drop", {}))


def test_a_token_reaches_its_own_scopes_alone(agent: Api, operator: Api, scope: str) -> None:
    narrow = operator.narrowed("narrow", scope)
    theirs = agent.post("/v1/playbooks", {"scope": f"{scope}-b", "spec": SPEC}).body["playbook_id"]
    assert not use(narrow, "get_pattern_statistics", scope=scope).is_error
    for tool, arguments in (
        ("get_pattern_statistics", {}),
        ("get_pending_playbook_suggestions", {"scope": f"{scope}-b"}),
        ("export_generated_playbooks", {"scope": f"{scope}-b", "format": "json"}),
    ):
        assert "does not reach" in said(use(narrow, tool, **arguments))
    assert "there is no playbook" in said(use(narrow, "read_playbook", playbook_id=theirs))
    uri = f"precedent://playbooks/{theirs}"
    hidden = refused(narrow, "auto", lambda client: client.read_resource(uri))
    assert "there is no playbook" in hidden


@pytest.mark.parametrize("mode", MODES)
def test_playbooks_are_resources(agent: Api, operator: Api, scope: str, mode: str) -> None:
    scopes = [f"{scope}-a", f"{scope}-b", f"{scope}-c"]
    reader = operator.narrowed("reader", *scopes)
    made = {
        agent.post("/v1/playbooks", {"scope": where, "spec": SPEC}).body["playbook_id"]
        for where in (scopes[0], scopes[2], scopes[2])
    }

    async def conversation(client: Client) -> Any:
        found, cursor = [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            found += page.resources
            cursor = page.next_cursor
            if cursor is None:
                break
        [template] = (await client.list_resource_templates()).resource_templates
        read = await client.read_resource(found[0].uri)
        return found, template, read.contents[0]

    found, template, content = talk(reader, mode, conversation)
    uris = {template.uri_template.format(playbook_id=each) for each in made}
    assert {each.uri for each in found} == uris
    assert content.mime_type == "text/markdown"
    assert content.text.startswith("# Redis is out of memory")
    assert "Raises \\*the\\* limit." in content.text
    for uri in ("precedent://playbooks/none", "precedent://playbooks/%00", "file:///etc/passwd"):
        told = refused(reader, mode, lambda client, uri=uri: client.read_resource(uri))
        assert "there is no" in told
    place = f"{scopes[0]} none"
    told = refused(reader, mode, lambda client: client.list_resources(cursor=place))
    assert "cursor" in told


def test_what_is_sent_is_redacted_as_everywhere(agent: Api, scope: str) -> None:
    secret = "hunter" + "2" * 12
    body = {"scope": scope, "spec": SPEC, "systems": ["redis"]}
    playbook_id = agent.post("/v1/playbooks", body).body["playbook_id"]
    incident = {"title": "Redis is out of memory", "affected_systems": ["redis"]}
    given = use(agent, "recommend_playbooks_for_incident", scope=scope, incident=incident)
    kept = use(
        agent,
        "record_recommendation_feedback",
        recommendation_id=given.structured_content["recommendation_id"],
        playbook_id=playbook_id,
        comment=f"password={secret}",
    )
    assert kept.structured_content["comment"].startswith("password=<")
    assert secret not in str(kept)


class TestMessages:
    def test_versions_are_those_that_the_official_client_knows(self) -> None:
        assert HANDSHAKE_VERSIONS == HANDSHAKE_PROTOCOL_VERSIONS
        assert STATED_VERSIONS == MODERN_PROTOCOL_VERSIONS

    @pytest.mark.parametrize("version", [*HANDSHAKE_VERSIONS, "2019-01-01"])
    def test_a_handshake_agrees_on_a_version(self, agent: Api, version: str) -> None:
        info = {"name": "test", "version": "1"}
        hello = rpc("initialize", protocolVersion=version, capabilities={}, clientInfo=info)
        answer = post(agent, hello)
        result = answer.body["result"]
        assert result["protocolVersion"] == (
            version if version in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]
        )
        methods.validate_server_result("initialize", result["protocolVersion"], result)
        assert "Mcp-Session-Id" not in answer.headers

    @pytest.mark.parametrize("version", [*HANDSHAKE_VERSIONS, *STATED_VERSIONS])
    def test_every_result_is_as_its_version_has_it(self, agent: Api, version: str) -> None:
        asked = {
            "tools/list": {},
            "tools/call": {"name": "get_pattern_statistics"},
            "resources/list": {},
            "resources/templates/list": {},
        }
        own = {"server/discover": {}} if version in STATED_VERSIONS else {"ping": {}}
        for method, params in (asked | own).items():
            message, headers = rpc(method, **params), {"MCP_Protocol_Version": version}
            if version in STATED_VERSIONS:
                message, headers = stated(method, params.get("name"), **params)
            answer = post(agent, message, **headers)
            assert answer.status == 200, answer
            methods.validate_server_result(method, version, answer.body["result"])

    def test_a_notification_is_taken_and_not_answered(self, agent: Api) -> None:
        told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert (post(agent, told).status, post(agent, told).body) == (202, "")
        assert post(agent, {"jsonrpc": "2.0", "id": 7, "result": {}}).status == 202

    @pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
    def test_there_is_only_post(self, agent: Api, method: str) -> None:
        answer = agent.call(method, "/mcp")
        assert answer.status == 405
        assert "POST" in answer.headers["Allow"]

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (b"{", -32700),
            (b"\xff", -32700),
            (b'{"jsonrpc": "2.0", "id": 1e400, "method": "ping"}', -32700),
            ([], -32600),
            (1, -32600),
            ({"id": 1, "method": "ping"}, -32600),
            ({"jsonrpc": "2.0", "id": None, "method": "ping"}, -32600),
            ({"jsonrpc": "2.0", "id": True, "method": "ping"}, -32600),
            ({"jsonrpc": "2.0", "id": 1.5, "method": "ping"}, -32600),
            ({"jsonrpc": "2.0", "id": 1, "method": 2}, -32600),
        ],
    )
    def test_what_is_no_request_is_refused(self, agent: Api, sent: Any, code: int) -> None:
        answer = post(agent, sent)
        assert (answer.status, answer.body["id"]) == (400, None)
        assert answer.body["error"]["code"] == code

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (rpc("prompts/list"), -32601),
            (rpc("server/discover"), -32601),
            (rpc("initialize"), -32602),
            ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, -32602),
            (rpc("tools/call", name="none"), -32602),
            (rpc("tools/call", name="read_playbook", arguments=[1]), -32602),
            (rpc("resources/list", cursor=1), -32602),
            (rpc("resources/read"), -32002),
        ],
    )
    def test_a_request_that_cannot_be_served_is_told_why(
        self, agent: Api, sent: Any, code: int
    ) -> None:
        answer = post(agent, sent)
        assert (answer.status, answer.body["id"]) == (200, 1)
        assert answer.body["error"]["code"] == code

    def test_a_list_is_for_the_versions_that_know_it(self, agent: Api) -> None:
        both = [rpc("ping"), {"jsonrpc": "2.0", "method": "notifications/initialized"}]
        assert post(agent, both).body == [{"jsonrpc": "2.0", "id": 1, "result": {}}]
        assert post(agent, both[1:]).status == 202
        later = post(agent, both, MCP_Protocol_Version="2025-06-18")
        assert (later.status, later.body["error"]["code"]) == (400, -32600)

    def test_headers_say_what_the_body_says(self, agent: Api) -> None:
        message, headers = stated("tools/call", "get_pattern_statistics")
        message["params"]["name"] = "get_pattern_statistics"
        assert post(agent, message, **headers).status == 200
        name = base64.b64encode(b"get_pattern_statistics").decode()
        assert post(agent, message, **headers | {"Mcp_Name": f"=?base64?{name}?="}).status == 200
        for header in headers:
            without = {key: value for key, value in headers.items() if key != header}
            for wrong in (without, headers | {header: "=?base64?%?="}):
                answer = post(agent, message, **wrong)
                assert (answer.status, answer.body["error"]["code"]) == (400, -32020), wrong

    def test_a_version_that_nobody_knows_is_told_those_that_we_do(self, agent: Api) -> None:
        message, headers = stated("tools/list")
        message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2031-01-01"
        answer = post(agent, message, **headers | {"MCP_Protocol_Version": "2031-01-01"})
        assert (answer.status, answer.body["error"]["code"]) == (400, -32022)
        assert STATED_VERSIONS[0] in answer.body["error"]["data"]["supported"]
        bare = post(agent, rpc("tools/list"), MCP_Protocol_Version="2031-01-01")
        assert (bare.status, bare.body["error"]["code"]) == (400, -32602)
        gone, headers = stated("initialize")
        assert post(agent, gone, **headers).status == 404

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://localhost:6274", 200),
            ("http://127.0.0.1:8000", 200),
            ("http://[::1]", 200),
            ("https://evil.example", 403),
            ("http://localhost.evil.example", 403),
            ("http://[", 403),
            ("null", 403),
        ],
    )
    def test_no_page_of_another_site_calls(self, agent: Api, origin: str, status: int) -> None:
        assert post(agent, rpc("ping"), Origin=origin).status == status

    def test_nobody_calls_without_a_token(self, agent: Api) -> None:
        answer = post(Api(agent.url, None), rpc("tools/list"))
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_the_page_for_those_who_connect_is_right(agent: Api) -> None:
    page = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \| `(\w+) ([^ ?`]+)", page, re.MULTILINE)
    assert {name: (method, path) for name, method, path in told} == {
        name: tool.route for name, tool in TOOLS.items()
    }
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    program = program.replace("http://127.0.0.1:8000", agent.url)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.startswith("[")


def test_every_tool_is_a_route_with_its_roles(stack: Any) -> None:
    for tool in TOOLS.values():
        assert tool.operation.roles == ACCESS[tool.route]
        assert tool.read_only or tool.route[0] == "POST"
