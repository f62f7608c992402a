"""Long histories: a playbook of 1,000 versions on two branches, and 100,000 runs of them.

Of every request it tells the milliseconds altogether, and those of our own code without waiting
for the embedded AWS.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ["PRECEDENT_STAGE"] = "local"

from botocore.httpsession import URLLib3Session

from local import stack

VERSIONS = 1_000
RUNS = 100_000
STEPS = 12
TIMES = 11
NOW = datetime(2026, 1, 31, tzinfo=UTC)


class Waited:
    """How long the main thread has waited for the embedded AWS, and for how many requests."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.requests = 0
        send = URLLib3Session.send

        def timed(session: Any, request: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return send(session, request)
            start = time.perf_counter()
            try:
                return send(session, request)
            finally:
                self.seconds += time.perf_counter() - start
                self.requests += 1

        URLLib3Session.send = timed


class Collected:
    """Stands in for a transaction: keeps the items that it would write."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def create(self, item: Any) -> None:
        self.items.append(item)

    put = create


def spec(number: int) -> dict[str, Any]:
    """A playbook that is a little different each time."""
    steps = [
        {
            "id": f"step-{place}",
            "name": f"Do what is to be done as number {place}",
            "action": "shell",
            "args": {"command": f"systemctl restart unit-{place}@${{host}} --now {number % 7}"},
            "evidence": {"support": 3, "incident_ids": ["a", "b", "c"], "quotes": ["Did it."] * 3},
        }
        for place in range(STEPS)
    ]
    told = {"name": "Long-lived", "parameters": [{"name": "host"}], "steps": steps}
    return told | {"description": f"As it was at number {number}."}


def fill(playbook_id: str) -> None:
    """Write the history, the runs and their metrics straight into the store."""
    from chalicelib.core.executions import Execution
    from chalicelib.core.learning import Metrics
    from chalicelib.core.playbooks import PlaybookSpec
    from chalicelib.core.versions import Branch, ChangeType, PlaybookVersion, content_hash
    from chalicelib.store import executions, playbooks, versions
    from chalicelib.store.tables import PlaybookItem

    written: Any = Collected()
    stands = {"main": "1.0.0", "fix": "1.0.0"}
    figures = {}
    for number in range(1, VERSIONS):
        version, branch = f"1.0.{number}", "main" if number % 4 else "fix"
        content = PlaybookSpec.model_validate(spec(number))
        versions.add(
            written,
            PlaybookVersion(
                playbook_id=playbook_id,
                version=version,
                branch=branch,
                change_type=ChangeType.MODIFIED,
                changelog=f"Edit {number}.",
                based_on=stands[branch],
                content_hash=content_hash(content),
                spec=content,
                author="bench",
                created_at=NOW + timedelta(seconds=number),
            ),
        )
        stands[branch] = version
        figures[version] = Metrics(version=version)
    times = {"created_by": "bench", "created_at": NOW, "updated_at": NOW}
    branch = Branch(
        playbook_id=playbook_id, name="fix", from_version="1.0.0", version=stands["fix"], **times
    )
    versions.add_branch(written, branch)
    altogether = Metrics(version="1.0.0")
    for number in range(RUNS):
        version = f"1.0.{number % (VERSIONS - 1) + 1}"
        run = Execution(
            execution_id=f"exe_{number}",
            playbook_id=playbook_id,
            version=version,
            status="failure" if number % 5 == 0 else "success",
            recorded_at=NOW + timedelta(seconds=number),
            recorded_by="bench",
        )
        executions.add(written, run)
        figures[version] = figures[version].plus(run)
        altogether = altogether.plus(run)
    for each in figures.values():
        executions.save_metrics(written, playbook_id, each.model_copy(update={"revision": 1}))
    last = altogether.model_copy(update={"revision": 1})
    executions.save_altogether(written, playbook_id, last)
    before = playbooks.get(playbook_id)
    assert before is not None
    stand = {"version": stands["main"], "highest_version": f"1.0.{VERSIONS - 1}"}
    playbooks.save(written, before.model_copy(update=stand))
    with PlaybookItem.batch_write() as batch:
        for item in written.items:
            batch.save(item)


def main() -> None:
    """Run it and print the figures."""
    running = stack.start()
    from chalicelib.routes.http import as_json
    from chalicelib.services import branches, compare, publish, record
    from chalicelib.services.access import Caller
    from chalicelib.services.listing import Wanted

    ann = Caller(name="ann", role="reviewer", scopes=["*"])
    made = publish.write_playbook({"scope": "bench", "spec": spec(0)}, ann, NOW)
    running.workers.stop()
    where, last = made.playbook_id, f"1.0.{VERSIONS - 1}"
    fill(where)

    def later(read: Callable[[Wanted], Any]) -> Callable[[], Any]:
        """The tenth page of a listing."""
        wanted = Wanted(50)
        for _ in range(9):
            wanted = Wanted(50, read(wanted).next_cursor)
        return lambda: read(wanted)

    def history(wanted: Wanted) -> Any:
        return publish.list_versions(where, "main", wanted, ann)

    def runs(wanted: Wanted) -> Any:
        return record.list_executions(where, wanted, ann)

    def difference() -> Any:
        found = compare.compare_versions(where, "1.0.1", last, ann)
        return {**dict(found.diff), "unified": found.unified}

    requests: dict[str, Callable[[], Any]] = {
        "version": lambda: publish.find_version(where, "1.0.500", None, ann)[1],
        "list_50_versions": lambda: history(Wanted(50)),
        "list_50_versions_later": later(history),
        "list_200_versions": lambda: history(Wanted(200)),
        "diff": difference,
        "try_merge": lambda: branches.try_merge(where, {"branch": "fix"}, ann).merge,
        "metrics": lambda: record.playbook_metrics(where, Wanted(50), ann),
        "list_50_executions": lambda: runs(Wanted(50)),
        "list_50_executions_later": later(runs),
    }
    waited = Waited()
    figures = {
        name: measured(lambda each=each: as_json(each()), waited) for name, each in requests.items()
    }
    running.stop()
    print(json.dumps({"versions": VERSIONS, "executions": RUNS, **figures}))


def measured(request: Callable[[], Any], waited: Waited) -> dict[str, float]:
    """The median milliseconds of a request, and what it asks of AWS."""
    whole, own = [], []
    for _ in range(TIMES):
        seconds, requests, start = waited.seconds, waited.requests, time.perf_counter()
        json.dumps(request())
        took = time.perf_counter() - start
        whole.append(took)
        own.append(took - (waited.seconds - seconds))
    return {
        "milliseconds": round(1_000 * statistics.median(whole), 1),
        "own_milliseconds": round(1_000 * statistics.median(own), 1),
        "aws_requests": waited.requests - requests,
    }


if __name__ == "__main__":
    main()
