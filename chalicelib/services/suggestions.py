"""Read suggestions."""

from dataclasses import dataclass

from chalicelib.core.feedback import Feedback
from chalicelib.core.suggestions import Change, Comment, Review, Suggestion, SuggestionStatus
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import discussions
from chalicelib.store import suggestions as store
from chalicelib.store.paging import Page, Position


def find_suggestion(suggestion_id: str, caller: Caller) -> Suggestion:
    """The suggestion with that id.

    Raises:
        NotFound: there is none, or its scope is not the caller's.
    """
    suggestion = store.get(suggestion_id)
    if suggestion is None or not caller.reaches(suggestion.scope):
        raise missing("suggestion", suggestion_id)
    return suggestion


@dataclass(frozen=True)
class Said:
    """What was decided, changed and said of a suggestion: the first of each."""

    reviews: list[Review]
    changes: list[Change]
    comments: list[Comment]
    feedback: list[Feedback]


def said_of(suggestion_id: str, number: int) -> Said:
    """What was said of a suggestion that the caller was let to see, at most so many of each."""
    return Said(
        reviews=store.reviews(suggestion_id, number, None).items,
        changes=store.changes(suggestion_id, number, None).items,
        comments=discussions.comments(suggestion_id, number, None).items,
        feedback=discussions.feedback(suggestion_id, number, None).items,
    )


def list_suggestions(
    scope: str, status: str | None, wanted: Wanted, caller: Caller, assignee: str | None = None
) -> Listing[Suggestion]:
    """A scope's suggestions, of one status or of any, the latest first.

    Where only those are wanted that somebody is to decide on, a part of the listing may hold fewer
    than its limit and still have a part behind it.

    Raises:
        Forbidden: the scope is not the caller's.
        InvalidInput: there is no such status.
    """
    check_scope(caller, scope)
    if status is not None and status not in list(SuggestionStatus):
        raise invalid("status", f"must be one of {', '.join(SuggestionStatus)}")
    which = SuggestionStatus(status) if status else None

    def read(limit: int, position: Position | None) -> Page[Suggestion]:
        if not assignee:
            return store.page(scope, which, limit, position)
        page = store.page_assigned(scope, assignee, limit, position)
        fitting = [each for each in page.items if which in (None, each.status)]
        return Page(fitting, page.position)

    return listing(f"suggestions {scope} {status} {assignee}", wanted, read)
