"""What AWS does between the functions: queue to worker, stream to function, and the clock."""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from chalice.app import Chalice
from chalice.local import LambdaContext

log = logging.getLogger(__name__)

_TIMEOUT_MS = 900_000
_PAUSE_SECONDS = 0.2
_SWEEP_SECONDS = 900
_DAY_SECONDS = 24 * 3600


class Workers:
    """Threads that call the app's functions as Lambda's event sources would."""

    def __init__(self, app: Chalice) -> None:
        self._app = app
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work."""
        stage = os.environ["PRECEDENT_STAGE"]
        turns = (
            self._queue(f"precedent-{stage}-analysis", "run_analysis", 1),
            self._queue(f"precedent-{stage}-inboxes", "fill_inboxes", 10),
            self._stream(),
            self._clock(),
        )
        for turn in turns:
            thread = threading.Thread(target=self._repeat, args=(turn,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let every thread finish what it does, and end."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call one of the app's functions with an event."""
        context = LambdaContext(function, memory_size=1024, max_runtime_ms=_TIMEOUT_MS)
        return self._app.handler_map[function](event, context)

    def _repeat(self, turn: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            try:
                turn()
            except Exception:
                log.exception("a local worker failed; it goes on")
            self._stopped.wait(_PAUSE_SECONDS)

    def _queue(self, name: str, function: str, batch_size: int) -> Callable[[], None]:
        """A queue to its function, in batches; a message that failed is visible again."""
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]

        def turn() -> None:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=batch_size)
            records = [as_record(message) for message in answer.get("Messages", [])]
            if not records:
                return
            failures = self.invoke(function, {"Records": records})["batchItemFailures"]
            failed = {each["itemIdentifier"] for each in failures}
            for record in records:
                receipt = {"QueueUrl": url, "ReceiptHandle": record["receiptHandle"]}
                if record["messageId"] in failed:
                    sqs.change_message_visibility(**receipt, VisibilityTimeout=0)
                else:
                    sqs.delete_message(**receipt)

        return turn

    def _stream(self) -> Callable[[], None]:
        """The outbox's stream to `deliver_events`; a batch that failed is left to the sweep."""
        table = f"precedent-{os.environ['PRECEDENT_STAGE']}-outbox"
        arn = boto3.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
        streams = boto3.client("dynamodbstreams")
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
        place = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]

        def turn() -> None:
            nonlocal place
            answer = streams.get_records(ShardIterator=place, Limit=100)
            place = answer["NextShardIterator"]
            if answer["Records"]:
                self.invoke("deliver_events", {"Records": list(map(as_event, answer["Records"]))})

        return turn

    def _clock(self) -> Callable[[], None]:
        """The schedules: the analyses at the interval of the settings, and the sweep."""
        from chalicelib.settings import settings

        interval = settings().monitoring_interval_hours * 3600
        due = {
            "schedule_analyses": time.monotonic() + interval,
            "sweep_outbox": time.monotonic() + _SWEEP_SECONDS,
            "sweep_expired": time.monotonic() + _DAY_SECONDS,
        }
        every = {
            "schedule_analyses": interval,
            "sweep_outbox": _SWEEP_SECONDS,
            "sweep_expired": _DAY_SECONDS,
        }

        def turn() -> None:
            for function, when in due.items():
                if time.monotonic() >= when:
                    due[function] = when + every[function]
                    self.invoke(function, scheduled())

        return turn


def as_record(message: dict[str, Any]) -> dict[str, str]:
    """A queue's message as Lambda hands it over."""
    return {
        "messageId": message["MessageId"],
        "body": message["Body"],
        "receiptHandle": message["ReceiptHandle"],
        "eventSource": "aws:sqs",
    }


def as_event(record: dict[str, Any]) -> dict[str, Any]:
    """A stream's record as Lambda hands it over: its time is a number there."""
    change = dict(record["dynamodb"])
    created = change.get("ApproximateCreationDateTime", datetime.now(UTC))
    change["ApproximateCreationDateTime"] = created.timestamp()
    return {**record, "dynamodb": change, "eventSourceARN": "local"}


def scheduled() -> dict[str, Any]:
    """The event that EventBridge sends on a schedule."""
    return {
        "version": "0",
        "id": uuid.uuid4().hex,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).isoformat(),
        "region": "local",
        "resources": [],
        "detail": {},
    }
