"""How well texts in fields answer a query: BM25F on an absolute scale.

The weighting is Okapi BM25 over weighted fields (Robertson and Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond", 2009), with two changes, so that a figure means the same for
every query and every set of texts. A field's length is compared with a length that is usual for
it, not with the average of the texts that happen to be there: so a text's row never changes with
its neighbours. And the sum is divided by what a text would get that holds every term of the query
without end.
"""

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chalicelib.core.search_terms import is_detail

Array = npt.NDArray[Any]

#: How fast repeating a term stops to count, and how far a long field is held against itself.
K1 = 2.0
B = 0.75

#: What a term weighs by the field that it stands in, and how many terms are usual there.
FIELDS = {
    "title": (4.0, 10),
    "lead": (3.0, 20),
    "description": (1.5, 60),
    "steps": (1.0, 300),
    "systems": (1.0, 3),
    "incidents": (3.0, 60),
}
#: The fields that tell how the trouble showed.
SIGNS = frozenset({"incidents"})

#: The share of a question that is about a text which the text usually answers, where nothing tells
#: that of this text.
USUAL_SHARE = 0.51

#: What two words side by side weigh, beside each alone, and what a number does.
DETAIL_WEIGHT = 0.5
#: A long query is cut to its most telling terms.
MOST_TERMS = 400


@dataclass(frozen=True)
class Row:
    """A text's terms: their numbers, what each is worth (0 to 1), and whether it is a sign.

    `usual_share` is the share of a question that it answers if the question is about it.
    """

    terms: Array
    impacts: Array
    signs: Array
    usual_share: float = USUAL_SHARE


@dataclass(frozen=True)
class Postings:
    """Rows turned over: for each term the texts that hold it.

    Attributes:
        terms: the terms' numbers, sorted, each once.
        starts: where each term's entries begin, and at last where all end.
        texts: the number of the text, ascending within a term.
        impacts: what the term is worth in it, 0 to 1.
        signs: whether it is among the text's signs.
        usual_shares: for each text the share that it answers of a question that is about it.
    """

    terms: Array
    starts: Array
    texts: Array
    impacts: Array
    signs: Array
    usual_shares: Array

    @property
    def size(self) -> int:
        """How many texts there are."""
        return len(self.usual_shares)

    def weigh(self, query: Mapping[str, float]) -> "Query":
        """A query's terms with their weights, the most telling first.

        A term weighs ln((1 + N) / (1 + n)) + 1 where n of N texts hold it, smoothed so that in a
        small set none weighs nothing, times its occurrences in the query. A word that no
        text holds weighs as one that a single text holds: else what is asked in unknown words
        would seem found by the few known ones. A pair or a number that no text holds is left out.
        """
        found = []
        for term, occurrences in query.items():
            first, end = self._entries(term)
            if first == end and is_detail(term):
                continue
            rarity = math.log((1 + self.size) / (1 + max(end - first, 1))) + 1
            worth = DETAIL_WEIGHT if is_detail(term) else 1.0
            weight = worth * rarity * occurrences
            found.append((-weight, term, first, end))
        best = sorted(found)[:MOST_TERMS]
        entries = [(-negative, first, end) for negative, _, first, end in best]
        return Query(entries, math.fsum(weight for weight, _, _ in entries))

    def similarities(self, query: "Query") -> Array:
        """How well each text answers the query, 0 to 1."""
        return self._sum(query, of_signs=False)

    def coverage(self, query: "Query") -> Array:
        """The share of the query's weight that each text's signs hold, 0 to 1."""
        return self._sum(query, of_signs=True)

    def holding(self, term: str) -> Array:
        """The numbers of the texts that hold a term."""
        first, end = self._entries(term)
        return self.texts[first:end]

    def without(self, gone: Iterable[int], rows: Sequence[Row]) -> "Postings":
        """The postings without some texts, and with others behind the ones that stay.

        What stays is in order, so the new entries are put between: to sort all of them anew for
        each change would take several times the memory of the postings.
        """
        stays = np.ones(self.size, dtype=bool)
        stays[list(gone)] = False
        kept = stays[self.texts]
        counts = np.add.reduceat(kept, self.starts[:-1], dtype=np.int32)
        new = np.concatenate([self.terms[:0], *(row.terms for row in rows)])
        # Stable, so that texts stay ascending within a term.
        order = np.argsort(new, kind="stable")
        new = new[order]
        places = np.append(0, np.cumsum(counts))[self.terms.searchsorted(new, side="right")]

        def with_new(entries: Array, added: Sequence[Array]) -> Array:
            return np.insert(entries[kept], places, np.concatenate([entries[:0], *added])[order])

        number = np.cumsum(stays, dtype=np.int32) - 1
        behind = range(int(stays.sum()), int(stays.sum()) + len(rows))
        texts = [np.full(len(row.terms), at) for at, row in zip(behind, rows, strict=True)]
        held = counts > 0
        terms, starts = _counted(self.terms[held], counts[held], new)
        return Postings(
            terms,
            starts,
            with_new(number[self.texts], texts).astype(np.int32),
            with_new(self.impacts, [row.impacts for row in rows]),
            with_new(self.signs, [row.signs for row in rows]),
            np.append(self.usual_shares[stays], [row.usual_share for row in rows]),
        )

    def _entries(self, term: str) -> tuple[int, int]:
        number = number_of(term)
        at = int(self.terms.searchsorted(np.uint32(number)))
        if at == len(self.terms) or self.terms[at] != number:
            return 0, 0
        return int(self.starts[at]), int(self.starts[at + 1])

    def _sum(self, query: "Query", *, of_signs: bool) -> Array:
        found = np.zeros(self.size)
        for weight, first, end in query.entries:
            worth = (self.signs if of_signs else self.impacts)[first:end]
            found[self.texts[first:end]] += weight * worth.astype(np.float64)
        return found / query.total if query.total else found


@dataclass(frozen=True)
class Query:
    """What is asked of some postings: its terms' weights and entries there, and their total."""

    entries: Sequence[tuple[float, int, int]]
    total: float


def number_of(term: str) -> int:
    """A term as a number of 32 bits, so that no index has to hold the words themselves.

    Two terms in a million share one; then both are found by either.
    """
    return zlib.crc32(term.encode())


def row_of(fields: Mapping[str, Counter[str]], tellers: int = 1) -> Row:
    """A text's row.

    Args:
        fields: how often each term stands in each of `FIELDS`.
        tellers: how many told the fields in `SIGNS`, which count for one of them.
    """
    found = frequencies(fields, tellers)
    signs = {number_of(term) for field in SIGNS for term in fields.get(field, ())}
    worth = np.fromiter(found.values(), np.float32, len(found))
    terms = np.fromiter(found, np.uint32, len(found))
    told = np.fromiter((term in signs or not signs for term in found), bool, len(found))
    return Row(terms, impact(worth).astype(np.float16), told)


def frequencies(fields: Mapping[str, Counter[str]], tellers: int = 1) -> dict[int, float]:
    """How often a text says each term, by the term's number.

    An occurrence counts by its field, and for less in a field that is longer than usual.
    """
    found: dict[int, float] = {}
    for field, counts in fields.items():
        share = 1 / tellers if field in SIGNS else 1.0
        weight, usual = FIELDS[field]
        length = share * counts.total() / usual
        norm = weight * share / (1 - B + B * length)
        for term, occurrences in counts.items():
            number = number_of(term)
            found[number] = found.get(number, 0.0) + norm * occurrences
    return found


def impact(frequency: Any) -> Any:
    """What it is worth, 0 to 1, that a text says a term so often; of an array or a number."""
    return frequency / (frequency + K1)


def postings_of(rows: Sequence[Row]) -> Postings:
    """The postings of some rows, numbered in their order."""
    return NOTHING.without([], rows)


def _counted(known: Array, counts: Array, new: Array) -> tuple[Array, Array]:
    """All terms, each once and in order, and where their entries begin and at last end.

    Args:
        known, counts: terms and how many entries each has.
        new: the terms of further entries.
    """
    terms, places = np.unique(np.append(known, new), return_inverse=True)
    entries = np.bincount(places, np.append(counts, np.ones(len(new))), len(terms))
    return terms, np.append(0, np.cumsum(entries)).astype(np.int32)


_EMPTY = np.zeros(0)
NOTHING = Postings(
    _EMPTY.astype(np.uint32),
    np.zeros(1, np.int32),
    _EMPTY.astype(np.int32),
    _EMPTY.astype(np.float16),
    _EMPTY.astype(bool),
    _EMPTY,
)
