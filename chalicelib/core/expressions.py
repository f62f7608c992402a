"""Regular expressions that people wrote, judged in linear time by RE2.

Syntax: https://github.com/google/re2/wiki/Syntax. There are no back-references and nothing looks
around, which is what keeps the time linear in the text whatever the expression is.
"""

from functools import lru_cache
from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def fills(expression: str, text: str) -> bool:
    """Whether an expression matches a text from its beginning to its end.

    Raises:
        ValueError: it is no expression that RE2 knows; the message says what is wrong.
    """
    return _compiled(expression).fullmatch(text) is not None


def occurs(expression: str, text: str) -> bool:
    """Whether an expression matches anywhere in a text.

    Raises:
        ValueError: as `fills`.
    """
    return _compiled(expression).search(text) is not None


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    try:
        return re2.compile(expression, _OPTIONS)
    except re2.error as error:
        said = error.args[0]
        raise ValueError(said.decode() if isinstance(said, bytes) else str(said)) from None
