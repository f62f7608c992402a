"""Kinds of incidents: DBSCAN over the neighbour graph, then average linkage in each component."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import DBSCAN
from sklearn.neighbors import sort_graph_by_row_values

from chalicelib.core.features import features
from chalicelib.core.incidents import Incident
from chalicelib.core.neighbours import ROUNDING, Features, neighbour_graph, vectors

#: The largest component that is linked as a whole. Linkage needs all its pairs: 36 MB for these.
LARGEST_COMPONENT = 3_000

#: By how much the cosine is raised, again and again, to take a larger component apart; and the
#: cosine at which what still hangs together is taken for one kind.
_RAISE = 0.05
_ONE_KIND = 0.9

_CENTROID_TERMS = 40
_LEAST_COSINE = 0.02


@dataclass(frozen=True)
class Clustering:
    """The kinds of incident found in a window, the largest first.

    Attributes:
        clusters: for each kind the places of its incidents in the sequence given, ascending.
            Incidents that are like no other are in none.
        centroids: for each kind the heaviest terms of its mean vector, as a unit vector.
        notes: figures of the run: `cosine` asked for, `distinct` incidents, `terms`, `neighbours`
            (pairs), `largest_component`, `bounded_components`.
    """

    clusters: list[list[int]]
    centroids: list[dict[str, float]]
    notes: dict[str, int | float]


def cosine_of(similarity_threshold: float) -> float:
    """The mean cosine that a similarity threshold of 0 to 1 asks of the incidents of a kind.

    It is threshold ** 2.5, so that the default .7 asks for .41: what two people write about one
    trouble shares far fewer than seven words in ten.
    """
    return max(_LEAST_COSINE, math.pow(similarity_threshold, 2.5))


def find_clusters(incidents: Sequence[Incident], similarity_threshold: float) -> Clustering:
    """The groups of incidents alike enough to be of one kind, whatever order they come in.

    The result is that of average linkage over all distinct incidents, cut at the threshold's
    cosine: between two components of the graph of neighbours at that cosine no pair reaches it,
    so no mean does, and each component can be linked by itself. Components larger than
    `LARGEST_COMPONENT` are the exception: in them the cosine is raised until they fall apart.

    Time and memory grow with the pairs of neighbours and with the squares of the components.

    Args:
        incidents: each with an id of its own.
        similarity_threshold: 0 to 1, higher is stricter.
    """
    order = sorted(range(len(incidents)), key=lambda at: incidents[at].incident_id)
    described, places = _collapse([features(incidents[at]) for at in order])
    if not described:
        return Clustering([], [], {})
    cosine = cosine_of(similarity_threshold)
    sizes = np.array([len(at) for at in places])
    rows, vocabulary = vectors(described, sizes.tolist())
    graph = sort_graph_by_row_values(neighbour_graph(rows, cosine), warn_when_not_sorted=False)
    components = list(_components(graph, sizes, cosine))
    found = []
    for component in components:
        for group in _kinds(graph, rows, sizes, component, cosine):
            members = sorted(order[place] for row in group for place in places[row])
            if len(members) > 1:
                found.append((members, _centroid(rows[group], sizes[group], vocabulary)))
    found.sort(key=lambda cluster: (-len(cluster[0]), cluster[0][0]))
    notes: dict[str, int | float] = {
        "cosine": round(cosine, 4),
        "distinct": len(described),
        "terms": len(vocabulary),
        "neighbours": (graph.nnz - len(described)) // 2,
        "largest_component": max(map(len, components), default=0),
        "bounded_components": sum(len(each) > LARGEST_COMPONENT for each in components),
    }
    return Clustering([members for members, _ in found], [terms for _, terms in found], notes)


def _collapse(described: list[Features]) -> tuple[list[Features], list[list[int]]]:
    """Each distinct description once, and the places it stands in; those without terms left out."""
    places: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, blocks in enumerate(described):
        if any(blocks.values()):
            key = tuple((block, *sorted(counts.items())) for block, counts in blocks.items())
            places[key].append(place)
    return [described[at[0]] for at in places.values()], list(places.values())


def _components(graph: Any, sizes: Any, cosine: float) -> Iterator[Any]:
    """The row numbers of each connected component; incidents without neighbour or double in none.

    With two as the least count of neighbours, an incident itself among them, all that DBSCAN
    reaches is core, and its clusters are the components.
    """
    search = DBSCAN(eps=1 - cosine + ROUNDING, min_samples=2, metric="precomputed")
    labels = search.fit(graph, sample_weight=sizes).labels_
    by_label = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels + 1))
    yield from np.split(by_label, ends[:-1])[1:]


def _kinds(
    graph: Any, rows: Any, sizes: Any, component: Any, cosine: float, raised: float = 0
) -> Iterator[Any]:
    """The groups of rows into which a component falls at a cosine."""
    raised = max(raised, cosine)
    if len(component) <= LARGEST_COMPONENT:
        yield from _linked(rows, component, cosine)
    elif raised >= _ONE_KIND:
        yield component
    else:
        raised += _RAISE
        inside = graph[component][:, component]
        inside = sort_graph_by_row_values(inside, warn_when_not_sorted=False)
        for piece in _components(inside, sizes[component], raised):
            yield from _kinds(graph, rows, sizes, component[piece], cosine, raised)


def _linked(rows: Any, component: Any, cosine: float) -> Iterator[Any]:
    """The groups of average linkage whose mean cosine is `cosine` or more."""
    if len(component) == 1:
        yield component
        return
    within = rows[component]
    distances = np.clip(1 - (within @ within.T).toarray(), 0, None)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    labels = fcluster(tree, 1 - cosine + ROUNDING, "distance")
    for label in np.unique(labels):
        yield component[labels == label]


def _centroid(rows: Any, sizes: Any, vocabulary: list[str]) -> dict[str, float]:
    """The heaviest terms of the mean of some rows, each weighed by its size, as a unit vector."""
    total = np.asarray(rows.T @ sizes).ravel()
    heaviest = np.lexsort((np.arange(total.size), -total.round(9)))[:_CENTROID_TERMS]
    heaviest = heaviest[total[heaviest] > 0]
    length = np.sqrt((total[heaviest] ** 2).sum())
    return {vocabulary[at]: round(float(total[at] / length), 4) for at in heaviest}
