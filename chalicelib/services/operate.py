"""What operators and auditors read."""

from typing import Any

from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import audit


def list_audit(entity: str, wanted: Wanted) -> Listing[dict[str, Any]]:
    """What was done to an entity, the latest first."""
    return listing(
        f"audit {entity}", wanted, lambda limit, position: audit.page(entity, limit, position)
    )
