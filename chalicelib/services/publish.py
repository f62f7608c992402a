"""Playbooks: made of approved suggestions or written by people, and read back.

What becomes of them afterwards is in `services.versions`.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.core.caution import cautious
from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Value
from chalicelib.core.incidents import AnySeverity, Entries, Incident
from chalicelib.core.patterns import Pattern
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import (
    FIRST_VERSION,
    MAIN,
    ChangeType,
    HistoryEntry,
    Playbook,
    PlaybookStatus,
    PlaybookVersion,
    content_hash,
)
from chalicelib.services.access import Caller, check_scope, missing
from chalicelib.services.errors import invalid, validated
from chalicelib.services.history import add_version, current_version, find_branch
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.repeats import new_id
from chalicelib.store import incidents, patterns, versions
from chalicelib.store import playbooks as store
from chalicelib.store.transaction import Transaction

_TEXTS = 20  # incidents whose words a playbook is found by
_TEXT_LENGTH = 1_000
_NUMBER = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
MAX_SPEC_BYTES = 150_000  # an item holds the specification once, beside the incidents' words


class PlaybookDraft(Value):
    """A playbook as a person writes it."""

    scope: Scope = DEFAULT_SCOPE
    spec: PlaybookSpec
    systems: Entries = []
    severity: AnySeverity | None = None
    symptoms: Entries = []


class PlaybookAtVersion(PlaybookVersion, Playbook):
    """A playbook as it now stands, with one of its versions: what both tell is the version's."""


def playbook_id_of(suggestion: Suggestion) -> str:
    """The id of the playbook that approving a suggestion makes: another one after an undo."""
    name = suggestion.suggestion_id + f" {suggestion.undone}" * (suggestion.undone > 0)
    return f"pb_{hashlib.sha256(name.encode()).hexdigest()[:20]}"


def add_approved(
    transaction: Transaction, suggestion: Suggestion, caller: Caller, now: datetime
) -> Playbook:
    """Add version 1.0.0 of an approved suggestion's playbook to a transaction."""
    pattern = patterns.get(suggestion.pattern_id) if suggestion.pattern_id else None
    behind = list(incidents.get_many(suggestion.scope, suggestion.supporting_incidents[:_TEXTS]))
    playbook = playbook_of(suggestion, pattern, behind, caller.name, now)
    _add(transaction, playbook, f"Approved from suggestion {suggestion.suggestion_id}.")
    source = f"suggestion:{suggestion.suggestion_id}"
    versions.refer(transaction, playbook.playbook_id, playbook.version, source)
    return playbook


def playbook_of(
    suggestion: Suggestion,
    pattern: Pattern | None,
    behind: Iterable[Incident],
    author: str,
    now: datetime,
) -> Playbook:
    """The playbook that approving a suggestion makes.

    Args:
        suggestion: what is approved.
        pattern: what it was made of, as it now stands; None where that is gone.
        behind: the incidents by whose words the playbook is found.
        author: who approves.
        now: when.
    """
    return Playbook(
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
        created_by=author,
        created_at=now,
        updated_at=now,
    )


def withdraw(
    transaction: Transaction, playbook_id: str, caller: Caller, now: datetime
) -> Playbook | None:
    """Take a playbook back whose approval is undone; it stays readable, and is recommended no more.

    Returns:
        The playbook as it was, or None where somebody has used it and so it must stay.
    """
    playbook = store.get(playbook_id)
    if playbook is None or was_used(playbook):
        return None
    store.save(transaction, playbook.changed(now, status=PlaybookStatus.WITHDRAWN))
    told = {"playbook_id": playbook_id, "version": playbook.version}
    transaction.audit(playbook.scope, f"playbook:{playbook_id}", "withdrawn", told)
    return playbook


def was_used(playbook: Playbook) -> bool:
    """Whether a playbook was run, changed or recommended since it was published."""
    return playbook.revision > 1 or store.was_recommended(playbook.playbook_id)


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
    spec = publishable(draft.spec)
    playbook = Playbook(
        playbook_id=new_id("pb"),
        scope=draft.scope,
        title=spec.name,
        status=PlaybookStatus.ACTIVE,
        version=FIRST_VERSION,
        spec=spec,
        systems=draft.systems,
        severities=[draft.severity] if draft.severity else [],
        symptoms=draft.symptoms,
        created_by=caller.name,
        created_at=now,
        updated_at=now,
    )
    with Transaction(caller, now) as transaction:
        _add(transaction, playbook, changelog)
    return playbook


def publishable(spec: PlaybookSpec) -> PlaybookSpec:
    """A specification that somebody handed in, with no step's risk understated.

    Raises:
        InvalidInput: it is too large.
    """
    if len(spec.model_dump_json().encode()) > MAX_SPEC_BYTES:
        raise invalid("spec", f"must be at most {MAX_SPEC_BYTES:,} bytes as JSON")
    return cautious(spec)


def find_playbook(playbook_id: str, caller: Caller) -> Playbook:
    """The playbook with that id as it now stands.

    Raises:
        NotFound: there is none, or its scope is not the caller's.
    """
    playbook = store.get(playbook_id)
    if playbook is None or not caller.reaches(playbook.scope):
        raise missing("playbook", playbook_id)
    return playbook


def find_version(
    playbook_id: str, version: str | None, branch: str | None, caller: Caller
) -> tuple[Playbook, PlaybookVersion]:
    """A playbook and one of its versions: the one named, else the current one of the branch.

    Args:
        playbook_id: whose.
        version: its number; it needs no branch, but where one is told it must be the version's.
        branch: `main` unless it is told.
        caller: who asks.

    Raises:
        NotFound: there is no such playbook, branch or version.
        Forbidden: its scope is not the caller's.
        InvalidInput: this is no version number.
    """
    playbook = find_playbook(playbook_id, caller)
    if version is None:
        return playbook, current_version(playbook, find_branch(playbook, branch or MAIN))
    if not _NUMBER.fullmatch(version):
        raise invalid("version", "must be a version number such as 1.0.0")
    found = versions.get(playbook_id, version)
    if found is None or branch not in (None, found.branch):
        where = f" on the branch {branch}" if branch else ""
        raise missing("version", f"{version} of {playbook_id}{where}")
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
) -> Listing[HistoryEntry]:
    """The versions made on a branch of a playbook, without their content, the newest first.

    Raises:
        NotFound: there is no such playbook or branch.
        Forbidden: its scope is not the caller's.
    """
    find_branch(find_playbook(playbook_id, caller), branch)
    return listing(
        f"versions {playbook_id} {branch}",
        wanted,
        lambda limit, at: versions.page(playbook_id, branch, limit, at),
    )


def _add(transaction: Transaction, playbook: Playbook, changelog: str) -> None:
    """Everything that a new playbook is: how it stands, its first version, and the news of it."""
    version = PlaybookVersion(
        playbook_id=playbook.playbook_id,
        version=playbook.version,
        change_type=ChangeType.CREATED,
        changelog=changelog,
        content_hash=content_hash(playbook.spec),
        spec=playbook.spec,
        author=playbook.created_by,
        created_at=playbook.created_at,
    )
    add_version(transaction, playbook, version)


def texts_of(behind: Iterable[Incident]) -> dict[str, str]:
    """What each incident said, shortened, in the order of their ids."""
    texts = {}
    for incident in sorted(behind, key=lambda each: each.incident_id):
        said = [incident.title, *incident.symptoms, *incident.error_messages, incident.description]
        texts[incident.incident_id] = "\n".join(said)[:_TEXT_LENGTH]
    return texts
