"""Incidents from the tools that teams have them in: one module a tool, all listed here.

`docs/ways-in.md` says what of each becomes what of an incident. A tool's module is loaded when the
first delivery comes, as the API's start need not wait for all of them.
"""

import hashlib
import hmac
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from chalicelib.core.tickets import Ticket


@dataclass(frozen=True)
class Signature:
    """How a tool signs what it sends: HMAC-SHA256 of the body, in hexadecimal.

    Attributes:
        header: its name, in lower case.
        prefix: what stands before each signature; several are parted by commas.
    """

    header: str
    prefix: str

    def fits(self, secret: str, body: bytes, sent: str) -> bool:
        """Whether one of the signatures sent is the body's, compared in constant time."""
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        own = f"{self.prefix}{digest}".encode()
        return any(hmac.compare_digest(own, each.strip().encode()) for each in sent.split(","))


@dataclass(frozen=True)
class Source:
    """A tool, by its module's name, and how it signs, where it can."""

    name: str
    signature: Signature | None = None

    def read(self, payload: Any) -> list[Ticket]:
        """What a delivery, the values of its JSON, says of tickets.

        Raises:
            ValidationError: it is no delivery of the tool's.
        """
        tickets: list[Ticket] = import_module(f"{__name__}.{self.name}").read(payload)
        return tickets


SOURCES = {
    source.name: source
    for source in (
        Source("pagerduty", Signature("x-pagerduty-signature", "v1=")),
        Source("alertmanager"),
        Source("servicenow"),
        Source("jira", Signature("x-hub-signature", "sha256=")),
        Source("cloudwatch"),
        Source("opscenter"),
    )
}

#: Which tool the events of AWS's own bus come from, by their `detail-type`.
AWS_EVENTS = {
    "CloudWatch Alarm State Change": "cloudwatch",
    "OpsItem Create": "opscenter",
    "OpsItem Update": "opscenter",
}
