"""A scope's own rules: expressions of RE2, so that no rule can take more than linear time."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from chalicelib.redaction.findings import Finding
from chalicelib.redaction.redactor import Finder

_MEMORY = 4 << 20  # bytes of an expression's automaton: what needs more is refused
_LARGEST_PROGRAM = 5_000  # instructions of RE2


def own_rule(kind: str, expression: str) -> Finder:
    """What finds the parts of a text that an expression matches, as findings of that kind.

    Where the expression has a group, only what the first one holds is removed.

    Raises:
        ValueError: it is no expression of RE2, too large, or matches where there is nothing.
    """
    form = _compiled(expression)

    def find(text: str) -> Iterator[Finding]:
        for match in form.finditer(text):
            group = 1 if form.groups and match.group(1) else 0
            start, end = match.span(group)
            if start < end:
                yield Finding(start, end, kind, text[start:end])

    return find


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        form = re2.compile(expression, options)
    except re2.error as error:
        said = error.args[0]
        message = said.decode() if isinstance(said, bytes) else str(said)
        raise ValueError(f"is no expression of RE2: {message}") from None
    if form.programsize > _LARGEST_PROGRAM:
        raise ValueError("is too large; use smaller repeats")
    if form.search("") is not None:
        raise ValueError("must not match an empty text")
    return form
