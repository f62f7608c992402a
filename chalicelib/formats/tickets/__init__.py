"""Incidents from the tools that teams have them in: one module a tool, all listed here.

`docs/ways-in.md` says what of each becomes what of an incident.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.core.tickets import Ticket
from chalicelib.formats.tickets import (
    alertmanager,
    cloudwatch,
    jira,
    opscenter,
    pagerduty,
    servicenow,
)


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
    """A tool: how to read what it sends, and how it signs, where it can.

    Attributes:
        read: from the values of a delivery's JSON; raises pydantic's ValidationError.
    """

    read: Callable[[Any], list[Ticket]]
    signature: Signature | None = None


SOURCES = {
    pagerduty.SOURCE: Source(pagerduty.read, Signature("x-pagerduty-signature", "v1=")),
    alertmanager.SOURCE: Source(alertmanager.read),
    servicenow.SOURCE: Source(servicenow.read),
    jira.SOURCE: Source(jira.read, Signature("x-hub-signature", "sha256=")),
    cloudwatch.SOURCE: Source(cloudwatch.read),
    opscenter.SOURCE: Source(opscenter.read),
}


def aws_source(event: dict[str, Any]) -> str | None:
    """Which tool an event of AWS's own bus comes from, None where it is none of these."""
    detail_type = event.get("detail-type")
    if detail_type == cloudwatch.DETAIL_TYPE:
        return cloudwatch.SOURCE
    return opscenter.SOURCE if detail_type in opscenter.DETAIL_TYPES else None
