"""Playbooks change: versions follow each other, and nobody writes over what they have not seen."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import Playbook, PlaybookStatus, content_hash
from chalicelib.services import publish, versions
from chalicelib.services.access import Caller
from chalicelib.services.errors import Conflict, Forbidden, InvalidInput, NotFound
from chalicelib.services.listing import Wanted
from chalicelib.services.versions import Outcome
from tests.services.cases import AGENT, NOW, REVIEWER, written

pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def playbook(scope: str) -> Playbook:
    return written(scope)


def spec_of(playbook: Playbook, **changed: Any) -> dict[str, Any]:
    return playbook.spec.model_dump(mode="json") | changed


def edited(playbook: Playbook, caller: Caller = REVIEWER, **body: Any) -> Outcome:
    body = {"spec": spec_of(playbook)} | body
    return versions.edit(playbook.playbook_id, body, caller, NOW)


def described(playbook: Playbook, text: str, **body: Any) -> Outcome:
    """The playbook's next version, with another description."""
    return edited(playbook, spec=spec_of(playbook, description=text), **body)


def numbers(playbook: Playbook, branch: str = "main") -> list[str]:
    listed = publish.list_versions(playbook.playbook_id, branch, Wanted(200), AGENT)
    return [each.version for each in listed.items]


def test_an_edit_is_the_next_version_and_the_one_before_stays(playbook: Playbook) -> None:
    outcome = described(playbook, "When it fills up.", changelog="Says when.")
    assert (outcome.version.version, outcome.version.based_on) == ("1.0.1", "1.0.0")
    assert (outcome.version.author, outcome.version.changelog) == ("ann", "Says when.")
    assert outcome.version.content_hash == content_hash(outcome.version.spec)
    now = publish.find_playbook(playbook.playbook_id, AGENT)
    assert (now.version, now.spec.description) == ("1.0.1", "When it fills up.")
    assert numbers(playbook) == ["1.0.1", "1.0.0"]
    _, first = publish.find_version(playbook.playbook_id, "1.0.0", None, AGENT)
    assert first.spec == playbook.spec


@pytest.mark.parametrize(
    ("change_type", "number"),
    [
        ("created", "2.0.0"),
        ("deprecated", "2.0.0"),
        ("improved", "1.1.0"),
        ("merged", "1.1.0"),
        ("modified", "1.0.1"),
        ("bugfix", "1.0.1"),
        ("rollback", "1.0.1"),
    ],
)
def test_the_kind_of_change_raises_the_number(
    playbook: Playbook, change_type: str, number: str
) -> None:
    outcome = described(playbook, change_type, change_type=change_type)
    assert outcome.version.version == number
    expected = PlaybookStatus.DEPRECATED if change_type == "deprecated" else PlaybookStatus.ACTIVE
    assert outcome.playbook.status is expected


def test_the_same_content_again_makes_no_version_and_says_so(playbook: Playbook) -> None:
    first = described(playbook, "New.", based_on="1.0.0")
    again = described(playbook, "New.", based_on="1.0.0", changelog="Sent twice.")
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.version == first.version
    assert numbers(playbook) == ["1.0.1", "1.0.0"]


def test_who_was_slower_is_told_who_was_faster(playbook: Playbook) -> None:
    described(playbook, "Faster.", based_on="1.0.0")
    with pytest.raises(Conflict, match=r"main is at 1\.0\.1 by now, written by ann at .*Z"):
        described(playbook, "Slower.", based_on="1.0.0", caller=AGENT)
    assert numbers(playbook) == ["1.0.1", "1.0.0"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"spec": None}, "spec"),
        ({"spec": {"name": "No steps", "steps": []}}, "spec.steps"),
        ({"change_type": "polished"}, "change_type"),
        ({"based_on": "0.9.0"}, "based_on"),
        ({"based_on": "latest"}, "based_on"),
        ({"branch": "a#b"}, "branch"),
        ({"branch": "fix", "change_type": "deprecated"}, "change_type"),
    ],
)
def test_what_is_no_edit_is_named_and_makes_no_version(
    playbook: Playbook, body: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        edited(playbook, **{"spec": spec_of(playbook, description="x"), **body})
    assert [each["field"] for each in raised.value.errors] == [field]
    assert numbers(playbook) == ["1.0.0"]


def test_who_may_not_see_a_playbook_may_not_change_it(playbook: Playbook) -> None:
    with pytest.raises(Forbidden):
        edited(playbook, Caller(name="other", role="agent", scopes=["elsewhere"]))
    with pytest.raises(NotFound):
        versions.edit("pb_none", {"spec": spec_of(playbook)}, REVIEWER, NOW)
    with pytest.raises(NotFound):
        described(playbook, "x", branch="none")


def test_sixteen_writers_at_once_lose_nothing_and_write_nothing_twice(playbook: Playbook) -> None:
    def write(number: int) -> Outcome | Conflict:
        try:
            return described(playbook, f"Writer {number}.", changelog=f"{number}")
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(write, range(16)))
    won = [each for each in told if isinstance(each, Outcome)]
    assert won
    assert sorted(each.version.version for each in won) == sorted(set(numbers(playbook)[:-1]))
    for outcome in won:
        _, kept = publish.find_version(playbook.playbook_id, outcome.version.version, None, AGENT)
        assert kept == outcome.version
    chain = publish.list_versions(playbook.playbook_id, "main", Wanted(200), AGENT).items
    assert [each.based_on for each in chain[:-1]] == [each.version for each in chain[1:]]
    assert all("by now" in str(each) for each in told if isinstance(each, Conflict))


def test_a_hash_knows_what_is_said_and_not_how(playbook: Playbook) -> None:
    spec = playbook.spec
    spoken = PlaybookSpec.model_validate(spec.model_dump(exclude_defaults=True))
    assert content_hash(spoken) == content_hash(spec)
    assert content_hash(spec.model_copy(update={"description": "x"})) != content_hash(spec)
