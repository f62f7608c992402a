"""Playbooks to other tools and back over HTTP."""

import urllib.request

import pytest

from chalicelib.formats import FORMATS
from tests.api import Api

STEP = {"id": "a", "name": "Look", "action": "shell", "args": {"command": "df -h ${mount}"}}
SPEC = {"version": 1, "name": "Free the disk", "parameters": [{"name": "mount"}], "steps": [STEP]}


def test_every_format_is_exported_with_what_it_leaves_out(agent: Api, scope: str) -> None:
    made = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body
    for name in FORMATS:
        answer = agent.post(f"/v1/playbooks/{made['playbook_id']}/exports", {"format": name})
        assert answer.status == 201
        assert {"format", "bucket", "key", "sha256", "url", "not_carried"} <= set(answer.body)
        with urllib.request.urlopen(answer.body["url"]) as response:
            assert b"df -h" in response.read()
        whole = agent.post("/v1/exports", {"scope": scope, "format": name})
        assert [each["key"] for each in whole.body["items"]] == [answer.body["key"]]


@pytest.mark.parametrize("name", ["json", "yaml", "cacao"])
def test_what_is_exported_is_imported_as_it_was(agent: Api, scope: str, name: str) -> None:
    made = agent.post("/v1/playbooks", {"scope": scope, "spec": SPEC}).body
    url = agent.post(f"/v1/playbooks/{made['playbook_id']}/exports", {"format": name}).body["url"]
    with urllib.request.urlopen(url) as response:
        content = response.read().decode()
    body = {"scope": scope, "format": name, "content": content, "systems": ["db"]}
    key = {"Idempotency-Key": f"import-{scope}"}
    first, again = (agent.post("/v1/playbooks/imports", body, key) for _ in range(2))
    assert first.status == 201
    assert first.body == again.body
    assert first.body["spec"] == made["spec"]
    assert first.body["playbook_id"] != made["playbook_id"]
    assert agent.get(f"/v1/playbooks/{first.body['playbook_id']}").body["version"] == "1.0.0"


def test_a_page_is_imported_without_its_secrets(agent: Api, scope: str) -> None:
    secret = "tiger" * 4
    page = (
        f"<h1>Sign in</h1><p>password: {secret}</p>"
        f"<ol><li>Ask <code>psql 'postgres://app:{secret}@db/x' -c 'select 1'</code></li></ol>"
    )
    body = {"scope": scope, "format": "confluence", "content": page}
    answer = agent.post("/v1/playbooks/imports", body)
    assert answer.status == 201, answer
    assert secret not in str(answer.body)
    assert [each["type"] for each in answer.body["spec"]["parameters"]] == ["secure_string"]


def test_what_cannot_be_imported_is_refused_by_field(agent: Api, scope: str) -> None:
    bad = {"scope": scope, "format": "yaml", "content": "name: N\nsteps: [{id: a}]"}
    answer = agent.post("/v1/playbooks/imports", bad)
    assert answer.status == 400
    assert set(answer.bad_fields) == {"content.steps.0.name", "content.steps.0.action"}
    bomb = {**bad, "content": "a: &a [x]\nb: [*a, *a]"}
    assert agent.post("/v1/playbooks/imports", bomb).bad_fields == ["content"]
    assert list(agent.items("/v1/playbooks", scope=scope)) == []
