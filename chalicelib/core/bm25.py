"""How well texts answer a query: BM25 on an absolute scale.

The weighting is Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
and Beyond", 2009). Its sum is divided by what a text of average length that holds every term once
would get, so that a figure means the same for every query.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

#: How fast repeating a term stops to count, and how far a long text is held against itself.
K1 = 2.0
B = 0.9


@dataclass(frozen=True)
class Corpus:
    """The texts to search, as counts of their terms.

    Attributes:
        postings: term -> (number of the text, occurrences), in the order of the texts.
        lengths: the number of terms of each text.
    """

    postings: Mapping[str, Sequence[tuple[int, float]]]
    lengths: Sequence[float]

    @property
    def size(self) -> int:
        """How many texts there are."""
        return len(self.lengths)

    def weight(self, term: str) -> float:
        """How telling a term is: ln((1 + N) / (1 + n)) + 1 where n of N texts hold it.

        Smoothed so that in a small corpus no term weighs nothing. A term that no text holds weighs
        as one that a single text holds: else what is asked in unknown words would seem found by
        the few known ones.
        """
        holding = max(len(self.postings.get(term, ())), 1)
        return math.log((1 + self.size) / (1 + holding)) + 1 if self.size else 1.0

    def similarities(self, query: Mapping[str, float]) -> list[float]:
        """How well each text answers the query: 0 to `K1 + 1`, and 1 as the module says.

        A term counts 1 + ln(occurrences in the query) times.
        """
        wanted = {term: self.weight(term) * (1 + math.log(n)) for term, n in sorted(query.items())}
        most = math.fsum(wanted.values())
        found = [0.0] * self.size
        average = sum(self.lengths) / self.size if self.size else 0.0
        for term, weight in wanted.items():
            for text, n in self.postings.get(term, ()):
                norm = K1 * (1 - B + B * self.lengths[text] / average)
                found[text] += weight * n * (K1 + 1) / (n + norm)
        return [value / most if most else 0.0 for value in found]

    def coverage(self, query: Iterable[str], text: Collection[str]) -> float:
        """The share of the query's weight that lies in terms which the text holds, 0 to 1."""
        asked = sorted(set(query))
        most = math.fsum(self.weight(term) for term in asked)
        held = math.fsum(self.weight(term) for term in asked if term in text)
        return held / most if most else 0.0


def corpus_of(texts: Sequence[Mapping[str, float]]) -> Corpus:
    """The corpus of some texts, each given as how often it holds each of its terms."""
    postings: dict[str, list[tuple[int, float]]] = {}
    for number, counts in enumerate(texts):
        for term, occurrences in sorted(counts.items()):
            postings.setdefault(term, []).append((number, occurrences))
    return Corpus(postings, [math.fsum(counts.values()) for counts in texts])
