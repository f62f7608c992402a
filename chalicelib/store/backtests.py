"""Back-tests in DynamoDB: of each suggestion the last one, beside it."""

from chalicelib.core.backtest import BackTest
from chalicelib.store.tables import SuggestionItem
from chalicelib.store.transaction import Transaction

_KEY = "backtest"


def get(suggestion_id: str) -> BackTest | None:
    """The last back-test of a suggestion, None where there is none."""
    item = SuggestionItem.find(suggestion_id, _KEY)
    return BackTest.model_validate_json(item.text) if item else None


def create(transaction: Transaction, backtest: BackTest) -> None:
    """Write a back-test that is new, in the place of the one before."""
    transaction.put(_item(backtest))


def save(transaction: Transaction, backtest: BackTest) -> None:
    """Write how far a back-test has come.

    Raises:
        Conflict: (from the transaction) another one is in its place by now.
    """
    transaction.put(_item(backtest), SuggestionItem.document.contains(backtest.backtest_id))


def _item(backtest: BackTest) -> SuggestionItem:
    return SuggestionItem(backtest.suggestion_id, _KEY, document=backtest.model_dump_json())
