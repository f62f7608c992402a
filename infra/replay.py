"""Put on the bus again what was on it before: from the archive, to everything that listens.

    python -m infra.replay --stage prod --from 2026-01-30T00:00:00Z --to 2026-01-31T00:00:00Z

Events keep their `event_id`, so inboxes take in only what they have not got: what was lost, and
what agents that registered since would have been told. Needs AWS credentials that may call
EventBridge's DescribeArchive, StartReplay and DescribeReplay.
"""

import argparse
import sys
import time
import uuid
from datetime import datetime
from typing import Any

import boto3

from chalicelib.core.fields import parse_time

_PAUSE_SECONDS = 5
_ENDED = {"COMPLETED", "CANCELLED", "FAILED"}


def start(events: Any, stage: str, first: datetime, last: datetime) -> str:
    """Begin to replay what a stage's archive holds of a time, and return the replay's name.

    Args:
        events: a client of EventBridge.
    """
    archive = events.describe_archive(ArchiveName=f"precedent-{stage}")
    name = f"precedent-{stage}-{uuid.uuid4().hex[:12]}"
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=first,
        EventEndTime=last,
        Destination={"Arn": archive["EventSourceArn"]},
    )
    return name


def wait(events: Any, name: str) -> str:
    """The state that a replay ends in, once it does."""
    while (state := events.describe_replay(ReplayName=name)["State"]) not in _ENDED:
        time.sleep(_PAUSE_SECONDS)
    return str(state)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Replay a stage's archived events.")
    parser.add_argument("--stage", required=True, help="such as dev or prod")
    parser.add_argument("--from", dest="first", required=True, type=parse_time, help="a time")
    parser.add_argument("--to", dest="last", required=True, type=parse_time, help="a later time")
    wanted = parser.parse_args()
    if wanted.last <= wanted.first:
        parser.error("--to must be later than --from")
    events = boto3.client("events")
    name = start(events, wanted.stage, wanted.first, wanted.last)
    print(f"Replaying as {name}.", flush=True)
    state = wait(events, name)
    print(state.capitalize() + ".")
    return 0 if state == "COMPLETED" else 1


if __name__ == "__main__":
    sys.exit(main())
