"""What people say about suggestions, in DynamoDB: comments and feedback, beside each of them."""

from chalicelib.core.feedback import Feedback
from chalicelib.core.fields import format_time
from chalicelib.core.suggestions import Comment
from chalicelib.store.paging import Page, Position, page_of
from chalicelib.store.tables import SuggestionItem
from chalicelib.store.transaction import Transaction


def add_comment(transaction: Transaction, comment: Comment) -> None:
    """Keep what somebody said about a suggestion."""
    key = f"comment#{format_time(comment.written_at)}#{comment.comment_id}"
    transaction.create(
        SuggestionItem(comment.suggestion_id, key, document=comment.model_dump_json())
    )


def comments(suggestion_id: str, limit: int, position: Position | None) -> Page[Comment]:
    """A page of what was said about a suggestion, the earliest first."""
    results = SuggestionItem.query(
        suggestion_id,
        SuggestionItem.sk.startswith("comment#"),
        limit=limit,
        last_evaluated_key=position,
    )
    return page_of(results).of(lambda item: Comment.model_validate_json(item.text))


def add_feedback(transaction: Transaction, feedback: Feedback) -> None:
    """Keep what someone thinks of a suggestion."""
    key = f"feedback#{format_time(feedback.given_at)}#{feedback.feedback_id}"
    transaction.create(
        SuggestionItem(feedback.suggestion_id, key, document=feedback.model_dump_json())
    )


def feedback(suggestion_id: str, limit: int, position: Position | None) -> Page[Feedback]:
    """A page of what people think of a suggestion, the latest first."""
    results = SuggestionItem.query(
        suggestion_id,
        SuggestionItem.sk.startswith("feedback#"),
        limit=limit,
        last_evaluated_key=position,
        scan_index_forward=False,
    )
    return page_of(results).of(lambda item: Feedback.model_validate_json(item.text))
