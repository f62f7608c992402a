"""Incidents of one kind are found together, the rest apart."""

import os
import subprocess
import sys
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core import clustering, neighbours
from chalicelib.core.clustering import cosine_of, find_clusters
from chalicelib.core.incidents import IncidentReport, incident_of
from tests.unit.five_incidents import NOW, SEARCH_ENGINE, VARIANTS

_WORDS = ["disk", "full", "kafka", "lag", "replica", "nginx", "redis", "quota", "dns", "cert"]
_titles = st.lists(
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(" ".join), min_size=1, max_size=14
)


def _incidents(titles):
    return [
        incident_of(IncidentReport(title=title), f"inc-{number:03}", NOW)
        for number, title in enumerate(titles)
    ]


@pytest.mark.parametrize("threshold", [0.6, 0.7])
@pytest.mark.parametrize("told", VARIANTS)
def test_the_search_engine_incidents_are_one_kind_and_the_others_apart(told, threshold):
    assert find_clusters(VARIANTS[told], threshold).clusters == [SEARCH_ENGINE]


def test_kinds_of_trouble_of_one_busy_system_stay_apart():
    lag = [f"Postgres replica {word} behind primary" for word in ("falls", "far", "stays", "lags")]
    disk = [f"Postgres {word} volume full of WAL" for word in ("data", "main", "log", "archive")]
    found = find_clusters(_incidents([*lag, *disk]), 0.7)
    assert found.clusters == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_the_same_report_again_makes_a_kind_and_a_lone_one_does_not():
    found = find_clusters(_incidents(["DNS is slow", "Quota used up", "Quota used up"]), 1.0)
    assert found.clusters == [[1, 2]]


def test_even_the_strictest_threshold_takes_incidents_that_differ():
    titles = ["Disk full", "Replica lags", "DNS is slow"]
    assert find_clusters(_incidents(titles), 1.0).clusters == []


def test_incidents_without_any_term_are_alike_to_none():
    assert find_clusters(_incidents(["10.0.0.1", "10.0.0.2"]), 0.1).clusters == []


def test_no_incidents_have_no_kinds():
    assert find_clusters([], 0.7).clusters == []


def test_a_centroid_is_a_unit_vector_led_by_what_the_incidents_share():
    found = find_clusters(VARIANTS["full"], 0.7)
    (centroid,) = found.centroids
    assert max(centroid, key=centroid.__getitem__) == "elasticsearch"
    assert hypot(*centroid.values()) == pytest.approx(1, abs=0.001)
    assert len(centroid) <= 40


@settings(deadline=None, max_examples=60)
@given(_titles, st.randoms(use_true_random=False), st.sampled_from([0.3, 0.6, 0.7, 0.9]))
def test_the_order_of_the_incidents_makes_no_difference(titles, random, threshold):
    incidents = _incidents(titles)
    shuffled = random.sample(incidents, len(incidents))

    def found(given_incidents):
        result = find_clusters(given_incidents, threshold)
        ids = [tuple(sorted(given_incidents[at].incident_id for at in m)) for m in result.clusters]
        return sorted(zip(ids, map(sorted, map(dict.items, result.centroids)), strict=True))

    assert found(incidents) == found(shuffled)


@settings(deadline=None, max_examples=60)
@given(_titles, st.floats(0, 1), st.floats(0, 1))
def test_every_incident_is_in_one_kind_at_most_and_larger_kinds_come_first(titles, one, other):
    found = find_clusters(_incidents(titles), max(one, other)).clusters
    members = [member for cluster in found for member in cluster]
    assert len(members) == len(set(members))
    assert found == sorted(map(sorted, found), key=lambda each: (-len(each), each[0]))


@pytest.mark.parametrize("told", VARIANTS)
def test_a_stricter_threshold_only_divides_kinds(told):
    incidents = VARIANTS[told]
    looser = [set(range(len(incidents)))]
    for threshold in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        found = [set(cluster) for cluster in find_clusters(incidents, threshold).clusters]
        assert all(any(cluster <= wider for wider in looser) for cluster in found)
        looser = found


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_stricter_threshold_asks_for_no_smaller_cosine(one, other):
    assert cosine_of(min(one, other)) <= cosine_of(max(one, other))


def test_a_component_that_is_too_large_is_taken_apart_and_counted(monkeypatch):
    monkeypatch.setattr(clustering, "LARGEST_COMPONENT", 4)
    lag = [
        f"kafka consumer lag on billing topic {word}" for word in ("one", "two", "three", "four")
    ]
    disk = [f"kafka broker disk full on volume {word}" for word in ("red", "blue", "green", "grey")]
    found = find_clusters(_incidents([*lag, *disk, "kafka consumer lag broker disk full"]), 0.5)
    assert found.notes["bounded_components"] == 1
    assert found.notes["largest_component"] == 9
    first, second = sorted((set(each) - {8} for each in found.clusters), key=min)
    assert (first, second) == ({0, 1, 2, 3}, {4, 5, 6, 7})


def test_thousands_of_reports_in_nearly_the_same_words_are_one_kind(monkeypatch):
    monkeypatch.setattr(clustering, "LARGEST_COMPONENT", 50)
    monkeypatch.setattr(neighbours, "MOST_PAIRS", 500)
    alerts = [
        f"free space on the volume of shard v{chr(97 + n // 26)}{chr(97 + n % 26)}q is nearly gone"
        for n in range(400)
    ]
    found = find_clusters(_incidents([*alerts, "kafka consumer lag on billing topic"]), 0.7)
    assert found.clusters == [list(range(400))]


@settings(deadline=None, max_examples=40)
@given(_titles, st.integers(0, 13), st.integers(1, 20), st.sampled_from([0.3, 0.6, 0.7, 0.9]))
def test_repeating_what_often_recurs_moves_no_kind(titles, place, times, threshold):
    """A report that came back in the same words joins its copies, and nothing else changes."""
    often = [*titles, *[titles[place % len(titles)]] * 10]
    before = find_clusters(_incidents(often), threshold).clusters
    after = find_clusters(_incidents([*often, *often[-1:] * times]), threshold).clusters
    assert {tuple(m for m in cluster if m < len(often)) for cluster in after} == set(
        map(tuple, before)
    )


def test_a_report_that_was_copied_stays_with_those_in_other_words():
    told = [
        "Kafka consumer lag grows on billing",
        "Consumers of the Kafka billing topic lag behind",
        "Kafka lag: billing consumer is far behind",
        "Billing topic of Kafka has consumer lag",
    ]
    found = find_clusters(_incidents([*told, told[0], "DNS lookups time out"]), 0.7)
    assert found.clusters == [[0, 1, 2, 3, 4]]


def test_a_large_component_that_hangs_together_stays_one_kind(monkeypatch):
    monkeypatch.setattr(clustering, "LARGEST_COMPONENT", 2)
    title = "payment gateway certificate expired during nightly rotation of keys"
    titles = [f"{title} {title} {title} {word}" for word in ("red", "blue", "green", "grey")]
    assert find_clusters(_incidents(titles), 0.7).clusters == [[0, 1, 2, 3]]


def test_the_result_does_not_depend_on_the_hash_seed():
    script = (
        "from chalicelib.core.clustering import find_clusters;"
        "from tests.unit.five_incidents import VARIANTS;"
        "print([find_clusters(told, .5) for told in VARIANTS.values()])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
