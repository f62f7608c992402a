import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.bm25 import USUAL_SHARE, row_of
from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.experience import Heard, Record
from chalicelib.core.incidents import Severity
from chalicelib.core.index_file import packed, unpacked
from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.reasons import lacking, reasons, similar_incidents
from chalicelib.core.relevance import (
    EMPTY,
    Index,
    base_record,
    index_of,
    rank,
    scaled_weights,
    score,
    updated,
)
from chalicelib.core.search_terms import search_terms
from chalicelib.core.situations import Candidate, Failures, Scored, Situation, Weights
from chalicelib.core.versions import Playbook, PlaybookStatus

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def playbook(playbook_id: str, title: str, text: str, **known: Any) -> Playbook:
    step = {"id": "a", "name": "Cure it", "action": "noop", "args": {"message": text}}
    values = {"systems": [], "symptoms": [], "severities": [], **known}
    return Playbook(
        playbook_id=playbook_id,
        scope="x",
        title=title,
        status=PlaybookStatus.ACTIVE,
        version="1.0.0",
        spec=PlaybookSpec(name=title, steps=[Step(**step)]),
        created_by="ann",
        created_at=NOW,
        updated_at=NOW,
        **values,
    )


def index_over(playbooks: Sequence[Playbook]) -> Index:
    return index_of([candidate_of(each) for each in playbooks], [found_by(p) for p in playbooks])


HEAP = playbook(
    "pb-heap",
    "Elasticsearch runs out of heap",
    "Check heap usage with _nodes/stats. Raise Xmx. sudo systemctl restart elasticsearch",
    systems=["elasticsearch"],
    symptoms=["OutOfMemoryError", "slow queries"],
    severities=[Severity.HIGH],
    incident_texts={
        "i1": "Search is slow and nodes die with OutOfMemoryError: Java heap space",
        "i2": "Elasticsearch node dropped out, circuit breaker tripped, heap at 97%",
    },
    solved_rate=0.9,
    successes=3,
    executions=4,
)
POOL = playbook(
    "pb-pool",
    "PostgreSQL connections exhausted",
    "List sessions in pg_stat_activity, end idle ones, raise max_connections",
    systems=["postgresql"],
    symptoms=["FATAL: sorry, too many clients already"],
    severities=[Severity.CRITICAL],
    incident_texts={"i3": "Checkout fails, the database refuses connections: too many clients"},
)
INDEX = index_over([POOL, HEAP])
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


def reasons_of(playbook: Playbook, situation: Situation, **more: Any) -> str:
    scored = score_of(situation, playbook.playbook_id)
    heard, failures = more.get("heard", Heard()), more.get("failures", Failures())
    return " | ".join(reasons(playbook, situation, scored, heard, failures))


def test_an_incident_of_its_kind_passes_the_default_threshold_and_no_other_does() -> None:
    best, other = rank(INDEX, ALIKE)
    assert best.candidate.playbook_id == "pb-heap"
    assert best.relevance_score >= 0.6
    assert other.relevance_score < 0.2


def test_reasons_name_the_evidence() -> None:
    said = reasons_of(HEAP, ALIKE)
    assert "same system: elasticsearch-prod-02" in said
    error = "1 of 2 past incidents on elasticsearch told of `java.lang.OutOfMemoryError: Java"
    assert error not in said  # nobody wrote `lang`
    shorter = ALIKE.model_copy(update={"error_messages": ["OutOfMemoryError"]})
    told = "1 of 2 past incidents on elasticsearch told of `OutOfMemoryError`"
    assert told in reasons_of(HEAP, shorter)
    assert "Is written for `slow queries`" in said
    assert "heap" in said
    assert "3 of 4 runs succeeded" in said
    assert "another system" in reasons_of(POOL, ALIKE)
    heard = Heard(weight=2, successes=1, voices=2, helped=1)
    assert "1 of 2 who tried it" in reasons_of(HEAP, ALIKE, heard=heard)
    assert "Failed 2 times" in reasons_of(HEAP, ALIKE, failures=Failures(2, 3.2))


def test_what_the_situation_does_not_tell_is_left_out_and_said() -> None:
    situation = Situation(title="Queries slow, heap full")
    scored = score_of(situation, "pb-heap")
    untold = {part for part, score in scored.scores.items() if score is None}
    assert untold == {"system_match", "severity_match", "symptom_match"}
    assert scored.contributions.keys() == {"text_similarity", "historical_success"}
    assert "severity match" in reasons_of(HEAP, situation).split(" | ")[-1]
    assert scaled_weights(scored)["severity_match"] == 0
    assert sum(scaled_weights(scored).values()) == pytest.approx(1)


def test_severity_and_success_count_as_far_as_it_is_about_the_trouble() -> None:
    situation = Situation(title="Printer jam on floor three", severity=Severity.HIGH)
    scored = score_of(situation, "pb-heap")
    assert scored.relevance_score == 0
    assert scored.parts["severity_match"] == 1
    assert lacking(scored)[0] == "says little of what was asked"


def test_a_playbook_without_systems_matches_by_its_words_or_stays_open() -> None:
    index = index_over([HEAP.model_copy(update={"systems": []}), POOL])
    by_id = {
        each.candidate.playbook_id: each.parts["system_match"]
        for each in rank(index, Situation(title="x", affected_systems=["elasticsearch"]))
    }
    assert by_id == {"pb-heap": 0.5, "pb-pool": 0}
    [open_one] = [
        each
        for each in rank(index, Situation(title="x", affected_systems=["kafka"]))
        if each.candidate.playbook_id == "pb-heap"
    ]
    assert open_one.parts["system_match"] == 0.25


def test_another_trouble_of_the_same_system_is_another_trouble() -> None:
    lag = playbook("lag", "Kafka consumers lag behind", "Add consumers", systems=["kafka"])
    index = index_over([lag, POOL, HEAP])

    def relevance(title: str, system: str) -> float:
        asked = Situation(title=title, affected_systems=[system], severity=Severity.CRITICAL)
        [scored] = [s for s in rank(index, asked) if s.candidate.playbook_id == "lag"]
        return scored.relevance_score

    assert relevance("Kafka consumers lag behind", "kafka") > 0.8
    assert relevance("Kafka broker 2 is down", "kafka") < 0.5
    assert relevance("Broker certificate has expired", "kafka") < 0.3
    assert relevance("Kafka consumers lag behind", "flink") < 0.6


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(Severity.HIGH, 1), (Severity.CRITICAL, 2 / 3), (Severity.LOW, 1 / 3), (None, None)],
)
def test_severity_counts_by_its_distance(asked: Severity | None, expected: float | None) -> None:
    scored = score_of(Situation(title="x", severity=asked), "pb-heap")
    assert scored.parts["severity_match"] == (expected and pytest.approx(expected))


def test_a_failure_takes_its_share_off_and_the_sum_still_holds() -> None:
    before = score_of(ALIKE, "pb-heap")
    after = score(before.candidate, before.parts, taken_off=0.25)
    assert after.relevance_score == pytest.approx(0.75 * before.relevance_score)
    assert after.relevance_score == pytest.approx(math.fsum(after.contributions.values()))
    assert "just failed on these systems" in lacking(after)


def test_one_lucky_run_does_not_beat_a_long_record() -> None:
    lucky, proven = Record.of(0.5).plus(1, 1), Record.of(0.5).plus(18, 20)
    assert lucky.rate == pytest.approx(0.6)
    assert proven.rate > lucky.rate
    low, high = lucky.interval
    assert low < lucky.rate < high
    assert base_record(candidate_of(HEAP)).rate == pytest.approx((0.9 * 4 + 3) / 8)


def test_weights_of_nothing_score_nothing() -> None:
    nothing = Weights(**dict.fromkeys(Weights.model_fields, 0.0))
    assert [s.relevance_score for s in rank(INDEX, ALIKE, nothing)] == [0, 0]


def test_similar_incidents_come_best_first_and_unlike_ones_not_at_all() -> None:
    texts = {"b": HEAP.incident_texts["i1"], "a": "Printer jam", "c 1": "node heap"}
    found = similar_incidents(HEAP.model_copy(update={"incident_texts": texts}), ALIKE, 5)
    assert [each["incident_id"] for each in found] == ["b", "c 1"]
    assert 1 > found[0]["similarity"] > found[1]["similarity"] > 0
    assert found[1]["href"] == "/v1/incidents/c%201?scope=x"


def test_an_index_that_was_kept_ranks_as_before_and_no_other_bytes_are_read() -> None:
    index, told = unpacked(packed(INDEX, {"seen": 1}))
    assert told == {"seen": 1}
    assert rank(index, ALIKE) == rank(INDEX, ALIKE)
    for content in (b"", b"PK nothing", packed(INDEX, {})[:200]):
        with pytest.raises(ValueError, match="index"):
            unpacked(content)


def test_no_candidates_no_ranking() -> None:
    assert rank(index_of([], []), ALIKE) == []
    assert rank(unpacked(packed(EMPTY, {}))[0], ALIKE) == []


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
PLAYBOOKS = st.lists(
    st.builds(
        playbook,
        st.text("abc", min_size=1, max_size=3),
        TEXT.map(lambda title: title or "Cure"),
        TEXT.map(lambda text: text or "cure"),
        systems=st.lists(WORDS, max_size=2),
        symptoms=st.lists(TEXT, max_size=2),
        severities=st.lists(st.sampled_from(Severity), max_size=2),
        incident_texts=st.dictionaries(st.sampled_from("xyz"), TEXT, max_size=3),
        solved_rate=st.floats(0, 1),
    ),
    max_size=4,
    unique_by=lambda each: each.playbook_id,
)


@settings(max_examples=40)
@given(PLAYBOOKS, SITUATIONS)
def test_parts_and_sums_stay_within_0_and_1(
    playbooks: list[Playbook], situation: Situation
) -> None:
    ranked = rank(index_over(playbooks), situation)
    assert len(ranked) == len(playbooks)
    for scored in ranked:
        assert all(0 <= score <= 1 for score in scored.scores.values() if score is not None)
        assert 0 <= scored.relevance_score <= 1
        assert scored.relevance_score == pytest.approx(math.fsum(scored.contributions.values()))
    order = [(-s.relevance_score, s.candidate.playbook_id) for s in ranked]
    assert order == sorted(order)


@settings(max_examples=40)
@given(PLAYBOOKS, SITUATIONS, st.integers(0, 4))
def test_an_index_that_grew_ranks_as_one_made_at_once(
    playbooks: list[Playbook], situation: Situation, first: int
) -> None:
    """Whatever the order of the playbooks, and whatever was there before and is gone."""
    began = index_over([*playbooks[:first][::-1], HEAP])
    grown = updated(
        began, {p.playbook_id: (candidate_of(p), found_by(p)) for p in playbooks}, ["pb-heap", "?"]
    )
    at_once = rank(index_over(playbooks), situation)
    assert [each.candidate for each in rank(grown, situation)] == [s.candidate for s in at_once]
    for one, other in zip(rank(grown, situation), at_once, strict=True):
        assert one.relevance_score == pytest.approx(other.relevance_score)


@settings(max_examples=40)
@given(SITUATIONS)
def test_naming_the_playbooks_own_system_never_lowers_it(situation: Situation) -> None:
    named = situation.model_copy(update={"affected_systems": ["elasticsearch"]})
    other = situation.model_copy(update={"affected_systems": ["kafka"]})
    assert score_of(named, "pb-heap").relevance_score >= score_of(other, "pb-heap").relevance_score


def test_a_run_changes_a_candidate_without_its_row() -> None:
    candidate = candidate_of(HEAP.changed(NOW, executions=10, successes=3))
    index = updated(INDEX, {"pb-heap": (candidate, None)})
    assert index.postings is INDEX.postings
    [scored] = [s for s in rank(index, ALIKE) if s.candidate.playbook_id == "pb-heap"]
    assert scored.relevance_score < score_of(ALIKE, "pb-heap").relevance_score
    assert isinstance(candidate, Candidate)


def test_endings_pairs_and_names_find_each_other() -> None:
    book = playbook("a", "Alert", "The virt-api pods failed, KubeQuota exceeded")
    others = [playbook(f"o{n}", "Alert", f"pods run {n} api virt quota kube") for n in range(3)]
    index = index_over([*others, book])
    for title in ("virt-api failing", "kube_quota exceeding", "the API of virt-api fails"):
        assert rank(index, Situation(title=title))[0].candidate.playbook_id == "a", title
    named = Counter(search_terms("node-12 of 0x7f within 1.2.3.4"))
    assert len(row_of({"title": named}).terms) == 1


def told(playbook_id: str, *texts: str) -> Playbook:
    known = {f"i{number}": text for number, text in enumerate(texts)}
    return playbook(playbook_id, "Runbook", "Look at it", incident_texts=known)


def test_what_is_alike_is_learned_from_a_playbooks_own_incidents() -> None:
    """Machines tell one trouble in the same words, people in others."""
    machines = told("m", *["Queue of the mail relay stuck, deferred messages pile up"] * 4)
    people = told(
        "p",
        "Backup hangs at the tape library, the drive is busy since midnight",
        "Nightly tape job never ended, robot arm shows a jam on the display",
        "Tape robot complains of a missing cartridge, operators were paged",
        "Cannot eject the cartridge, so last night's backup is incomplete",
    )
    shares = found_by(machines).usual_share, found_by(people).usual_share
    assert shares[0] > USUAL_SHARE > shares[1]
    index = index_over([machines, people, *(playbook(f"o{n}", f"o{n}", "x") for n in range(5))])
    in_other_words = Situation(title="Tape cartridge stuck, the nightly backup hangs")
    of_others = Situation(title="Mail queue is slow, printers of the relay office are stuck")
    [best, *_], [wrong, *_] = rank(index, in_other_words), rank(index, of_others)
    assert best.candidate.playbook_id == "p"
    assert wrong.candidate.playbook_id == "m"
    assert best.relevance_score > 0.6 > wrong.relevance_score


def test_incidents_with_nothing_in_common_draw_no_others() -> None:
    mixed = told(
        "a",
        *["Tape drive jammed", "Printer ran dry", "Badge reader dark", "Kettle boils over"],
        *["Window left open", "Mirror cracked again", "Pencil stock low", "Router rebooted alone"],
    )
    index = index_over([mixed, *(playbook(f"o{n}", f"o{n}", "x") for n in range(5))])
    for title in ("Router drops payments", "Kettle factory stock order"):
        assert rank(index, Situation(title=title))[0].relevance_score < 0.3


@settings(max_examples=60)
@given(st.lists(TEXT, max_size=10))
def test_a_usual_share_is_known_from_two_incidents_on(texts: list[str]) -> None:
    share = found_by(told("a", *texts)).usual_share
    assert 0 < share < 1
    assert len(texts) > 1 or share == USUAL_SHARE


def test_a_name_that_no_playbook_knows_is_anothers() -> None:
    index = index_over([playbook("a", "CephMonVersionMismatch", "Versions of ceph mon mismatch")])

    def relevance(title: str) -> float:
        return rank(index, Situation(title=title))[0].relevance_score

    assert relevance("CephMonVersionMismatch") > 0.6
    assert relevance("CephOSDVersionMismatch") < 0.4
    assert relevance("ceph osd version mismatch") > relevance("CephOSDVersionMismatch")


def test_logs_behind_a_description_take_nothing_from_it() -> None:
    said = "Java heap space is used up, nodes die with OutOfMemoryError. " * 20
    logs = " ".join(f"worker{n} handled request{n}" for n in range(400))
    short, long = (
        rank(INDEX, Situation(title="Search is slow", description=text))[0].relevance_score
        for text in (said[:1000], said[:1000] + logs)
    )
    assert short == long


def test_a_number_sets_two_alike_apart_and_counts_little_by_itself() -> None:
    said = "Utilization of the storage device has crossed {}. Free up some space."
    books = [playbook(f"at-{n}", "Disk", said.format(f"{n}%")) for n in (70, 75, 80)]
    index = index_over(books)
    asked = "Utilization of the device has crossed {}"
    for number in (70, 75, 80):
        first, second, _ = rank(index, Situation(title=asked.format(f"{number} percent")))
        assert first.candidate.playbook_id == f"at-{number}"
        assert first.relevance_score > second.relevance_score > 0.7 * first.relevance_score
    unknown, untold = (
        [each.relevance_score for each in rank(index, Situation(title=asked.format(said)))]
        for said in ("91%", "it")
    )
    assert unknown == untold


def test_what_a_playbook_begins_with_is_what_it_is_for() -> None:
    def book(name: str, *sentences: str) -> Playbook:
        one = playbook(name, "Runbook", "Look at the logs")
        spec = one.spec.model_copy(update={"description": " ".join(sentences)})
        return one.model_copy(update={"spec": spec})

    api = "No running pod of the public interface was detected for a while."
    operator = "The operator installs, updates and watches the interface and its pods."
    index = index_over([book("a", operator, api), book("b", api, operator)])
    for begins, asked in (("a", operator), ("b", api)):
        assert rank(index, Situation(title=asked))[0].candidate.playbook_id == begins


def test_a_title_that_is_the_alerts_name_goes_before_a_sibling_with_more_of_its_words() -> None:
    said = "Namespace uses more of its quota than was agreed with the team"
    named = playbook("b", "KubeQuotaFullyUsed", "Raise it")
    sibling = playbook("a", "KubeQuotaAlmostFull", f"{said}. Ask the team, raise the quota")
    others = [playbook(f"o{n}", "Alert", f"Namespace {n} of the team") for n in range(3)]
    index = index_over([sibling, named, *others])
    asked = Situation(title="KubeQuotaFullyUsed", description=said)
    assert [each.candidate.playbook_id for each in rank(index, asked)[:2]] == ["b", "a"]


def test_what_is_asked_twice_counts_twice() -> None:
    once, twice = (INDEX.postings.weigh({"heap": times, "slow": 1}) for times in (1, 2))
    [slow] = {weight for weight, *_ in once.entries} & {weight for weight, *_ in twice.entries}
    assert twice.total - slow == pytest.approx(2 * (once.total - slow))
