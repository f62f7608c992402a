"""Change a suggestion without deciding on it, and read who changed what."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from chalicelib.core.diff import diff
from chalicelib.core.edits import differences, settled
from chalicelib.core.fields import Value
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.suggestions import (
    OPEN_STATUSES,
    Change,
    Suggestion,
    SuggestionKind,
    SuggestionStatus,
)
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, InvalidInput, field_errors, invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.publish import MAX_SPEC_BYTES
from chalicelib.services.repeats import new_id
from chalicelib.services.suggestions import find_suggestion
from chalicelib.store import suggestions as store
from chalicelib.store import versions
from chalicelib.store.transaction import Transaction

#: So many changed fields are named in the audit trail; the change itself has them all.
_MOST_NAMED = 50


class SuggestionEdit(Value):
    """A suggestion's new specification: the whole of it, or the fields that are others.

    Attributes:
        revision: the revision that it was made of.
    """

    revision: Annotated[int, Field(ge=1)]
    playbook_spec: dict[str, Any] | None = None
    modifications: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.playbook_spec is None) == (self.modifications is None):
            raise ValueError("playbook_spec: send either this or modifications")
        return self


def edit(suggestion_id: str, body: Any, caller: Caller, now: datetime) -> Suggestion:
    """Change what a suggestion proposes; one that was sent back waits for a decision again.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
        InvalidInput: the body is no edit, or makes no playbook.
        Conflict: somebody has changed or decided it since the revision that was edited.
    """
    wanted = validated(SuggestionEdit, body)
    suggestion = find_suggestion(suggestion_id, caller)
    check_current(suggestion, wanted.revision)
    before = suggestion.playbook_spec
    if wanted.playbook_spec is not None:
        spec = _sound(before, wanted.playbook_spec, "playbook_spec")
    else:
        spec = modified(before, wanted.modifications or {})
    if spec == before:
        return suggestion
    after = changed(suggestion, spec, caller, now)
    with Transaction(caller, now) as transaction:
        store.save(transaction, after)
        record_change(transaction, suggestion, spec, caller.name, now)
        transaction.audit(
            suggestion.scope,
            f"suggestion:{suggestion_id}",
            "edited",
            {"revision": suggestion.revision, "fields": _fields(before, spec)},
            before=suggestion,
            after=after,
        )
    return after


def list_changes(suggestion_id: str, wanted: Wanted, caller: Caller) -> Listing[Change]:
    """Who changed what in a suggestion, and when; the latest first.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
    """
    find_suggestion(suggestion_id, caller)
    return listing(
        f"changes {suggestion_id}",
        wanted,
        lambda limit, position: store.changes(suggestion_id, limit, position),
    )


def spec_at(suggestion: Suggestion, revision: int) -> PlaybookSpec:
    """A suggestion's specification as it was in an earlier revision, or as it is."""
    return store.spec_at(suggestion, revision)


def check_current(suggestion: Suggestion, revision: int | None) -> None:
    """Let nobody change or decide on what they have not seen, or what is decided.

    Raises:
        Conflict: it is at another revision, or nobody may decide on it any more.
    """
    if revision is not None and revision != suggestion.revision:
        raise Conflict(
            f"this suggestion is at revision {suggestion.revision} by now, not at "
            f"{revision}; look at it again, then decide"
        )
    if suggestion.status not in OPEN_STATUSES:
        raise Conflict(f"this suggestion is {suggestion.status} already")


def modified(spec: PlaybookSpec, modifications: dict[str, Any]) -> PlaybookSpec:
    """A specification with some fields changed, and what follows from that (see `settled`).

    Raises:
        InvalidInput: there are no such fields, or they make no playbook.
    """
    unknown = sorted(set(modifications) - set(PlaybookSpec.model_fields))
    if unknown:
        raise InvalidInput(
            [
                {"field": f"modifications.{name}", "message": "is no field of a specification"}
                for name in unknown
            ]
        )
    if not modifications:
        return spec
    return _sound(spec, {**spec.model_dump(mode="json"), **modifications}, "modifications")


def changed(
    suggestion: Suggestion, spec: PlaybookSpec, caller: Caller, now: datetime
) -> Suggestion:
    """A suggestion's next revision with another specification, which nobody has approved yet."""
    told: dict[str, Any] = {
        "title": spec.name if spec.name != suggestion.playbook_spec.name else suggestion.title,
        "playbook_spec": spec,
        "status": SuggestionStatus.PENDING,
        "edited_by": caller.name,
        "approvals": [],
        "decided_from": None,
        "revision": suggestion.revision + 1,
        "updated_at": now,
    }
    if suggestion.kind is SuggestionKind.IMPROVEMENT:
        base = versions.get(str(suggestion.playbook_id), str(suggestion.base_version))
        told["diff"] = diff(base.spec, spec) if base else None
    return suggestion.model_copy(update=told)


def record_change(
    transaction: Transaction,
    before: Suggestion,
    spec: PlaybookSpec,
    changed_by: str,
    now: datetime,
) -> None:
    """Keep what is changed in a revision; nothing where only other things than fields are."""
    fields = differences(before.playbook_spec, spec)
    if not fields:
        return
    change = Change(
        change_id=new_id("chg"),
        suggestion_id=before.suggestion_id,
        changed_by=changed_by,
        changed_at=now,
        revision=before.revision,
        fields=fields,
    )
    store.add_change(transaction, change, before.playbook_spec)


def _sound(before: PlaybookSpec, data: dict[str, Any], place: str) -> PlaybookSpec:
    try:
        spec = settled(before, PlaybookSpec.model_validate(data))
    except ValidationError as error:
        errors = field_errors(error)
        raise InvalidInput(
            [{**each, "field": f"{place}.{each['field']}"} for each in errors]
        ) from None
    if len(spec.model_dump_json().encode()) > MAX_SPEC_BYTES:
        raise invalid(place, f"must be at most {MAX_SPEC_BYTES:,} bytes as JSON")
    return spec


def _fields(before: PlaybookSpec, after: PlaybookSpec) -> list[str]:
    return [change.field for change in differences(before, after)][:_MOST_NAMED]
