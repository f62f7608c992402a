"""Texts as the terms that they are searched by: stems, whole names, pairs of neighbours, numbers.

Beside what `core.text` does with a text, endings go (Snowball's English stemmer, Porter 2001), so
that `failed` finds `failing`, and two words that stand side by side in a sentence are a term as
well: `quota exceeded` tells more together than apart, and twice as much where a hyphen joins a
name, as in `virt-api`. A number that stands for itself is a term: a threshold, a port, an error's
or an exit's code often is all that sets two troubles apart.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

import snowballstemmer

from chalicelib.core.text import mask_names, terms

_LONGEST = 100_000
_MASK = re.compile(r"<[a-z]{2,6}>")
#: Where a Markdown link leads says less than what it is called.
_TARGET = re.compile(r"\]\([^()\s]{1,300}\)")
_STEMMER = snowballstemmer.stemmer("english")

#: The units of thresholds and of spans of time, by how they are written.
_UNITS = {
    "%": ("%", "percent"),
    "ms": ("ms", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
}
_UNIT_OF = {word: unit for unit, written in _UNITS.items() for word in written}
#: What a text is read as, piece by piece; a number within a name or a version is none.
_PIECE = re.compile(
    r"(?<![\w.,:/-])(?P<number>\d{1,6}(?:\.\d{1,3})?)"
    rf"(?:\s?(?P<unit>{'|'.join(_UNIT_OF)}))?(?!\w|[.,:/]\d)"
    r"|(?P<joined>(?<=[^\W_]-))?(?P<word>[^\W_]+(?:[_'’][^\W_]+)*)"
    r"|(?P<end>[.;:!?()\[\]|]+(?!\S)|\n[^\S\n]*\n)",
    re.IGNORECASE,
)
#: A number begins with this, as a name may begin with a digit.
_NUMBER_SIGN = "#"

#: Words that hold a sentence together, beside those that `core.text` leaves out, and those for the
#: alert that asks. They say where and when, not what; in few and short texts they are rare and
#: would weigh as names do.
_FUNCTION_WORDS = frozenset(
    """across against alert alerts along although among around during either else every except fired
    fires first following given however inside instead last least less like many may might much must
    neither next onto outside per rather several shall than though toward towards under unless upon
    whether within without yet""".split()
)
#: A title is the shortest statement of what the trouble is.
_TITLE_WEIGHT = 2


def search_terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as it holds them; a pair has a space in it.

    `CamelCase` and `snake_case` names give the whole, each part, and the pairs of the parts. A pair
    that a hyphen joins comes twice. A number parts its neighbours, as the end of a sentence does.
    """
    found: list[str] = []
    before, ended = "", 0
    for piece in _pieces(text):
        word = piece["word"]
        if word is None:
            before = ""
            if piece["number"]:
                unit = _UNIT_OF.get((piece["unit"] or "").lower(), "")
                found.append(f"{_NUMBER_SIGN}{piece['number']}{unit}")
            continue
        whole, parts = _parts(word)
        if len(parts) > 1:
            found.append(whole)
        joined = piece["joined"] is not None and ended == piece.start() - 1
        for part in parts:
            found.append(part)
            if before:
                found += [f"{before} {part}"] * (2 if joined else 1)
            before, ended, joined = part, piece.end(), False
    return found


def terms_of_report(title: str, rest: str) -> Counter[str]:
    """The terms of what somebody reports, each with its occurrences; a title's count twice."""
    return Counter(search_terms(title) * _TITLE_WEIGHT + search_terms(rest))


def whole_names(text: str) -> frozenset[str]:
    """The terms that are whole names put together of parts, such as `KubeletDown`."""
    named = (_parts(piece["word"]) for piece in _pieces(text) if piece["word"])
    return frozenset(whole for whole, parts in named if len(parts) > 1)


@lru_cache(maxsize=256)
def words(text: str) -> frozenset[str]:
    """The terms of a text that are words or names."""
    return frozenset(term for term in search_terms(text) if not is_detail(term))


def is_pair(term: str) -> bool:
    """Whether a term is two words that stood side by side."""
    return " " in term


def is_detail(term: str) -> bool:
    """Whether a term only tells more of what words tell: a pair, or a number."""
    return is_pair(term) or term.startswith(_NUMBER_SIGN)


def shown(term: str) -> str:
    """A term as people read it."""
    return term.removeprefix(_NUMBER_SIGN)


def _pieces(text: str) -> Iterator[re.Match[str]]:
    return _PIECE.finditer(_MASK.sub(" ", mask_names(_TARGET.sub("] ", text[:_LONGEST]))))


@lru_cache(maxsize=1 << 14)
def _parts(token: str) -> tuple[str, list[str]]:
    """A word as it stands, and the stems of what it is put together of."""
    said = terms(token)
    if not said or token.lower() in _FUNCTION_WORDS:
        return "", []
    return said[0], list(_stems(said[1:] if len(said) > 1 else said))


def _stems(said: Iterable[str]) -> Iterable[str]:
    return (_STEMMER.stemWord(term) for term in said if not term.isdigit())
