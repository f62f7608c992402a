"""What the texts of incidents say of systems, symptoms and errors."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.extraction import (
    infer,
    names_of_systems,
    signatures_in,
    symptoms_in,
    systems_in,
)
from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.patterns import describe

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _incidents(*titles, **fields):
    return [
        incident_of(IncidentReport(title=title, **fields), f"inc-{number}", NOW)
        for number, title in enumerate(titles)
    ]


def test_what_others_name_as_affected_is_a_system():
    told = _incidents("Everything is slow", affected_systems=["Ledger", "server", "Mail Gateway"])
    names = names_of_systems(told)
    assert names == ["Ledger", "Mail Gateway"]
    silent = _incidents("ledger does not answer", "Timeouts in the ledger and the mail gateway")
    assert infer(silent, names).systems == ["Ledger", "Mail Gateway"]


def test_names_of_running_things_that_come_up_again_are_systems():
    told = _incidents(
        "payments-api answers 503", "High latency on payments-api", "orders_db is read-only",
        "A follow-up, a cross-site and a once-seen-worker",
    )  # fmt: skip
    assert names_of_systems(told) == ["payments-api"]


def test_what_titles_write_as_a_proper_name_is_a_system():
    titles = [f"Incident with {what}" for what in ("Pull Requests", "Codespaces") for _ in range(4)]
    told = _incidents(*titles, *["Delay on Monday", "Failure of Everything"] * 4)
    told += _incidents("We failed", description="everything was slow")
    assert names_of_systems(told) == ["Codespaces", "Pull Requests"]


def test_the_vocabulary_knows_what_is_run_everywhere():
    told = _incidents("postgresql: no space left on device", "PostgreSQL disk full")
    found = infer(told)
    assert (found.systems, found.symptoms) == (["PostgreSQL"], ["disk full"])


def test_what_fewer_than_half_say_is_not_the_pattern():
    told = _incidents("Redis is slow", "It is slow", "Slow again")
    assert infer(told).systems == []
    assert infer(told).symptoms == ["slow"]


@pytest.mark.parametrize(
    ("text", "signatures"),
    [
        ("java.lang.NullPointerException at Foo.bar", ["java.lang.NullPointerException"]),
        ("connect ECONNREFUSED 10.0.0.1:5432", ["ECONNREFUSED"]),
        ("failed with ORA-01555 again", ["ORA-01555"]),
        ("upstream answered HTTP 502, then 504 errors", ["HTTP 502", "HTTP 504"]),
        ("pod was OOMKilled with exit code 137", ["OOMKilled", "exit code 137"]),
        (
            'it said "cannot open /var/lib/x: permission denied"',
            ["cannot open <path>: permission denied"],
        ),
        ('we call it "the big old machine"', []),
        ("It failed and nobody knows why", []),
    ],
)
def test_errors_are_known_by_name_code_and_message(text, signatures):
    assert signatures_in(text) == signatures


def test_symptoms_come_in_the_order_of_the_text():
    said = "Timeouts after the connection pool was exhausted, then it crashed"
    assert symptoms_in(said) == ["timeouts", "connections exhausted", "crash"]


def test_the_longest_name_wins():
    known = {"github": "GitHub", "github actions": "GitHub Actions"}
    assert systems_in("GitHub Actions, not GitHub", known) == ["GitHub Actions", "GitHub"]


@given(st.permutations(range(12)))
@settings(max_examples=30)
def test_the_order_of_incidents_does_not_matter(order):
    told = _incidents(*(f"payments-api slow {n % 3}" for n in range(12)), description="Kafka lags")
    shuffled = [told[place] for place in order]
    assert names_of_systems(shuffled) == names_of_systems(told)
    assert infer(shuffled) == infer(told)


@given(st.text(max_size=400))
@settings(max_examples=60)
def test_any_text_can_be_read(text):
    infer(_incidents("x " + text[:290], description=text))
    names_of_systems(_incidents("x", description=text))


def _described(members, names=()):
    return describe(
        members, pattern_id="p", scope="s", centroid={}, now=NOW,
        min_frequency=2, min_success_rate=0, names=names,
    )  # fmt: skip


def test_a_pattern_says_which_fields_are_taken_from_the_texts():
    silent = _described(_incidents("SEV1: Redis out of memory", "Redis OOMKilled, out of memory"))
    assert (silent.systems, silent.symptoms) == (["Redis"], ["out of memory"])
    assert silent.severity_distribution == {"critical": 1, "medium": 1}
    assert silent.inferred == [
        "systems", "symptoms", "error_signatures", "severity_distribution",
    ]  # fmt: skip
    fields = {"affected_systems": ["cache-1"], "symptoms": ["evictions"], "severity": "low"}
    told = _described(_incidents("SEV1: Redis out of memory", **fields))
    assert (told.systems, told.symptoms, told.inferred) == (["cache-1"], ["evictions"], [])
    assert told.severity_distribution == {"low": 1}


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("SEV1: checkout is down", "critical"),
        ("[P2] slow queries", "high"),
        ("priority: low, a typo", "low"),
        ("[CRITICAL] disk full", "critical"),
        ("WARNING: queue grows", "medium"),
        ("Upgrade of node 1 (2) failed", "medium"),
        ("A critical look at p99", "medium"),
    ],
)
def test_a_severity_is_taken_from_the_title_where_it_states_one(title, severity):
    [incident] = _incidents(title)
    assert incident.severity == severity
    [given_one] = _incidents(title, severity="high")
    assert (given_one.severity, given_one.inferred) == ("high", [])
