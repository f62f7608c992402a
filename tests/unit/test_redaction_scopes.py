"""What differs from scope to scope: placeholders, own rules and pseudonyms."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.clustering import find_clusters
from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.core.synthesis import synthesise
from chalicelib.redaction import Pseudonyms, Redactor, own_rule, redact
from local.examples import examples

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
KEY = b"a key of this test"
EMAIL = "ann.smith" + "@" + "mail.example.com"


def anonymous(value: object) -> object:
    return Redactor(KEY, pseudonyms=Pseudonyms(KEY)).value(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (EMAIL, "email"),
        ("4111 1111 1111 " + "1111", "credit_card"),
        ("GB82 WEST 1234 5698 7654 " + "32", "iban"),
        ("078-05-" + "1120", "us_ssn"),
        ("(415) 555-" + "0198", "phone"),
        ("+44 20 7946 " + "0958", "phone"),
        ("AZ 12 34 56 " + "A", "national_id"),
    ],
)
def test_personal_data_goes_and_is_the_same_wherever_it_is_told(text: str, kind: str) -> None:
    redactor = Redactor(KEY)
    first, second = redactor.text(f"told {text}."), redactor.text(f"Again, {text} called")
    assert text not in first
    [placeholder] = [word.rstrip(".") for word in first.split() if kind in word]
    assert placeholder in second
    assert placeholder not in Redactor(b"another").text(f"told {text}.")
    assert redactor.removed == {kind: 2}


@pytest.mark.parametrize(
    "text",
    [
        "ssh deploy@web1.example.com",
        "git@github.com:team/app.git",
        "getty@tty1.service",
        "4111 1111 1111 1112",
        "build 2026-01-31T12:00:00Z took 1469046760799",
        "blk_4111111111111111",
        "sha512-" + "A1b2" * 21 + "+/==",
        "pods 10.244.0.12 and fe80::1",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text) == text


def test_an_own_rule_is_of_re2_and_removes_its_group() -> None:
    assert Redactor(own=[own_rule("order", r"order-(\d+)")]).text("order-77") == (
        "order-<REDACTED:order>"
    )
    for bad in ("(a", "a*", r"(?=a)", "(?:a{1000}){100}"):
        with pytest.raises(ValueError, match=r"RE2|large|empty"):
            own_rule("x", bad)


def test_hosts_users_and_addresses_get_stable_pseudonyms() -> None:
    text = "ssh ann@web-01, then 10.1.2.3 and db.example.com; /home/ann on host web-01 at ::1"
    told = str(anonymous(text))
    assert not [name for name in ("ann", "web-01", "10.1.2.3", "example.com") if name in told]
    assert "::1" in told
    assert anonymous(told) == told
    assert anonymous(text) == told


WORDS = ["ssh ", "ann@", "web-01 ", "10.1.2.3", "a.example.com ", "host=", "/home/bob ", "::1 "]
WORDS += ["password=", "x1y2z3 ", "%3D", "\n", '"', "user ", "+44 20 7946 0958 ", EMAIL]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_redacting_by_a_scope_twice_changes_nothing_more(text: str) -> None:
    once = anonymous(text)
    assert anonymous(once) == once


def test_patterns_and_playbooks_are_as_they_were() -> None:
    """As before but for the names; fingerprints of secrets do not part what is the same."""
    named = _incidents([Redactor().value(each) for each in examples(NOW)])
    unnamed = _incidents([anonymous(each) for each in examples(NOW)])
    assert named != unnamed
    clusters = find_clusters(named, 0.7).clusters
    assert find_clusters(unnamed, 0.7).clusters == clusters
    for cluster in clusters:
        before, after = (_steps([each[place] for place in cluster]) for each in (named, unnamed))
        assert before == after


def _incidents(reports: list[object]) -> list[Incident]:
    return [incident_of(IncidentReport.model_validate(report), "unused", NOW) for report in reports]


def _steps(incidents: list[Incident]) -> object:
    spec = synthesise(incidents, name="kind", systems=[], keywords=[], metadata={})
    if spec is None:
        return None
    return [(step.action, step.risk) for step in spec.steps], [
        (each.name, each.type) for each in spec.parameters
    ]
