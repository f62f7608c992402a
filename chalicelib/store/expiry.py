"""When what DynamoDB deletes by itself is over: it does so within some days of the time."""

from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition

from chalicelib.store.tables import AgentItem, RecommendationItem


def end_of(now: datetime, days: int) -> int | None:
    """The TTL of what is kept for so many days from now on; None where these are 0, for ever."""
    return int((now + timedelta(days=days)).timestamp()) if days else None


def lasts(item: type[AgentItem] | type[RecommendationItem], now: datetime) -> Condition:
    """The condition that an item's time is not over."""
    condition: Condition = item.expires_at.does_not_exist() | (
        item.expires_at > int(now.timestamp())
    )
    return condition


def is_over(item: AgentItem | RecommendationItem, now: datetime) -> bool:
    """Whether an item's time is over, so that nobody is to see it any more."""
    return item.expires_at is not None and item.expires_at <= now.timestamp()
