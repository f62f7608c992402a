"""Propose improvements of playbooks: after a run that went badly, and in every analysis.

An improvement waits in the same queue as any suggestion, and always for a person: what runs
itself must not change itself.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.core.accounts import Account, of_incident, of_run
from chalicelib.core.effect import effect
from chalicelib.core.executions import Execution, ExecutionStatus
from chalicelib.core.improvement import CONTENT, Proposals, wanting
from chalicelib.core.incidents import Incident
from chalicelib.core.learning import Metrics
from chalicelib.core.outcomes import solved
from chalicelib.core.redrafting import improve
from chalicelib.core.suggestions import OPEN_STATUSES, Suggestion
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.observability import count, logger
from chalicelib.services import propose_improvement
from chalicelib.services.access import SYSTEM
from chalicelib.services.errors import Conflict
from chalicelib.settings import settings
from chalicelib.store import executions as store
from chalicelib.store import incidents, patterns, playbooks, suggestions
from chalicelib.store.transaction import Transaction

_RUNS = 100  # the latest of a playbook, that an improvement is learned from
_INCIDENTS = 50  # likewise of those that were solved without it
_MOST_READ = 2_000  # of a pattern's incidents


def after_run(playbook_id: str, run: Execution, figures: Metrics, now: datetime) -> None:
    """Propose an improvement if a run that was just recorded calls for one.

    Only a run that went badly, of a version that does so too often, costs more than a comparison.
    The run is recorded whatever becomes of this; what fails here, the next analysis does.
    """
    if run.dry_run or not _went_badly(run) or not wanting(figures, _threshold()):
        return
    try:
        playbook = playbooks.get(playbook_id)
        if playbook is not None and run.version == playbook.version:
            _propose(playbook, store.proposals(playbook_id), now)
    except Conflict:
        logger.info("improved by somebody else", playbook_id=playbook_id)
    except Exception:
        logger.exception("improvement failed", playbook_id=playbook_id)
        count("ImprovementsFailed")


def waiting(playbook_id: str) -> Suggestion | None:
    """The improvement of a playbook that waits for a decision, if there is one."""
    latest = store.proposals(playbook_id).latest
    found = suggestions.get(latest) if latest else None
    return found if found is not None and found.status in OPEN_STATUSES else None


def improve_scope(scope: str, now: datetime) -> int:
    """Look at every playbook of a scope: what running it does, and how it could be better.

    A playbook that this fails for is logged and counted, and stops no other.

    Returns:
        How many improvements were proposed or refreshed.
    """
    proposed = 0
    for playbook in playbooks.changed_since(scope, None):
        if playbook.status is not PlaybookStatus.ACTIVE:
            continue
        try:
            proposed += _look_at(playbook, now) is not None
        except Conflict:
            logger.info("improved by somebody else", playbook_id=playbook.playbook_id)
        except Exception:
            logger.exception("improvement failed", playbook_id=playbook.playbook_id)
            count("ImprovementsFailed")
    return proposed


def _look_at(playbook: Playbook, now: datetime) -> Suggestion | None:
    """Write down what running a playbook does, and propose an improvement if one is called for."""
    made = store.proposals(playbook.playbook_id)
    ran = store.ran_for(playbook.playbook_id)
    members = _members(playbook, set(ran))
    if ran and members:
        with Transaction(SYSTEM, now) as transaction:
            found = effect(members, ran, now)
            store.save_effect(transaction, playbook.playbook_id, found)
    known = {*playbook.supporting_incidents, *ran}
    without = [each for each in members if each.incident_id not in known and solved(each)]
    without.sort(key=lambda each: (each.opened_at, each.incident_id))
    latest = [each.incident_id for each in without[-_INCIDENTS:]]
    return _propose(playbook, made.model_copy(update={"incidents": latest}), now)


def _propose(playbook: Playbook, made: Proposals, now: datetime) -> Suggestion | None:
    runs = [
        run
        for run in store.latest(playbook.playbook_id, _RUNS)
        if run.version == playbook.version and not run.dry_run
    ]
    figures = store.metrics_of(playbook.playbook_id, playbook.version)
    improvement = improve(
        playbook.spec,
        _accounts(playbook, runs, made.incidents),
        made,
        threshold=_threshold(),
        wishes=wanting(figures, _threshold()),
    )
    return propose_improvement.propose(playbook, improvement, made, figures, now)


def _accounts(
    playbook: Playbook, runs: Sequence[Execution], incident_ids: Sequence[str]
) -> list[Account]:
    wanted = [*incident_ids, *(run.incident_id for run in runs if run.incident_id)]
    there = {each.incident_id: each for each in incidents.get_many(playbook.scope, wanted)}
    told = [of_run(run, there.get(run.incident_id)) for run in runs]
    return told + [of_incident(there[each]) for each in incident_ids if each in there]


def _members(playbook: Playbook, ran: set[str]) -> list[Incident]:
    """The incidents of a playbook's pattern: those that it was run for and the new ones first."""
    ids = patterns.members_now(playbook.pattern_id) if playbook.pattern_id else []
    supporting = set(playbook.supporting_incidents)
    ids.sort(key=lambda each: (each not in ran, each in supporting, each))
    return list(incidents.get_many(playbook.scope, ids[:_MOST_READ]))


def _went_badly(run: Execution) -> bool:
    return (
        run.status is not ExecutionStatus.SUCCESS
        or any(result.status == "failure" for result in run.step_results)
        or (run.satisfaction is not None and run.satisfaction < CONTENT)
    )


def _threshold() -> float:
    return settings().improvement.auto_improve_threshold
