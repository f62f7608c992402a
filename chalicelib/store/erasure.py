"""Everything that is kept, one item after the other, to take a person out of it.

This scans whole tables: it is for the command line and the daily sweep, on no request's path.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.core.trail import ERASED
from chalicelib.store import erasures, objects
from chalicelib.store.tables import (
    AgentItem,
    AnalysisItem,
    AuditItem,
    IncidentItem,
    Item,
    PatternItem,
    PlaybookItem,
    RecommendationItem,
    SuggestionItem,
    TokenItem,
)
from chalicelib.store.transaction import Transaction

TABLES: dict[str, type[Item]] = {
    "incidents": IncidentItem,
    "patterns": PatternItem,
    "analyses": AnalysisItem,
    "suggestions": SuggestionItem,
    "playbooks": PlaybookItem,
    "recommendations": RecommendationItem,
    "agents": AgentItem,
    "tokens": TokenItem,
}
_IN_PLACE = {"pk", "sk", "document", "object_key", "revision", "expires_at"}

Change = Callable[[Any], Any]


class Rewritten:
    """An item before and after a change of its document.

    Attributes:
        item: as it is to be.
        spilled: the S3 object that held the document before, if one did.
    """

    def __init__(self, item: Item, document: str) -> None:
        self.spilled = item.object_key
        self._before = item.document
        self.item = item
        item.object_key, item.document = None, document

    def put(self, transaction: Transaction) -> None:
        """Write it, unless somebody has changed it meanwhile."""
        kind = type(self.item)
        if self.spilled:
            transaction.put(self.item, kind.object_key == self.spilled)
        else:
            transaction.put(self.item, kind.document == self._before)


def changed(table: str, change: Change) -> Iterator[Rewritten]:
    """The items of a table that a change makes others."""
    for item in TABLES[table].scan(consistent_read=True):
        if item.pk == erasures.NAMES:
            continue
        indexed = {
            name: change(value)
            for name, value in item.attribute_values.items()
            if name not in _IN_PLACE and isinstance(value, str)
        }
        document = _document(item.text, change)
        if document != item.text or any(getattr(item, name) != indexed[name] for name in indexed):
            for name, value in indexed.items():
                setattr(item, name, value)
            yield Rewritten(item, document)


def entries(change: Change) -> Iterator[tuple[str, int, Rewritten]]:
    """The entries of all trails that a change makes others: their scopes, their numbers, and they.

    Their salts are gone from them. An entry that says what was taken out of others stays.
    """
    for item in AuditItem.scan(AuditItem.entity.exists(), consistent_read=True):
        entry = json.loads(item.text)
        personal = {name: entry[name] for name in ("actor", "origin", "details", "changes")}
        clean = change(personal)
        if clean != personal and entry["action"] != ERASED:
            clean["origin"] = {**clean["origin"], "address": ""}
            document = json.dumps({**entry, **clean, "salt": ""})
            yield item.pk, entry["number"], Rewritten(item, document)


def exports(change: Change) -> Iterator[tuple[PlaybookItem, str]]:
    """The records of exports whose files a change makes others, with the files' keys."""
    for item in PlaybookItem.scan(PlaybookItem.sk.startswith("export#"), consistent_read=True):
        key = json.loads(item.text)["key"]
        text = objects.read(key).decode()
        if change(text) != text:
            yield item, key


def _document(text: str, change: Change) -> str:
    """A document after a change; one that is no JSON is a key, and stays."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    after = change(value)
    return text if after == value else json.dumps(after)
