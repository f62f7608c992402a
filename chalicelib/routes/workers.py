"""What runs without a request: the queues' workers, the schedules, and the outbox's stream."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, DynamoDBEvent, Rate, SQSEvent

from chalicelib.core.events import Event
from chalicelib.observability import logger
from chalicelib.services import (
    backtest,
    deliver,
    notify,
    request_analysis,
    request_erasure,
    sweep,
    take_in,
)
from chalicelib.settings import settings

workers = Blueprint(__name__)

#: The batch size of the stream; the infrastructure's template says which stream it is.
_EVENTS_A_BATCH = 100


def _now() -> datetime:
    return datetime.now(UTC)


@workers.on_sqs_message(queue="analysis", batch_size=1)
def run_analysis(event: SQSEvent) -> dict[str, Any]:
    """Run the analyses and back-tests that the queue asks for; what fails goes back to it."""
    from chalicelib.services import analyse  # loads scikit-learn, which nothing else here needs

    def run(body: str) -> None:
        wanted = backtest if body.startswith(backtest.MESSAGE) else analyse
        wanted.run(body, _now)

    return _each(event, run)


@workers.on_sqs_message(queue="inboxes", batch_size=10)
def fill_inboxes(event: SQSEvent) -> dict[str, Any]:
    """Tell agents of the events that the bus put into the queue; what fails goes back to it."""
    return _each(
        event, lambda body: notify.tell(Event.model_validate(json.loads(body)["detail"]), _now())
    )


def _each(event: SQSEvent, work: Callable[[str], object]) -> dict[str, Any]:
    """Work on every message of a batch, and name those that failed."""
    failures = []
    for record in event:
        try:
            work(record.body)
        except Exception:
            logger.exception("a message failed", message_id=record.to_dict()["messageId"])
            failures.append({"itemIdentifier": record.to_dict()["messageId"]})
    return {"batchItemFailures": failures}


@workers.schedule(Rate(settings().monitoring_interval_hours, unit=Rate.HOURS))
def schedule_analyses(event: CloudWatchEvent) -> int:
    """Queue an analysis of every scope."""
    runs = request_analysis.request_daily(_now())
    logger.info("analyses queued", runs=len(runs))
    return len(runs)


@workers.on_dynamodb_record(stream_arn="outbox", batch_size=_EVENTS_A_BATCH)
def deliver_events(event: DynamoDBEvent) -> dict[str, Any]:
    """Put on the bus what has just come into the outbox."""
    documents = [
        record.new_image.get("document", {}).get("S", "")
        for record in event
        if record.event_name == "INSERT" and record.new_image["sk"]["S"] == "event"
    ]
    deliver.deliver(deliver.events_in(documents))
    return {"batchItemFailures": []}


@workers.on_cw_event({"source": ["aws.cloudwatch", "aws.ssm"], "detail-type": take_in.FROM_AWS})
def take_aws_event(event: CloudWatchEvent) -> list[str]:
    """Make an incident of an alarm or an OpsItem of this account, if the settings say so."""
    return take_in.take_in_from_aws(event.to_dict(), _now()).incident_ids


@workers.schedule(Rate(1, unit=Rate.DAYS))
def sweep_expired(event: CloudWatchEvent) -> dict[str, int]:
    """Delete what has been kept for as long as the settings say, and forget whom we are to."""
    erased = request_erasure.erase_waiting(_now())
    if erased:
        logger.info("people forgotten", erasures=erased)
    removed = sweep.sweep(_now())
    logger.info("expired things deleted", removed=dict(removed))
    return dict(removed)


@workers.schedule(Rate(15, unit=Rate.MINUTES))
def sweep_outbox(event: CloudWatchEvent) -> int:
    """Put on the bus what the stream has missed."""
    return deliver.sweep()
