"""Coverage gaps: what people asked for that no playbook answers; deleted by TTL."""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.core.gaps import Gap
from chalicelib.settings import settings
from chalicelib.store.expiry import end_of, lasts
from chalicelib.store.tables import RecommendationItem
from chalicelib.store.transaction import Transaction


def of_scope(scope: str, now: datetime) -> Iterator[Gap]:
    """The scope's gaps that were asked for within the season, in no telling order."""
    items = RecommendationItem.query(
        f"gaps#{scope}",
        RecommendationItem.sk.startswith("gap#"),
        lasts(RecommendationItem, now),
    )
    return (Gap.model_validate_json(item.text) for item in items)


def save(transaction: Transaction, gap: Gap, now: datetime) -> None:
    """Write a gap over the revision before; revision 1 must be new."""
    item = RecommendationItem(
        f"gaps#{gap.scope}",
        f"gap#{gap.gap_id}",
        document=gap.model_dump_json(),
        revision=gap.revision,
        expires_at=end_of(now, settings().retention.retention_recommendation_days),
    )
    transaction.create(item) if gap.revision == 1 else transaction.replace(item)
