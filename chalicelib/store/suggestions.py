"""Suggestions in DynamoDB, with their reviews and feedback.

Beside each suggestion lies what a listing shows of it, a hundredth of its size: by that the queue
is read and searched, in an order of its own.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from chalicelib.core.drift import PatternChange
from chalicelib.core.fields import format_time
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.suggestions import (
    OPEN_STATUSES,
    Assignment,
    Change,
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
#: What is kept beside a suggestion and read with it: to change it is no change of the suggestion.
_BESIDE = {"assignee", "pattern_change"}


def get(suggestion_id: str) -> Suggestion | None:
    """The suggestion with that id, None where there is none."""
    return next(iter(get_many([suggestion_id])), None)


def get_many(suggestion_ids: Sequence[str]) -> list[Suggestion]:
    """Those of the suggestions that there are, in the order of the ids."""
    wanted = list(dict.fromkeys(suggestion_ids))
    found = _items(wanted, {"suggestion", *_BESIDE})
    there = [found[each] for each in wanted if "suggestion" in found[each]]
    return [_whole(items["suggestion"], items) for items in there]


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
        document=suggestion.model_dump_json(exclude=_BESIDE),
        revision=suggestion.revision,
        scope=suggestion.scope,
        scope_sk=_age(suggestion),
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
    found = page_of(results)
    return Page(_suggestions(found.items), found.position)


def page_assigned(
    scope: str, assignee: str, limit: int, position: Position | None
) -> Page[Suggestion]:
    """A page of the scope's suggestions that somebody is to decide on, the latest first."""
    results = SuggestionItem.by_scope.query(
        f"{scope}#assigned#{assignee}",
        limit=limit,
        last_evaluated_key=position,
        scan_index_forward=False,
    )
    found = page_of(results)
    return Page(get_many([item.pk for item in found.items]), found.position)


def save_assignment(
    transaction: Transaction, suggestion: Suggestion, assignment: Assignment
) -> None:
    """Keep who is to decide on a suggestion, and list it under their name."""
    item = SuggestionItem(
        suggestion.suggestion_id,
        "assignee",
        document=assignment.model_dump_json(),
        scope=f"{suggestion.scope}#assigned#{assignment.assignee}",
        scope_sk=_age(suggestion),
    )
    transaction.put(item) if assignment.assignee else transaction.delete(item)


def save_pattern_change(
    transaction: Transaction, suggestion: Suggestion, change: PatternChange | None
) -> None:
    """Keep what is otherwise in a suggestion's pattern by now, unless that is known already."""
    known = suggestion.pattern_change
    if change is None and known is not None:
        transaction.delete(SuggestionItem(suggestion.suggestion_id, "pattern_change"))
    elif change is not None and (
        known is None or change != known.model_copy(update={"noticed_at": change.noticed_at})
    ):
        document = change.model_dump_json()
        transaction.put(
            SuggestionItem(suggestion.suggestion_id, "pattern_change", document=document)
        )


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


def add_change(transaction: Transaction, change: Change, before: PlaybookSpec) -> None:
    """Keep what was changed in a revision, with the whole specification as it was then."""
    kept = {"change": change.model_dump(mode="json"), "before": before.model_dump(mode="json")}
    key = f"change#{change.revision:08d}"
    transaction.create(SuggestionItem(change.suggestion_id, key, document=json.dumps(kept)))


def changes(suggestion_id: str, limit: int, position: Position | None) -> Page[Change]:
    """A page of what was changed in a suggestion, the latest first."""
    results = SuggestionItem.query(
        suggestion_id,
        SuggestionItem.sk.startswith("change#"),
        limit=limit,
        last_evaluated_key=position,
        scan_index_forward=False,
    )
    return page_of(results).of(lambda item: Change.model_validate(json.loads(item.text)["change"]))


def spec_at(suggestion: Suggestion, revision: int) -> PlaybookSpec:
    """A suggestion's specification as it was in an earlier revision, or as it is."""
    later = SuggestionItem.sk.between(f"change#{revision:08d}", "change#99999999")
    for item in SuggestionItem.query(suggestion.suggestion_id, later, limit=1):
        return PlaybookSpec.model_validate(json.loads(item.text)["before"])
    return suggestion.playbook_spec


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


def _age(suggestion: Suggestion) -> str:
    """Where it stands among the others of its scope: by its age."""
    return f"{format_time(suggestion.created_at)}#{suggestion.suggestion_id}"


def _suggestions(items: Sequence[SuggestionItem]) -> list[Suggestion]:
    """The suggestions in these items, each with what is kept beside it."""
    beside = _items([item.pk for item in items], _BESIDE)
    return [_whole(item, beside[item.pk]) for item in items]


def _items(suggestion_ids: Sequence[str], names: set[str]) -> dict[str, dict[str, SuggestionItem]]:
    """The items of these names, by the suggestion and by name."""
    found: dict[str, dict[str, SuggestionItem]] = defaultdict(dict)
    keys = [(each, name) for each in suggestion_ids for name in sorted(names)]
    for item in SuggestionItem.batch_get(keys, consistent_read=True) if keys else ():
        found[item.pk][item.sk] = item
    return found


def _whole(item: SuggestionItem, beside: Mapping[str, SuggestionItem]) -> Suggestion:
    """A suggestion with what is kept beside it."""
    said = json.loads(item.text)
    if "assignee" in beside:
        said["assignee"] = json.loads(beside["assignee"].text)["assignee"]
    if "pattern_change" in beside:
        said["pattern_change"] = json.loads(beside["pattern_change"].text)
    return Suggestion.model_validate(said)
