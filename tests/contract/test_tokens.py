"""Tokens over HTTP: told once, bound to scopes, ended by time, rotation or revocation."""

from datetime import UTC, datetime, timedelta

from tests.api import Api


def test_an_operator_gives_and_takes_tokens(operator: Api, scope: str) -> None:
    wanted = {"name": "build-7", "role": "agent", "scopes": [scope]}
    answer = operator.post("/v1/tokens", wanted)
    assert answer.status == 201
    issued = answer.body
    bearer = Api(operator.url, issued["token"])
    assert bearer.get("/v1/incidents", scope=scope).status == 200
    [listed] = [
        each
        for each in operator.items("/v1/tokens", limit=200)
        if each["token_id"] == issued["token_id"]
    ]
    assert "token" not in listed
    assert (listed["role"], listed["scopes"]) == ("agent", [scope])
    rotated = operator.post(f"/v1/tokens/{issued['token_id']}/rotations", {}).body
    assert bearer.get("/v1/incidents", scope=scope).status == 401
    assert Api(operator.url, rotated["token"]).get("/v1/incidents", scope=scope).status == 200
    assert operator.call("DELETE", f"/v1/tokens/{rotated['token_id']}").status == 200
    assert Api(operator.url, rotated["token"]).get("/v1/incidents", scope=scope).status == 401
    trail = list(operator.items("/v1/audit", entity=f"token:{rotated['token_id']}"))
    assert [each["action"] for each in trail] == ["revoked", "rotated"]


def test_a_token_is_told_once_even_under_the_same_key(operator: Api, scope: str) -> None:
    key = {"Idempotency-Key": f"token-{scope}"}
    first = operator.post("/v1/tokens", {"name": "once", "role": "agent"}, key).body
    again = operator.post("/v1/tokens", {"name": "once", "role": "agent"}, key).body
    assert again == first | {"token": None}


def test_a_token_ends_when_its_time_is_over(operator: Api) -> None:
    end = datetime.now(UTC) + timedelta(seconds=1)
    wanted = {"name": "brief", "role": "agent", "expires_at": end.isoformat()}
    token = operator.post("/v1/tokens", wanted).body["token"]
    bearer = Api(operator.url, token)
    while bearer.get("/v1/patterns").status == 200:
        assert datetime.now(UTC) < end + timedelta(seconds=5)
    assert datetime.now(UTC) >= end


def test_bad_wishes_are_refused_by_field(operator: Api) -> None:
    answer = operator.post("/v1/tokens", {"name": "", "role": "king", "scopes": ["a b"]})
    assert answer.status == 400
    assert {field.split(".")[0] for field in answer.bad_fields} >= {"name"}
    answer = operator.post("/v1/tokens", {"name": "x", "role": "king"})
    assert answer.bad_fields == ["role"]
    assert operator.post("/v1/tokens/tok_none/rotations", {}).status == 404
