"""Erasures over HTTP: operators ask for a person to be forgotten."""

from chalice.app import Blueprint

from chalicelib.core.erasure import Erasure, ErasureRequest
from chalicelib.routes.http import Call, current_request, endpoint, json_of
from chalicelib.services import request_erasure

erasures = Blueprint(__name__)


@endpoint(
    erasures,
    "POST",
    "/v1/erasures",
    status=202,
    takes=ErasureRequest,
    example={"name": "Ann Smith"},
)
def erase_person(call: Call) -> Erasure:
    """Have a person's name or e-mail address replaced by a pseudonym, by the next daily sweep."""
    sent = json_of(current_request.get())  # the body has no addresses any more
    return request_erasure.request(call.body, sent, call.caller, call.now)


@endpoint(erasures, "GET", "/v1/erasures/{erasure_id}")
def get_erasure(call: Call, erasure_id: str) -> Erasure:
    """Whether the person is forgotten, and in how many things of each kind the name stood."""
    return request_erasure.find(erasure_id, call.caller)
