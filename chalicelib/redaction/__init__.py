"""Secrets out of any text, before anything else sees it.

`shapes` knows secrets by their own form, `rules` by what stands beside them. What is removed leaves
a placeholder that names its kind, such as `<REDACTED:password>`. Everything takes linear time.
"""

from chalicelib.redaction.rules import redact, redact_value

__all__ = ["redact", "redact_value"]
