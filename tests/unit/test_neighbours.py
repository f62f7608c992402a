"""Vectors of incidents, and the graph of those near each other."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.cluster import DBSCAN
from sklearn.neighbors import sort_graph_by_row_values

from chalicelib.core import neighbours
from chalicelib.core.features import Features
from chalicelib.core.neighbours import neighbour_graph, spanning_forest, vectors


def _described(**parts):
    return Features(*(tuple(sorted(parts.get(part, "").split())) for part in Features._fields))


def _cosines(*described):
    rows, _ = vectors(described)
    return (rows @ rows.T).toarray()


def test_rows_are_unit_vectors_and_empty_ones_are_zero():
    rows, vocabulary = vectors([_described(title="disk full disk"), _described()])
    assert vocabulary == ["disk", "full"]
    assert np.linalg.norm(rows.toarray(), axis=1).tolist() == pytest.approx([1, 0])


def test_the_forms_of_a_word_are_one_term_named_by_the_shortest():
    rows, vocabulary = vectors([_described(title="failing"), _described(title="failed fails")])
    assert vocabulary == ["fails"]
    assert (rows @ rows.T).toarray() == pytest.approx(np.ones((2, 2)))


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


def _unit_vectors(seed, count, dims):
    random = np.random.default_rng(seed)
    dense = random.random((count, dims)) * (random.random((count, dims)) < 0.5)
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    return sparse.csr_matrix(np.divide(dense, lengths, where=lengths > 0, out=np.zeros_like(dense)))


@pytest.fixture(params=[0, 3, 100], ids=["all common", "some common", "none common"])
def least_common(request, monkeypatch):
    monkeypatch.setattr(neighbours, "_LEAST_COMMON", request.param)
    monkeypatch.setattr(neighbours, "_ROWS_AT_ONCE", 4)


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95), st.integers(1, 40))
def test_the_graph_holds_exactly_the_pairs_that_are_near(least_common, seed, least, dims):
    rows = _unit_vectors(seed, 17, dims)
    cosines = (rows @ rows.T).toarray()
    np.fill_diagonal(cosines, 1)
    graph = neighbour_graph(rows, least)
    stored = np.zeros(cosines.shape, dtype=bool)
    stored[graph.tocoo().row, graph.tocoo().col] = True
    assert (stored == (cosines >= least - neighbours.ROUNDING)).all()
    assert graph.toarray()[stored] == pytest.approx(np.clip(1 - cosines, 0, None)[stored], abs=1e-5)


def _labels(graph, least):
    search = DBSCAN(eps=1 - least + neighbours.ROUNDING, min_samples=2, metric="precomputed")
    return search.fit(sort_graph_by_row_values(graph, warn_when_not_sorted=False)).labels_.tolist()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.95))
def test_dbscan_finds_on_the_graph_what_it_finds_by_itself(seed, least):
    rows = _unit_vectors(seed, 40, 12)
    rows = rows[np.diff(rows.indptr) > 0]
    own = DBSCAN(eps=1 - least + neighbours.ROUNDING, min_samples=2, metric="cosine").fit(rows)
    graph = neighbour_graph(rows, least)
    assert _labels(graph, least) == own.labels_.tolist()
    for stricter in (least, (1 + least) / 2):
        assert _labels(spanning_forest(graph), stricter) == _labels(graph, stricter)


def test_a_graph_of_too_many_pairs_is_thinned_and_keeps_its_components(monkeypatch):
    monkeypatch.setattr(neighbours, "_ROWS_AT_ONCE", 5)
    rows, _ = vectors([_described(title=f"disk full on volume v{n % 7} w{n}") for n in range(60)])
    whole = neighbour_graph(rows, 0.2)
    thin = neighbour_graph(rows, 0.2, most_pairs=50)
    assert thin.nnz < whole.nnz / 4
    for least in (0.2, 0.3, 0.4, 0.5):
        assert _labels(thin, least) == _labels(whole, least)


def test_descriptions_of_the_same_stems_are_neighbours_at_no_distance():
    rows, _ = vectors([_described(title=f"disk {form}") for form in ("fails", "failed")])
    for graph in (neighbour_graph(rows, 0.5), spanning_forest(neighbour_graph(rows, 0.5))):
        assert graph.nnz == 4
        assert graph.toarray() == pytest.approx(np.zeros((2, 2)))
