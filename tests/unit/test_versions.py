"""Versions sort by their numbers, and a changed playbook is its next revision."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.versions import (
    FIRST_VERSION,
    MAIN,
    ChangeType,
    Playbook,
    PlaybookStatus,
    PlaybookVersion,
    content_hash,
    next_number,
    sort_key,
)
from tests.unit.five_incidents import NOW
from tests.unit.specs import specs

SPEC = PlaybookSpec(
    name="Disk", steps=[Step(id="look", name="Look", action="shell", args={"command": "df -h"})]
)
NUMBERS = st.tuples(*[st.integers(min_value=0, max_value=999_999)] * 3)


def _playbook(**values):
    return Playbook(
        playbook_id="pb-1",
        scope="default",
        title="Disk",
        status=PlaybookStatus.ACTIVE,
        version=FIRST_VERSION,
        spec=SPEC,
        systems=[],
        severities=[],
        symptoms=[],
        created_by="ann",
        created_at=NOW,
        updated_at=NOW,
        **values,
    )


def _version(number, **values):
    return PlaybookVersion(
        playbook_id="pb-1",
        version=number,
        change_type=ChangeType.CREATED,
        changelog="",
        content_hash=content_hash(SPEC),
        spec=SPEC,
        author="ann",
        created_at=NOW,
        **values,
    )


def test_ten_comes_after_nine():
    assert sorted(["1.10.0", "1.9.0", "1.9.10", "0.99.99"], key=sort_key) == [
        "0.99.99",
        "1.9.0",
        "1.9.10",
        "1.10.0",
    ]


@given(one=NUMBERS, other=NUMBERS)
def test_the_texts_sort_as_the_numbers_do(one, other):
    keys = [sort_key(".".join(map(str, numbers))) for numbers in (one, other)]
    assert (keys[0] < keys[1]) == (one < other)
    assert (keys[0] == keys[1]) == (one == other)


def test_a_first_version_is_on_the_main_branch_and_based_on_none():
    version = _version(FIRST_VERSION)
    assert (version.branch, version.based_on) == (MAIN, None)
    assert PlaybookVersion.model_validate_json(version.model_dump_json()) == version


@pytest.mark.parametrize("number", ["1", "1.0", "1.0.0.0", "v1.0.0", "1.0.x", "-1.0.0", ""])
def test_a_version_is_three_numbers(number):
    with pytest.raises(ValidationError):
        _version(number)


def test_a_changed_playbook_is_the_next_revision_and_leaves_the_one_before_alone():
    before = _playbook()
    later = NOW + timedelta(hours=1)
    after = before.changed(later, executions=1, successes=1)
    assert (after.revision, after.updated_at, after.executions) == (2, later, 1)
    assert (before.revision, before.updated_at, before.executions) == (1, NOW, 0)
    assert after.created_at == NOW


@pytest.mark.parametrize("values", [{"executions": -1}, {"solved_rate": 1.5}, {"revision": 0}])
def test_figures_stay_in_their_bounds(values):
    with pytest.raises(ValidationError):
        _playbook(**values)


def test_a_playbook_never_changes_in_place():
    with pytest.raises(ValidationError):
        _playbook().title = "Other"


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (ChangeType.CREATED, "2.0.0"),
        (ChangeType.DEPRECATED, "2.0.0"),
        (ChangeType.IMPROVED, "1.3.0"),
        (ChangeType.MERGED, "1.3.0"),
        (ChangeType.MODIFIED, "1.2.10"),
        (ChangeType.BUGFIX, "1.2.10"),
        (ChangeType.ROLLBACK, "1.2.10"),
    ],
)
def test_the_kind_of_change_raises_the_number(change, number):
    assert next_number("1.2.9", change) == number


@given(specs(), specs())
def test_a_hash_is_of_what_is_said_however_it_is_said(one, other):
    sparse = PlaybookSpec.model_validate(one.model_dump(exclude_defaults=True))
    assert content_hash(sparse) == content_hash(one)
    same = one.model_dump_json() == other.model_dump_json()
    assert not same or content_hash(one) == content_hash(other)
    assert content_hash(one.model_copy(update={"name": "x"})) != content_hash(one)
