"""How well kinds of incidents are found, beside a cut-off vocabulary and DBSCAN alone.

`python -m tests.evaluate_patterns FILE [--a-scope-each]` reads lines of JSON with `title`,
`description`, `systems` and `label` (none: it never recurs) and prints one line of JSON. With
`--a-scope-each` the labels' parts before a colon are analysed apart, and the shares averaged.
The other method is TF-IDF over the 1,000 commonest words, and DBSCAN at the same similarity with
three neighbours.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sklearn.cluster import DBSCAN
from sklearn.feature_extraction.text import TfidfVectorizer

from chalicelib.core.clustering import find_clusters
from chalicelib.core.incidents import Incident, IncidentReport, incident_of

NOW = datetime(2026, 1, 31, tzinfo=UTC)
THRESHOLD = 0.7
_LEAST_PURITY = 0.8
_LEAST_SHARE = 0.5
_LEAST_RECURRING = 3
_NOISE = 1_500

Clusters = list[list[int]]


def ours(window: Sequence[Incident]) -> Clusters:
    """The kinds as an analysis finds them."""
    return find_clusters(window, THRESHOLD).clusters


def original(window: Sequence[Incident]) -> Clusters:
    """The kinds by the method that this one took the place of."""
    texts = [f"{each.title} {each.description}" for each in window]
    rows = TfidfVectorizer(max_features=1_000, stop_words="english").fit_transform(texts)
    labels = (
        DBSCAN(eps=1 - THRESHOLD, min_samples=_LEAST_RECURRING, metric="cosine").fit(rows).labels_
    )
    found: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels.tolist()):
        if label >= 0:
            found[label].append(place)
    return list(found.values())


def figures(labels: Sequence[str | None], clusters: Clusters) -> dict[str, float]:
    """The share of recurring types that one pure cluster holds, and B-cubed (Bagga, Baldwin 1998).

    A type recurs with three incidents; it is recovered if a cluster of purity .8, in which those
    that never recur count against it, holds half of it. B-cubed is over the labelled ones.
    """
    sizes = Counter(label for label in labels if label)
    recurring = {label for label, size in sizes.items() if size >= _LEAST_RECURRING}
    recovered = set()
    precision = recall = 0.0
    for cluster in clusters:
        held = Counter(labels[place] or f"alone {place}" for place in cluster)
        label, count = held.most_common(1)[0]
        pure = count >= _LEAST_PURITY * len(cluster)
        if label in recurring and pure and count >= _LEAST_SHARE * sizes[label]:
            recovered.add(label)
        known = Counter(labels[place] for place in cluster if labels[place])
        precision += sum(n * n for n in known.values()) / max(known.total(), 1)
        recall += sum(n * n / sizes[each] for each, n in known.items())
    inside = {place for cluster in clusters for place in cluster}
    alone = [label for place, label in enumerate(labels) if label and place not in inside]
    precision += len(alone)
    recall += sum(1 / sizes[label] for label in alone)
    return {
        "recovered": len(recovered) / max(len(recurring), 1),
        "precision": precision / max(sizes.total(), 1),
        "recall": recall / max(sizes.total(), 1),
    }


def noise(find: Callable[[Sequence[Incident]], Clusters], alone: Sequence[Incident]) -> Any:
    """The share of incidents that never recur which are in a pattern, when alone in a scope.

    In one of any size, and in one of the three that a playbook needs at the least.
    """
    sizes = [len(cluster) for cluster in find(alone)]
    large = sum(size for size in sizes if size >= _LEAST_RECURRING)
    return {"noise": sum(sizes) / len(alone), "noise_of_three": large / len(alone)}


def read(path: Path) -> list[tuple[str | None, Incident]]:
    """The incidents of a file with their labels."""
    found = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            description = row.get("description") or ""
            title = (row.get("title") or description[:120]).replace("\n", " ").strip()[:300]
            report = IncidentReport(
                title=title or "untitled",
                description=description[:20_000],
                affected_systems=row.get("systems") or [],
                status="resolved",
            )
            found.append((row.get("label"), incident_of(report, f"i{number}", NOW)))
    return found


def _mean(figures_of_each: Iterable[dict[str, float]]) -> dict[str, float]:
    each = list(figures_of_each)
    return {name: round(sum(one[name] for one in each) / len(each), 3) for name in each[0]}


def main() -> None:
    """Measure both methods on a file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--a-scope-each", action="store_true")
    arguments = parser.parse_args()
    scopes: dict[str, list[tuple[str | None, Incident]]] = defaultdict(list)
    for label, incident in read(arguments.file):
        scopes[(label or "").partition(":")[0] if arguments.a_scope_each else ""].append(
            (label, incident)
        )
    alone = [each for each in scopes.get("", []) if each[0] is None][:_NOISE]
    printed: dict[str, Any] = {"incidents": sum(map(len, scopes.values())), "scopes": len(scopes)}
    for name, find in (("ours", ours), ("original", original)):
        printed[name] = _mean(
            figures([label for label, _ in scope], find([incident for _, incident in scope]))
            for scope in scopes.values()
        )
        if alone:
            told = noise(find, [incident for _, incident in alone])
            printed[name] |= {key: round(value, 3) for key, value in told.items()}
    print(json.dumps(printed))


if __name__ == "__main__":
    main()
