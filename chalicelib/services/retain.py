"""Keep no more versions of a playbook than the settings say, but all that anybody needs."""

from datetime import datetime

from chalicelib.core.ancestry import prunable
from chalicelib.core.versions import MAIN, Playbook
from chalicelib.observability import count, logger
from chalicelib.services.access import SYSTEM
from chalicelib.services.errors import Conflict
from chalicelib.services.history import find_branch
from chalicelib.settings import settings
from chalicelib.store import executions, playbooks, versions
from chalicelib.store.transaction import Transaction

_AT_ONCE = 40  # each is two items, and a transaction takes a hundred
_BRANCHES_AT_ONCE = 10


def prune(playbook: Playbook, now: datetime) -> list[str]:
    """Remove versions that nobody needs any more, and return their numbers.

    A deleted branch is forgotten when there is none of its versions. Writing the playbook's next
    revision along with it makes sure that none of them is being run, branched or merged just now.
    What could not be removed goes with the next version.
    """
    limits = settings().versions
    where = playbook.playbook_id
    history = list(versions.history(where))
    branches = [find_branch(playbook, MAIN), *versions.branches(where)]
    removed = prunable(
        history,
        branches,
        executions.versions_run(where) | versions.referred(where),
        now,
        max_versions=limits.max_versions_per_playbook,
        retention_days=limits.version_retention_days,
    )[:_AT_ONCE]
    left = {entry.branch for entry in history if entry.version not in removed}
    ended = [each for each in branches if each.deleted_at and each.name not in left]
    if not removed and not ended:
        return []
    try:
        with Transaction(SYSTEM, now) as transaction:
            revision = playbook.revision + 1
            playbooks.save(transaction, playbook.model_copy(update={"revision": revision}))
            for entry in history:
                if entry.version in removed:
                    versions.remove(transaction, entry)
            for branch in ended[:_BRANCHES_AT_ONCE]:
                versions.remove_branch(transaction, branch)
            transaction.audit(playbook.scope, f"playbook:{where}", "pruned", {"versions": removed})
    except Conflict:
        logger.info("pruning put off", playbook_id=where)
        return []
    count("VersionsPruned", len(removed))
    return removed
