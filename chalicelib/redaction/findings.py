"""What redaction finds in a text, and what it leaves in its place."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import NamedTuple

#: A placeholder: the kind, and a fingerprint where there was a key to make it with.
PLACEHOLDER = re.compile(r"<REDACTED:([a-z][a-z0-9_]{0,60})(?::([0-9a-f]{6}))?>")
_FINGERPRINT_LENGTH = 6


class Finding(NamedTuple):
    """A part of a text that has to go.

    Attributes:
        start, end: where it is.
        kind: what it is, such as `password`.
        value: what it says, without line breaks and escapes: the same secret is always the same.
    """

    start: int
    end: int
    kind: str
    value: str


def placeholder(kind: str, value: str = "", key: bytes | None = None) -> str:
    """What stands where a value was: `<REDACTED:email:3f9a1c>`, the same for the same value.

    Without a key there is no fingerprint: one that anybody can make would tell what it hides.
    """
    if key is None:
        return f"<REDACTED:{kind}>"
    digest = hmac.new(key, f"{kind}:{value}".encode(errors="replace"), hashlib.sha256).hexdigest()
    return f"<REDACTED:{kind}:{digest[:_FINGERPRINT_LENGTH]}>"


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in order, those that overlap made one.

    Of two that overlap, the kind of the earlier in the given order is kept.
    """
    ranked = [(rank, each) for rank, each in enumerate(findings)]
    ranked.sort(key=lambda pair: (pair[1].start, -pair[1].end))
    kept: list[tuple[int, Finding]] = []
    for rank, each in ranked:
        if kept and each.start < kept[-1][1].end:
            first, last = kept[-1]
            end, best = max(each.end, last.end), min(first, rank)
            value = last.value if each.end <= last.end else last.value + each.value
            kind = each.kind if rank < first else last.kind
            kept[-1] = (best, Finding(last.start, end, kind, value))
        else:
            kept.append((rank, each))
    return [each for _, each in kept]
