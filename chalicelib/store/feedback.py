"""What people think of suggestions in DynamoDB, as it adds up for a pattern and for a scope."""

from collections.abc import Sequence

from chalicelib.core.feedback import FeedbackFigures, Opinions
from chalicelib.store.tables import AnalysisItem, PatternItem
from chalicelib.store.transaction import Transaction

_KEY = "feedback"


def of_pattern(pattern_id: str) -> Opinions:
    """What everybody last said of a pattern's suggestions."""
    return of_patterns([pattern_id]).get(pattern_id, Opinions())


def of_patterns(pattern_ids: Sequence[str]) -> dict[str, Opinions]:
    """The opinions on those of the patterns of which there are any, by the patterns' ids."""
    items = PatternItem.batch_get([(each, _KEY) for each in pattern_ids], consistent_read=True)
    return {item.pk: Opinions.model_validate_json(item.text) for item in items}


def save_of_pattern(transaction: Transaction, pattern_id: str, opinions: Opinions) -> None:
    """Write the opinions on a pattern over the revision before; revision 1 must be new."""
    item = PatternItem(
        pattern_id, _KEY, document=opinions.model_dump_json(), revision=opinions.revision
    )
    transaction.create(item) if opinions.revision == 1 else transaction.replace(item)


def of_scope(scope: str) -> FeedbackFigures:
    """What all opinions in a scope add up to."""
    item = AnalysisItem.find(f"scope#{scope}", _KEY)
    return FeedbackFigures.model_validate_json(item.text) if item else FeedbackFigures()


def save_of_scope(transaction: Transaction, scope: str, figures: FeedbackFigures) -> None:
    """Write a scope's figures over the revision before; revision 1 must be new."""
    item = AnalysisItem(
        f"scope#{scope}", _KEY, document=figures.model_dump_json(), revision=figures.revision
    )
    transaction.create(item) if figures.revision == 1 else transaction.replace(item)
