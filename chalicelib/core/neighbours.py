"""How alike incidents are: TF-IDF vectors of their features, and the graph of near neighbours."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import snowballstemmer
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree

from chalicelib.core.features import ORDINARY_TERMS, Features

#: What a term weighs by the part that it stands in. Titles, symptoms, errors and systems are
#: chosen words; a description is prose that tells much besides.
PART_WEIGHTS = {"title": 2.0, "symptoms": 1.5, "errors": 1.5, "systems": 2.0, "description": 1.0}

#: So many incidents are imagined beside those of the window, and an ordinary term is imagined in so
#: many uses. So a window of five knows that "service" says less than "Postgres"; five thousand know
#: it by themselves.
IMAGINED_INCIDENTS = 50
ORDINARY_USES = 80

#: This share of a window is added to the incidents that use a term: beyond it, being rarer still
#: makes a term no more telling, or a name that two of thousands share would outweigh the rest.
RARE_SHARE = 0.01

#: A term of one incident alone weighs so much of its due: that it is rare tells the most of a
#: kind of trouble in a large window, and only how somebody writes in a small one.
LONE_TERM = 0.5

#: A system that so many incidents name counts for half: the busier it is, the less naming it says.
BUSY_SYSTEM = 10

#: What cosines may differ by from rounding alone.
ROUNDING = 1e-9

#: So many pairs of neighbours take 100 MB.
MOST_PAIRS = 8_000_000

#: Added to the distances of a graph in the making: a sparse matrix drops what is 0.
_APART = 1.0

#: What single precision may be wrong by.
_SINGLE = 1e-5

#: Blocks of rows that are worked on at once, each with a dense matrix of its rows by all rows.
_THREADS = 2
_ROWS_AT_ONCE = 400
_BLOCKS_AT_ONCE = 4
_PAIRS_AT_ONCE = 200_000

#: Terms that so many rows hold are common. With few rows nothing is worth setting apart.
_COMMON_SHARE = 0.04
_LEAST_COMMON = 100
_GROUPS = 8

_STEMMER = snowballstemmer.stemmer("english")
_ORDINARY_STEMS = frozenset(_STEMMER.stemWords(sorted(ORDINARY_TERMS)))


def vectors(described: Sequence[Features]) -> tuple[sparse.csr_matrix, list[str]]:
    """Each description as a unit vector over all terms, by TF-IDF.

    A term weighs the root of its idf times the sum of `PART_WEIGHTS` over the parts that hold it;
    so what two descriptions share counts by its idf once, as in BM25, and not by its square. The
    forms of a word (Porter's stems) are one term.

    Args:
        described: the distinct descriptions of incidents.

    Returns:
        A matrix of shape (descriptions, terms), its rows of length 1 (0 where there is no term),
        and the terms of its columns in alphabetical order, each by its shortest form.
    """
    column, names = _columns(described)
    shape = (len(described), len(names))
    parts = {
        name: _holding([getattr(each, name) for each in described], column, shape)
        for name in PART_WEIGHTS
    }
    naming = _sums(parts["systems"], axis=0)
    using = _sums(sum(parts.values()) > 0, axis=0)
    parts["systems"].data *= (BUSY_SYSTEM / (BUSY_SYSTEM + naming))[parts["systems"].indices]
    matrix = sum(weight * parts[name] for name, weight in PART_WEIGHTS.items()).tocsr()
    matrix.data *= np.sqrt(_idf(names, using, len(described)))[matrix.indices]
    lengths = np.sqrt(_sums(matrix.multiply(matrix), axis=1))
    lengths[lengths == 0] = 1
    matrix.data /= np.repeat(lengths, np.diff(matrix.indptr))
    matrix.sort_indices()
    return matrix, names


def _columns(described: Sequence[Features]) -> tuple[dict[str, int], list[str]]:
    """The column of each term, the same for all forms of a word, and each column's name."""
    forms: dict[str, list[str]] = {}
    for term in sorted({term for row in described for part in row for term in part}):
        forms.setdefault(_STEMMER.stemWord(term), []).append(term)
    named = {min(same, key=lambda form: (len(form), form)): same for same in forms.values()}
    names = sorted(named)
    return {form: at for at, name in enumerate(names) for form in named[name]}, names


def _holding(part: Sequence[Sequence[str]], column: dict[str, int], shape: tuple[int, int]) -> Any:
    """A matrix of 1 where a description's part holds a term."""
    ends = np.cumsum([0, *map(len, part)])
    columns = np.fromiter((column[term] for terms in part for term in terms), dtype=np.int32)
    matrix = sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _idf(names: Sequence[str], using: Any, descriptions: int) -> Any:
    """The inverse document frequency, ln(1 + n / df), smoothed as the constants above say.

    Of 1 + n / df, since what all incidents of a window share still tells what they are about.
    """
    ordinary = np.array([_STEMMER.stemWord(name) in _ORDINARY_STEMS for name in names], dtype=float)
    uses = 1 + using + RARE_SHARE * descriptions + ORDINARY_USES * ordinary
    idf = np.log1p((descriptions + IMAGINED_INCIDENTS) / uses)
    return idf * np.where(using == 1, LONE_TERM**2, 1)


def _sums(matrix: Any, axis: int) -> Any:
    return np.asarray(matrix.sum(axis=axis)).ravel()


def neighbour_graph(
    rows: Any,
    least: float,
    *,
    most_pairs: int | None = None,
    report: Callable[[float], None] = lambda share: None,
) -> sparse.csr_matrix:
    """Every pair of unit vectors with a cosine of `least` or more, found exactly.

    A cosine is a sum over the few terms that many rows hold and one over the many terms that few
    hold. The latter is a sparse product and cheap. The former is at most the product of the rows'
    lengths in those terms (Cauchy and Schwarz), so it is only worked out, by a dense product,
    for rows whose lengths let it decide; with the rows ordered by that length these stand
    together. (The idea of bounding what is left out is that of L2AP: Anastasiu and Karypis, ICDE
    2014.) What single precision cannot decide is reckoned again in double.

    A few blocks of rows are taken at a time, so memory grows with the pairs kept. Where these are
    more than `most_pairs`, as with thousands of reports in nearly the same words, the graph is
    thinned to its spanning forest (see `spanning_forest`): its components stay what they are.

    Args:
        rows: unit vectors, a sparse matrix of shape (n, terms).
        least: the smallest cosine that makes neighbours, above 0.
        most_pairs: how many pairs are kept at the most; `MOST_PAIRS` if not given.
        report: is told the share of the rows that are done.

    Returns:
        A symmetric matrix of shape (n, n) of cosine distances, 0 to 1 - least, good to 1e-5;
        pairs farther apart are not stored. Its diagonal is.
    """
    count = rows.shape[0]
    common, rare = _divided(rows)
    order = np.argsort(-np.linalg.norm(common, axis=1), kind="stable").astype(np.int32)
    search = _Search(rows[order], common[order], rare[order], least)
    starts = range(0, count, _ROWS_AT_ONCE)
    kept: list[tuple[Any, Any, Any]] = []
    with ThreadPoolExecutor(_THREADS) as threads:
        for first in range(0, len(starts), _BLOCKS_AT_ONCE):
            report(first / len(starts))
            found = threads.map(search.near, starts[first : first + _BLOCKS_AT_ONCE])
            kept += [(order[one], order[other], far + _APART) for one, other, far in found]
            if sum(len(far) for _, _, far in kept) > (most_pairs or MOST_PAIRS):
                forest = minimum_spanning_tree(_graph(kept, count)).tocoo()
                kept = [(forest.row, forest.col, forest.data)]
    return _mirrored(_graph(kept, count))


def spanning_forest(graph: Any) -> sparse.csr_matrix:
    """The fewest and shortest edges that hang a graph's components together.

    At any distance the forest's edges up to it have the same components as the graph's (Gower and
    Ross, Applied Statistics 18, 1969), so with single neighbours counting DBSCAN finds the same
    on it.

    Args:
        graph: as `neighbour_graph` makes it.
    """
    upper = sparse.triu(graph, 1, format="csr")
    upper.data += _APART
    return _mirrored(minimum_spanning_tree(upper))


def _graph(pairs: Any, count: int) -> Any:
    """A graph in the making: each pair once, its distances raised so that none is 0."""
    one, other, weights = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return sparse.csr_matrix((weights, (one, other)), shape=(count, count))


def _mirrored(graph: Any) -> sparse.csr_matrix:
    """A finished graph: each pair both ways, each row beside itself, the distances as they are."""
    both = graph + graph.T + _APART * sparse.identity(graph.shape[0], format="csr")
    both.data -= _APART
    return sparse.csr_matrix(both)


def _divided(rows: Any) -> tuple[Any, Any]:
    """The rows' part in common terms, dense, and that in rare ones, sparse."""
    holding = np.bincount(rows.indices, minlength=rows.shape[1])
    is_common = holding > max(_COMMON_SHARE * rows.shape[0], _LEAST_COMMON)
    single = rows.astype(np.float32)
    return single[:, np.flatnonzero(is_common)].toarray(), single[:, np.flatnonzero(~is_common)]


class _Search:
    """The search for near pairs, its rows ordered by their length in common terms, longest first.

    Args:
        rows: the unit vectors.
        common: their part in common terms, dense.
        rare: their part in rare terms, sparse.
        least: the smallest cosine that makes neighbours.
    """

    def __init__(self, rows: Any, common: Any, rare: Any, least: float) -> None:
        self.rows, self.common, self.rare, self.least = rows, common, rare, least
        #: The lengths of the rows in common terms, and by groups of these: the sum of the groups'
        #: products bounds a cosine closer than the product of the whole lengths.
        self.lengths = np.linalg.norm(common, axis=1)
        groups = np.array_split(common, _GROUPS, axis=1)
        self.by_group = np.stack([np.linalg.norm(group, axis=1) for group in groups], axis=1)

    def near(self, start: int) -> tuple[Any, Any, Any]:
        """The near pairs of a block's rows with those after each: firsts, seconds, distances."""
        first, second, cosines = self._candidates(start)
        unsure = np.flatnonzero(np.abs(cosines - self.least) < _SINGLE)
        for at in range(0, len(unsure), _PAIRS_AT_ONCE):
            piece = unsure[at : at + _PAIRS_AT_ONCE]
            products = self.rows[first[piece]].multiply(self.rows[second[piece]])
            cosines[piece] = _sums(products, axis=1)
        near = cosines >= self.least - ROUNDING
        return first[near], second[near], np.clip(1 - cosines[near], 0, None)

    def _candidates(self, start: int) -> tuple[Any, Any, Any]:
        """The pairs of a block's rows with those after each that may be near; their cosines."""
        least = self.least - _SINGLE
        block, lengths = slice(start, start + _ROWS_AT_ONCE), self.lengths[start:]
        decides = int(np.searchsorted(-lengths, -least / max(lengths[0], least), "right"))
        dense = self.common[block] @ self.common[start : start + decides].T
        partial = (self.rare[block] @ self.rare[start:].T).tocoo()
        row, column, value = partial.row, partial.col, partial.data
        inside = column < decides
        dense[row[inside], column[inside]] += value[inside]
        full = np.flatnonzero(dense.ravel() >= least)
        row, column, value = row[~inside], column[~inside], value[~inside]
        may = value >= least - lengths[row] * lengths[column]
        row, column, value = row[may], column[may], value[may]
        bound = np.einsum("ij,ij->i", self.by_group[start + row], self.by_group[start + column])
        may = value >= least - bound
        first = np.concatenate([full // max(decides, 1), row[may]])
        second = np.concatenate([full % max(decides, 1), column[may]])
        # What is only bounded counts as unsure.
        cosines = np.concatenate([dense.ravel()[full], np.full(may.sum(), self.least)])
        after = first < second
        first, second = (
            (start + first[after]).astype(np.int32),
            (start + second[after]).astype(np.int32),
        )
        return first, second, cosines[after].astype(np.float64)
