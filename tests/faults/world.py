"""The embedded AWS in this process: put back to where it was, drained, and looked at.

`start` has to be called before anything of `chalicelib` is imported, which reads the environment.
"""

import gc
import json
import os
import pickle
import re
from collections import Counter
from datetime import datetime
from typing import Any

from moto import mock_aws
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from local import infrastructure, moto_patches

_REGION = "eu-west-1"
#: What is left out of a comparison: counters of requests, and what makes requests repeatable.
_ASIDE = re.compile(r"rate#|request#")
_IDS = re.compile(r"\b[a-z]{2,4}_[0-9a-f]{20}\b")
_HASHES = re.compile(r"precedent_[\w-]+|[0-9a-f]{32,64}")
_PLACES = re.compile(r"(?<=^notification#)\d+|(?<=^members#run_)\w+")
#: What of a document tells how often or in which order things were tried, and not what came of it.
_HOW = {"revision", "number", "hash", "previous", "sequence", "audit_id", "event_id"}

#: What there is, and how often: table, keys, revision, document.
State = Counter[tuple[str, ...]]


def start() -> None:
    """Begin to patch AWS in this process, and create what the product needs."""
    os.environ.update(
        AWS_DEFAULT_REGION=_REGION,
        PRECEDENT_STAGE="local",
        POWERTOOLS_TRACE_DISABLED="true",
        POWERTOOLS_METRICS_DISABLED="true",
        POWERTOOLS_LOG_LEVEL="CRITICAL",
    )
    mock_aws().start()
    moto_patches.install()
    os.environ.update(infrastructure.create(None, "local"))
    # What moto and botocore are made of stays: a tenth of the time went into looking it through.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def snapshot() -> bytes:
    """All that the tables hold."""
    return pickle.dumps({name: table.items for name, table in _tables().items()})


def put_back(taken: bytes) -> None:
    """Let the tables hold what they held, the queues nothing, and the process remember nothing."""
    for name, items in pickle.loads(taken).items():
        _tables()[name].items = items
    for queue in get_backend("sqs")[DEFAULT_ACCOUNT_ID][_REGION].queues.values():
        queue._messages.clear()
        queue.pending_messages.clear()
    new_process()


def new_process() -> None:
    """Forget what the process remembers, as one that is killed does."""
    from chalicelib.services import agents, library
    from chalicelib.store import playbooks

    library.forget()
    playbooks._marked.clear()
    agents._lately.clear()


def drain(now: datetime, times: int = 2) -> None:
    """Do what the schedule, the streams and the workers do later; every message comes `times`."""
    from chalicelib.services import deliver

    for _ in range(10):
        deliver.sweep()
        received("notifications")
        came = {name: received(name) for name in ("analysis", "inboxes")}
        for name, bodies in came.items():
            work_on(name, bodies * times, now)
        if not any(came.values()):
            return
    raise AssertionError("the queues never become empty")


def work_on(queue: str, bodies: list[str], now: datetime) -> None:
    """What the worker behind a queue does with messages."""
    from chalicelib.core.events import Event
    from chalicelib.services import analyse, backtest, notify

    for body in bodies:
        if queue == "inboxes":
            notify.tell(Event.model_validate(json.loads(body)["detail"]), now)
        else:
            wanted = backtest if body.startswith(backtest.MESSAGE) else analyse
            wanted.run(body, lambda: now)


def received(name: str) -> list[str]:
    """Everything that is in a queue, which is then empty."""
    queues = get_backend("sqs")[DEFAULT_ACCOUNT_ID][_REGION].queues
    queue = queues[f"precedent-local-{name}"]
    bodies = [message.body for message in queue._messages]
    queue._messages.clear()
    return bodies


def items() -> list[tuple[str, dict[str, Any]]]:
    """Every item of every table of ours, as plain values, with its table's name."""
    found = []
    for name, table in _tables().items():
        for item in table.all_items():
            values = {key: value.value for key, value in item.attrs.items()}
            if "sk" not in values:
                continue  # Powertools' own
            found.append((name.removeprefix("precedent-local-"), values))
    return found


def state() -> State:
    """All that is kept, with ids and hashes made alike, so that it compares with another time."""
    seen: State = Counter()
    for table, item in items():
        if not _ASIDE.match(item["pk"]):
            keys = tuple(_alike(_PLACES.sub("N", item[key])) for key in ("pk", "sk"))
            if table == "audit":
                keys = (keys[0], "head" if item["sk"] == "head" else "entry")
            # A run's revision counts how often a worker took it up.
            revision = "" if table == "analyses" else str(item["revision"])
            seen[table, *keys, revision, _said(item)] += 1
    return seen


def scopes_with_a_trail() -> set[str]:
    """The scopes in which anything was ever done."""
    return {item["pk"] for table, item in items() if table == "audit" and item["sk"] == "head"}


def _said(item: dict[str, Any]) -> str:
    text = item.get("document") or item.get("object_key") or ""
    try:
        document = json.loads(text)
    except ValueError:
        return _alike(text)
    return _alike(json.dumps(_what(document), sort_keys=True)) if item["sk"] != "head" else ""


def _what(value: Any) -> Any:
    """A document without what tells how it came about."""
    if isinstance(value, dict):
        return {key: _what(each) for key, each in value.items() if key not in _HOW}
    return [_what(each) for each in value] if isinstance(value, list) else value


def _alike(text: str) -> str:
    return _HASHES.sub("HASH", _IDS.sub("ID", text))


def _tables() -> dict[str, Any]:
    return get_backend("dynamodb")[DEFAULT_ACCOUNT_ID][_REGION].tables
