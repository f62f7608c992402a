"""What operators and auditors read."""

from typing import Any, cast

from typing_extensions import TypedDict

from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import audit
from chalicelib.store.paging import Page


class AuditEntry(TypedDict):
    """Who did what to an entity, and when."""

    audit_id: str
    scope: str
    entity: str
    action: str
    actor: str
    at: str
    details: dict[str, Any]


def list_audit(entity: str, wanted: Wanted) -> Listing[AuditEntry]:
    """What was done to an entity, the latest first."""
    return listing(
        f"audit {entity}",
        wanted,
        lambda limit, position: cast(Page[AuditEntry], audit.page(entity, limit, position)),
    )
