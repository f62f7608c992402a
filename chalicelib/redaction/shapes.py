"""Secrets that are known by their shape alone: vendors' tokens, signed tokens and private keys."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import re2

from chalicelib.redaction.findings import Finding
from chalicelib.redaction.names import is_filler
from chalicelib.redaction.vendors import VENDORS

#: A run with fewer different characters is filler, as in documentation: `xxxxxxxx`.
LEAST_DIFFERENT_CHARACTERS = 9
_BRANCHES = 9
_MEMORY = 16 << 20  # bytes of one expression's automaton; RE2 goes on without one where it is full
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_LEAST_OF_WORDS = 4  # characters on average; of 100,000 drawn by lot 13 have as many
_LEAST_IN_UPPER_CASE = 4  # of an AWS key id, which has so few characters that some repeat much

# It may begin only where a run of its characters does: else a run without a dot is read again
# and again.
_SIGNED = re.compile(
    r"(?<![\w-])(?:eyJ|ewog)[\w-]{8,}+(?:\.[\w-]{8,}+(?:\.[\w-]*+)*+|\.[\w-]{0,7}\.[\w-]{8,}+(?:\.[\w-]*+)*+)"
)
# A key that has lost its last line ends at the first empty one. No body can run past a row of
# five hyphens, so many openings in one text still cost linear time.
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^-]|-(?!----))*+-----END [A-Z0-9 ]{0,60}-----"
    r"|(?:[^-\n]|\n(?!\s*\n)|-(?!----))*+)"
)
_PUTTY_KEY = re.compile(r"PuTTY-User-Key-File-\d: (?:[^\n]++\n)++[^\n]*+")
# The same in base64, as in a kubeconfig: -----BEGIN RSA, PRIVATE, EC, OPENSSH, DSA, ENCRYPTED.
_ENCODED_KEY = re.compile(
    r"LS0tLS1CRUdJTiB(?:SU0E|QUkl|FQy|PUEV|EU0E|FTk|QR1A)[A-Za-z0-9+/]{20,}+={0,2}"
)
_WHOLE = (
    ("PRIVATE KEY", "private_key", _PRIVATE_KEY),
    ("PuTTY-User-Key", "private_key", _PUTTY_KEY),
    ("LS0tLS1CRUdJTiB", "private_key", _ENCODED_KEY),
)
_AWS_SECRET = re.compile(r"(?<![\w/+=.-])[A-Za-z0-9/+]{40}(?![\w/+=])")
_AWS_NEARBY = re.compile(r"(?:A[KS]IA|ABIA|ACCA)[A-Z0-9]{16}|<REDACTED:aws_access_key")
#: In the line of such a run, in front of it.
_AWS_NAMED = re.compile(r"(?i)(?:aws|amazon)[^\n]{0,60}$")
_NO_SECRETS = re.compile(r"(?:sha(?:1|256|384|512)[-:]|/)$")


class _Branch(NamedTuple):
    """An expression for many forms; what it does not match, none of those below it does.

    Most texts hold no token at all, which the root tells in one pass.
    """

    form: Any
    kind: str
    below: "tuple[_Branch, ...]"


@cache
def _tree() -> _Branch:
    leaves = [
        _Branch(re2.compile(_any(forms), _options()), kind, ()) for kind, forms in VENDORS.items()
    ]
    groups = [tuple(leaves[at : at + _BRANCHES]) for at in range(0, len(leaves), _BRANCHES)]
    branches = tuple(_branch(each) for each in groups)
    return _branch(branches)


def _branch(below: "tuple[_Branch, ...]") -> _Branch:
    return _Branch(re2.compile(_any(each.form.pattern for each in below), _options()), "", below)


def _any(forms: Iterable[str]) -> str:
    return "|".join(f"(?:{form})" for form in forms)


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return options


def shapes(text: str) -> Iterator[Finding]:
    """The secrets in a text that their shape gives away."""
    for hint, kind, pattern in _WHOLE:
        if hint in text:
            for match in pattern.finditer(text):
                yield Finding(match.start(), match.end(), kind, match[0])
    if "eyJ" in text or "ewog" in text:
        for match in _SIGNED.finditer(text):
            yield Finding(match.start(), match.end(), "jwt", match[0])
    yield from _tokens(text, _tree())
    # Forty characters alone may be anything; beside an access key id they are its secret half.
    near = _AWS_NEARBY.search(text) is not None
    if near or "aws" in text.lower() or "amazon" in text.lower():
        for match in _AWS_SECRET.finditer(text):
            named = _AWS_NAMED.search(text, max(0, match.start() - 80), match.start())
            if (near or named) and _is_mixed(match[0]) and match[0].count("/") < 4:
                yield Finding(match.start(), match.end(), "aws_secret_key", match[0])


def _tokens(text: str, branch: _Branch) -> Iterator[Finding]:
    if not branch.below:
        for match in branch.form.finditer(text):
            start, end = match.span()
            if _is_token(text, start, end, branch.kind):
                yield Finding(start, end, branch.kind, text[start:end])
    elif branch.form.search(text):
        for each in branch.below:
            yield from _tokens(text, each)


def _is_token(text: str, start: int, end: int, kind: str) -> bool:
    """Whether what has a token's form stands alone, and is no filler and no placeholder."""
    token = text[start:end]
    if text[start - 1 : start].isalnum() and text[start - 1].isascii():
        return False
    if text[end : end + 1].isalnum() and text[end].isascii() and token[-1].isalnum():
        return False
    of_letters = kind == "aws_access_key"  # one in thirty has no digit
    least = _LEAST_IN_UPPER_CASE if of_letters else LEAST_DIFFERENT_CHARACTERS
    if len(set(token)) < least or is_filler(token):
        return False
    if not (of_letters or any(c.isdigit() for c in token)):
        return False
    if kind == "token" and (token.startswith("sha") or not _is_drawn(re.split("[_-]", token)[-1])):
        return False
    return not _NO_SECRETS.search(text[max(0, start - 8) : start]) or "/" in token


def _is_drawn(run: str) -> bool:
    """Whether its letters are drawn by lot: the words of `High403ForbiddenRate` are longer."""
    return _is_mixed(run) and len(run) < _LEAST_OF_WORDS * len(_HUMP.findall(run))


def _is_mixed(run: str) -> bool:
    return bool(re.search(r"[a-z]", run) and re.search(r"[A-Z]", run) and re.search(r"\d", run))
