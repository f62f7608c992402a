"""What each Lambda function takes: `python -m tests.bench.functions`.

Each runs in a process of its own (`one_function`), beside the embedded AWS, on an account with some
thousand incidents. Told are the most memory that the process held (`VmHWM`, Linux), its own
processor seconds without those of the embedded AWS, and what these make at the memory that
`.chalice/config.json` gives it: Lambda gives a whole processor for 1,769 MB, and less for less.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from local import stack
from local.workers import as_event, as_record, scheduled
from tests.bench.api import SCOPE, incidents
from tests.payloads import payload

CONFIG = Path(__file__).parents[2] / ".chalice" / "config.json"
MB_OF_A_PROCESSOR = 1769
INCIDENTS, BATCH, SCOPES, AGENTS = 2_000, 500, 200, 50
RECOMMENDATIONS = 50


def main() -> None:
    """Measure one function after the other, in the order in which they have something to do."""
    running = stack.start()
    running.workers.stop()
    limits = json.loads(CONFIG.read_text())["lambda_functions"]
    streamed = _stream()
    for name, events, settings in (
        ("api_handler", _requests(), {}),
        ("take_aws_event", [payload("cloudwatch-alarm")], {"AWS_EVENTS_SCOPE": SCOPE}),
        ("schedule_analyses", [scheduled()], {}),
        ("run_analysis", _messages("analysis", 1, most=1), {}),
        ("deliver_events", ({"Records": some} for some in streamed), {}),
        ("fill_inboxes", _messages("inboxes", 10, most=3), {}),
        ("sweep_outbox", [scheduled()], {}),
        ("sweep_expired", [scheduled()], {"RETENTION_INCIDENT_DAYS": "1"}),
    ):
        figures = measured(name, list(events), settings)
        memory, timeout = limits[name]["lambda_memory_size"], limits[name]["lambda_timeout"]
        slowed = max(1.0, MB_OF_A_PROCESSOR / memory)
        figures |= {
            "memory_mb": memory,
            "start_seconds_there": round(figures["start_cpu_seconds"] * slowed, 1),
            "longest_seconds_there": round(figures["longest_cpu_seconds"] * slowed, 1),
            "timeout_seconds": timeout,
        }
        print(json.dumps({"function": name, **figures}), flush=True)
    running.stop()


def measured(name: str, events: list[Any], settings: dict[str, str]) -> dict[str, float]:
    """What a function takes for events, one after the other, in a fresh process."""
    environment = {f"PRECEDENT_{setting}": value for setting, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.one_function", name],
        input="".join(f"{json.dumps(event)}\n" for event in events),
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _requests() -> Iterator[dict[str, Any]]:
    """What fills the account, then what is asked of it."""
    reports = incidents(INCIDENTS)
    others = [reports[0] | {"scope": f"{SCOPE}-{at}"} for at in range(SCOPES)]
    for at in range(AGENTS):
        wanted = {"capabilities": [], "subscriptions": ["analysis.completed", "pattern.discovered"]}
        yield _request("PUT", f"/v1/agents/a{at}", wanted)
    for some in (reports, others):
        for at in range(0, len(some), BATCH):
            yield _request("POST", "/v1/incidents/batch", {"incidents": some[at : at + BATCH]})
    long = reports[0] | {"description": "disk full\n" * 10_000, "resolution": "df -h\n" * 16_000}
    yield _request("POST", "/v1/incidents", long)
    wanted = {"scope": SCOPE, "lookback_days": 3650, "force_analysis": True}
    yield _request("POST", "/v1/analyses", wanted)
    for report in reports[:RECOMMENDATIONS]:
        asked = {"scope": SCOPE, "incident": {"title": report["title"]}}
        yield _request("POST", "/v1/recommendations", asked)
    yield _request("GET", f"/v1/incidents?scope={SCOPE}&limit=200")
    yield _request("GET", "/openapi.json")


def _request(method: str, path: str, body: Any = None) -> dict[str, Any]:
    return {
        "method": method,
        "path": path,
        "headers": {
            "Authorization": f"Bearer {stack.TOKENS['agent']}",
            "Content-Type": "application/json",
        },
        "body": base64.b64encode(b"" if body is None else json.dumps(body).encode()).decode(),
    }


def _messages(queue: str, size: int, most: int) -> Iterator[dict[str, Any]]:
    """What a queue holds, as Lambda hands it over."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=f"precedent-{stack.STAGE}-{queue}")["QueueUrl"]
    for _ in range(most):
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=size)
        if "Messages" not in answer:
            return
        yield {"Records": [as_record(message) for message in answer["Messages"]]}


def _stream() -> Iterator[list[dict[str, Any]]]:
    """What comes into the outbox from now on, in batches as Lambda hands them over.

    The last batch is left to the sweep.
    """
    table = boto3.client("dynamodb").describe_table(TableName=f"precedent-{stack.STAGE}-outbox")
    streams, arn = boto3.client("dynamodbstreams"), table["Table"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    place = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]

    def batches() -> Iterator[list[dict[str, Any]]]:
        nonlocal place
        found = []
        while records := (answer := streams.get_records(ShardIterator=place, Limit=100))["Records"]:
            place = answer["NextShardIterator"]
            found.append(list(map(as_event, records)))
        yield from found[:-1]

    return batches()


if __name__ == "__main__":
    main()
