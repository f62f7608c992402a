"""Reporting incidents over HTTP."""

import pytest

from tests.api import Api

REPORT = {
    "title": "Disk full on db-1",
    "description": "The data volume has no space left.",
    "resolution": "Deleted old logs.",
    "affected_systems": ["postgres"],
    "symptoms": ["writes fail"],
    "error_messages": ["No space left on device"],
    "severity": "SEV1",
    "opened_at": "2026-01-31T10:00:00+01:00",
    "resolved_at": "2026-01-31T10:30:00+01:00",
}


def test_a_report_is_kept_normalised(agent: Api, scope: str) -> None:
    answer = agent.post("/v1/incidents", REPORT | {"scope": scope})
    assert answer.status == 201
    kept = agent.get(f"/v1/incidents/{answer.body['incident_id']}", scope=scope)
    assert kept.body == answer.body
    assert kept.body["severity"] == "critical"
    assert kept.body["status"] == "resolved"
    assert kept.body["opened_at"] == "2026-01-31T09:00:00Z"


def test_the_status_follows_from_the_resolution(agent: Api, scope: str) -> None:
    answer = agent.post("/v1/incidents", {"title": "Something new", "scope": scope})
    assert answer.body["status"] == "open"
    assert answer.body["opened_at"].endswith("Z")


def test_every_bad_field_is_named_and_nothing_is_stored(agent: Api, scope: str) -> None:
    body = {
        "scope": scope,
        "incident_id": "bad",
        "title": "  ",
        "severity": "purple",
        "status": "maybe",
        "opened_at": "yesterday",
        "tags": ["a", 3],
        "description": 7,
    }
    answer = agent.post("/v1/incidents", body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"title", "severity", "status", "opened_at", "tags.1", "description"} == set(
        answer.bad_fields
    )
    assert agent.get("/v1/incidents/bad", scope=scope).status == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 301),
        ("description", "x" * 100_001),
        ("resolution", "x" * 100_001),
        ("scope", "no spaces"),
        ("incident_id", "a/b"),
        ("resolved_at", "2020-01-01T00:00:00Z"),
        ("affected_systems", "postgres"),
    ],
)
def test_a_value_that_cannot_be_names_its_field(
    agent: Api, scope: str, field: str, value: object
) -> None:
    answer = agent.post("/v1/incidents", REPORT | {"scope": scope, field: value})
    assert answer.status == 400
    assert answer.bad_fields == [field]


def test_nothing_opens_in_the_future(agent: Api, scope: str) -> None:
    answer = agent.post(
        "/v1/incidents", {"title": "x", "scope": scope, "opened_at": "2999-01-01T00:00:00Z"}
    )
    assert answer.bad_fields == ["opened_at"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b'{"title": NaN}'])
def test_what_is_no_json_object_is_refused(agent: Api, body: bytes) -> None:
    answer = agent.call("POST", "/v1/incidents", body)
    assert answer.status == 400
    assert answer.bad_fields


def test_the_same_id_again_replaces_the_report_and_counts_once(agent: Api, scope: str) -> None:
    agent.post("/v1/incidents", REPORT | {"scope": scope, "incident_id": "one"})
    agent.post("/v1/incidents", REPORT | {"scope": scope, "incident_id": "one", "title": "Anew"})
    assert [each["title"] for each in agent.items("/v1/incidents", scope=scope)] == ["Anew"]


def test_a_replaced_report_moves_to_its_new_day(agent: Api, scope: str) -> None:
    agent.report([REPORT | {"incident_id": "one"}], scope)
    agent.report([REPORT | {"incident_id": "one", "opened_at": "2026-01-30T08:00:00Z"}], scope)
    (only,) = agent.items("/v1/incidents", scope=scope)
    assert only["opened_at"] == "2026-01-30T08:00:00Z"


def test_a_batch_takes_the_good_ones_and_names_the_bad(agent: Api, scope: str) -> None:
    incidents = [
        {"title": "good", "scope": scope},
        {"title": "", "scope": scope},
        {"title": "good too", "scope": scope},
        {"severity": "nonsense", "scope": scope},
        "no object",
    ]
    answer = agent.post("/v1/incidents/batch", {"incidents": incidents})
    assert answer.status == 200
    assert answer.body["accepted"] == 2
    rejected = {each["index"]: each["errors"] for each in answer.body["rejected"]}
    assert set(rejected) == {1, 3, 4}
    assert [error["field"] for error in rejected[3]] == ["title", "severity"]
    assert len(list(agent.items("/v1/incidents", scope=scope))) == 2


def test_the_last_report_of_an_id_in_a_batch_counts(agent: Api, scope: str) -> None:
    agent.report([{"title": title, "incident_id": "same"} for title in ("first", "last")], scope)
    (only,) = agent.items("/v1/incidents", scope=scope)
    assert only["title"] == "last"


def test_a_batch_of_more_than_500_is_refused(agent: Api) -> None:
    answer = agent.post("/v1/incidents/batch", {"incidents": [{"title": "x"}] * 501})
    assert answer.status == 400
    assert answer.bad_fields == ["incidents"]


def test_a_batch_needs_its_list(agent: Api) -> None:
    assert agent.post("/v1/incidents/batch", {}).bad_fields == ["incidents"]


def test_listing_pages_through_the_days_latest_first(agent: Api, scope: str) -> None:
    reports = [
        {"title": f"day {day} hour {hour}", "opened_at": f"2026-01-0{day}T0{hour}:00:00Z"}
        for day in (1, 2, 5)
        for hour in range(3)
    ]
    agent.report(reports, scope)
    expected = [each["title"] for each in reversed(reports)]
    for limit in (1, 2, 3, 4, 9, 200):
        titles = [each["title"] for each in agent.items("/v1/incidents", scope=scope, limit=limit)]
        assert titles == expected, limit


def test_scopes_do_not_mix(agent: Api, scope: str) -> None:
    agent.post("/v1/incidents", REPORT | {"scope": scope, "incident_id": "mine"})
    assert agent.get("/v1/incidents/mine", scope=scope).status == 200
    assert agent.get("/v1/incidents/mine", scope=f"{scope}-other").status == 404


def test_a_large_incident_comes_back_whole(agent: Api, scope: str) -> None:
    texts = {"description": "ä" * 100_000, "resolution": "€" * 100_000}
    report = {"title": "Large", "incident_id": "large", "scope": scope} | texts
    assert agent.post("/v1/incidents", report).status == 201
    kept = agent.get("/v1/incidents/large", scope=scope).body
    assert {name: kept[name] for name in texts} == texts


def test_secrets_are_removed_before_anything_is_stored_or_answered(agent: Api, scope: str) -> None:
    password = "-".join(["hunter", "two", "and", "more"])
    key = "AKIA" + "ABCDEFGH" * 2
    report = {
        "title": f"Login failed with password={password}",
        "description": f"postgres://app:{password}@db/app and {key}",
        "scope": scope,
        "incident_id": "secret",
    }
    answer = agent.post("/v1/incidents", report)
    kept = agent.get("/v1/incidents/secret", scope=scope)
    for text in (str(answer.body), str(kept.body)):
        assert password not in text
        assert key not in text
        assert "REDACTED" in text


def test_a_refused_secret_is_not_echoed(agent: Api) -> None:
    password = "-".join(["hunter", "two", "and", "more"])
    answer = agent.post("/v1/incidents", {"title": "x", "severity": f"password={password}"})
    assert answer.status == 400
    assert password not in str(answer.body)
