"""Deliveries of other tools, for tests."""

import json
from pathlib import Path
from typing import Any


def payload(name: str) -> Any:
    """The values of a delivery's JSON."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


#: The deliveries about one ticket of each tool, in the order that the tool sends them.
ONE_TICKET = {
    "pagerduty": ["triggered", "note-1", "resolved", "note-2"],
    "alertmanager": ["firing", "resolved"],
    "servicenow": ["open", "resolved"],
    "jira": ["created", "comment", "resolved"],
    "cloudwatch": ["alarm", "ok"],
    "opscenter": ["created", "item", "resolved"],
}


def deliveries(source: str) -> list[Any]:
    """What a tool sends of one ticket, in order."""
    return [payload(f"{source}-{name}") for name in ONE_TICKET[source]]
