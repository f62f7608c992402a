"""Talk about suggestions: comments, who is to decide, and what people think of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, field_validator

from chalicelib.core.feedback import Feedback, FeedbackReport
from chalicelib.core.fields import Value
from chalicelib.core.suggestions import Assignment, Comment
from chalicelib.services.access import Caller
from chalicelib.services.errors import invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.repeats import new_id
from chalicelib.services.suggestions import find_suggestion
from chalicelib.store import discussions
from chalicelib.store import feedback as opinions
from chalicelib.store import suggestions as store
from chalicelib.store.transaction import Transaction, retried


class CommentReport(Value):
    """What somebody says about a suggestion."""

    text: Annotated[str, Field(max_length=20_000)]

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be blank")
        return text.strip()


class Assignee(Value):
    """Who is to decide; None for nobody in particular."""

    assignee: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")] | None = None


def comment(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Comment:
    """Say something about a suggestion.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body is no comment.
    """
    report = validated(CommentReport, body)
    suggestion = find_suggestion(suggestion_id, caller)
    said = Comment(
        comment_id=new_id("com"),
        suggestion_id=suggestion_id,
        text=report.text,
        written_by=caller.name,
        written_at=now,
    )
    with Transaction(caller, now) as transaction:
        discussions.add_comment(transaction, said)
        told = {"comment_id": said.comment_id}
        transaction.audit(suggestion.scope, f"suggestion:{suggestion_id}", "commented", told)
    return said


def list_comments(suggestion_id: str, wanted: Wanted, caller: Caller) -> Listing[Comment]:
    """What was said about a suggestion, the earliest first.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
    """
    find_suggestion(suggestion_id, caller)
    return listing(
        f"comments {suggestion_id}",
        wanted,
        lambda limit, position: discussions.comments(suggestion_id, limit, position),
    )


def assign(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Assignment:
    """Say who is to decide on a suggestion; the last one who says so has the say.

    It is no change of the suggestion: whoever edits it meanwhile is not disturbed.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body does not say who.
    """
    wanted = validated(Assignee, body)
    if not isinstance(body, Mapping) or "assignee" not in body:
        raise invalid("assignee", "must be a reviewer's name, or null for nobody")
    suggestion = find_suggestion(suggestion_id, caller)
    assignment = Assignment(
        suggestion_id=suggestion_id,
        assignee=(wanted.assignee or "").strip() or None,
        assigned_by=caller.name,
        assigned_at=now,
    )
    with Transaction(caller, now) as transaction:
        store.save_assignment(transaction, suggestion, assignment)
        told = {"assignee": assignment.assignee}
        told["before"] = suggestion.assignee
        transaction.audit(suggestion.scope, f"suggestion:{suggestion_id}", "assigned", told)
    return assignment


def rate(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Feedback:
    """Keep what someone thinks of a suggestion, for the statistics and for its pattern's next one.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body is no feedback.
        Conflict: very many people rated at once; try again.
    """
    report = validated(FeedbackReport, body)
    suggestion = find_suggestion(suggestion_id, caller)
    feedback = Feedback(
        **dict(report),
        feedback_id=new_id("fb"),
        suggestion_id=suggestion_id,
        given_by=caller.name,
        given_at=now,
    )
    # A playbook that a person wrote has no pattern, and its improvements speak for themselves.
    about = suggestion.pattern_id or suggestion_id

    def keep() -> None:
        before = opinions.of_pattern(about)
        figures = opinions.of_scope(suggestion.scope)
        with Transaction(caller, now) as transaction:
            discussions.add_feedback(transaction, feedback)
            opinions.save_of_pattern(transaction, about, before.plus(caller.actor, report))
            opinions.save_of_scope(
                transaction,
                suggestion.scope,
                figures.plus(report, before.by_person.get(caller.actor)),
            )
            told = {"rating": feedback.rating, "tags": feedback.tags}
            transaction.audit(suggestion.scope, f"suggestion:{suggestion_id}", "rated", told)

    retried(keep)
    return feedback


def list_feedback(suggestion_id: str, wanted: Wanted, caller: Caller) -> Listing[Feedback]:
    """What people think of a suggestion, the latest first.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
    """
    find_suggestion(suggestion_id, caller)
    return listing(
        f"feedback {suggestion_id}",
        wanted,
        lambda limit, position: discussions.feedback(suggestion_id, limit, position),
    )
