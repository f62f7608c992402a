"""The queue of analyses to run."""

from functools import cache
from typing import Any

import boto3

from chalicelib.settings import deployment


@cache
def _sqs() -> Any:
    return boto3.client("sqs")


def send(run_id: str, delay_seconds: int = 0) -> None:
    """Ask a worker to run an analysis, soonest after a delay of at most 900 seconds."""
    _sqs().send_message(
        QueueUrl=deployment().queue_url, MessageBody=run_id, DelaySeconds=delay_seconds
    )
