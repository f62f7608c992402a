"""A run that is cut short goes on where it was, and does nothing twice."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ConnectionClosedError

from chalicelib.core.analyses import Run, RunStatus
from chalicelib.services import analyse, change_patterns, understand
from chalicelib.services.listing import Wanted
from chalicelib.store import analyses, audit, patterns
from tests.services.cases import AGENT, NOW, analysed, disk_full, queued, suggestions, told

pytestmark = pytest.mark.usefixtures("stack")

WRITES = {"PutItem", "TransactWriteItems", "BatchWriteItem", "DeleteItem", "PutObject"}
CERTIFICATE = {
    "title": "Certificate of the mail gateway expired",
    "description": "Clients refuse the TLS handshake.",
    "affected_systems": ["postfix"],
    "symptoms": ["handshake refused"],
    "error_messages": ["certificate has expired"],
    "resolution": "Renewed the certificate with `certbot renew`, then reloaded postfix.",
}
LAG = {
    "title": "Kafka consumer lag grows",
    "description": "Invoices come late, as the consumers of the billing topic fall behind.",
    "affected_systems": ["kafka"],
    "symptoms": ["late invoices"],
    "error_messages": ["offset out of range"],
    "resolution": "Added partitions with `kafka-topics --alter`, then restarted the consumers.",
}


class Killed(BaseException):
    """What no handler of errors sees: the worker is gone."""


@contextmanager
def broken_after(number: int, error: Callable[[], BaseException]) -> Iterator[list[str]]:
    """Let this thread do so many writes, and the last of them raise once it has taken effect."""
    done: list[str] = []
    thread, call = threading.get_ident(), BaseClient._make_api_call

    def counting(self: BaseClient, operation: str, arguments: Any) -> Any:
        answer = call(self, operation, arguments)
        if threading.get_ident() == thread and operation in WRITES:
            done.append(operation)
            if len(done) == number:
                raise error()
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", counting)
        yield done


def prepared(scope: str) -> Run:
    """A run that will merge a pattern, find one again and discover one."""
    told(scope, *(disk_full(number) for number in range(1, 5)))
    told(scope, *(disk_full(number, **CERTIFICATE) for number in range(5, 8)))
    analysed(scope)
    told(scope, *(disk_full(number) for number in range(5, 8)))
    told(scope, *(disk_full(number, **LAG) for number in range(8, 12)))
    return queued(scope)


def left_by(run: Run) -> dict[str, Any]:
    """All that a run leaves behind, without the ids that differ from scope to scope."""
    ended = analyses.get(run.run_id)
    assert ended is not None
    figures = ended.model_dump(exclude={"run_id", "scope", "request", "revision"})
    held = [(pattern, members) for pattern, members in patterns.known(run.scope)]
    trail: Counter[tuple[str, str]] = Counter()
    proposed = suggestions(run.scope)
    entities = [f"pattern:{pattern.pattern_id}" for pattern, _ in held]
    entities += [f"suggestion:{each.suggestion_id}" for each in proposed]
    for entity in [*entities, f"analysis:{run.run_id}"]:
        for entry in audit.page(entity, 200, None).items:
            if entry["action"].startswith("back-test"):
                continue  # the worker's, whenever it comes to it
            trail[entity.partition(":")[0], entry["action"]] += 1
    chunks = [
        item.sk.partition("#")[0]
        for pattern, _ in held
        for item in patterns.PatternItem.query(pattern.pattern_id)
    ]
    return {
        "run": figures,
        "patterns": sorted(
            (pattern.state, pattern.incident_type, pattern.frequency, members)
            for pattern, members in held
        ),
        "suggestions": sorted((each.title, each.status, each.revision) for each in proposed),
        "trail": trail,
        "items": Counter(chunks),
        "statistics": understand.statistics(run.scope, AGENT).incidents_in_patterns,
    }


@pytest.fixture(scope="module")
def undisturbed(stack: object) -> tuple[int, dict[str, Any]]:
    """How many writes a run takes that nothing disturbs, and what it leaves behind."""
    run = prepared("undisturbed")
    with broken_after(-1, Killed) as done:
        analyse.run(run.run_id, lambda: NOW)
    return len(done), left_by(run)


def outage() -> BaseException:
    return ConnectionClosedError(endpoint_url="https://dynamodb.local")


@pytest.mark.parametrize(("error", "first", "every"), [(Killed, 1, 2), (outage, 2, 4)])
def test_a_run_that_is_cut_short_after_a_write_leaves_what_it_leaves_undisturbed(
    scope: str,
    undisturbed: tuple[int, dict[str, Any]],
    error: Callable[[], BaseException],
    first: int,
    every: int,
) -> None:
    """Reads change nothing, so after each write is every state that a run can be left in.

    Here most of them; `python -m tests.faults` goes through all.
    """
    writes, expected = undisturbed
    assert expected["run"]["merged_patterns"] == expected["run"]["new_patterns"] == 1
    for number in range(first, writes + 1, every):
        run = prepared(f"{scope}-{number}")
        with broken_after(number, error), suppress(Killed, Exception):
            analyse.run(run.run_id, lambda: NOW)
        analyse.run(run.run_id, lambda: NOW)
        assert left_by(run) == expected, f"after write {number} of {writes}"


def test_a_run_goes_on_without_reading_its_window_again(
    scope: str, undisturbed: tuple[int, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared(scope)
    with broken_after(undisturbed[0] - 3, Killed), pytest.raises(Killed):
        analyse.run(run.run_id, lambda: NOW)
    half = analyses.get(run.run_id)
    assert half is not None
    assert half.progress is not None
    assert (half.status, half.progress.stage) == (RunStatus.RUNNING, "describing")
    monkeypatch.setattr(analyse, "find_clusters", lambda *_: pytest.fail("done already"))
    analyse.run(run.run_id, lambda: NOW)
    assert left_by(run) == undisturbed[1]


def test_a_pattern_that_fails_is_counted_and_loses_no_other(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, *(disk_full(number) for number in range(1, 5)))
    told(scope, *(disk_full(number, **LAG) for number in range(5, 8)))
    describe = change_patterns.describe

    def sometimes(members: Any, **options: Any) -> Any:
        if len(members) == 4:
            raise ArithmeticError("no such pattern")
        return describe(members, **options)

    with monkeypatch.context() as broken:
        broken.setattr(change_patterns, "describe", sometimes)
        run = analysed(scope)
    assert (run.status, run.failed_patterns) == (RunStatus.COMPLETED, 1)
    [kept] = understand.list_patterns(scope, Wanted(), AGENT).items
    assert kept.frequency == 3


def test_a_run_that_aws_fails_again_and_again_ends_as_failed(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, *(disk_full(number) for number in range(1, 6)))
    run = queued(scope)

    def away(*_: Any) -> None:
        raise outage()

    monkeypatch.setattr(patterns, "save_members", away)
    for _ in range(2):
        with pytest.raises(ConnectionClosedError):
            analyse.run(run.run_id, lambda: NOW)
    analyse.run(run.run_id, lambda: NOW)
    ended = analyses.get(run.run_id)
    assert ended is not None
    assert ended.status is RunStatus.FAILED


def test_a_run_starts_anew_when_another_came_between(scope: str) -> None:
    first = prepared(scope)
    with broken_after(4, Killed), pytest.raises(Killed):
        analyse.run(first.run_id, lambda: NOW)
    later = NOW + 2 * analyses.LOCK_LIFE
    second = queued(scope)
    analyse.run(second.run_id, lambda: later)
    told(scope, disk_full(12, **LAG))
    analyse.run(first.run_id, lambda: later)
    ended = analyses.get(first.run_id)
    assert ended is not None
    assert (ended.status, ended.new_patterns, ended.total_incidents) == ("completed", 0, 12)
    sizes = [each.frequency for each in understand.list_patterns(scope, Wanted(), AGENT).items]
    assert sizes == [7, 5]
