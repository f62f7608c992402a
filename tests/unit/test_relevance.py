import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.incidents import Severity
from chalicelib.core.relevance import (
    Candidate,
    Scored,
    Situation,
    Weights,
    historical_success,
    index_of,
    rank,
    scaled_weights,
    similar_texts,
)

HEAP = Candidate(
    playbook_id="pb-heap",
    version="1.0.0",
    title="Elasticsearch runs out of heap",
    text="Check heap usage with _nodes/stats. Raise Xmx. sudo systemctl restart elasticsearch",
    systems=["elasticsearch"],
    symptoms=["OutOfMemoryError", "slow queries"],
    severities=[Severity.HIGH],
    incident_texts=[
        "Search is slow and nodes die with OutOfMemoryError: Java heap space",
        "Elasticsearch node dropped out, circuit breaker tripped, heap at 97%",
    ],
    success_rate=0.9,
    successes=3,
    executions=4,
)
POOL = Candidate(
    playbook_id="pb-pool",
    version="1.1.0",
    title="PostgreSQL connections exhausted",
    text="List sessions in pg_stat_activity, end idle ones, raise max_connections",
    systems=["postgresql"],
    symptoms=["FATAL: sorry, too many clients already"],
    severities=[Severity.CRITICAL],
    incident_texts=["Checkout fails, the database refuses new connections: too many clients"],
)
INDEX = index_of([POOL, HEAP])
ALIKE = Situation(
    title="Elasticsearch node out of memory",
    description="Queries are slow, a node restarted by itself, heap is full",
    affected_systems=["elasticsearch-prod-02"],
    severity=Severity.HIGH,
    symptoms=["slow queries"],
    error_messages=["java.lang.OutOfMemoryError: Java heap space"],
)


def score_of(situation: Situation, playbook_id: str) -> Scored:
    return next(s for s in rank(INDEX, situation) if s.candidate.playbook_id == playbook_id)


def test_an_incident_of_its_kind_passes_the_default_threshold_and_no_other_does() -> None:
    best, other = rank(INDEX, ALIKE)
    assert best.candidate is HEAP
    assert best.relevance_score >= 0.6
    assert other.relevance_score < 0.4


def test_reasons_name_what_matched() -> None:
    reasons = " | ".join(score_of(ALIKE, "pb-heap").reasoning)
    assert "same system: elasticsearch-prod-02" in reasons
    assert "heap" in reasons
    assert "3 of 4 runs succeeded" in reasons
    assert "another system" in " | ".join(score_of(ALIKE, "pb-pool").reasoning)


def test_what_the_situation_does_not_tell_is_left_out_and_said() -> None:
    scored = score_of(Situation(title="Queries slow, heap full"), "pb-heap")
    untold = {part for part, score in scored.scores.items() if score is None}
    assert untold == {"system_match", "severity_match", "symptom_match"}
    assert scored.contributions.keys() == {"text_similarity", "historical_success"}
    assert "severity match" in scored.reasoning[-1]
    assert scaled_weights(scored)["severity_match"] == 0
    assert sum(scaled_weights(scored).values()) == pytest.approx(1)


def test_a_system_named_only_in_the_text_is_found() -> None:
    situation = Situation(title="postgresql refuses connections")
    assert score_of(situation, "pb-pool").scores["system_match"] == 1
    assert score_of(situation, "pb-heap").scores["system_match"] == 0


def test_a_playbook_without_systems_matches_half_by_its_words() -> None:
    index = index_of([HEAP.model_copy(update={"systems": []})])
    scored = rank(index, Situation(title="x", affected_systems=["elasticsearch"]))[0]
    assert scored.scores["system_match"] == 0.5


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(Severity.HIGH, 1), (Severity.CRITICAL, 2 / 3), (Severity.LOW, 1 / 3), (None, None)],
)
def test_severity_counts_by_its_distance(asked: Severity | None, expected: float | None) -> None:
    scored = score_of(Situation(title="x", severity=asked), "pb-heap")
    assert scored.scores["severity_match"] == (expected and pytest.approx(expected))


def test_a_text_that_shares_nothing_is_not_similar_at_all() -> None:
    scored = score_of(Situation(title="Printer jam on floor three"), "pb-heap")
    assert scored.scores["text_similarity"] == 0


def test_one_lucky_run_does_not_beat_a_long_record() -> None:
    lucky = HEAP.model_copy(update={"success_rate": 0.5, "successes": 1, "executions": 1})
    proven = HEAP.model_copy(update={"success_rate": 0.5, "successes": 18, "executions": 20})
    assert historical_success(lucky) == pytest.approx(0.6)
    assert historical_success(proven) > historical_success(lucky)


def test_weights_of_nothing_score_nothing() -> None:
    nothing = Weights(**dict.fromkeys(Weights.model_fields, 0.0))
    assert [s.relevance_score for s in rank(INDEX, ALIKE, nothing)] == [0, 0]


def test_similar_incidents_come_best_first_and_unlike_ones_not_at_all() -> None:
    texts = {"b": HEAP.incident_texts[0], "a": "Printer jam", "c": "node heap"}
    found = similar_texts(texts, ALIKE)
    assert [each["incident_id"] for each in found] == ["b", "c"]
    assert 1 > found[0]["similarity"] > found[1]["similarity"] > 0


def test_no_candidates_no_ranking() -> None:
    assert rank(index_of([]), ALIKE) == []


WORDS = st.sampled_from(
    ["heap", "slow", "node", "disk", "postgresql", "elasticsearch", "OutOfMemoryError", "42", "of"]
)
TEXT = st.lists(WORDS, max_size=8).map(" ".join)
SITUATIONS = st.builds(
    Situation,
    title=TEXT,
    description=TEXT,
    affected_systems=st.lists(WORDS, max_size=3),
    severity=st.none() | st.sampled_from(Severity),
    symptoms=st.lists(TEXT, max_size=3),
)
CANDIDATES = st.builds(
    Candidate,
    playbook_id=st.text("abc", min_size=1, max_size=3),
    version=st.just("1.0.0"),
    title=TEXT,
    text=TEXT,
    systems=st.lists(WORDS, max_size=2),
    symptoms=st.lists(TEXT, max_size=2),
    severities=st.lists(st.sampled_from(Severity), max_size=2),
    incident_texts=st.lists(TEXT, max_size=3),
    success_rate=st.floats(0, 1),
)


@given(st.lists(CANDIDATES, max_size=4), SITUATIONS)
def test_parts_and_sums_stay_within_0_and_1(
    candidates: list[Candidate], situation: Situation
) -> None:
    ranked = rank(index_of(candidates), situation)
    assert len(ranked) == len(candidates)
    for scored in ranked:
        assert all(0 <= score <= 1 for score in scored.scores.values() if score is not None)
        assert 0 <= scored.relevance_score <= 1
        assert scored.relevance_score == pytest.approx(math.fsum(scored.contributions.values()))
    order = [(-s.relevance_score, s.candidate.playbook_id) for s in ranked]
    assert order == sorted(order)


@given(st.lists(CANDIDATES, max_size=4), SITUATIONS)
def test_the_order_of_the_candidates_does_not_matter(
    candidates: list[Candidate], situation: Situation
) -> None:
    def scores(some: list[Candidate]) -> list[tuple[str, float]]:
        return [
            (s.candidate.playbook_id, round(s.relevance_score, 9))
            for s in rank(index_of(some), situation)
        ]

    assert sorted(scores(candidates)) == sorted(scores(candidates[::-1]))


@given(CANDIDATES, SITUATIONS, st.integers(0, 20), st.integers(0, 20))
def test_one_more_success_never_lowers_a_playbook(
    candidate: Candidate, situation: Situation, successes: int, failures: int
) -> None:
    def relevance(more: int) -> float:
        runs = {"successes": successes + more, "executions": successes + failures + more}
        changed = candidate.model_copy(update=runs)
        return rank(index_of([changed]), situation)[0].relevance_score

    assert relevance(1) >= relevance(0) - 1e-12


@given(SITUATIONS)
def test_naming_the_playbooks_own_system_never_lowers_it(situation: Situation) -> None:
    named = situation.model_copy(update={"affected_systems": ["elasticsearch"]})
    other = situation.model_copy(update={"affected_systems": ["kafka"]})
    assert score_of(named, "pb-heap").relevance_score >= score_of(other, "pb-heap").relevance_score
