"""What came of recommendations: kept, and heard the next time that something like it is asked."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.experience import Voice, with_voice
from chalicelib.core.fields import Value, format_time
from chalicelib.core.recommendations import RecommendationFeedback
from chalicelib.core.situations import Situation
from chalicelib.services.access import Caller, missing
from chalicelib.services.errors import invalid, validated
from chalicelib.services.repeats import new_id
from chalicelib.store import playbooks
from chalicelib.store import recommendations as store
from chalicelib.store.transaction import Transaction, retried

_TEXT_LENGTH = 1_000  # of an incident, to tell incidents like it


class RecommendationRating(Value):
    """What came of a recommendation."""

    playbook_id: Annotated[str, Field(min_length=1, max_length=100)]
    helpful: bool | None = None
    resolved: bool | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    comment: Annotated[str, Field(max_length=20_000)] = ""

    @property
    def helped(self) -> float | None:
        """How far it helped, 0 to 1, by all that was told; None where nothing was."""
        told = [float(each) for each in (self.helpful, self.resolved) if each is not None]
        if self.rating is not None:
            told.append((self.rating - 1) / 4)
        return sum(told) / len(told) if told else None


def give_feedback(
    recommendation_id: str, body: Any, caller: Caller, now: datetime
) -> RecommendationFeedback:
    """Keep what somebody says of a recommendation, and let it count for incidents like that one.

    Raises:
        NotFound: there is no such recommendation (any more), or its scope is not the caller's.
        InvalidInput: the body is no feedback, or names a playbook that was not recommended.
        Conflict: very many spoke of the same playbook at once; try again.
    """
    feedback = validated(RecommendationRating, body)
    recommendation = store.get(recommendation_id, now)
    if recommendation is None or not caller.reaches(recommendation["scope"]):
        raise missing("recommendation", recommendation_id)
    recommended = {each["playbook_id"] for each in recommendation["recommendations"]}
    if feedback.playbook_id not in recommended:
        raise invalid("playbook_id", "must be one of the playbooks that were recommended")
    kept: RecommendationFeedback = {
        "feedback_id": new_id("fb"),
        "recommendation_id": recommendation_id,
        "playbook_id": feedback.playbook_id,
        "helpful": feedback.helpful,
        "resolved": feedback.resolved,
        "rating": feedback.rating,
        "comment": feedback.comment,
        "given_by": caller.name,
        "given_at": format_time(now),
    }
    retried(partial(_keep, recommendation, feedback, kept, caller, now))
    return kept


def _keep(
    recommendation: dict[str, Any],
    feedback: RecommendationRating,
    kept: RecommendationFeedback,
    caller: Caller,
    now: datetime,
) -> None:
    playbook = playbooks.get(feedback.playbook_id)
    with Transaction(caller, now) as transaction:
        store.add_feedback(transaction, recommendation["recommendation_id"], {**kept}, now)
        entity = f"playbook:{feedback.playbook_id}"
        transaction.audit(recommendation["scope"], entity, "recommendation rated", {**kept})
        if playbook is not None and feedback.helped is not None:
            text = Situation(**recommendation["situation"]).text[:_TEXT_LENGTH]
            voice = Voice(caller=caller.name, text=text, helped=feedback.helped, at=now)
            voices = with_voice(playbook.voices, voice)
            playbooks.save(transaction, playbook.changed(now, voices=voices))
