"""What has been kept long enough goes, what something rests on stays, and figures stay right."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from chalicelib.core.incidents import Incident
from chalicelib.core.patterns import PatternState
from chalicelib.core.trail import NOTHING, end_of
from chalicelib.services import (
    coverage,
    export,
    feedback,
    operate,
    rebuild,
    recommend,
    record,
    request_analysis,
    review,
    sweep,
    understand,
)
from chalicelib.services.access import SYSTEM
from chalicelib.services.errors import NotFound
from chalicelib.services.listing import Wanted
from chalicelib.store import audit, executions, incidents, objects, patterns
from chalicelib.store.tables import PatternItem
from chalicelib.store.transaction import Conflict, Transaction
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    analysed,
    disk_full,
    suggested,
    suggestions,
    told,
    written,
)

pytestmark = pytest.mark.usefixtures("stack")

#: When all that is of now has outlived what the settings say.
LATER = NOW + timedelta(days=800)


def there(scope: str) -> set[str]:
    return {each.incident_id for each in incidents.page(scope, 200, None).items}


def test_old_incidents_go_unless_something_rests_on_them(scope: str) -> None:
    suggested(scope)
    other = disk_full(9) | {"incident_id": "other", "title": "A cable was cut", "resolution": ""}
    told(scope, other)
    sweep.sweep_scope(scope, NOW)
    assert there(scope) == {f"disk-{number}" for number in range(1, 6)} | {"other"}
    for clock in (LATER, LATER, NOW):  # it fires twice, and by a clock that steps back
        sweep.sweep_scope(scope, clock)
    assert there(scope) == {f"disk-{number}" for number in range(1, 6)}
    trail = operate.list_audit(f"incident:{scope}#other", Wanted(), AGENT).items
    assert [each["action"] for each in trail] == ["expired", "reported"]
    assert operate.verify_trail(scope)[1] is None


def test_old_incidents_go_as_they_are_read_however_many_there_are(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, *(disk_full(number) for number in range(1, 31)))
    before = incidents.before

    def cut_off(*place: str) -> Iterator[Incident]:
        yield from islice(before(*place), 25)
        raise MemoryError

    monkeypatch.setattr(incidents, "before", cut_off)
    sweep.sweep_scope(scope, LATER)
    assert len(there(scope)) < 30


def test_what_is_kept_for_ever_stays(scope: str, set_settings: Callable[..., None]) -> None:
    set_settings(retention_incident_days=0, retention_analysis_days=0)
    told(scope, disk_full(1))
    run = analysed(scope)
    sweep.sweep_scope(scope, LATER)
    assert there(scope) == {"disk-1"}
    assert request_analysis.find_run(run.run_id, AGENT).run_id == run.run_id


def test_old_analyses_go(scope: str) -> None:
    told(scope, disk_full(1))
    run = analysed(scope)
    sweep.sweep_scope(scope, LATER)
    with pytest.raises(NotFound):
        request_analysis.find_run(run.run_id, AGENT)
    assert request_analysis.list_runs(scope, Wanted(), AGENT).items == []


def test_more_old_analyses_go_than_a_transaction_takes(scope: str) -> None:
    told(scope, disk_full(1))
    for _ in range(21):
        request_analysis.request({"scope": scope}, AGENT, NOW)
    assert sweep.sweep_scope(scope, LATER)["analyses"] == 21
    assert request_analysis.list_runs(scope, Wanted(), AGENT).items == []


def test_the_metrics_stay_right_when_the_runs_go(scope: str) -> None:
    told(scope, disk_full(1))  # makes the scope known
    playbook = written(scope)
    path = playbook.playbook_id
    for number in range(25):
        status = "success" if number % 5 else "failure"
        record.record_execution(path, {"status": status, "execution_id": f"e{number}"}, AGENT, NOW)
    before = record.playbook_metrics(path, Wanted(), AGENT)
    assert before["executions"] == 25
    sweep.sweep_scope(scope, LATER)
    record.record_execution(path, {"status": "success"}, AGENT, LATER)
    assert len(list(executions.every(path))) == 1
    after = record.playbook_metrics(path, Wanted(), AGENT)
    assert (after["executions"], after["successes"]) == (26, before["successes"] + 1)
    # Worked out again from the records, of which most are gone, they are the same.
    assert rebuild.rebuild_metrics(path, SYSTEM, LATER) == []
    assert record.playbook_metrics(path, Wanted(), AGENT) == after


def test_patterns_go_that_have_long_been_retired_and_hold_nothing(scope: str) -> None:
    suggestion = suggested(scope)
    sweep.sweep_scope(scope, LATER)
    assert patterns.get(suggestion.pattern_id) is not None
    review.decide(suggestion.suggestion_id, {"action": "reject"}, REVIEWER, NOW)
    stored = patterns.find(suggestion.pattern_id)
    assert stored is not None
    _retire(stored)
    sweep.sweep_scope(scope, NOW)
    assert patterns.get(suggestion.pattern_id) is not None
    sweep.sweep_scope(scope, LATER)
    assert patterns.get(suggestion.pattern_id) is None
    assert patterns.members(suggestion.pattern_id) is None
    assert [each.suggestion_id for each in suggestions(scope)] == [suggestion.suggestion_id]


def test_a_pattern_that_an_analysis_has_just_written_stays(scope: str) -> None:
    suggestion = suggested(scope)
    stored = patterns.find(suggestion.pattern_id)
    assert stored is not None
    sweeping = Transaction(SYSTEM, NOW)
    patterns.remove(sweeping, stored)
    with Transaction(SYSTEM, NOW) as analysing:
        patterns.save(analysing, replace(stored, revision=stored.revision + 1))
    with pytest.raises(Conflict), sweeping:
        pass
    assert patterns.members(suggestion.pattern_id) is not None


def test_a_pattern_that_outlives_its_incidents_can_still_be_read(scope: str) -> None:
    suggestion = suggested(scope)
    review.decide(suggestion.suggestion_id, {"action": "reject"}, REVIEWER, NOW)
    stored = patterns.find(suggestion.pattern_id)
    assert stored is not None
    _retire(stored, last_seen=LATER)
    sweep.sweep_scope(scope, LATER)
    assert there(scope) == set()
    assert understand.list_members(suggestion.pattern_id, Wanted(), AGENT).items == []


def _retire(stored: patterns.StoredPattern, **changed: Any) -> None:
    retired = stored.pattern.model_copy(update={"state": PatternState.RETIRED, **changed})
    with Transaction(SYSTEM, NOW) as transaction:
        patterns.save(transaction, replace(stored, pattern=retired, revision=stored.revision + 1))


def test_two_sweeps_that_overlap_say_once_what_went(
    scope: str, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    suggestion = suggested(scope)
    told(scope, disk_full(9) | {"incident_id": "other", "title": "A cable was cut"})
    review.decide(suggestion.suggestion_id, {"action": "reject"}, REVIEWER, NOW)
    stored = patterns.find(suggestion.pattern_id)
    assert stored is not None
    _retire(stored)
    playbook = written(scope).playbook_id
    record.record_execution(playbook, {"status": "success"}, AGENT, NOW)
    set_settings(retention_audit_days=799)
    went = {
        "patterns": {(f"pattern:{suggestion.pattern_id}", "expired")},
        "incidents": {(f"incident:{scope}#{each}", "expired") for each in there(scope)},
        "analyses": {
            (f"analysis:{run.run_id}", "expired")
            for run in request_analysis.list_runs(scope, Wanted(), AGENT).items
        },
        "executions": {(f"playbook:{playbook}", "executions expired")},
        "audit entries": {(f"trail:{scope}", "cut")},
    }

    class Overtaken(Transaction):
        """A sweep's transaction that another sweep comes before, with all of that kind."""

        def __exit__(self, *raised: Any) -> None:
            with monkeypatch.context() as other:
                other.setattr(sweep, "Transaction", Transaction)
                sweep.sweep_scope(scope, LATER)
            super().__exit__(*raised)

    kinds = dict(sweep._KINDS)
    for kind, expected in went.items():
        known = audit.end(scope).number
        with monkeypatch.context() as patched:
            patched.setattr(sweep, "_KINDS", {kind: kinds[kind]})
            patched.setattr(sweep, "Transaction", Overtaken)
            assert sweep.sweep_scope(scope, LATER).total() == 0, kind
        new = [each for each in audit.trail(scope) if each["number"] > known]
        # Where a worker runs in this process, it does the suggestion's back-test whenever it can.
        swept = [each for each in new if each["action"] != "back-tested"]
        said = [(each["entity"], each["action"]) for each in swept]
        assert (len(said), set(said)) == (len(expected), expected), kind
    assert executions.gone(playbook)["1.0.0"].executions == 1
    assert operate.verify_trail(scope)[1] is None


def test_an_incident_that_is_reported_anew_while_a_sweep_reads_stays(
    scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, disk_full(1))
    remove = incidents.remove

    def late(*arguments: Any) -> None:
        remove(*arguments)
        told(scope, disk_full(0, incident_id="disk-1"))

    monkeypatch.setattr(incidents, "remove", late)
    sweep.sweep_scope(scope, NOW + timedelta(days=730))
    [kept] = incidents.page(scope, 200, None).items
    assert kept.opened_at == NOW


def test_files_that_no_record_points_at_go(scope: str) -> None:
    told(scope, disk_full(1))
    playbook = written(scope)
    kept = export.export_playbook(playbook.playbook_id, {"format": "json"}, AGENT, NOW)
    orphan = f"playbooks/{scope}/{playbook.playbook_id}/9.9.9/playbook.json"
    objects.write(orphan, b"{}", "application/json")
    tomorrow = LATER + timedelta(days=50 * 365)  # S3 has a clock of its own
    place = f"playbooks/{scope}/"
    assert set(objects.written_before(place, tomorrow)) == {kept["key"], orphan} | {
        each["key"] for each in export.list_exports(playbook.playbook_id, AGENT)
    }
    sweep.sweep_scope(scope, tomorrow)
    assert orphan not in set(objects.written_before(place, tomorrow))
    assert kept["key"] in set(objects.written_before(place, tomorrow))


def test_documents_that_no_item_points_at_go(scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(key: str, letter: str, condition: Any = None) -> PatternItem:
        item = PatternItem(scope, key, document=letter * 300_001)
        with Transaction(SYSTEM, NOW) as transaction:
            transaction.put(item, condition)
        return item

    def left() -> set[str]:
        return set(objects.written_before("documents/", tomorrow)) & written

    tomorrow = LATER + timedelta(days=50 * 365)  # S3 has a clock of its own
    replaced, removed, kept = put("a", "x"), put("b", "x"), put("a", "y")
    alike = put("😀" * 200, "y")
    with pytest.raises(Conflict):
        put("a", "z", PatternItem.pk.does_not_exist())
    with Transaction(SYSTEM, NOW) as transaction:
        transaction.delete(removed)
    written = set(objects.written_before("documents/", tomorrow))
    assert {each.object_key for each in (replaced, removed, kept, alike)} < written
    sweep.sweep_documents(datetime.now(UTC))
    assert left() == written  # it may be that somebody is just writing the items
    monkeypatch.setattr(sweep, "_DOCUMENTS_A_DAY", len(written) - 1)
    sweep.sweep_documents(tomorrow)
    sweep.sweep_documents(tomorrow)
    assert {each.object_key for each in (kept, alike)} <= left()
    assert not {each.object_key for each in (replaced, removed)} & left()
    assert PatternItem.get(scope, "a").text == kept.text == "y" * 300_001


def test_what_is_over_is_not_shown_before_it_is_deleted(scope: str) -> None:
    told(scope, disk_full(1))
    playbook = written(scope)
    request = {"scope": scope, "incident": {"title": "Free the disk, rotate the logs"}}
    answer = recommend.recommend(request, AGENT, NOW)
    nothing = {"scope": scope, "incident": {"title": "The moon is gone"}}
    recommend.recommend(nothing, AGENT, NOW)
    late = NOW + timedelta(days=91)
    assert coverage.list_gaps(scope, Wanted(), AGENT, NOW).items
    assert not coverage.list_gaps(scope, Wanted(), AGENT, late).items
    body = {"playbook_id": playbook.playbook_id}
    with pytest.raises(NotFound):
        feedback.give_feedback(answer["recommendation_id"], body, AGENT, late)


def test_the_old_beginning_of_a_trail_goes_and_the_rest_is_still_verified(
    scope: str, set_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(scope, disk_full(1), disk_full(2))
    [_, last, *_] = audit.trail(scope)
    sweep.sweep_scope(scope, LATER)
    assert next(audit.trail(scope))["number"] == 1  # for ever, unless a setting says otherwise
    set_settings(retention_audit_days=700, retention_incident_days=0)
    with monkeypatch.context() as patched:
        patched.setattr(audit, "forget", lambda *_: 1 / 0)
        sweep.sweep_scope(scope, LATER)
    assert operate.verify_trail(scope)[1] is None  # what should be gone and is not yet, counts not
    sweep.sweep_scope(scope, LATER)
    kept = list(audit.trail(scope))
    assert [each["number"] for each in kept][:1] == [last["number"] + 1]
    assert (kept[-1]["action"], kept[-1]["details"]["number"]) == ("cut", last["number"])
    assert operate.verify_trail(scope) == (len(kept), None)
    told(scope, disk_full(3))
    sweep.sweep_scope(scope, LATER)
    assert operate.verify_trail(scope)[1] is None


def test_nobody_cuts_off_more_than_an_entry_tells_of(scope: str) -> None:
    told(scope, *map(disk_full, (1, 2, 3)))
    entries = list(audit.trail(scope))
    cut, _ = audit.save_cut(scope, NOTHING, end_of(entries[0]))
    cut.save()
    audit.forget(scope, 1)
    _, bad_link = operate.verify_trail(scope)
    assert bad_link is not None
    assert bad_link.reason == "no entry says that those before entry 2 were to go"
