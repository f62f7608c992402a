"""Recommendations given, kept for a season so that feedback finds them."""

import json
from datetime import datetime
from typing import Any

from chalicelib.core.fields import format_time
from chalicelib.settings import settings
from chalicelib.store.expiry import end_of, is_over
from chalicelib.store.tables import RecommendationItem
from chalicelib.store.transaction import Transaction


def save(transaction: Transaction, recommendation: dict[str, Any], now: datetime) -> None:
    """Keep a recommendation; DynamoDB deletes it when its time is over."""
    transaction.create(
        RecommendationItem(
            recommendation["recommendation_id"],
            "recommendation",
            document=json.dumps(recommendation),
            expires_at=_end(now),
        )
    )


def get(recommendation_id: str, now: datetime) -> dict[str, Any] | None:
    """The recommendation with that id, None where there is none (any more)."""
    item = RecommendationItem.find(recommendation_id, "recommendation")
    return dict(json.loads(item.text)) if item and not is_over(item, now) else None


def add_feedback(
    transaction: Transaction, recommendation_id: str, feedback: dict[str, Any], now: datetime
) -> None:
    """Keep what an agent said of a recommendation."""
    transaction.create(
        RecommendationItem(
            recommendation_id,
            f"feedback#{format_time(now)}#{feedback['feedback_id']}",
            document=json.dumps(feedback),
            expires_at=_end(now),
        )
    )


def _end(now: datetime) -> int | None:
    return end_of(now, settings().retention.retention_recommendation_days)
