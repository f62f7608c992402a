"""All configuration, typed and validated once.

Every setting can be changed by an environment variable named PRECEDENT_ and the setting's name in
capitals: `min_pattern_frequency` by PRECEDENT_MIN_PATTERN_FREQUENCY. A stage sets its own in
`.chalice/config.json`.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chalicelib.core.fields import Rate, Scope

PREFIX = "PRECEDENT_"

_ROLE = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/precedent-[A-Za-z0-9_+=,.@-]+"
_WHOSE_ALARMS = rf"^(?:|true|{_ROLE})$"


class Section(BaseModel):
    """A group of settings: immutable, and nothing in it by mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AutoGeneration(Section):
    """When incidents make a pattern, and a pattern a suggestion."""

    min_pattern_frequency: Annotated[int, Field(ge=2)] = 3
    min_success_rate: Rate = 0.8
    similarity_threshold: Rate = 0.7
    confidence_threshold: Rate = 0.75


class Recommendations(Section):
    """What is recommended for a live incident."""

    min_relevance_score: Rate = 0.6
    max_recommendations: Annotated[int, Field(ge=1, le=200)] = 5
    context_window_hours: Annotated[float, Field(gt=0, le=24 * 31)] = 24
    text_similarity_weight: Rate = 0.25
    system_match_weight: Rate = 0.30
    severity_match_weight: Rate = 0.15
    symptom_match_weight: Rate = 0.20
    historical_success_weight: Rate = 0.10
    #: Whose CloudWatch alarms are looked at: none's (empty), this account's (`true`), or those of
    #: the account that has this role. Its name begins with `precedent-`: we may take on no other.
    cloudwatch_alarms: Annotated[str, Field(pattern=_WHOSE_ALARMS)] = ""


Approvals = Annotated[int, Field(ge=1, le=10)]


class ScopeApprovals(Section):
    """How many approvals a scope asks for; what is None is as elsewhere."""

    approvals_required: Approvals | None = None
    approvals_required_destructive: Approvals | None = None


def _from_json(value: Any) -> Any:
    """An environment has texts alone: what is more is written in them as JSON."""
    return json.loads(value) if isinstance(value, str) else value


class HumanReview(Section):
    """Which suggestions need a person, and how many."""

    required_for_approval: bool = True
    auto_approve_high_confidence: bool = False
    high_confidence_threshold: Rate = 0.9
    approvals_required: Approvals = 1
    approvals_required_destructive: Approvals = 1
    approvals_by_scope: Annotated[dict[str, ScopeApprovals], BeforeValidator(_from_json)] = {}

    def approvals_for(self, scope: str, destroys: bool) -> int:
        """How many reviewers have to approve a playbook of a scope.

        One that destroys something needs as many as either setting asks for.
        """
        own = self.approvals_by_scope.get(scope, ScopeApprovals())
        needed = own.approvals_required or self.approvals_required
        if not destroys:
            return needed
        return max(
            needed, own.approvals_required_destructive or self.approvals_required_destructive
        )


class Limits(Section):
    """How much is taken of whom."""

    requests_per_minute: Annotated[int, Field(ge=1)] = 12_000


class Improvement(Section):
    """When a playbook is found wanting."""

    auto_improve_threshold: Rate = 0.7


class Versions(Section):
    """How long the versions of a playbook are kept that nobody needs any more."""

    max_versions_per_playbook: Annotated[int, Field(ge=1)] = 50
    version_retention_days: Annotated[int, Field(ge=1)] = 365


Days = Annotated[int, Field(ge=0, le=36_500)]


class Retention(Section):
    """After how many days things of each kind are gone; 0 keeps them for ever.

    What something else rests on stays with it.
    """

    retention_incident_days: Days = 730
    retention_execution_days: Days = 730
    retention_pattern_days: Days = 365
    retention_analysis_days: Days = 365
    retention_recommendation_days: Days = 90
    retention_notification_days: Days = 14
    retention_audit_days: Days = 0


class Settings(Section):
    """What operators may change; the defaults are in the table of the README."""

    enabled: bool = True
    continuous_monitoring: bool = True
    monitoring_interval_hours: Annotated[int, Field(ge=1)] = 24
    aws_events_scope: Scope | Literal[""] = ""
    auto_generation: AutoGeneration = AutoGeneration()
    recommendations: Recommendations = Recommendations()
    human_review: HumanReview = HumanReview()
    limits: Limits = Limits()
    improvement: Improvement = Improvement()
    versions: Versions = Versions()
    retention: Retention = Retention()


class Deployment(Section):
    """Where this stage's resources are; the infrastructure's template hands these in."""

    stage: str = "dev"
    bucket: str = ""
    bus: str = ""
    queue_url: str = ""
    user_pool_client_id: str = ""
    secret: str = ""

    @property
    def local(self) -> bool:
        """Whether this is the embedded AWS of a development machine."""
        return self.stage == "local"

    def table(self, name: str) -> str:
        """The name of a DynamoDB table in this stage."""
        return f"precedent-{self.stage}-{name}"


class SettingsError(Exception):
    """A setting has a value that it cannot have; the message names its environment variable."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment asks for; what it leaves out keeps its default.

    Raises:
        SettingsError: a value is not allowed.
    """
    values: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            values[name] = _given(section, environ)
    values |= _given(Settings, environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        problems = [_problem(problem["loc"], problem["msg"]) for problem in error.errors()]
        raise SettingsError("; ".join(problems)) from None


def _problem(place: tuple[int | str, ...], message: str) -> str:
    """What is wrong, behind the variable that it is wrong in and the place in its value."""
    section = Settings.model_fields[str(place[0])].annotation
    in_section = isinstance(section, type) and issubclass(section, Section)
    setting, *inside = map(str, place[1:] if in_section else place)
    where = f" {'.'.join(inside)}:" if inside else ""
    return f"{PREFIX}{setting.upper()}:{where} {message}"


def _given(section: type[BaseModel], environ: Mapping[str, str]) -> dict[str, str]:
    """What an environment says of a section's own fields."""
    names = {name: PREFIX + name.upper() for name in section.model_fields}
    return {name: environ[variable] for name, variable in names.items() if variable in environ}


@cache
def settings() -> Settings:
    """This process's settings."""
    return read_settings(os.environ)


def deployment() -> Deployment:
    """This process's resources, read anew each time: some are known only after the import."""
    return Deployment(**_given(Deployment, os.environ))
