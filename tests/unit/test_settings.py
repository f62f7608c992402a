"""The settings: their defaults, and how an environment changes them."""

import json

import pytest

from chalicelib.settings import SettingsError, read_settings

DEFAULTS = {
    "enabled": True,
    "continuous_monitoring": True,
    "monitoring_interval_hours": 24,
    "aws_events_scope": "",
    "auto_generation": {
        "min_pattern_frequency": 3,
        "min_success_rate": 0.8,
        "similarity_threshold": 0.7,
        "confidence_threshold": 0.75,
    },
    "recommendations": {
        "min_relevance_score": 0.6,
        "max_recommendations": 5,
        "context_window_hours": 24,
        "text_similarity_weight": 0.25,
        "system_match_weight": 0.30,
        "severity_match_weight": 0.15,
        "symptom_match_weight": 0.20,
        "historical_success_weight": 0.10,
        "cloudwatch_alarms": "",
    },
    "human_review": {
        "required_for_approval": True,
        "auto_approve_high_confidence": False,
        "high_confidence_threshold": 0.9,
        "approvals_required": 1,
        "approvals_required_destructive": 1,
        "approvals_by_scope": {},
    },
    "limits": {"requests_per_minute": 12_000},
    "improvement": {"auto_improve_threshold": 0.7},
    "versions": {"max_versions_per_playbook": 50, "version_retention_days": 365},
    "retention": {
        "retention_incident_days": 730,
        "retention_execution_days": 730,
        "retention_pattern_days": 365,
        "retention_analysis_days": 365,
        "retention_recommendation_days": 90,
        "retention_notification_days": 14,
        "retention_audit_days": 0,
    },
}


def test_the_defaults_are_the_published_ones() -> None:
    assert read_settings({}).model_dump() == DEFAULTS


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PRECEDENT_ENABLED", "false", ("enabled", False)),
        ("PRECEDENT_MONITORING_INTERVAL_HOURS", "6", ("monitoring_interval_hours", 6)),
        (
            "PRECEDENT_SIMILARITY_THRESHOLD",
            "0.6",
            ("auto_generation", DEFAULTS["auto_generation"] | {"similarity_threshold": 0.6}),
        ),
        (
            "PRECEDENT_MAX_RECOMMENDATIONS",
            "3",
            ("recommendations", DEFAULTS["recommendations"] | {"max_recommendations": 3}),
        ),
        (
            "PRECEDENT_AUTO_APPROVE_HIGH_CONFIDENCE",
            "true",
            ("human_review", DEFAULTS["human_review"] | {"auto_approve_high_confidence": True}),
        ),
    ],
)
def test_the_environment_changes_a_setting_and_no_other(
    variable: str, value: str, expected: tuple[str, object]
) -> None:
    name, changed = expected
    assert read_settings({variable: value}).model_dump() == DEFAULTS | {name: changed}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PRECEDENT_ENABLED", "perhaps"),
        ("PRECEDENT_MONITORING_INTERVAL_HOURS", "0"),
        ("PRECEDENT_MIN_SUCCESS_RATE", "1.5"),
        ("PRECEDENT_MIN_PATTERN_FREQUENCY", "1"),
        ("PRECEDENT_CONFIDENCE_THRESHOLD", "high"),
        ("PRECEDENT_APPROVALS_REQUIRED", "0"),
        ("PRECEDENT_APPROVALS_BY_SCOPE", "payments=2"),
        ("PRECEDENT_APPROVALS_BY_SCOPE", '{"payments": {"approvals_required": 0}}'),
        ("PRECEDENT_CLOUDWATCH_ALARMS", "everybody's"),
    ],
)
def test_a_value_that_cannot_be_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}: "):
        read_settings({variable: value})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"PRECEDENT_ENABLED": "?", "PRECEDENT_MIN_SUCCESS_RATE": "2"})
    assert "PRECEDENT_ENABLED" in str(error.value)
    assert "PRECEDENT_MIN_SUCCESS_RATE" in str(error.value)


def test_a_scope_may_ask_for_more_approvals_than_the_others_or_for_fewer() -> None:
    review = read_settings(
        {
            "PRECEDENT_APPROVALS_REQUIRED": "2",
            "PRECEDENT_APPROVALS_BY_SCOPE": json.dumps(
                {
                    "payments": {"approvals_required_destructive": 3},
                    "lab": {"approvals_required": 1},
                }
            ),
        }
    ).human_review
    needed = {
        scope: (review.approvals_for(scope, False), review.approvals_for(scope, True))
        for scope in ("payments", "lab", "default")
    }
    assert needed == {"payments": (2, 3), "lab": (1, 1), "default": (2, 2)}
