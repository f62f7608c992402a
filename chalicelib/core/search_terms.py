"""Texts as the terms that they are searched by: stems, whole names, and pairs of neighbours.

Beside what `core.text` does with a text, endings go (Snowball's English stemmer, Porter 2001), so
that `failed` finds `failing`, and two words that stand side by side are a term as well: `virt-api`
and `quota exceeded` tell more together than apart. Numbers vary and find nothing.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

from chalicelib.core.text import mask, terms

_LONGEST = 100_000
_TOKEN = re.compile(r"[^\W_]+(?:[_'’][^\W_]+)*")
_MASK = re.compile(r"<[a-z]{2,6}>")
#: Where a Markdown link leads says less than what it is called.
_TARGET = re.compile(r"\]\([^()\s]{1,300}\)")
_STEMMER = snowballstemmer.stemmer("english")


def search_terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as it holds them; a pair has a space in it.

    `CamelCase` and `snake_case` names give the whole, each part, and the pairs of the parts.
    """
    found: list[str] = []
    before = ""
    shown = _MASK.sub(" ", mask(_TARGET.sub("] ", text[:_LONGEST])))
    for token in _TOKEN.findall(shown):
        whole, parts = _parts(token)
        if len(parts) > 1:
            found.append(whole)
        for part in parts:
            found.append(part)
            if before:
                found.append(f"{before} {part}")
            before = part
    return found


@lru_cache(maxsize=256)
def words(text: str) -> frozenset[str]:
    """The terms of a text that are no pairs."""
    return frozenset(term for term in search_terms(text) if not is_pair(term))


def is_pair(term: str) -> bool:
    """Whether a term is two words that stood side by side."""
    return " " in term


@lru_cache(maxsize=1 << 14)
def _parts(token: str) -> tuple[str, list[str]]:
    """A word as it stands, and the stems of what it is put together of."""
    said = terms(token)
    if not said:
        return "", []
    return said[0], list(_stems(said[1:] if len(said) > 1 else said))


def _stems(said: Iterable[str]) -> Iterable[str]:
    return (_STEMMER.stemWord(term) for term in said if not term.isdigit())
