"""Versions, branches, differences and merges over HTTP, as the contract has them."""

from typing import Any

import pytest

from tests.api import Answer, Api
from tests.queues import notifications


def spec(command: str = "df -h", **changed: Any) -> dict[str, Any]:
    step = {"id": "look", "name": "Look", "action": "shell", "args": {"command": command}}
    return {"name": "Free the disk", "steps": [step], **changed}


@pytest.fixture
def place(agent: Api, scope: str) -> str:
    made = agent.post("/v1/playbooks", {"scope": scope, "spec": spec()})
    return f"/v1/playbooks/{made.body['playbook_id']}"


def put(api: Api, place: str, **body: Any) -> Answer:
    return api.call("PUT", place, {"spec": spec()} | body)


def test_a_playbook_lives(reviewer: Api, scope: str, place: str) -> None:
    edited = put(reviewer, place, spec=spec("df -hT"), changelog="Types too.", based_on="1.0.0")
    assert (edited.status, edited.body["version"], edited.body["unchanged"]) == (
        200,
        "1.0.1",
        False,
    )
    again = put(reviewer, place, spec=spec("df -hT"), based_on="1.0.0")
    assert (again.status, again.body["version"], again.body["unchanged"]) == (200, "1.0.1", True)
    stale = put(reviewer, place, spec=spec("du"), based_on="1.0.0")
    assert stale.status == 409
    assert "local-reviewer" in stale.body["detail"]

    branch = reviewer.post(f"{place}/branches", {"name": "fix", "from_version": "1.0.0"})
    assert (branch.status, branch.body["version"]) == (201, "1.0.0")
    put(reviewer, place, spec=spec("du -sh"), branch="fix", change_type="bugfix")
    assert reviewer.get(place, branch="fix").body["spec"]["steps"][0]["args"]["command"] == "du -sh"
    assert reviewer.get(place).body["version"] == "1.0.1"
    names = [each["name"] for each in reviewer.items(f"{place}/branches", limit=1)]
    assert names == ["main", "fix"]

    refused = reviewer.post(f"{place}/merges", {"branch": "fix", "into": "main"})
    assert refused.status == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    [conflict] = refused.body["conflicts"]
    assert conflict == {
        "field": "steps.look.args.command",
        "base": "df -h",
        "ours": "df -hT",
        "theirs": "du -sh",
        "takes_value": True,
    }
    wanted = {"branch": "fix", "into": "main", "resolutions": {conflict["field"]: "theirs"}}
    merged = reviewer.post(f"{place}/merges", wanted)
    assert (merged.status, merged.body["version"]) == (201, "1.1.0")
    nothing = reviewer.post(f"{place}/merges", {"branch": "fix"})
    assert (nothing.status, nothing.body["unchanged"]) == (200, True)

    diff = reviewer.get(f"{place}/diff", **{"from": "1.0.1", "to": "1.1.0"}).body
    assert [each["field"] for each in diff["steps"][0]["fields"]] == [conflict["field"]]
    assert '-      "command": "df -hT"' in diff["unified"].splitlines()

    reviewer.post(f"{place}/branches", {"name": "given/up"})
    for name in ("given%2Fup", "fix"):
        deleted = reviewer.call("DELETE", f"{place}/branches/{name}")
        assert (deleted.status, bool(deleted.body["deleted_at"])) == (200, True)
    assert [each["name"] for each in reviewer.items(f"{place}/branches")] == ["main"]

    back = reviewer.post(f"{place}/rollbacks", {"version": "1.0.0"})
    assert (back.status, back.body["version"]) == (201, "1.1.1")
    gone = reviewer.call("DELETE", place)
    assert (gone.status, gone.body["version"], gone.body["status"]) == (200, "2.0.0", "deprecated")
    assert reviewer.call("DELETE", place).body["unchanged"] is True

    listed = list(reviewer.items(f"{place}/versions", branch="main", limit=2))
    assert [each["version"] for each in listed] == ["2.0.0", "1.1.1", "1.1.0", "1.0.1", "1.0.0"]
    for entry in listed:
        version = reviewer.get(place, version=entry["version"]).body
        assert version | entry == version
    hashes = {each["version"]: each["content_hash"] for each in listed}
    assert hashes["1.1.1"] == hashes["1.0.0"] != hashes["1.1.0"]
    assert "playbook.published" in notifications(scope, until="playbook.published")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "", {"spec": {"name": "x"}}, 400),
        ("PUT", "", {"spec": spec("x"), "branch": "none"}, 404),
        ("POST", "/branches", {}, 400),
        ("POST", "/merges", {"branch": "none"}, 404),
        ("POST", "/merges", {"branch": "main"}, 400),
        ("POST", "/rollbacks", {"version": "8.0.0"}, 400),
        ("DELETE", "/branches/main", None, 400),
        ("DELETE", "/branches/none", None, 404),
        ("GET", "/diff?from=8.0.0&to=1.0.0", None, 404),
        ("GET", "/versions?branch=none", None, 404),
        ("GET", "?version=1.0.0&branch=none", None, 404),
    ],
)
def test_what_makes_no_sense_is_refused(
    reviewer: Api, place: str, method: str, path: str, body: Any, status: int
) -> None:
    assert reviewer.call(method, place + path, body).status == status
    assert [each["version"] for each in reviewer.items(f"{place}/versions")] == ["1.0.0"]
