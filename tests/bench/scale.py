"""What many incidents cost, stage by stage, and how that grows.

`python -m tests.bench.scale NUMBER` measures one size; `python -m tests.bench` all, each in a
process of its own. Real texts are read where the optional evaluation data lies beside the project,
else texts are made of the examples' words.
"""

import gzip
import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sklearn.cluster import DBSCAN
from sklearn.neighbors import sort_graph_by_row_values

from chalicelib.core.analyses import Stage
from chalicelib.core.clustering import cosine_of, find_clusters
from chalicelib.core.features import features
from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.core.neighbours import ROUNDING, neighbour_graph, spanning_forest, vectors
from chalicelib.core.patterns import describe
from chalicelib.core.synthesis import synthesise
from local.examples import examples
from tests.bench.measure import Stopwatch, resident_mib

TEXTS = Path(__file__).parents[3] / "shared" / "data" / "scale_incident_texts.jsonl.gz"
NOW = datetime(2026, 1, 31, tzinfo=UTC)
THRESHOLD = 0.7


def stages(number: int) -> dict[str, Any]:
    """An analysis of so many incidents, without the store."""
    documents = list(_documents(number))
    watch = Stopwatch()
    watch.enter("reading")
    window = [Incident.model_validate_json(document) for document in documents]
    del documents

    def report(stage: Stage, _: float) -> None:
        watch.enter(stage)

    clustering = find_clusters(window, THRESHOLD, report)
    watch.enter("patterns")
    patterns = [
        describe(
            [window[place] for place in cluster],
            pattern_id=f"pat_{at}",
            scope="bench",
            centroid=centroid,
            now=NOW,
            min_frequency=3,
            min_success_rate=0.8,
        )
        for at, (cluster, centroid) in enumerate(
            zip(clustering.clusters, clustering.centroids, strict=True)
        )
    ]
    watch.enter("playbooks")
    playbooks = [
        synthesise(
            [window[place] for place in cluster],
            name=pattern.incident_type,
            systems=pattern.systems,
            keywords=pattern.keywords,
            metadata={},
        )
        for pattern, cluster in zip(patterns, clustering.clusters, strict=True)
        if pattern.qualifies
    ]
    figures = watch.stop()
    return {
        "incidents": number,
        "texts": TEXTS.name if TEXTS.exists() else "made",
        "patterns": len(patterns),
        "playbooks": len(playbooks),
        "seconds": round(sum(each["seconds"] for each in figures.values()), 1),
        "peak_mib": max(each["peak_mib"] for each in figures.values()),
        "stages": figures,
        "notes": clustering.notes,
    }


def against_scikit_learn(number: int) -> dict[str, Any]:
    """Our graph of neighbours beside scikit-learn's own DBSCAN by cosine: the same labels?"""
    window = (Incident.model_validate_json(document) for document in _documents(number))
    rows, _ = vectors(list(dict.fromkeys(each for each in map(features, window) if any(each))))
    least = cosine_of(THRESHOLD)
    search = {"eps": 1 - least + ROUNDING, "min_samples": 2}
    before = resident_mib()
    watch = Stopwatch()
    watch.enter("ours")
    graph = sort_graph_by_row_values(
        spanning_forest(neighbour_graph(rows, least)), warn_when_not_sorted=False
    )
    ours = DBSCAN(**search, metric="precomputed").fit(graph).labels_
    watch.enter("scikit-learn")
    theirs = DBSCAN(**search, metric="cosine").fit(rows).labels_
    figures = watch.stop()
    mine, other = figures["ours"], figures["scikit-learn"]
    return {
        "distinct": rows.shape[0],
        "labels_equal": bool((ours == theirs).all()),
        "times_as_fast": round(other["seconds"] / mine["seconds"], 1),
        "times_less_memory": round(
            (other["peak_mib"] - before) / max(mine["peak_mib"] - before, 1), 1
        ),
        "before_mib": round(before),
        "stages": figures,
    }


def _documents(number: int) -> Iterator[str]:
    """Incidents as they are stored, with the resolutions of the examples."""
    cures = [each["resolution"] for each in examples(NOW) if each.get("resolution")]
    for at, (title, description) in enumerate(_texts(number)):
        opened = NOW - timedelta(minutes=at % 40_000)
        report = IncidentReport(
            title=title,
            description=description,
            resolution=cures[at % len(cures)],
            status="resolved",
            opened_at=opened,
            resolved_at=opened + timedelta(hours=1),
        )
        yield incident_of(report, f"i{at}", NOW).model_dump_json()


def _texts(number: int) -> Iterator[tuple[str, str]]:
    if TEXTS.exists():
        with gzip.open(TEXTS, "rt", encoding="utf-8") as lines:
            for _, line in zip(range(number), lines, strict=False):
                row = json.loads(line)
                description = row.get("description") or ""
                yield (row.get("title") or description)[:300].strip() or "untitled", description
        return
    draw = random.Random(7)
    words = sorted({word for each in examples(NOW) for word in str(each["title"]).split()})
    for _ in range(number):
        drawn = [words[int(len(words) * draw.random() ** 2)] for _ in range(30)]
        yield " ".join(drawn[:6]), f"{' '.join(drawn)} case{draw.randrange(number // 3)}"


if __name__ == "__main__":
    if sys.argv[1] == "against":
        print(json.dumps(against_scikit_learn(int(sys.argv[2]))))
    else:
        print(json.dumps(stages(int(sys.argv[1]))))
