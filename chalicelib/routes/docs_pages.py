"""The API's description: the OpenAPI document, and a page to read it."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.routes.http import Call, endpoint
from chalicelib.routes.openapi import document
from chalicelib.routes.visits import Visit, page

docs_pages = Blueprint(__name__)


@endpoint(docs_pages, "GET", "/openapi.json")
def get_description(call: Call) -> dict[str, Any]:
    """This description of the API, in OpenAPI 3.1."""
    return document()


@page(docs_pages, "GET", "/docs")
def docs(visit: Visit) -> Response:
    """The API's description for people."""
    return visit.page("docs.html", described=document())
