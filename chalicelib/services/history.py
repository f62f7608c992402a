"""The versions of a playbook as they follow each other: where its branches stand, what is added."""

from typing import Any

from chalicelib.core.agents import required_capabilities
from chalicelib.core.versions import FIRST_VERSION, MAIN, Branch, Playbook, PlaybookVersion
from chalicelib.services.access import missing
from chalicelib.store import playbooks as store
from chalicelib.store import versions
from chalicelib.store.transaction import Transaction

_SYSTEMS_TOLD, _SYSTEM_LENGTH = 50, 200


def find_branch(playbook: Playbook, name: str) -> Branch:
    """A branch of a playbook, `main` among them.

    Raises:
        NotFound: there is none.
    """
    if name == MAIN:
        return Branch(
            playbook_id=playbook.playbook_id,
            name=MAIN,
            from_version=FIRST_VERSION,
            version=playbook.version,
            created_by=playbook.created_by,
            created_at=playbook.created_at,
            updated_at=playbook.updated_at,
        )
    branch = versions.get_branch(playbook.playbook_id, name)
    if branch is None or branch.deleted_at:
        raise missing("branch", f"{name} of {playbook.playbook_id}")
    return branch


def current_version(playbook: Playbook, branch: Branch) -> PlaybookVersion:
    """The version that a branch stands at.

    Raises:
        NotFound: it is not there.
    """
    found = versions.get(playbook.playbook_id, branch.version)
    if found is None:
        raise missing("version", f"{branch.version} of {playbook.playbook_id}")
    return found


def add_version(transaction: Transaction, playbook: Playbook, version: PlaybookVersion) -> None:
    """Add a version to a transaction, with how the playbook then stands and, of `main`, the news.

    Args:
        transaction: collects what is written.
        playbook: with the version in it, as its next revision.
        version: a new one.
    """
    before = store.get(playbook.playbook_id)
    store.save(transaction, playbook)
    versions.add(transaction, version)
    entity = f"playbook:{playbook.playbook_id}"
    told: dict[str, Any] = {
        "playbook_id": playbook.playbook_id,
        "version": version.version,
        "title": version.spec.name,
        "change_type": version.change_type,
    }
    if version.branch != MAIN:
        told["branch"] = version.branch
        transaction.audit(playbook.scope, entity, "edited", told, before=before, after=playbook)
        return
    # An event has 256 KB at most; whoever wants to know more reads the playbook.
    told["systems"] = [system[:_SYSTEM_LENGTH] for system in playbook.systems[:_SYSTEMS_TOLD]]
    told["required_capabilities"] = required_capabilities(version.spec)
    transaction.audit(playbook.scope, entity, "published", told, before=before, after=playbook)
    transaction.event("playbook.published", playbook.scope, told)
