"""Logs, metrics and traces: made once, by Powertools, and put around every Lambda handler."""

import functools
import json
import os
import warnings
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.functions import is_metrics_disabled

from chalicelib.redaction import redact_value

_ALWAYS_LOGGED = ("level", "timestamp", "service", "function_request_id")


def log_line(entry: dict[str, Any]) -> str:
    """A line of the log without secrets; without all but its frame where that fails."""
    try:
        return json.dumps(redact_value(json.loads(json.dumps(entry, default=str))))
    except Exception as error:
        frame = {name: str(entry[name]) for name in _ALWAYS_LOGGED if name in entry}
        return json.dumps(frame | {"message": f"withheld: {type(error).__name__}"})


logger = Logger(service="precedent", json_serializer=log_line)
#: Stages that share an account count apart: the infrastructure's template names the namespace.
metrics = Metrics(
    namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "precedent"), service="precedent"
)
tracer = Tracer(service="precedent")

# Most requests count nothing, and that is no reason to warn.
warnings.filterwarnings("ignore", message="No application metrics to publish")

#: Decorators for a Lambda handler. Answers stay out of the traces: they are long and not ours.
AROUND_HANDLERS = (
    logger.inject_lambda_context(clear_state=True),
    metrics.log_metrics,
    functools.partial(tracer.capture_lambda_handler, capture_response=False),
)


def count(name: str, value: float = 1) -> None:
    """Add to a metric that counts something."""
    if (
        is_metrics_disabled()
    ):  # Powertools would gather them all the same, and print them by the 100
        return
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
