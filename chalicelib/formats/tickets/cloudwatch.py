"""CloudWatch's "Alarm State Change" events: an incident for each time that an alarm goes off.

Read after the section on alarm events and EventBridge in the user guide of CloudWatch.
"""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.core.fields import Time, Value
from chalicelib.core.tickets import Ticket, ticket

SOURCE = "cloudwatch"

_ALARM, _OK = "ALARM", "OK"


class _State(Value):
    value: str
    timestamp: Time
    reason: str = ""


class _Metric(Value):
    namespace: str = ""
    name: str = ""
    dimensions: dict[str, str] = {}


class _Stat(Value):
    metric: _Metric = _Metric()


class _Query(Value):
    stat: Annotated[_Stat | None, Field(alias="metricStat")] = None


class _Configuration(Value):
    description: str = ""
    metrics: list[_Query] = []


class _Detail(Value):
    name: Annotated[str, Field(alias="alarmName", min_length=1)]
    state: _State
    previous: Annotated[_State | None, Field(alias="previousState")] = None
    configuration: _Configuration = _Configuration()


class _Event(Value):
    account: str = ""
    region: str = ""
    detail: _Detail


def read(payload: Any) -> list[Ticket]:
    """What an event says; nothing unless the alarm goes off, or is over.

    Raises:
        ValidationError: it is no such event.
    """
    event = _Event.model_validate(payload)
    state, before = event.detail.state, event.detail.previous
    name = f"{event.account}:{event.region}:{event.detail.name}"
    if state.value == _ALARM:
        return [ticket(SOURCE, _time(name, state), state.timestamp, _off(event.detail))]
    if state.value == _OK and before is not None and before.value == _ALARM:
        over = {
            "title": event.detail.name,
            "opened_at": before.timestamp,
            "status": "resolved",
            "resolved_at": state.timestamp,
        }
        return [ticket(SOURCE, _time(name, before), state.timestamp, over)]
    return []


def _time(name: str, state: _State) -> str:
    return f"{name}:{state.timestamp:%Y%m%dT%H%M%SZ}"


def _off(detail: _Detail) -> dict[str, Any]:
    metrics = [each.stat.metric for each in detail.configuration.metrics if each.stat]
    systems = [value for metric in metrics for value in metric.dimensions.values()]
    signs = [f"{metric.namespace} {metric.name}".strip() for metric in metrics]
    said = (detail.configuration.description, detail.state.reason)
    return {
        "title": detail.name,
        "description": "\n\n".join(text for text in said if text),
        "affected_systems": list(dict.fromkeys(systems)),
        "symptoms": [sign for sign in dict.fromkeys(signs) if sign],
        "opened_at": detail.state.timestamp,
        "status": "open",
    }
