"""How alike incidents are: TF-IDF vectors of their features, and the graph of near neighbours."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from chalicelib.core.features import ORDINARY_TERMS

#: What a term weighs by the block that it stands in. Titles, symptoms, errors and systems are
#: chosen words; a description is prose that tells much besides.
BLOCK_WEIGHTS = {"title": 2.0, "symptoms": 1.5, "errors": 1.5, "systems": 2.0, "description": 1.0}

#: So many imagined incidents stand beside those of the window, half of them using each ordinary
#: term. So a window of five knows that "service" says less than "Postgres"; five thousand know it
#: by themselves.
IMAGINED_INCIDENTS = 50
ORDINARY_SHARE = 0.5

#: A term of one incident alone weighs so much of its due: that it is rare tells the most of a
#: kind of trouble in a large window, and only how somebody writes in a small one.
LONE_TERM = 0.5

#: A system that so many incidents name counts for half: the busier it is, the less naming it says.
BUSY_SYSTEM = 10

#: What cosines may differ by from rounding alone.
ROUNDING = 1e-9

_ROWS_AT_ONCE = 1_000

Features = Mapping[str, Counter[str]]


def vectors(
    features: Sequence[Features], times: Sequence[int] | None = None
) -> tuple[sparse.csr_matrix, list[str]]:
    """Each description as a unit vector over all terms, by sublinear TF-IDF.

    A term weighs idf times the sum, over the blocks that hold it, of weight x (1 + ln count).

    Args:
        features: the distinct descriptions of incidents.
        times: how many incidents each describes; one each if not given.

    Returns:
        A matrix of shape (descriptions, terms), its rows of length 1 (0 where there is no term),
        and the terms of its columns in alphabetical order.
    """
    times = times or [1] * len(features)
    naming: Counter[str] = Counter()
    frequency: Counter[str] = Counter()
    for blocks, count in zip(features, times, strict=True):
        naming.update(dict.fromkeys(blocks["systems"], count))
        frequency.update(dict.fromkeys(set().union(*blocks.values()), count))
    vocabulary = sorted(frequency)
    column = {term: number for number, term in enumerate(vocabulary)}
    weighed = [_weighed(blocks, naming) for blocks in features]
    weights = np.fromiter((weight for row in weighed for weight in row.values()), dtype=float)
    columns = np.fromiter((column[term] for row in weighed for term in row), dtype=np.int32)
    starts = np.cumsum([0, *(len(row) for row in weighed)])
    shape = (len(features), len(vocabulary))
    matrix = sparse.csr_matrix((weights, columns, starts), shape=shape)
    idf = np.array([_idf(term, frequency[term], sum(times)) for term in vocabulary])
    matrix.data *= idf[matrix.indices]
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    matrix.data /= np.repeat(lengths, np.diff(matrix.indptr))
    matrix.sort_indices()
    return matrix, vocabulary


def _weighed(blocks: Features, naming: Counter[str]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for block, counts in blocks.items():
        for term, count in counts.items():
            weight = BLOCK_WEIGHTS[block] * (1 + math.log(count))
            if block == "systems":
                weight *= BUSY_SYSTEM / (BUSY_SYSTEM + naming[term])
            weights[term] = weights.get(term, 0.0) + weight
    return weights


def _idf(term: str, frequency: int, incidents: int) -> float:
    """The inverse document frequency, ln(n / (1 + df)), the imagined incidents counted in."""
    using = frequency + (IMAGINED_INCIDENTS * ORDINARY_SHARE if term in ORDINARY_TERMS else 0)
    idf = math.log((incidents + IMAGINED_INCIDENTS) / (1 + using))
    return idf * LONE_TERM if frequency == 1 else idf


def neighbour_graph(rows: Any, least: float) -> sparse.csr_matrix:
    """Every pair of unit vectors with a cosine of `least` or more, found exactly.

    The products are taken a block of rows at a time, so that memory grows with the pairs kept.

    Args:
        rows: unit vectors, a sparse matrix of shape (n, terms).
        least: the smallest cosine that makes neighbours, above 0.

    Returns:
        A matrix of shape (n, n) of cosine distances, 0 to 1 - least; pairs farther apart are not
        stored. Its diagonal is.
    """
    transposed = rows.T.tocsr()
    blocks = []
    for start in range(0, rows.shape[0], _ROWS_AT_ONCE):
        cosines = (rows[start : start + _ROWS_AT_ONCE] @ transposed).tocoo()
        near = cosines.data >= least - ROUNDING
        distances = np.clip(1 - cosines.data[near], 0, None)
        at = (cosines.row[near], cosines.col[near])
        blocks.append(sparse.csr_matrix((distances, at), shape=cosines.shape))
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr"))
