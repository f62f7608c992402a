"""Suggestions in DynamoDB, with their reviews and feedback.

Beside each suggestion lies what a listing shows of it, a hundredth of its size: by that the queue
is read and searched, in an order of its own.
"""

from collections.abc import Callable, Sequence

from chalicelib.core.fields import format_time
from chalicelib.core.suggestions import (
    OPEN_STATUSES,
    Feedback,
    Listed,
    Review,
    Suggestion,
    SuggestionStatus,
    listed,
)
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import SuggestionItem
from chalicelib.store.transaction import Transaction

#: So many of a queue are looked at for one answer, whether they fit what is looked for or not.
MOST_LOOKED_AT = 200

_LISTED = "listed"


def get(suggestion_id: str) -> Suggestion | None:
    """The suggestion with that id, None where there is none."""
    try:
        return _suggestion(SuggestionItem.get(suggestion_id, "suggestion", consistent_read=True))
    except SuggestionItem.DoesNotExist:
        return None


def statuses(suggestion_ids: Sequence[str]) -> dict[str, SuggestionStatus]:
    """The states of those of the suggestions that there are, by their ids."""
    items = SuggestionItem.batch_get(
        [(each, "suggestion") for each in dict.fromkeys(suggestion_ids)],
        attributes_to_get=["pk", "sk", "scope_status"],
    )
    return {
        item.pk: SuggestionStatus(item.scope_status.rpartition("#")[2])
        for item in items
        if item.scope_status
    }


def save(transaction: Transaction, suggestion: Suggestion) -> None:
    """Write a suggestion over the revision before it; revision 1 must be new.

    Raises:
        Conflict: (from the transaction) somebody wrote that revision first.
    """
    item = SuggestionItem(
        suggestion.suggestion_id,
        "suggestion",
        document=suggestion.model_dump_json(),
        revision=suggestion.revision,
        scope=suggestion.scope,
        scope_sk=f"{format_time(suggestion.created_at)}#{suggestion.suggestion_id}",
        scope_status=f"{suggestion.scope}#{suggestion.status}",
    )
    transaction.create(item) if suggestion.revision == 1 else transaction.replace(item)
    transaction.put(
        SuggestionItem(
            suggestion.suggestion_id,
            _LISTED,
            document=listed(suggestion).model_dump_json(),
            scope_status=_queue(suggestion.scope, suggestion.status),
            scope_sk=_place(suggestion),
        )
    )


def page(
    scope: str, status: SuggestionStatus | None, limit: int, position: Position | None
) -> Page[Suggestion]:
    """A page of the scope's suggestions, of one status or of any, the latest first."""
    if status is None:
        results = SuggestionItem.by_scope.query(
            scope, limit=limit, last_evaluated_key=position, scan_index_forward=False
        )
    else:
        results = SuggestionItem.by_status.query(
            f"{scope}#{status}", limit=limit, last_evaluated_key=position, scan_index_forward=False
        )
    return page_of(results).of(_suggestion)


def queue(
    scope: str,
    status: SuggestionStatus,
    limit: int,
    position: Position | None,
    fits: Callable[[Listed], bool] | None = None,
) -> Page[Listed]:
    """Those of a scope's suggestions of one status that fit, in the order that they are worked off.

    Of those that wait, the surest come first, in bands of ten points of confidence, and in a band
    those that have waited longest. Of the decided, the latest decision comes first. At most
    `MOST_LOOKED_AT` are looked at, so a page may be empty and yet have a position to go on from.
    """
    results = SuggestionItem.by_status.query(
        _queue(scope, status),
        limit=MOST_LOOKED_AT if fits else limit,
        last_evaluated_key=position,
        scan_index_forward=status in OPEN_STATUSES,
        attributes_to_get=["document"],
    )
    found: list[Listed] = []
    for item in results:
        row = Listed.model_validate_json(item.text)
        if fits is None or fits(row):
            found.append(row)
            if fits and len(found) == limit:
                return Page(found, _position(scope, row))
    return Page(found, results.last_evaluated_key)


def add_review(transaction: Transaction, review: Review) -> None:
    """Keep a review beside its suggestion."""
    key = f"review#{format_time(review.reviewed_at)}#{review.review_id}"
    transaction.create(SuggestionItem(review.suggestion_id, key, document=review.model_dump_json()))


def reviews(suggestion_id: str, limit: int, position: Position | None) -> Page[Review]:
    """A page of a suggestion's reviews, the earliest first."""
    results = SuggestionItem.query(
        suggestion_id,
        SuggestionItem.sk.startswith("review#"),
        limit=limit,
        last_evaluated_key=position,
    )
    return page_of(results).of(lambda item: Review.model_validate_json(item.text))


def add_feedback(transaction: Transaction, feedback: Feedback) -> None:
    """Keep what someone said of a suggestion."""
    key = f"feedback#{format_time(feedback.given_at)}#{feedback.feedback_id}"
    transaction.create(
        SuggestionItem(feedback.suggestion_id, key, document=feedback.model_dump_json())
    )


def _suggestion(item: SuggestionItem) -> Suggestion:
    return Suggestion.model_validate_json(item.text)


def _queue(scope: str, status: SuggestionStatus) -> str:
    """The partition of the index that holds what is listed; a scope's name holds no `#`."""
    return f"{scope}#{status}#listed"


def _position(scope: str, row: Listed) -> Position:
    """The position of what comes after a row of a queue."""
    keys = {
        "pk": row.suggestion_id,
        "sk": _LISTED,
        "scope_status": _queue(scope, row.status),
        "scope_sk": _place(row),
    }
    return {name: {"S": value} for name, value in keys.items()}


def _place(suggestion: Suggestion | Listed) -> str:
    """Where a suggestion stands in its queue, as a text that sorts so."""
    if suggestion.status in OPEN_STATUSES:
        band = 10 - int(10 * suggestion.confidence_score)
        since = format_time(suggestion.created_at)
        return f"{band:02d}#{since}#{suggestion.suggestion_id}"
    return f"{format_time(suggestion.updated_at)}#{suggestion.suggestion_id}"
