"""Logs, metrics and traces: made once, by Powertools."""

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="precedent")
metrics = Metrics(namespace="Precedent", service="precedent")
tracer = Tracer(service="precedent")


def count(name: str, value: float = 1) -> None:
    """Add to a metric that counts something."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
