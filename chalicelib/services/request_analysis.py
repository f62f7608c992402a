"""Ask for analyses, on request and every day, and see how they stand.

What runs them is `services.analyse`; it is apart because it needs scikit-learn, which the API
must not wait for.
"""

import uuid
from datetime import datetime
from typing import Any

from chalicelib.core.analyses import AnalysisRequest, Run, RunStatus
from chalicelib.services.access import SYSTEM, Caller, check_scope, missing
from chalicelib.services.errors import invalid, validated
from chalicelib.settings import settings
from chalicelib.store import analyses as store
from chalicelib.store import incidents, queue
from chalicelib.store.transaction import Transaction


def request(body: Any, caller: Caller, now: datetime) -> Run:
    """Queue an analysis of a scope's recent incidents.

    Raises:
        InvalidInput: the body is no request.
        Forbidden: the scope is not the caller's.
    """
    wanted = validated(AnalysisRequest, body)
    check_scope(caller, wanted.scope)
    return _queue(wanted.model_copy(update={"incident_ids": None}), caller, now)


def request_learning(body: Any, caller: Caller, now: datetime) -> Run:
    """Queue an analysis of chosen incidents, whenever they were opened.

    Raises:
        InvalidInput: the body is no request, or names no incidents.
        Forbidden: the scope is not the caller's.
    """
    wanted = validated(AnalysisRequest, body)
    check_scope(caller, wanted.scope)
    if wanted.incident_ids is None:
        raise invalid("incident_ids", "must list the incidents to learn from")
    return _queue(
        wanted.model_copy(update={"force_analysis": True, "min_incidents": 1}), caller, now
    )


def request_daily(now: datetime) -> list[Run]:
    """Queue an analysis of every scope, unless monitoring is switched off."""
    if not (settings().enabled and settings().continuous_monitoring):
        return []
    return [_queue(AnalysisRequest(scope=scope), SYSTEM, now) for scope in incidents.scopes()]


def find_run(run_id: str, caller: Caller) -> Run:
    """The run with that id.

    Raises:
        NotFound: there is none.
        Forbidden: its scope is not the caller's.
    """
    run = store.get(run_id)
    if run is None:
        raise missing("analysis", run_id)
    check_scope(caller, run.scope)
    return run


def _queue(wanted: AnalysisRequest, caller: Caller, now: datetime) -> Run:
    run = Run(
        run_id=f"run_{uuid.uuid4().hex[:20]}",
        scope=wanted.scope,
        status=RunStatus.QUEUED,
        request=wanted,
        requested_at=now,
    )
    with Transaction(caller.actor, now) as transaction:
        store.save(transaction, run)
        transaction.audit(f"analysis:{run.run_id}", "requested", wanted.model_dump(mode="json"))
    queue.send(run.run_id)
    return run
