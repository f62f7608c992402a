"""Kinds of incidents: DBSCAN over the neighbour graph, then average linkage in each component."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import DBSCAN
from sklearn.neighbors import sort_graph_by_row_values

from chalicelib.core.analyses import Stage
from chalicelib.core.features import Features, features
from chalicelib.core.incidents import Incident
from chalicelib.core.neighbours import ROUNDING, neighbour_graph, spanning_forest, vectors
from chalicelib.core.selection import excess, masses, selected

#: The largest component that is linked as a whole. Linkage needs all its pairs: 36 MB for these.
LARGEST_COMPONENT = 3_000

#: The steps in which the cosine is raised to take a larger component apart.
_STEP = 0.05

_EXPONENT = 2.7
_CENTROID_TERMS = 40
_LEAST_COSINE = 0.02


Report = Callable[[Stage, float], None]


def _say_nothing(stage: Stage, share: float) -> None:
    pass


@dataclass(frozen=True)
class Clustering:
    """The kinds of incident found in a window, the largest first.

    Attributes:
        clusters: for each kind the places of its incidents in the sequence given, ascending.
            Incidents that are like no other are in none.
        centroids: for each kind the heaviest terms of its mean vector, as a unit vector.
        notes: figures of the run: `cosine` asked for, `distinct` incidents, `terms`,
            `largest_component`, `bounded_components`.
    """

    clusters: list[list[int]]
    centroids: list[dict[str, float]]
    notes: dict[str, int | float]


def cosine_of(similarity_threshold: float) -> float:
    """The mean cosine that a similarity threshold of 0 to 1 asks of the incidents of a kind.

    It is threshold ** 2.7, so that the default .7 asks for .38: what two people write about one
    trouble shares far fewer than seven words in ten.
    """
    return max(_LEAST_COSINE, math.pow(similarity_threshold, _EXPONENT))


def find_clusters(
    incidents: Sequence[Incident], similarity_threshold: float, report: Report = _say_nothing
) -> Clustering:
    """The groups of incidents alike enough to be of one kind, whatever order they come in.

    Average linkage over all distinct incidents makes a tree of ever wider groups. Of the groups
    whose mean cosine reaches the threshold's, those are kinds that stand out from what surrounds
    them (see `core.selection`); so one threshold serves kinds told in the same words and kinds
    told freely.

    Between two components of the graph of neighbours no pair reaches the cosine, so no mean does,
    and each component can be linked by itself. Components larger than `LARGEST_COMPONENT` are the
    exception: raising the cosine takes them apart step by step, in place of their tree.

    Time and memory grow with the pairs of neighbours and with the squares of the components.

    Args:
        incidents: each with an id of its own.
        similarity_threshold: 0 to 1, higher is stricter.
        report: is told the stage and the share of it that is done.
    """
    report(Stage.VECTORISING, 0)
    order = sorted(range(len(incidents)), key=lambda at: incidents[at].incident_id)
    described, places = _collapse([features(incidents[at]) for at in order])
    if not described:
        return Clustering([], [], {})
    cosine = cosine_of(similarity_threshold)
    sizes = np.array([len(at) for at in places])
    rows, vocabulary = vectors(described)
    graph = spanning_forest(
        neighbour_graph(rows, cosine, report=lambda share: report(Stage.COMPARING, share))
    )
    report(Stage.CLUSTERING, 0)
    components = list(_components(graph, sizes, cosine))
    found = []
    for component in components:
        for group in _kinds(graph, rows, sizes, component, cosine, 1 - cosine)[1]:
            members = sorted(order[place] for row in group for place in places[row])
            found.append((members, _centroid(rows[group], sizes[group], vocabulary)))
    found.sort(key=lambda cluster: (-len(cluster[0]), cluster[0][0]))
    notes: dict[str, int | float] = {
        "cosine": round(cosine, 4),
        "distinct": len(described),
        "terms": len(vocabulary),
        "largest_component": max(map(len, components), default=0),
        "bounded_components": sum(len(each) > LARGEST_COMPONENT for each in components),
    }
    return Clustering([members for members, _ in found], [terms for _, terms in found], notes)


def _collapse(described: Sequence[Features]) -> tuple[list[Features], list[list[int]]]:
    """Each distinct description once, and the places it stands in; those without terms left out."""
    places: dict[Features, list[int]] = defaultdict(list)
    for place, each in enumerate(described):
        if any(each):
            places[each].append(place)
    return list(places), list(places.values())


def _components(graph: Any, sizes: Any, cosine: float) -> Iterator[Any]:
    """The row numbers of each connected component; incidents without neighbour or double in none.

    With two as the least count of neighbours, an incident itself among them, all that DBSCAN
    reaches is core, and its clusters are the components.
    """
    search = DBSCAN(eps=1 - cosine + ROUNDING, min_samples=2, metric="precomputed")
    graph = sort_graph_by_row_values(graph, warn_when_not_sorted=False)
    labels = search.fit(graph, sample_weight=sizes).labels_
    by_label = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels + 1))
    yield from np.split(by_label, ends[:-1])[1:]


def _kinds(
    graph: Any, rows: Any, sizes: Any, component: Any, cosine: float, ends: float, raised: float = 0
) -> tuple[float, list[Any]]:
    """The kinds of a component as row numbers, and the sum of their excesses of mass.

    In a component that is too large for linkage the steps of the cosine take the place of the
    tree: the whole, if its mean cosine suffices, is weighed against the kinds of its pieces.
    """
    if len(component) <= LARGEST_COMPONENT:
        return _linked(rows, sizes, component, cosine, ends)
    born = 1 - _mean_cosine(rows[component])
    whole = born <= 1 - cosine
    # Always the same steps, so that a higher cosine meets the same pieces.
    raised = _STEP * (math.floor(max(raised, cosine) / _STEP + ROUNDING) + 1)
    within, groups = 0.0, []
    if raised < 1:
        inside = graph[component][:, component]
        for piece in _components(inside, sizes[component], raised):
            piece_ends = min(born, ends) if whole else ends
            found = _kinds(graph, rows, sizes, component[piece], cosine, piece_ends, raised)
            within += found[0]
            groups += found[1]
    own = float(excess(masses(sizes[component]).sum(), len(component), born, ends))
    return (own, [component]) if whole and own >= within else (within, groups)


def _mean_cosine(rows: Any) -> float:
    """The mean cosine of all pairs of some unit vectors: from their sum's length alone."""
    total = np.asarray(rows.sum(axis=0)).ravel()
    count = rows.shape[0]
    return float((total @ total - count) / (count * (count - 1)))


def _linked(
    rows: Any, sizes: Any, component: Any, cosine: float, ends: float
) -> tuple[float, list[Any]]:
    """The kinds of a component by average linkage, and the sum of their excesses of mass."""
    if len(component) == 1:
        return float(excess(masses(sizes[component])[0], 1, 0, ends)), [component]
    vectors_within = rows[component]
    distances = np.clip(1 - (vectors_within @ vectors_within.T).toarray(), 0, None)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    gained, groups = selected(tree, sizes[component], cosine, ends)
    return gained, [component[group] for group in groups]


def _centroid(rows: Any, sizes: Any, vocabulary: list[str]) -> dict[str, float]:
    """The heaviest terms of the mean of some rows, each weighed by its size, as a unit vector."""
    columns, at = np.unique(rows.indices, return_inverse=True)
    weights = np.bincount(at, rows.data * np.repeat(sizes, np.diff(rows.indptr)))
    heaviest = np.lexsort((columns, -weights.round(9)))[:_CENTROID_TERMS]
    length = np.linalg.norm(weights[heaviest])
    return {vocabulary[columns[at]]: round(float(weights[at] / length), 4) for at in heaviest}
