"""One more occurrence of a known kind is known by its title and what its report says."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.recurrence import recurring, resemblance

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KINDS = {
    "tls": {"certificate": 0.7, "expired": 0.5, "gateway": 0.4, "handshake": 0.3},
    "lag": {"kafka": 0.7, "consumer": 0.5, "lag": 0.5},
}


def _incident(title, description=""):
    return incident_of(IncidentReport(title=title, description=description), "one", NOW)


def test_one_more_of_a_kind_is_known():
    said = [_incident("Certificate expired again on gateway 7", "TLS handshake fails")]
    assert recurring(KINDS, said) == {"tls": {"one"}}
    assert recurring(KINDS, [_incident("Kafka consumer lag at 10:05")]) == {"lag": {"one"}}


def test_a_word_in_common_or_a_report_of_everything_is_no_kind():
    everything = "certificate expired gateway handshake kafka consumer lag"
    said = [
        _incident("Certificate of the new intern printed"),
        _incident("Notes of the weekly meeting", everything),
        _incident("Gateway"),
        _incident("10.0.0.1"),
    ]
    assert recurring(KINDS, said) == {}
    assert recurring({}, said) == {}


_terms = st.sets(st.sampled_from(sorted({term for kind in KINDS.values() for term in kind})))


@given(_terms, _terms)
def test_resemblance_is_a_share_and_grows_with_what_is_said(title, more):
    for centroid in KINDS.values():
        one = resemblance(title, title, centroid)
        assert 0 <= one <= resemblance(title, title | more, centroid) <= 1 + 1e-9
