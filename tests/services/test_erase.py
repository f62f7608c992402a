"""A person who asks for it is in nothing any more, and the trail still holds."""

import json
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.erasure import pseudonym_of, without
from chalicelib.services import (
    discuss,
    erase,
    export,
    operate,
    publish,
    request_erasure,
    review,
)
from chalicelib.services.access import SYSTEM, Caller, signing_key
from chalicelib.services.errors import InvalidInput
from chalicelib.services.listing import Wanted
from chalicelib.store import erasure, incidents
from chalicelib.store.tables import AnalysisItem, AuditItem
from chalicelib.store.transaction import Transaction
from tests.api import Api
from tests.services.cases import AGENT, NOW, disk_full, suggested, told, written

NAME = "Zoë Quill"


@given(st.text(min_size=3, max_size=60).filter(str.strip))
def test_a_pseudonym_never_outgrows_a_name(name: str) -> None:
    assert len(pseudonym_of(name, "k")) <= len(name)
    assert pseudonym_of(name, "k") == pseudonym_of(name, "k") != pseudonym_of(name, "other")


def test_a_name_goes_as_a_word_and_no_id_changes() -> None:
    before = {"by": "ann", "text": "Ann's host; annotate", "agent_id": "ann", "ann": [1, None]}
    after = {"by": "p1", "text": "p1's host; annotate", "agent_id": "ann", "p1": [1, None]}
    assert without(before, "ann", "p1") == after


@pytest.mark.usefixtures("stack")
def test_a_person_is_in_nothing_any_more(scope: str) -> None:
    zoe = Caller(name=NAME, role="reviewer", scopes=["*"]).coming("page", "192.0.2.7")
    suggestion = suggested(scope)
    told(scope, disk_full(8) | {"incident_id": "long", "description": f"{NAME} saw it. " * 9})
    large = {"incident_id": "large", "description": "漢" * 99_000 + f" ({NAME.upper()})"}
    told(scope, disk_full(9) | large)
    discuss.comment(suggestion.suggestion_id, {"text": f"Ask {NAME}."}, zoe, NOW)
    discuss.assign(suggestion.suggestion_id, {"assignee": NAME}, zoe, NOW)
    review.decide(suggestion.suggestion_id, {"action": "approve"}, zoe, NOW)
    playbook = written(scope, f"What {NAME} does")
    export.export_playbook(playbook.playbook_id, {"format": "json"}, zoe, NOW)
    pseudonym, done = erase.erase(NAME, SYSTEM.coming("command"), NOW)
    assert {"incidents", "suggestions", "playbooks", "audit", "exports"} <= set(done)
    everything = [
        json.dumps([item.text, str(item.attribute_values)], ensure_ascii=False)
        for table in [*erasure.TABLES.values(), AuditItem]
        for item in table.scan()
    ]
    assert not [each for each in everything if "quill" in each.casefold()]
    [large_one] = incidents.get_many(scope, ["large"])
    assert large_one.description.endswith(f" ({pseudonym})")
    reviews = review.list_reviews(suggestion.suggestion_id, Wanted(), AGENT).items
    assert [each.reviewer for each in reviews] == [pseudonym]
    assert publish.find_playbook(playbook.playbook_id, AGENT).title == f"What {pseudonym} does"
    assert operate.verify_trail(scope)[1] is None
    assert operate.verify_trail("*")[1] is None
    trail = operate.list_trail(scope, Wanted(200), AGENT).items
    hers = [each for each in trail if each["actor"] == f"reviewer:{pseudonym}"]
    assert {each["origin"]["address"] for each in hers} == {""}
    assert erase.erase(NAME, SYSTEM, NOW) == (pseudonym, {})


@pytest.mark.usefixtures("stack")
def test_a_name_that_is_too_short_is_refused() -> None:
    with pytest.raises(InvalidInput):
        erase.erase(" al ", SYSTEM, NOW)


@pytest.mark.usefixtures("stack")
def test_who_is_asked_for_over_http_is_forgotten_by_the_sweep(
    operator: Api, agent: Api, scope: str
) -> None:
    name = f"Quinn {scope.title()}"
    told(scope, disk_full(1, description=f"{name} saw it."))
    answer = operator.post("/v1/erasures", {"name": f" {name.upper()} "})
    assert (answer.status, answer.body["status"]) == (202, "queued")
    place = f"/v1/erasures/{answer.body['erasure_id']}"
    assert agent.get(place).status == 403
    assert name.casefold() not in json.dumps(answer.body).casefold()
    assert request_erasure.erase_waiting(NOW) >= 1
    done = operator.get(place).body
    assert (done["status"], done["changed"]["incidents"]) == ("completed", 1)
    [incident] = incidents.get_many(scope, ["disk-1"])
    assert incident.description == f"{done['pseudonym']} saw it."
    kept = [item.text + str(item.attribute_values) for item in AnalysisItem.scan()]
    assert not [each for each in kept if name.casefold() in each.casefold()]
    assert operate.verify_trail("*")[1] is None
    assert request_erasure.erase_waiting(NOW) == 0


def test_an_address_is_forgotten_of_which_only_the_pseudonym_is_kept(
    operator: Api, scope: str
) -> None:
    address = f"Zoe.{scope}" + "@" + "mail-of-ours.example.com"
    others = [f"x.{address}", f"{address}.au", f"{address}x"]
    told(scope, disk_full(1, description=f"<{address.upper()}> saw it; {', '.join(others)} not."))
    playbook = written(scope)
    zoe = Caller(name=address, role="reviewer", scopes=["*"])
    export.export_playbook(playbook.playbook_id, {"format": "json"}, zoe, NOW)
    answer = operator.post("/v1/erasures", {"name": f" {address.lower()}\n"})
    assert (answer.status, answer.body["pseudonym"]) == (202, pseudonym_of(address, signing_key()))
    kept = [item.text + str(item.attribute_values) for item in AnalysisItem.scan()]
    assert not [each for each in kept if address.casefold() in each.casefold()]
    request_erasure.erase_waiting(NOW)
    done = operator.get(f"/v1/erasures/{answer.body['erasure_id']}").body
    assert (done["status"], done["changed"]) == ("completed", {"incidents": 1, "audit": 1})
    [incident] = incidents.get_many(scope, ["disk-1"])
    assert incident.description == f"<{done['pseudonym']}> saw it; {', '.join(others)} not."
    actors = {each["actor"] for each in operate.list_trail(scope, Wanted(), AGENT).items}
    assert f"reviewer:{done['pseudonym']}" in actors
    assert address not in str(actors)
    assert operate.verify_trail(scope)[1] is None


def test_an_erasure_that_fails_goes_on_with_the_next_sweep(
    operator: Api, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"Robin {scope.title()}"
    told(scope, disk_full(1, description=f"{name} saw it."))
    erasure_id = operator.post("/v1/erasures", {"name": name}).body["erasure_id"]

    def broken(*_: object) -> None:
        raise ConnectionClosedError(endpoint_url="dynamodb")

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "entries", broken)
        request_erasure.erase_waiting(NOW)
    assert operator.get(f"/v1/erasures/{erasure_id}").body["status"] == "queued"
    request_erasure.erase_waiting(NOW)
    assert operator.get(f"/v1/erasures/{erasure_id}").body["status"] == "completed"


def test_two_sweeps_that_overlap_say_once_what_was_erased(
    operator: Api, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"Sasha {scope.title()}"
    playbook = written(scope, f"What {name} does")
    export.export_playbook(playbook.playbook_id, {"format": "json"}, AGENT, NOW)
    place = f"/v1/erasures/{operator.post('/v1/erasures', {'name': name}).body['erasure_id']}"

    class Overtaken(Transaction):
        """A sweep's transaction that another sweep comes before, with all that it is to erase."""

        def __exit__(self, *raised: Any) -> None:
            with monkeypatch.context() as other:
                other.setattr(erase, "Transaction", Transaction)
                request_erasure.erase_waiting(NOW)
            super().__exit__(*raised)

    monkeypatch.setattr(erase, "Transaction", Overtaken)
    request_erasure.erase_waiting(NOW)
    done = operator.get(place).body
    assert (done["status"], done["changed"]["exports"]) == ("completed", 1)
    entries = operate.list_audit(f"person:{done['pseudonym']}", Wanted(200), AGENT).items
    assert [each["details"] for each in entries].count({"exports": 1}) == 1


def test_names_that_cannot_be_erased_are_refused(operator: Api) -> None:
    mail = "ann.smith" + "@" + "mail-of-ours.example.com"
    mark = "<REDACTED:email:3f9a1c>"
    for name in ("al", "  a ", f"Ann {mail}", mark, "+44 20 7946 0958", None, "x" * 201):
        assert operator.post("/v1/erasures", {"name": name}).bad_fields == ["name"], name
