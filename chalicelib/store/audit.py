"""The audit trail, read by entity."""

import json
from typing import Any

from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import AuditItem


def page(entity: str, limit: int, position: Position | None) -> Page[dict[str, Any]]:
    """A page of what was done to an entity, the latest first."""
    results = AuditItem.query(
        entity, limit=limit, last_evaluated_key=position, scan_index_forward=False
    )
    return page_of(results).of(lambda item: json.loads(item.text))
