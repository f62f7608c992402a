"""The resources of the Model Context Protocol: playbooks, as Markdown for people and assistants."""

from typing import Any

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.core.versions import Playbook
from chalicelib.services import export, publish, understand
from chalicelib.services.access import Caller
from chalicelib.services.listing import Wanted

_URI = "precedent://playbooks/"
_MARKDOWN = "text/markdown"
#: So many scopes without a playbook are passed over at most, for one answer.
_SCOPES_A_PAGE = 20

TEMPLATES = [
    {
        "uriTemplate": f"{_URI}{{playbook_id}}",
        "name": "playbook",
        "title": "A playbook",
        "description": "The current version of a playbook, as Markdown.",
        "mimeType": _MARKDOWN,
    }
]


def page(cursor: str | None, caller: Caller) -> dict[str, Any]:
    """A part of the playbooks that the caller reaches, scope after scope.

    Raises:
        InvalidInput: the cursor is none of ours.
    """
    known = {DEFAULT_SCOPE, *caller.scopes, *understand.list_scopes(caller)}
    scope, _, place = (cursor or "").partition(" ")
    left = [each for each in sorted(known) if caller.reaches(each) and each >= scope]
    for number, each in enumerate(left[:_SCOPES_A_PAGE]):
        wanted = Wanted(cursor=place if each == scope and place else None)
        listing = publish.list_playbooks(each, wanted, caller)
        following = f"{each} {listing.next_cursor}" if listing.next_cursor else None
        if following is None and number + 1 < len(left):
            following = left[number + 1]
        if listing.items or following is None or number + 1 == _SCOPES_A_PAGE:
            resources = list(map(_resource, listing.items))
            return {"resources": resources} | ({"nextCursor": following} if following else {})
    return {"resources": []}


def read(uri: str, caller: Caller) -> dict[str, Any]:
    """A playbook as Markdown.

    Raises:
        NotFound, Forbidden: as `publish.find_playbook`.
    """
    playbook_id = uri.removeprefix(_URI)
    text = export.written(playbook_id, "markdown", caller).text
    return {"contents": [{"uri": uri, "mimeType": _MARKDOWN, "text": text}]}


def is_ours(uri: Any) -> bool:
    """Whether a resource's address is a playbook's."""
    if not isinstance(uri, str) or not uri.startswith(_URI):
        return False
    name = uri.removeprefix(_URI)
    return name.isascii() and name.replace("_", "").isalnum() and len(name) <= 100


def _resource(playbook: Playbook) -> dict[str, Any]:
    return {
        "uri": f"{_URI}{playbook.playbook_id}",
        "name": playbook.playbook_id,
        "title": playbook.title,
        "description": playbook.spec.description or playbook.title,
        "mimeType": _MARKDOWN,
    }
