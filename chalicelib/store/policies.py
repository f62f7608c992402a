"""How each scope's texts are redacted, in DynamoDB; a scope without an item has the defaults."""

from chalicelib.core.policies import RedactionPolicy
from chalicelib.store.tables import AnalysisItem
from chalicelib.store.transaction import Transaction

_SORT = "redaction"


def get(scope: str) -> RedactionPolicy:
    """A scope's policy as it stands at this moment."""
    item = AnalysisItem.find(f"scope#{scope}", _SORT)
    return RedactionPolicy.model_validate_json(item.text) if item else RedactionPolicy(scope=scope)


def save(transaction: Transaction, policy: RedactionPolicy) -> None:
    """Write a scope's policy in place of the one before."""
    transaction.put(AnalysisItem(f"scope#{policy.scope}", _SORT, document=policy.model_dump_json()))
