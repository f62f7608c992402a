"""Vectors of incidents, and the graph of those near each other."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from chalicelib.core import neighbours
from chalicelib.core.features import BLOCKS
from chalicelib.core.neighbours import neighbour_graph, vectors


def _described(**blocks):
    return {block: Counter(blocks.get(block, "").split()) for block in BLOCKS}


def _cosines(*described):
    rows, _ = vectors(described)
    return (rows @ rows.T).toarray()


def test_rows_are_unit_vectors_and_empty_ones_are_zero():
    rows, vocabulary = vectors([_described(title="disk full disk"), _described()])
    assert vocabulary == ["disk", "full"]
    assert np.linalg.norm(rows.toarray(), axis=1).tolist() == pytest.approx([1, 0])


def test_describing_many_incidents_is_like_being_given_so_often():
    one, other = _described(title="disk full"), _described(title="disk slow", systems="nfs")
    times = vectors([one, other], [1, 3])[0].toarray()
    repeated = vectors([one, other, other, other])[0].toarray()
    assert times == pytest.approx(repeated[:2])


def test_a_shared_rare_term_says_more_than_a_shared_ordinary_one():
    cosines = _cosines(
        _described(title="kafka timeout"),
        _described(title="kafka outage"),
        _described(title="nginx timeout"),
    )
    assert cosines[0, 1] > cosines[0, 2] > 0


def test_sharing_a_title_says_more_than_sharing_prose():
    cosines = _cosines(
        _described(title="quota", description="bucket"),
        _described(title="quota", description="lambda"),
        _described(title="deploy", description="bucket"),
    )
    assert cosines[0, 1] > cosines[0, 2] > 0


def test_a_system_that_many_name_says_less_than_one_that_few_name():
    def alike(naming: int) -> float:
        others = [_described(title=f"trouble{n}", systems="billing") for n in range(naming)]
        idle = [_described(title=f"other{n}") for n in range(100 - naming)]
        return float(_cosines(*others, *idle)[0, 1])

    assert alike(3) > 2 * alike(60)


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_the_graph_holds_exactly_the_pairs_that_are_near(seed, least):
    random = np.random.default_rng(seed)
    dense = random.random((17, 6)) * (random.random((17, 6)) < 0.5)
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    rows = sparse.csr_matrix(np.divide(dense, lengths, where=lengths > 0, out=np.zeros_like(dense)))
    cosines = (rows @ rows.T).toarray()
    graph = neighbour_graph(rows, least)
    stored = np.zeros(cosines.shape, dtype=bool)
    stored[graph.tocoo().row, graph.tocoo().col] = True
    assert (stored == (cosines >= least - neighbours.ROUNDING)).all()
    assert graph.toarray()[stored] == pytest.approx(np.clip(1 - cosines, 0, None)[stored])


def test_the_graph_does_not_depend_on_how_many_rows_are_taken_at_once(monkeypatch):
    rows, _ = vectors([_described(title=f"disk t{n % 3} u{n % 4}") for n in range(20)])
    whole = neighbour_graph(rows, 0.3)
    monkeypatch.setattr(neighbours, "_ROWS_AT_ONCE", 3)
    assert (neighbour_graph(rows, 0.3) != whole).nnz == 0
