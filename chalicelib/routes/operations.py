"""What operators look at: health, settings and the audit trail."""

from chalice.app import Blueprint

from chalicelib.core.trail import Entry
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import operate
from chalicelib.services.listing import Listing
from chalicelib.settings import Settings, settings

operations = Blueprint(__name__)


@endpoint(operations, "GET", "/health")
def health(call: Call) -> dict[str, str]:
    """Whether the API answers."""
    return {"status": "ok"}


@endpoint(operations, "GET", "/v1/settings")
def get_settings(call: Call) -> Settings:
    """The settings in force."""
    return settings()


@endpoint(operations, "GET", "/v1/audit")
def list_audit(call: Call) -> Listing[Entry]:
    """What was done to an entity such as `suggestion:ID`, or in a scope; the latest first."""
    entity = call.query.get("entity")
    if entity:
        return operate.list_audit(entity, call.wanted, call.caller)
    return operate.list_trail(call.scope, call.wanted, call.caller)
