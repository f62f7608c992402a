"""What runs without a request: the queue's worker, the schedules, and the outbox's stream."""

import json
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, DynamoDBEvent, Rate, SQSEvent

from chalicelib.observability import logger
from chalicelib.services import backtest, deliver, request_analysis
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

    failures = []
    for record in event:
        try:
            wanted = backtest if record.body.startswith(backtest.MESSAGE) else analyse
            wanted.run(record.body, _now)
        except Exception:
            logger.exception("analysis failed", run_id=record.body)
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
    events = [
        json.loads(record.new_image["document"]["S"])
        for record in event
        if record.event_name == "INSERT"
    ]
    deliver.deliver(events)
    return {"batchItemFailures": []}


@workers.schedule(Rate(15, unit=Rate.MINUTES))
def sweep_outbox(event: CloudWatchEvent) -> int:
    """Put on the bus what the stream has missed."""
    return deliver.sweep()
