"""Patterns are described from their incidents."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.clustering import find_clusters
from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.patterns import describe
from tests.unit.five_incidents import NOW, SEARCH_ENGINE, VARIANTS


def _incident(incident_id, title="Kafka consumer lag", hours_ago=1, **fields):
    fields.setdefault("opened_at", (NOW - timedelta(hours=hours_ago)).isoformat())
    return incident_of(IncidentReport(title=title, **fields), incident_id, NOW)


def _described(members, centroid=None, **asked):
    settings = {"min_frequency": 3, "min_success_rate": 0.8, "centroid": centroid or {}} | asked
    return describe(members, pattern_id="p-1", scope="shop", now=NOW, **settings)


def test_frequency_counts_distinct_incidents():
    members = [_incident("a"), _incident("b"), _incident("a")]
    assert _described(members).frequency == 2


def test_success_is_the_share_of_closed_incidents_that_were_solved():
    pattern = _described(
        [
            _incident("a", resolution="Restarted the consumers"),
            _incident("b", resolution="Restarting did not help", status="resolved"),
            _incident("c", status="unresolved"),
            _incident("d", resolution="Added partitions"),
            _incident("e", status="open"),
        ]
    )
    assert pattern.success_rate == 0.5
    assert pattern.success_interval == pytest.approx((0.15, 0.85), abs=0.01)
    assert not pattern.qualifies


def test_a_pattern_of_open_incidents_only_has_no_success_and_knows_nothing_of_it():
    pattern = _described([_incident("a", status="open")])
    assert (pattern.success_rate, pattern.success_interval) == (0, (0, 1))


@pytest.mark.parametrize(("min_frequency", "min_success_rate", "qualifies"), [
    (2, 1.0, True), (3, 0.5, False), (2, 0.0, True),
])  # fmt: skip
def test_a_pattern_qualifies_that_is_frequent_and_solved_enough(
    min_frequency, min_success_rate, qualifies
):
    members = [_incident(each, resolution="Restarted") for each in "ab"]
    asked = {"min_frequency": min_frequency, "min_success_rate": min_success_rate}
    assert _described(members, **asked).qualifies is qualifies


def test_times_and_severities_are_those_of_the_members():
    pattern = _described(
        [
            _incident("a", hours_ago=9, severity="high", resolution="x",
                      resolved_at=(NOW - timedelta(hours=8)).isoformat()),
            _incident("b", hours_ago=5, severity="high", resolution="x",
                      resolved_at=(NOW - timedelta(hours=2)).isoformat()),
            _incident("c", hours_ago=7, severity="low", resolution="x"),
        ]
    )  # fmt: skip
    assert pattern.mean_time_to_resolve_seconds == 2 * 3600
    assert pattern.severity_distribution == {"high": 2, "low": 1}
    assert pattern.first_seen == NOW - timedelta(hours=9)
    assert pattern.last_seen == NOW - timedelta(hours=5)


def test_systems_and_symptoms_are_ranked_by_members_in_their_usual_spelling():
    pattern = _described(
        [
            _incident("a", affected_systems=["Kafka", "billing"], symptoms=["Slow invoices"]),
            _incident("b", affected_systems=["kafka"], symptoms=["late events", "slow invoices"]),
            _incident("c", affected_systems=["Kafka", "KAFKA"], symptoms=["slow invoices"]),
        ]
    )
    assert pattern.systems == ["Kafka", "billing"]
    assert pattern.symptoms == ["slow invoices", "late events"]


def test_the_type_is_the_most_typical_title_without_what_varies():
    members = [
        _incident("a", "Kafka consumer lag on broker-12 at 10:05"),
        _incident("b", "Consumer lag, billing is behind"),
        _incident("c", "Invoices late: Kafka consumer lag"),
    ]
    centroid = {"kafka": 0.7, "consumer": 0.5, "lag": 0.5, "broker": 0.1}
    assert _described(members, centroid).incident_type == "Kafka consumer lag on broker"


@pytest.mark.parametrize("told", VARIANTS)
def test_the_type_of_varied_titles_names_what_they_share(told):
    found = find_clusters(VARIANTS[told], 0.7)
    members = [VARIANTS[told][at] for at in SEARCH_ENGINE]
    pattern = _described(members, found.centroids[0])
    assert "elasticsearch" in pattern.incident_type.lower()
    assert 0 < len(pattern.incident_type) <= 120
    assert pattern.keywords[0] == "elasticsearch"


@given(st.permutations([_incident(each, title=f"Lag {each}") for each in "abcd"]))
def test_a_description_does_not_depend_on_the_order_of_the_members(members):
    assert _described(members) == _described(sorted(members, key=lambda each: each.incident_id))


def test_a_title_of_nothing_but_what_varies_is_better_than_none():
    assert _described([_incident("a", "10.0.0.1")]).incident_type == "10.0.0.1"


def test_a_title_keeps_no_gap_where_what_varies_was():
    members = [_incident(each, title=f"Disk full on app-0{each}, logs fill") for each in "123"]
    assert _described(members).incident_type == "Disk full on app, logs fill"


def test_a_kind_is_not_named_after_the_system_of_one_incident():
    on = "TLS certificate expired on {0}, {0} is down".format
    members = [
        _incident(host, on(host), affected_systems=[host, "nginx"])
        for host in ("www.shop.example", "api.shop.example", "mail.shop.example")
    ]
    kind = _described(members, {"tls": 0.7, "certificate": 0.7}).incident_type
    assert kind.startswith("TLS certificate expired, ")
    same = [_incident(each, on("ldap"), affected_systems=["ldap"]) for each in "abc"]
    assert _described(same).incident_type == on("ldap")


@pytest.mark.parametrize(("title", "kind"), [
    ("[ALERT] consumer lag (orders)", "[ALERT] consumer lag (orders)"),
    ("consumer lag (host 10.0.0.1) again", "consumer lag (host) again"),
    ("consumer lag (10.0.0.1)", "consumer lag"),
    ("consumer lag (see below", "consumer lag (see below"),
    ("consumer lag [", "consumer lag"),
])  # fmt: skip
def test_a_kinds_name_has_no_gaps_nor_halves_of_brackets_around_it(title, kind):
    assert _described([_incident("a", title)]).incident_type == kind


def test_a_long_title_is_cut_between_words():
    kind = _described([_incident("a", "consumer lag " * 20)]).incident_type
    assert len(kind) <= 120
    assert kind.endswith((" lag…", " consumer…"))


def test_a_pattern_needs_an_incident():
    with pytest.raises(ValueError, match="at least one"):
        _described([])
