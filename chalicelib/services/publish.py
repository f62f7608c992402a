"""Playbooks: made of approved suggestions or written by people, and read back."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.core.caution import cautious
from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Value
from chalicelib.core.incidents import AnySeverity, Entries, Incident
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import (
    FIRST_VERSION,
    MAIN,
    ChangeType,
    Playbook,
    PlaybookStatus,
    PlaybookVersion,
)
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import incidents, patterns
from chalicelib.store import playbooks as store
from chalicelib.store.transaction import Transaction

_TEXTS = 20  # incidents whose words a playbook is found by
_TEXT_LENGTH = 1_000
_SYSTEMS_TOLD, _SYSTEM_LENGTH = 50, 200
_MAX_SPEC_BYTES = 150_000  # an item holds the specification once, beside the incidents' words


class PlaybookDraft(Value):
    """A playbook as a person writes it."""

    scope: Scope = DEFAULT_SCOPE
    spec: PlaybookSpec
    systems: Entries = []
    severity: AnySeverity | None = None
    symptoms: Entries = []


def playbook_id_of(suggestion: Suggestion) -> str:
    """The id of the playbook that approving a suggestion makes: always the same one."""
    return f"pb_{hashlib.sha256(suggestion.suggestion_id.encode()).hexdigest()[:20]}"


def add_approved(
    transaction: Transaction, suggestion: Suggestion, caller: Caller, now: datetime
) -> Playbook:
    """Add version 1.0.0 of an approved suggestion's playbook to a transaction."""
    pattern = patterns.get(suggestion.pattern_id)
    behind = list(incidents.get_many(suggestion.scope, suggestion.supporting_incidents[:_TEXTS]))
    playbook = Playbook(
        playbook_id=playbook_id_of(suggestion),
        scope=suggestion.scope,
        title=suggestion.playbook_spec.name,
        status=PlaybookStatus.ACTIVE,
        version=FIRST_VERSION,
        spec=suggestion.playbook_spec,
        systems=pattern.systems if pattern else [],
        severities=list(pattern.severity_distribution) if pattern else [],
        symptoms=pattern.symptoms if pattern else [],
        confidence_score=suggestion.confidence_score,
        pattern_id=suggestion.pattern_id,
        suggestion_id=suggestion.suggestion_id,
        supporting_incidents=suggestion.supporting_incidents,
        incident_texts=texts_of(behind),
        solved_rate=pattern.success_rate if pattern else None,
        created_by=caller.name,
        created_at=now,
        updated_at=now,
    )
    _add(transaction, playbook, f"Approved from suggestion {suggestion.suggestion_id}.")
    return playbook


def write_playbook(body: Any, caller: Caller, now: datetime) -> Playbook:
    """Publish a playbook that a person wrote, as version 1.0.0.

    Raises:
        InvalidInput: the body holds no sound specification.
        Forbidden: its scope is not the caller's.
    """
    return publish_draft(validated(PlaybookDraft, body), "Written by hand.", caller, now)


def publish_draft(draft: PlaybookDraft, changelog: str, caller: Caller, now: datetime) -> Playbook:
    """Publish a playbook that no suggestion led to, as version 1.0.0.

    Raises:
        InvalidInput: its specification is too large.
        Forbidden: its scope is not the caller's.
    """
    check_scope(caller, draft.scope)
    if len(draft.spec.model_dump_json().encode()) > _MAX_SPEC_BYTES:
        raise invalid("spec", f"must be at most {_MAX_SPEC_BYTES:,} bytes as JSON")
    playbook = Playbook(
        playbook_id=f"pb_{uuid.uuid4().hex[:20]}",
        scope=draft.scope,
        title=draft.spec.name,
        status=PlaybookStatus.ACTIVE,
        version=FIRST_VERSION,
        spec=cautious(draft.spec),
        systems=draft.systems,
        severities=[draft.severity] if draft.severity else [],
        symptoms=draft.symptoms,
        created_by=caller.name,
        created_at=now,
        updated_at=now,
    )
    with Transaction(caller.actor, now) as transaction:
        _add(transaction, playbook, changelog)
    return playbook


def find_playbook(playbook_id: str, caller: Caller) -> Playbook:
    """The playbook with that id as it now stands.

    Raises:
        NotFound: there is none.
        Forbidden: its scope is not the caller's.
    """
    playbook = store.get(playbook_id)
    if playbook is None:
        raise missing("playbook", playbook_id)
    check_scope(caller, playbook.scope)
    return playbook


def find_version(
    playbook_id: str, version: str | None, branch: str, caller: Caller
) -> tuple[Playbook, PlaybookVersion]:
    """A playbook and one of its versions, the current one unless another is named.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
        InvalidInput: this is no version number.
    """
    playbook = find_playbook(playbook_id, caller)
    wanted = version or playbook.version
    if not all(part.isdecimal() for part in wanted.split(".")):
        raise invalid("version", "must be a version number such as 1.0.0")
    found = store.get_version(playbook_id, wanted, branch)
    if found is None:
        raise missing("version", f"{wanted} of {playbook_id} on the branch {branch}")
    return playbook, found


def list_playbooks(scope: str, wanted: Wanted, caller: Caller) -> Listing[Playbook]:
    """A scope's playbooks, the last changed first.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return listing(f"playbooks {scope}", wanted, lambda limit, at: store.page(scope, limit, at))


def list_versions(
    playbook_id: str, branch: str, wanted: Wanted, caller: Caller
) -> Listing[PlaybookVersion]:
    """The versions on a branch of a playbook, the newest first.

    Raises:
        NotFound, Forbidden: as `find_playbook`.
    """
    find_playbook(playbook_id, caller)
    return listing(
        f"versions {playbook_id} {branch}",
        wanted,
        lambda limit, at: store.versions(playbook_id, branch, limit, at),
    )


def _add(transaction: Transaction, playbook: Playbook, changelog: str) -> None:
    """Everything that a new playbook is: how it stands, its first version, and the news of it."""
    store.save(transaction, playbook)
    store.add_version(
        transaction,
        PlaybookVersion(
            playbook_id=playbook.playbook_id,
            version=playbook.version,
            branch=MAIN,
            change_type=ChangeType.CREATED,
            changelog=changelog,
            based_on=None,
            spec=playbook.spec,
            author=playbook.created_by,
            created_at=playbook.created_at,
        ),
    )
    told = {
        "playbook_id": playbook.playbook_id,
        "version": playbook.version,
        "title": playbook.title,
        # An event has 256 KB at most; whoever wants to know more reads the playbook.
        "systems": [system[:_SYSTEM_LENGTH] for system in playbook.systems[:_SYSTEMS_TOLD]],
    }
    transaction.audit(playbook.scope, f"playbook:{playbook.playbook_id}", "published", told)
    transaction.event("playbook.published", playbook.scope, told)


def texts_of(behind: Iterable[Incident]) -> dict[str, str]:
    """What each incident said, shortened, in the order of their ids."""
    texts = {}
    for incident in sorted(behind, key=lambda each: each.incident_id):
        said = [incident.title, *incident.symptoms, *incident.error_messages, incident.description]
        texts[incident.incident_id] = "\n".join(said)[:_TEXT_LENGTH]
    return texts
