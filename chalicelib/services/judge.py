"""Which playbooks fit a situation best, by all that is known of them. This loads NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from chalicelib.core.caution import destructive, risk_of_playbook
from chalicelib.core.experience import PRIOR_RUNS, Heard, Record, heard
from chalicelib.core.filling import filled_in
from chalicelib.core.reasons import lacking, likenesses, reasons, similar_incidents
from chalicelib.core.recommendations import NearestMiss, RecommendedPlaybook, Runners, Scores
from chalicelib.core.relevance import rank, scaled_weights, score
from chalicelib.core.situations import PARTS, Failures, Scored, Situation, Weights
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.services import library
from chalicelib.services.surroundings import just_failed
from chalicelib.settings import Recommendations
from chalicelib.store import playbooks as store

_SIMILAR = 5
#: What was said and what just failed may put one before another: so many more are looked at, and
#: those that are short of the least relevance by no more than this.
_RESERVE, _SHORT_BY = 3, 0.15
#: What a run that just failed on the same systems takes off a relevance, and all of them together.
_TAKEN_OFF, _MOST_TAKEN_OFF = 0.2, 0.3


@dataclass(frozen=True)
class Judged:
    """A playbook with all that speaks for and against it."""

    playbook: Playbook
    scored: Scored
    record: Record
    heard: Heard
    failures: Failures

    @property
    def relevance(self) -> float:
        """How well it fits, 0 to 1."""
        return self.scored.relevance_score


def judge(
    scope: str,
    situation: Situation,
    least: float,
    limit: int,
    options: Recommendations,
    now: datetime,
) -> list[Judged]:
    """The playbooks that come nearest to what is asked, best first; none only where there is none.

    Args:
        scope: whose playbooks.
        situation: what somebody faces.
        least: the relevance that is wanted.
        limit: how many are wanted.
        options: the settings.
        now: the time that the context window ends.
    """
    weights = Weights(**{part: getattr(options, f"{part}_weight") for part in PARTS})
    index = library.index_now(scope, now)
    first = rank(index, situation, weights, limit + _RESERVE)
    near = [each for each in first if each.relevance_score >= least - _SHORT_BY] or first[:1]
    playbooks = store.get_many(each.candidate.playbook_id for each in near)
    judged = [
        _judged(each, playbooks[each.candidate.playbook_id], situation, weights, now)
        for each in near
        if each.candidate.playbook_id in playbooks
        and playbooks[each.candidate.playbook_id].status is PlaybookStatus.ACTIVE
    ]
    return sorted(judged, key=lambda each: (-each.relevance, each.playbook.playbook_id))


def recommended(judged: Judged, situation: Situation, runners: Runners) -> RecommendedPlaybook:
    """A playbook as it is recommended."""
    playbook, scored = judged.playbook, judged.scored
    metadata = playbook.spec.metadata
    values = filled_in(playbook.spec.parameters, situation)
    return {
        **runners,
        "playbook_id": playbook.playbook_id,
        "version": playbook.version,
        "title": playbook.title,
        "relevance_score": scored.relevance_score,
        "confidence_score": playbook.confidence_score,
        "scores": _rates(scored.scores),
        "contributions": dict(scored.contributions),
        "not_told": [part for part in PARTS if scored.scores[part] is None],
        "reasoning": reasons(playbook, situation, scored, judged.heard, judged.failures),
        "estimated_duration_seconds": metadata.get("estimated_duration_seconds"),
        "required_permissions": metadata.get("required_permissions", []),
        "prerequisites": [each.model_dump(mode="json") for each in playbook.spec.prerequisites],
        "risk": risk_of_playbook(playbook.spec),
        "destructive_steps": [step.id for step in destructive(playbook.spec)],
        "parameter_values": [
            {"name": each.name, "value": each.value, "from": each.source} for each in values
        ],
        "success_probability": judged.record.rate,
        "success_interval": list(judged.record.interval),
        "success_prior": {"runs": PRIOR_RUNS, "rate": scored.candidate.success_rate},
        "similar_incidents": similar_incidents(playbook, situation, _SIMILAR),
    }


def missed(judged: Judged, least: float) -> NearestMiss:
    """The best of those that were not good enough, so that an empty answer explains itself."""
    return {
        "playbook_id": judged.playbook.playbook_id,
        "title": judged.playbook.title,
        "relevance_score": judged.relevance,
        "scores": _rates(judged.scored.scores),
        "short_by": least - judged.relevance,
        "missing": lacking(judged.scored),
    }


def weights_of(judged: Judged) -> dict[str, float]:
    """What each part counted for; a part that was left out counted 0."""
    return scaled_weights(judged.scored)


def _judged(
    first: Scored, playbook: Playbook, situation: Situation, weights: Weights, now: datetime
) -> Judged:
    said = heard(playbook.voices, likenesses([each.text for each in playbook.voices], situation))
    # The index may be a moment behind what was just read.
    before = Record.of(first.candidate.success_rate).plus(playbook.successes, playbook.executions)
    record = before.plus(said.successes, said.weight)
    failures = just_failed(playbook, playbook.scope, situation.affected_systems, now)
    scored = score(
        first.candidate,
        {**first.parts, "historical_success": record.rate},
        weights,
        min(_TAKEN_OFF * failures.runs, _MOST_TAKEN_OFF),
    )
    return Judged(playbook, scored, record, said, failures)


def _rates(scores: Mapping[str, float | None]) -> Scores:
    return cast(Scores, {part: score or 0.0 for part, score in scores.items()})
