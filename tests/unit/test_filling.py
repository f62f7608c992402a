"""Parameter values out of an incident's own words."""

from typing import Any

import pytest

from chalicelib.core.filling import filled_in
from chalicelib.core.playbooks import Parameter
from chalicelib.core.situations import Situation

SITUATION = Situation(
    title="Pod api-7f9 restarts in namespace=payments, replicas: 3",
    description="See web-17. The password is <REDACTED:password>. namespace is down",
    affected_systems=["redis-prod", "redis"],
    monitoring_alerts=[{"labels": {"alertname": "KubePodCrashLooping"}, "status": "firing"}],
)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"name": "namespace"}, "payments"),
        ({"name": "pod"}, "api-7f9"),
        ({"name": "replicas", "type": "integer"}, "3"),
        ({"name": "affected_system"}, "redis-prod"),
        ({"name": "service", "pattern": "[a-z]+"}, "redis"),
        ({"name": "node", "examples": ["web-03"]}, "web-17"),
        ({"name": "alert", "examples": ["KubePodCrashLooping"]}, "KubePodCrashLooping"),
        ({"name": "password"}, None),
        ({"name": "api_key", "examples": ["web-17"]}, None),
        ({"name": "word", "type": "secure_string", "examples": ["payments"]}, None),
        ({"name": "node", "examples": ["web-03"], "pattern": "db-.*"}, None),
        ({"name": "database"}, None),
    ],
)
def test_a_value_is_told_where_the_incident_tells_it(
    parameter: dict[str, Any], expected: str | None
) -> None:
    found = filled_in([Parameter(**parameter)], SITUATION)
    assert [each.value for each in found] == ([expected] if expected else [])


def test_two_that_look_alike_are_no_answer() -> None:
    situation = Situation(title="web-17 and web-18 are down")
    assert filled_in([Parameter(name="node", examples=["web-03"])], situation) == []
