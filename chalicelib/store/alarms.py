"""CloudWatch alarms that are ringing, in this account or in one that lets us look."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.recommendations import Alarm

#: Asking must not hold up an answer for long.
_PATIENCE = Config(connect_timeout=1, read_timeout=2, retries={"max_attempts": 1})
_MOST = 500


class AlarmsUnknown(Exception):
    """CloudWatch could not be asked; the message says why."""


def ringing(role_arn: str | None, systems: Sequence[str]) -> list[Alarm]:
    """The metric alarms in state ALARM that name one of the systems.

    Args:
        role_arn: the role to take on in the account that has the alarms; None for this account.
        systems: looked for in an alarm's name, description and dimensions, whatever the case.

    Raises:
        AlarmsUnknown: CloudWatch, or the role, does not answer.
    """
    wanted = [system.casefold() for system in systems if system.strip()]
    try:
        pages = (
            _client(role_arn)
            .get_paginator("describe_alarms")
            .paginate(
                StateValue="ALARM",
                AlarmTypes=["MetricAlarm"],
                PaginationConfig={"MaxItems": _MOST},
            )
        )
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    except (ClientError, BotoCoreError) as error:
        _client.cache_clear()  # the role's credentials may have ended
        raise AlarmsUnknown(type(error).__name__) from error
    told = [(_said(alarm).casefold(), alarm) for alarm in alarms]
    return [_alarm(alarm) for said, alarm in told if any(system in said for system in wanted)]


@cache
def _client(role_arn: str | None) -> Any:
    if role_arn is None:
        return boto3.client("cloudwatch", config=_PATIENCE)
    lent = boto3.client("sts", config=_PATIENCE).assume_role(
        RoleArn=role_arn, RoleSessionName="precedent"
    )["Credentials"]
    return boto3.client(
        "cloudwatch",
        config=_PATIENCE,
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )


def _said(alarm: dict[str, Any]) -> str:
    dimensions = [each["Value"] for each in alarm.get("Dimensions", [])]
    return "\n".join([alarm["AlarmName"], alarm.get("AlarmDescription", ""), *dimensions])


def _alarm(alarm: dict[str, Any]) -> Alarm:
    return {
        "name": alarm["AlarmName"],
        "description": alarm.get("AlarmDescription", ""),
        "reason": alarm.get("StateReason", ""),
    }
