"""What operators look at: health, settings and the audit trail."""

from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.core.trail import Entry
from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.registry import SCOPE
from chalicelib.services import operate
from chalicelib.services.listing import Listing
from chalicelib.settings import Settings, settings

operations = Blueprint(__name__)

_AUDITED = {
    **SCOPE,
    "entity": Annotated[
        str,
        Field(min_length=1, max_length=500, description="Such as `suggestion:ID`."),
    ],
}


class Health(TypedDict):
    """That the API answers."""

    status: str


@endpoint(operations, "GET", "/health")
def health(call: Call) -> Health:
    """Whether the API answers."""
    return {"status": "ok"}


@endpoint(operations, "GET", "/v1/settings")
def get_settings(call: Call) -> Settings:
    """The settings in force."""
    return settings()


@endpoint(operations, "GET", "/v1/audit", asks=_AUDITED)
def list_audit(call: Call) -> Listing[Entry]:
    """What was done to an entity such as `suggestion:ID`, or in a scope; the latest first."""
    entity = call.query.get("entity")
    if entity:
        return operate.list_audit(entity, call.wanted, call.caller)
    return operate.list_trail(call.scope, call.wanted, call.caller)
