"""The API's description: sound, whole, and true of every answer."""

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import TypeAdapter

from chalicelib.routes.access import ACCESS
from chalicelib.routes.openapi import document
from chalicelib.routes.registry import OPERATIONS, Operation
from local.stack import TOKENS
from tests.api import Api

PROJECT = Path(__file__).parents[2]
#: What is no part of the API: the pages, and the methods that say that there is only POST.
NO_API = {route for route in ACCESS if route[1].startswith("/review") or route[1] in ("/", "/docs")}
NO_API |= {("GET", "/mcp"), ("DELETE", "/mcp")}
#: Its shape is OpenAPI's own.
FREE = {("GET", "/openapi.json")}


@pytest.fixture
def described(agent: Api) -> dict[str, Any]:
    """What anybody gets who asks, without a token."""
    answer = Api(agent.url, None).get("/openapi.json")
    assert answer.status == 200
    return dict(answer.body)


def test_it_is_sound_openapi_3_1(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_it_holds_every_route_and_no_other(described: dict[str, Any]) -> None:
    told = {
        (method.upper(), path) for path, methods in described["paths"].items() for method in methods
    }
    assert told == set(ACCESS) - NO_API


def test_names_are_told_once(described: dict[str, Any]) -> None:
    names = [each["operationId"] for path in described["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
    unclear = [name for name in described["components"]["schemas"] if "__" in name]
    assert unclear == [], "two shapes have the same name: call one of them something else"


def left_out(operation: Operation) -> list[str]:
    """What a route does not tell of itself."""
    source = inspect.getsource(operation.view)
    asked = set(re.findall(r"call\.query(?:\.get\(|\[)\"(\w+)\"", source))
    asked |= {"scope"} if "call.scope" in source else set()
    missing = [f"asks={{{name!r}: ...}}" for name in sorted(asked - set(operation.query))]
    if "call.body" in source and operation.takes is None:
        missing.append("takes=...")
    if re.search(r"\b(Any|object)\b", str(operation.gives)) or operation.gives in (dict, list):
        missing.append("a type of its answer")
    if not operation.view.__doc__:
        missing.append("a docstring")
    return missing


def test_every_route_tells_what_it_takes_and_gives(stack: Any) -> None:
    untold = {
        " ".join(route): left_out(operation)
        for route, operation in OPERATIONS.items()
        if route not in FREE and left_out(operation)
    }
    assert untold == {}, "declare these where the routes are (see routes/registry.py)"


def test_a_route_that_tells_nothing_is_in_it_all_the_same(
    stack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def view(call: Any) -> Any:
        return call.query.get("depth"), call.body

    bare = Operation("POST", "/v1/bare", 200, frozenset({"agent"}), view)
    monkeypatch.setitem(OPERATIONS, ("POST", "/v1/bare"), bare)
    told = document.__wrapped__()["paths"]["/v1/bare"]["post"]
    assert told["requestBody"]["content"]["application/json"]["schema"] == {"type": "object"}
    assert set(told["responses"]) >= {"200", "400", "401", "403", "409", "422"}
    assert left_out(bare) == [
        "asks={'depth': ...}",
        "takes=...",
        "a type of its answer",
        "a docstring",
    ]


def test_examples_are_what_their_routes_take(stack: Any) -> None:
    with_example = [each for each in OPERATIONS.values() if each.example is not None]
    assert len(with_example) > 5
    for operation in with_example:
        TypeAdapter(operation.takes).validate_python(operation.example)


def test_the_page_shows_every_route_and_shape(agent: Api, described: dict[str, Any]) -> None:
    page = Api(agent.url, None).get("/docs").body
    for path, methods in described["paths"].items():
        for method in methods:
            assert f'id="{method.upper()}{path}"' in page
    linked = set(re.findall(r'href="#([^"]+)"', page))
    there = set(re.findall(r'id="([^"]+)"', page))
    assert linked <= there
    assert {f"shape-{name}" for name in described["components"]["schemas"]} <= there
    assert "Attributes:" not in page


@pytest.mark.parametrize("query", [{"limit": "9" * 5_000}, {"scope": "a b"}, {"state": "gone"}])
def test_a_bad_query_is_named(agent: Api, query: dict[str, str]) -> None:
    answer = agent.get("/v1/patterns", **query)
    assert (answer.status, answer.bad_fields) == (400, list(query))


def test_no_request_brings_an_answer_that_is_not_described(agent: Api, scope: str) -> None:
    """Schemathesis, briefly; `docs/openapi.md` has the command for a longer run."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{agent.url}/openapi.json"]
    command += ["--phases", "examples,fuzzing,stateful", "--max-examples", "4", "--seed", "1"]
    done = subprocess.run(
        [*command, "--no-color"],
        cwd=PROJECT,
        env={"TOKEN": TOKENS["reviewer"], "PATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    assert f"Tested: {len(OPERATIONS) - 1}" in done.stdout  # it leaves out the document itself
