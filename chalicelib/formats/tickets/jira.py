"""Jira's issues, Jira Service Management's among them: what was done is in the comments.

Read after https://developer.atlassian.com/cloud/jira/platform/webhooks. An issue comes alone, as
the REST API gives it, or in a delivery of a webhook; texts are plain, or in Atlassian's document
format.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from chalicelib.core.fields import Time, Value
from chalicelib.core.tickets import Note, Ticket, note, severity_of, ticket

SOURCE = "jira"

_UNSOLVED = {
    *("won't do", "won't fix", "wontfix", "duplicate", "cannot reproduce", "declined"),
    *("incomplete", "not a bug", "canceled", "cancelled", "abandoned"),
}


def _text(value: Any) -> str:
    """A text of Jira's, whether it is plain or a document."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    return _rendered(value).strip()


def _rendered(node: dict[str, Any]) -> str:
    """A document's node as text: items of lists on lines of their own, code between fences."""
    kind = node.get("type")
    if kind == "text":
        text = str(node.get("text", ""))
        marks = [mark.get("type") for mark in node.get("marks") or [] if isinstance(mark, dict)]
        return f"`{text}`" if "code" in marks else text
    if kind == "hardBreak":
        return "\n"
    children = [child for child in node.get("content") or [] if isinstance(child, dict)]
    parts = [_rendered(child) for child in children]
    if kind in ("bulletList", "orderedList"):
        marks = [f"{at}." if kind == "orderedList" else "-" for at in range(1, len(parts) + 1)]
        return "".join(f"{mark} {part.strip()}\n" for mark, part in zip(marks, parts, strict=True))
    inside = "".join(parts)
    if kind == "codeBlock":
        return f"```\n{inside}\n```\n"
    return f"{inside}\n" if kind in ("paragraph", "heading") else inside


_Text = Annotated[str, BeforeValidator(_text)]


class _Named(Value):
    name: str = ""


class _Category(Value):
    key: str = ""


class _Status(Value):
    name: str = ""
    category: Annotated[_Category, Field(alias="statusCategory")] = _Category()


class _Comment(Value):
    id: str
    body: _Text = ""
    created: Time | None = None
    updated: Time | None = None


class _Comments(Value):
    comments: Annotated[list[_Comment], Field(max_length=5_000)] = []


class _Fields(Value):
    summary: str = ""
    description: _Text = ""
    status: _Status | None = None
    priority: _Named = _Named()
    resolution: _Named | None = None
    components: list[_Named] = []
    labels: list[str] = []
    environment: _Text = ""
    created: Time | None = None
    updated: Time | None = None
    resolved: Annotated[Time | None, Field(alias="resolutiondate")] = None
    comment: _Comments = _Comments()


class _Issue(Value):
    key: Annotated[str, Field(min_length=1)]
    fields: _Fields = _Fields()


class _Delivery(Value):
    event: Annotated[str, Field(alias="webhookEvent")] = ""
    timestamp: Annotated[int, Field(ge=0, le=10**14)] | None = None  # milliseconds
    issue: _Issue
    comment: _Comment | None = None


def read(payload: Any) -> list[Ticket]:
    """What an issue, or a delivery with one, says; nothing where no issue is in it.

    Raises:
        ValidationError: this is neither.
    """
    if isinstance(payload, dict) and "issue" not in payload:
        if "webhookEvent" in payload and "key" not in payload:
            return []
        payload = {"issue": payload}
    delivery = _Delivery.model_validate(payload)
    if delivery.event == "jira:issue_deleted":
        return []
    return [_ticket(delivery)]


def _ticket(delivery: _Delivery) -> Ticket:
    fields = delivery.issue.fields
    at = fields.updated or fields.created or datetime.fromtimestamp(0, UTC)
    if delivery.timestamp is not None:
        at = datetime.fromtimestamp(delivery.timestamp / 1000, UTC)
    comments = [*fields.comment.comments]
    if delivery.comment is not None:
        gone = delivery.event == "comment_deleted"
        comments.append(delivery.comment.model_copy(update={"body": ""} if gone else {}))
    notes = {each.id: _note(each, at, delivery.event) for each in comments}
    return ticket(SOURCE, delivery.issue.key, at, _said(delivery), notes)


def _note(comment: _Comment, at: datetime, event: str) -> Note:
    if event == "comment_deleted" and not comment.body:
        return note(at, "", comment.created)
    return note(comment.updated or comment.created or at, comment.body, comment.created)


def _said(delivery: _Delivery) -> dict[str, Any]:
    """What an issue says; the one in a comment's delivery has few of its fields."""
    fields = delivery.issue.fields
    about = (fields.description, fields.environment)
    given: dict[str, Any] = {
        "title": fields.summary,
        "description": "\n\n".join(text for text in about if text),
        "affected_systems": [each.name for each in fields.components if each.name],
        "tags": fields.labels,
        "severity": severity_of(fields.priority.name),
        "opened_at": fields.created,
    }
    said: dict[str, Any] = {name: value for name, value in given.items() if value}
    if fields.status is None:
        return said
    done = fields.status.category.key == "done" or fields.resolution is not None
    ended = fields.resolved or fields.updated
    if done and delivery.comment is not None and not (ended or fields.resolution):
        # It tells that the issue is done, but neither how it ended nor when.
        return said
    outcome = (fields.resolution or _Named()).name.lower()
    unsolved = outcome in _UNSOLVED or fields.status.name.lower() in _UNSOLVED
    status = "open" if not done else "unresolved" if unsolved else "resolved"
    return said | {"status": status, "resolved_at": ended if status == "resolved" else None}
