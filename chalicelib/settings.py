"""All configuration, typed and validated once.

Every setting can be changed by an environment variable named PRECEDENT_ and the setting's name in
capitals: `min_pattern_frequency` by PRECEDENT_MIN_PATTERN_FREQUENCY. A stage sets its own in
`.chalice/config.json`.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chalicelib.core.fields import Rate

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


class HumanReview(Section):
    """Which suggestions need a person."""

    required_for_approval: bool = True
    auto_approve_high_confidence: bool = False
    high_confidence_threshold: Rate = 0.9


class Settings(Section):
    """What operators may change; the defaults are in the table of the README."""

    enabled: bool = True
    continuous_monitoring: bool = True
    monitoring_interval_hours: Annotated[int, Field(ge=1)] = 24
    auto_generation: AutoGeneration = AutoGeneration()
    recommendations: Recommendations = Recommendations()
    human_review: HumanReview = HumanReview()


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
        problems = [
            f"{PREFIX}{str(problem['loc'][-1]).upper()}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise SettingsError("; ".join(problems)) from None


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
