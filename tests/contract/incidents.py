"""Incidents that make one pattern, for tests of what is done with it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

LOOK = "Checked the queue with `rabbitmqctl list_queues`."
RESTART = f"{LOOK} Then ran `sudo systemctl restart rabbitmq-server`."
PURGE = f"{LOOK} Then ran `rabbitmqctl purge_queue orders`."


def alike(resolution: str, numbers: Sequence[int], **fields: Any) -> list[dict[str, Any]]:
    """Reports of one kind, solved in the same way."""
    now = datetime.now(UTC)
    return [
        {
            "incident_id": f"mq-{number}",
            "title": "RabbitMQ queue of orders grows",
            "description": "Consumers of the orders queue fall behind.",
            "affected_systems": ["rabbitmq"],
            "symptoms": ["queue depth rises"],
            "severity": "high",
            "resolution": resolution,
            "opened_at": (now - timedelta(days=number)).isoformat(),
            "resolved_at": (now - timedelta(days=number) + timedelta(hours=1)).isoformat(),
            **fields,
        }
        for number in numbers
    ]
