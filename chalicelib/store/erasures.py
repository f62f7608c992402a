"""Erasures that were asked for, and the names of those that wait, in DynamoDB.

A name is kept apart, and no longer than until nothing else holds it; an e-mail address is not.
"""

from chalicelib.core.erasure import Erasure
from chalicelib.store.tables import AnalysisItem
from chalicelib.store.transaction import Transaction

#: The partition of the names, which an erasure leaves alone: it goes on by them.
NAMES = "erasures#names"
_RECORDS = "erasures"


def get(erasure_id: str) -> Erasure | None:
    """The erasure with that id, None where there is none."""
    item = AnalysisItem.find(_RECORDS, erasure_id)
    return Erasure.model_validate_json(item.text) if item else None


def create(transaction: Transaction, erasure: Erasure, name: str | None) -> None:
    """Write an erasure that is new, with the name that it is to take out; None is an address."""
    document = erasure.model_dump_json()
    transaction.create(AnalysisItem(_RECORDS, erasure.erasure_id, document=document))
    transaction.put(AnalysisItem(NAMES, erasure.erasure_id, document=name))


def waiting() -> list[tuple[str, str | None]]:
    """The ids of the erasures that are not done, with the names, None for addresses."""
    items = AnalysisItem.query(NAMES, consistent_read=True)
    return [(item.sk, item.document) for item in items]


def complete(transaction: Transaction, erasure: Erasure) -> None:
    """Write an erasure that is done, and forget the name."""
    document = erasure.model_dump_json()
    transaction.put(AnalysisItem(_RECORDS, erasure.erasure_id, document=document))
    transaction.delete(AnalysisItem(NAMES, erasure.erasure_id))
