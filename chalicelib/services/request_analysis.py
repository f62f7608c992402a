"""Ask for analyses, on request and every day, and see how they stand.

What runs them is `services.analyse`; it is apart because it needs scikit-learn, which the API
must not wait for.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.core.analyses import AnalysisRequest, Run, RunStatus
from chalicelib.observability import logger
from chalicelib.services import deliver
from chalicelib.services.access import SYSTEM, Caller, check_scope, missing
from chalicelib.services.errors import invalid, validated
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.services.repeats import new_id
from chalicelib.settings import settings
from chalicelib.store import analyses as store
from chalicelib.store import incidents
from chalicelib.store.transaction import Transaction

#: So many unknown incidents are pointed at one by one.
_MOST_NAMED = 10


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
        InvalidInput: the body is no request, or names no incidents, or some that there are not.
        Forbidden: the scope is not the caller's.
    """
    wanted = validated(AnalysisRequest, body)
    check_scope(caller, wanted.scope)
    if wanted.incident_ids is None:
        raise invalid("incident_ids", "must list the incidents to learn from")
    unknown = set(incidents.unknown(wanted.scope, wanted.incident_ids))
    if unknown:
        places = [at for at, each in enumerate(wanted.incident_ids) if each in unknown]
        listed = ", ".join(map(str, places[:_MOST_NAMED])) + ", ..." * (len(places) > _MOST_NAMED)
        raise invalid(
            "incident_ids",
            f"the scope has no incidents of the ids at these places, counted from 0: {listed}",
        )
    return _queue(
        wanted.model_copy(update={"force_analysis": True, "min_incidents": 1}), caller, now
    )


def request_daily(now: datetime) -> list[Run]:
    """Queue an analysis of every scope, unless monitoring is switched off.

    A scope whose analysis cannot be queued is logged, and stops no other.
    """
    if not (settings().enabled and settings().continuous_monitoring):
        return []
    return list(_queue_each(incidents.scopes(), now))


def find_run(run_id: str, caller: Caller) -> Run:
    """The run with that id.

    Raises:
        NotFound: there is none, or its scope is not the caller's.
    """
    run = store.get(run_id)
    if run is None or not caller.reaches(run.scope):
        raise missing("analysis", run_id)
    return run


def list_runs(scope: str, wanted: Wanted, caller: Caller) -> Listing[Run]:
    """A scope's runs, the latest first.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    return listing(f"analyses {scope}", wanted, lambda limit, at: store.page(scope, limit, at))


def _queue_each(scopes: list[str], now: datetime) -> Iterator[Run]:
    for scope in scopes:
        try:
            yield _queue(AnalysisRequest(scope=scope), SYSTEM, now)
        except Exception:
            logger.exception("analysis could not be queued", scope=scope)


def _queue(wanted: AnalysisRequest, caller: Caller, now: datetime) -> Run:
    run = Run(
        run_id=new_id("run"),
        scope=wanted.scope,
        status=RunStatus.QUEUED,
        request=wanted,
        requested_at=now,
    )
    with Transaction(caller, now) as transaction:
        store.create(transaction, run)
        transaction.message(run.run_id)
        transaction.audit(
            run.scope, f"analysis:{run.run_id}", "requested", wanted.model_dump(mode="json")
        )
    deliver.send(run.run_id)
    return run
