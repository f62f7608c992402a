"""Secrets and personal data out of any text, before anything else sees it.

`shapes` knows secrets by their own form, `keyed` by what stands beside them, `personal` what
belongs to people; `views` reads a text as those do who undo its wrapping. What is removed leaves a
placeholder that names its kind, such as `<REDACTED:password:3f9a1c>`. A scope may add rules of its
`own`, and `pseudonyms` for hosts, users and addresses. Everything takes linear time.
"""

from typing import Any

from chalicelib.redaction.findings import PLACEHOLDER
from chalicelib.redaction.own import own_rule
from chalicelib.redaction.pseudonyms import Pseudonyms
from chalicelib.redaction.redactor import Redactor

__all__ = ["PLACEHOLDER", "Pseudonyms", "Redactor", "own_rule", "redact", "redact_value"]


def redact(text: str) -> str:
    """The text redacted by the rules that hold for all, with placeholders that only name kinds."""
    return Redactor().text(text)


def redact_value(value: Any) -> Any:
    """The JSON value redacted as `redact` does a text.

    Raises:
        RecursionError: it is nested deeper than Python can follow.
    """
    return Redactor().value(value)
