"""Back-tests: asked for on request or by an analysis, done by a worker, read on the page."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.core.backtest import BackTest, BackTestStatus, Replay
from chalicelib.core.incidents import Incident
from chalicelib.core.suggestions import Suggestion
from chalicelib.observability import logger
from chalicelib.services import deliver, publish
from chalicelib.services.access import SYSTEM, Caller, missing
from chalicelib.services.errors import Conflict
from chalicelib.services.progress import Clock
from chalicelib.services.repeats import new_id
from chalicelib.services.suggestions import find_suggestion
from chalicelib.settings import settings
from chalicelib.store import backtests as store
from chalicelib.store import incidents, patterns
from chalicelib.store import suggestions as suggestion_store
from chalicelib.store.transaction import Transaction, is_outage

#: What a message to the worker begins with, before the ids of the suggestion and the back-test.
MESSAGE = "backtest"

_MOST_LEFT_OUT = 40  # incidents of the pattern, evenly spread
_FEWEST_LEFT_OUT = 5
_MOST_OTHERS = 200  # incidents of other kinds, the latest
_LOOKED_AT = 400  # incidents of the scope, to find these among
_PAGE = 200
#: So many playbooks are ranked for all incidents that are left out; where there are very many,
#: fewer incidents are left out, so that the worker ends in time.
_RANKED = 200_000
_WRITTEN_EVERY = timedelta(seconds=5)
#: By then a worker has ended or was killed, and the back-test may be asked for again.
_LONGEST = timedelta(minutes=16)


def request(suggestion_id: str, caller: Caller, now: datetime) -> BackTest:
    """Queue a back-test of a suggestion as it stands; one that is under way is not queued twice.

    Raises:
        NotFound, Forbidden: as `find_suggestion`.
    """
    suggestion = find_suggestion(suggestion_id, caller)
    last = store.get(suggestion_id)
    if last is not None and last.revision == suggestion.revision and _under_way(last, now):
        return last
    wanted = BackTest(
        backtest_id=new_id("bt"),
        suggestion_id=suggestion_id,
        scope=suggestion.scope,
        revision=suggestion.revision,
        status=BackTestStatus.QUEUED,
        requested_by=caller.name,
        requested_at=now,
    )
    message = f"{MESSAGE} {suggestion_id} {wanted.backtest_id}"
    with Transaction(caller, now) as transaction:
        store.create(transaction, wanted)
        transaction.message(message)
        told = {"backtest_id": wanted.backtest_id, "revision": wanted.revision}
        entity = f"suggestion:{suggestion_id}"
        transaction.audit(suggestion.scope, entity, "back-test requested", told)
    deliver.send(message)
    return wanted


def find(suggestion_id: str, caller: Caller) -> BackTest:
    """The last back-test of a suggestion, with how far it has come.

    Raises:
        NotFound: there is no such suggestion, or no back-test of it.
        Forbidden: its scope is not the caller's.
    """
    find_suggestion(suggestion_id, caller)
    backtest = last(suggestion_id)
    if backtest is None:
        raise missing("back-test of", suggestion_id)
    return backtest


def last(suggestion_id: str) -> BackTest | None:
    """The last back-test of a suggestion that the caller may see, None where there is none."""
    return store.get(suggestion_id)


def run(message: str, clock: Clock) -> None:
    """Do the back-test that a message asks for, unless it is done or another one was asked for.

    Raises:
        Exception: AWS failed us; the same message again does it anew.
    """
    _, suggestion_id, backtest_id = message.split()
    wanted, suggestion = store.get(suggestion_id), suggestion_store.get(suggestion_id)
    if wanted is None or suggestion is None or wanted.backtest_id != backtest_id:
        return
    if wanted.status in (BackTestStatus.COMPLETED, BackTestStatus.FAILED):
        return
    running = wanted.model_copy(
        update={"status": BackTestStatus.RUNNING, "revision": suggestion.revision}
    )
    try:
        _carry_out(running, suggestion, clock)
    except Conflict:
        latest = store.get(suggestion_id)
        if latest is not None and latest.backtest_id == backtest_id:
            raise
        logger.info("another back-test was asked for", suggestion_id=suggestion_id)


def _carry_out(running: BackTest, suggestion: Suggestion, clock: Clock) -> None:
    report = _reporter(running, clock)
    report(0)
    try:
        told = {
            "status": BackTestStatus.COMPLETED,
            "result": _replayed(suggestion, report, clock()),
        }
    except Exception as error:
        if is_outage(error) or isinstance(error, Conflict):
            raise
        logger.exception("back-test failed", suggestion_id=suggestion.suggestion_id)
        detail = "It failed on our side, and has been logged. Ask for it again."
        told = {"status": BackTestStatus.FAILED, "detail": detail}
    ended = running.model_copy(update={**told, "progress": 1, "finished_at": clock()})
    with Transaction(SYSTEM, clock()) as transaction:
        store.save(transaction, ended)
        figures = {"backtest_id": ended.backtest_id, "status": ended.status}
        entity = f"suggestion:{suggestion.suggestion_id}"
        transaction.audit(suggestion.scope, entity, "back-tested", figures)


def _under_way(backtest: BackTest, now: datetime) -> bool:
    waits = backtest.status in (BackTestStatus.QUEUED, BackTestStatus.RUNNING)
    return waits and now - backtest.requested_at < _LONGEST


def _reporter(backtest: BackTest, clock: Clock) -> Callable[[float], None]:
    """Writes how far a back-test has come, at once and then now and then."""
    written: list[datetime] = []

    def report(share: float) -> None:
        now = clock()
        if written and now - written[-1] < _WRITTEN_EVERY:
            return
        written.append(now)
        with Transaction(SYSTEM, now) as transaction:
            store.save(transaction, backtest.model_copy(update={"progress": round(share, 4)}))

    return report


def _replayed(suggestion: Suggestion, report: Callable[[float], None], now: datetime) -> Replay:
    # These load NumPy, which asking for a back-test does without.
    from chalicelib.core.relevance import updated
    from chalicelib.core.replay import Proposal, replay
    from chalicelib.services import library

    pattern_id = suggestion.pattern_id
    pattern = patterns.get(pattern_id) if pattern_id else None
    members = patterns.members(pattern_id) if pattern_id else None
    index = library.index_now(suggestion.scope, now)
    rivals = updated(index, {}, [suggestion.playbook_id] if suggestion.playbook_id else [])
    chosen = sorted({*(members or []), *suggestion.supporting_incidents})
    most = _most_left_out(len(rivals.candidates))
    spread = chosen[:: -(-len(chosen) // most) or 1]
    left_out = sorted(
        incidents.get_many(suggestion.scope, spread), key=lambda each: each.incident_id
    )
    options = settings().recommendations
    return replay(
        Proposal(publish.playbook_of(suggestion, pattern, left_out, SYSTEM.name, now), left_out),
        rivals,
        _others(suggestion.scope, set(chosen)),
        min_relevance=options.min_relevance_score,
        most=options.max_recommendations,
        report=report,
    )


def _most_left_out(rivals: int) -> int:
    return max(_FEWEST_LEFT_OUT, min(_MOST_LEFT_OUT, _RANKED // max(rivals, 1)))


def _others(scope: str, members: set[str]) -> list[Incident]:
    """The latest incidents of other kinds."""
    found: list[Incident] = []
    position = None
    for _ in range(_LOOKED_AT // _PAGE):
        page = incidents.page(scope, _PAGE, position)
        found += [each for each in page.items if each.incident_id not in members]
        position = page.position
        if position is None:
            break
    return found[:_MOST_OTHERS]
