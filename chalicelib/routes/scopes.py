"""What operators set for a scope: how its texts are redacted."""

from chalice.app import Blueprint

from chalicelib.core.policies import RedactionPolicy, RedactionRules
from chalicelib.routes.http import Call, endpoint
from chalicelib.services import redaction

scopes = Blueprint(__name__)


@endpoint(scopes, "GET", "/v1/scopes/{scope}/redaction")
def get_redaction(call: Call, scope: str) -> RedactionPolicy:
    """A scope's own rules, and whether it wants pseudonyms."""
    return redaction.find_policy(scope, call.caller)


@endpoint(scopes, "PUT", "/v1/scopes/{scope}/redaction", takes=RedactionRules)
def set_redaction(call: Call, scope: str) -> RedactionPolicy:
    """Set them for what comes in from now on."""
    return redaction.set_policy(scope, call.body, call.caller, call.now)
