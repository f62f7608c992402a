"""How each scope's texts are redacted, in DynamoDB; a scope without an item has the defaults."""

from chalicelib.core.policies import RedactionPolicy
from chalicelib.store.tables import AnalysisItem
from chalicelib.store.transaction import Transaction

_SORT = "redaction"


def get(scope: str) -> RedactionPolicy:
    """A scope's policy as it stands at this moment."""
    try:
        item = AnalysisItem.get(f"scope#{scope}", _SORT, consistent_read=True)
    except AnalysisItem.DoesNotExist:
        return RedactionPolicy(scope=scope)
    return RedactionPolicy.model_validate_json(item.text)


def save(transaction: Transaction, policy: RedactionPolicy) -> None:
    """Write a scope's policy in place of the one before."""
    transaction.put(AnalysisItem(f"scope#{policy.scope}", _SORT, document=policy.model_dump_json()))
