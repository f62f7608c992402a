"""What a recommendation is: the playbooks that fit a situation, or that none does.

These are shapes of JSON: a recommendation is kept and sent as it is, and never read back whole.
"""

from typing import Any

from typing_extensions import TypedDict

from chalicelib.core.fields import Rate
from chalicelib.core.playbooks import Risk


class Scores(TypedDict):
    """The five parts of a relevance; 0 for a part that the caller gave nothing for."""

    text_similarity: Rate
    system_match: Rate
    severity_match: Rate
    symptom_match: Rate
    historical_success: Rate


class SimilarIncident(TypedDict):
    """An incident behind a playbook, how much it is like the situation, and how it was solved.

    `href` is where to read it; `solved_by` names the playbook's steps that were learned from it.
    """

    incident_id: str
    href: str
    title: str
    similarity: Rate
    solved_by: list[str]


#: A value for a parameter that the situation tells, and what of it tells so.
FilledIn = TypedDict("FilledIn", {"name": str, "value": str, "from": str})


class Prior(TypedDict):
    """The imagined runs that a success probability begins with, and how they went."""

    runs: float
    rate: Rate


class Runners(TypedDict):
    """Who can run a playbook.

    `caller_can_run` is whether the agent that asks can, null for one that is not registered;
    `caller_lacks` is what that would need besides.
    """

    required_capabilities: list[str]
    capable_agents: list[str]
    caller_can_run: bool | None
    caller_lacks: list[str]


class RecommendedPlaybook(Runners):
    """A playbook that fits, how well, and why."""

    playbook_id: str
    version: str
    title: str
    relevance_score: Rate
    confidence_score: Rate | None
    scores: Scores
    contributions: dict[str, float]
    not_told: list[str]
    reasoning: list[str]
    estimated_duration_seconds: float | None
    required_permissions: list[Any]
    prerequisites: list[dict[str, Any]]
    risk: Risk
    destructive_steps: list[str]
    parameter_values: list[FilledIn]
    success_probability: Rate
    success_interval: list[Rate]
    success_prior: Prior
    similar_incidents: list[SimilarIncident]


class NearestMiss(TypedDict):
    """The best of the playbooks that did not fit well enough."""

    playbook_id: str
    title: str
    relevance_score: Rate
    scores: Scores
    short_by: float
    missing: list[str]


class RecentIncident(TypedDict):
    """An incident that happened to the same systems a short while ago."""

    incident_id: str
    title: str
    status: str
    opened_at: str


class Alarm(TypedDict):
    """A CloudWatch alarm that rings on one of the systems."""

    name: str
    description: str
    reason: str


class Recommendation(TypedDict):
    """The playbooks that fit a situation, the best first, and what was gone by."""

    recommendation_id: str
    scope: str
    recommendations: list[RecommendedPlaybook]
    weights: dict[str, Rate]
    min_relevance: Rate
    nearest_miss: NearestMiss | None
    recent_incidents: list[RecentIncident]
    alarms: list[Alarm]
    unknown: list[str]


class RecommendationFeedback(TypedDict):
    """What came of a recommendation, as it is kept."""

    feedback_id: str
    recommendation_id: str
    playbook_id: str
    helpful: bool | None
    resolved: bool | None
    rating: int | None
    comment: str
    given_by: str
    given_at: str
