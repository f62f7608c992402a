"""What the rule on the bus has put into the queue of notifications."""

import json
import os
import time

import boto3


def notifications(scope: str, until: str) -> set[str]:
    """The types of a scope's events, once one of the type `until` has come; others stay."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=f"precedent-{os.environ['PRECEDENT_STAGE']}-notifications")
    seen: set[str] = set()
    end = time.monotonic() + 60
    while until not in seen and time.monotonic() < end:
        answer = sqs.receive_message(QueueUrl=url["QueueUrl"], MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        for message in messages:
            event = json.loads(message["Body"])
            if event["detail"]["scope"] == scope:
                seen.add(event["detail-type"])
        if not messages:
            time.sleep(0.05)
    return seen
