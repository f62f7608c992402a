"""Three-way merges: what one side changed is taken, what both changed is a conflict."""

import pytest
from hypothesis import given, settings

from chalicelib.core.leaves import entries
from chalicelib.core.merging import OwnValue, Resolution, Unmergeable, merge
from chalicelib.core.playbooks import PlaybookSpec
from tests.unit.specs import spec, specs, step


def _command(step_id: str, command: str) -> dict:
    return step(step_id, args={"command": command})


BASE = spec("a", "b", "c")


def _ids(merged: PlaybookSpec | None) -> list[str]:
    assert merged is not None
    return [each.id for each in merged.steps]


def test_edits_of_different_fields_come_together():
    ours = spec("a", _command("b", "ours"), "c", description="Ours.")
    theirs = spec("a", step("b", name="Theirs"), "c", metadata={"x": 1})
    merged = merge(BASE, ours, theirs, {}).spec
    assert merged is not None
    assert (merged.steps[1].name, merged.steps[1].text) == ("Theirs", "ours")
    assert (merged.description, merged.metadata) == ("Ours.", {"x": 1})


def test_what_both_added_removed_and_moved_comes_together():
    ours = spec("a", "x", "b", "c")
    theirs = spec("c", "a", "y")
    assert _ids(merge(BASE, ours, theirs, {}).spec) == ["c", "a", "x", "y"]


def test_a_field_that_both_changed_is_a_conflict_and_resolved_by_the_caller():
    ours, theirs = spec("a", _command("b", "ours"), "c"), spec("a", _command("b", "theirs"), "c")
    merged = merge(BASE, ours, theirs, {})
    assert merged.spec is None
    [conflict] = merged.conflicts
    assert conflict.field == "steps.b.args.command"
    assert (conflict.base, conflict.ours, conflict.theirs) == ("run b", "ours", "theirs")
    for resolution, expected in (
        ("ours", "ours"),
        ("theirs", "theirs"),
        (OwnValue(value="both"), "both"),
    ):
        resolved = merge(BASE, ours, theirs, {conflict.field: resolution}).spec
        assert resolved is not None
        assert resolved.steps[1].text == expected


def test_a_step_removed_here_and_changed_there_is_a_conflict_of_the_whole_step():
    ours, theirs = spec("a", "c"), spec("a", _command("b", "theirs"), "c")
    [conflict] = merge(BASE, ours, theirs, {}).conflicts
    assert (conflict.field, conflict.ours, conflict.takes_value) == ("steps.b", None, False)
    assert conflict.theirs["args"] == {"command": "theirs"}
    assert _ids(merge(BASE, ours, theirs, {"steps.b": "ours"}).spec) == ["a", "c"]
    assert _ids(merge(BASE, ours, theirs, {"steps.b": "theirs"}).spec) == ["a", "b", "c"]
    with pytest.raises(Unmergeable, match="ours or theirs"):
        merge(BASE, ours, theirs, {"steps.b": OwnValue(value={})})


def test_two_orders_are_a_conflict():
    ours, theirs = spec("b", "a", "c"), spec("a", "c", "b")
    [conflict] = merge(BASE, ours, theirs, {}).conflicts
    assert (conflict.field, conflict.theirs) == ("steps", ["a", "c", "b"])
    assert _ids(merge(BASE, ours, theirs, {"steps": "theirs"}).spec) == ["a", "c", "b"]


def test_the_same_step_added_differently_is_a_conflict_by_field():
    ours, theirs = spec("a", "b", "c", "n"), spec("a", "b", "c", _command("n", "other"))
    [conflict] = merge(BASE, ours, theirs, {}).conflicts
    assert (conflict.field, conflict.base) == ("steps.n.args.command", None)


def test_a_parameter_that_one_side_drops_and_the_other_needs_is_a_conflict():
    base = spec("a", parameters=[{"name": "host"}])
    ours, theirs = spec("a"), spec(_command("a", "ssh ${host}"), parameters=[{"name": "host"}])
    [conflict] = merge(base, ours, theirs, {}).conflicts
    assert conflict.field == "parameters.host"
    kept = merge(base, ours, theirs, {"parameters.host": "theirs"}).spec
    assert kept is not None
    assert [each.name for each in kept.parameters] == ["host"]
    assert merge(base, ours, spec("a", "b", parameters=[{"name": "host"}]), {}).conflicts == []


def test_a_merge_that_leaves_nothing_is_refused_in_words():
    base = spec("a", "b")
    with pytest.raises(Unmergeable, match="no sound playbook"):
        merge(base, spec("a"), spec("b"), {})


def test_resolutions_of_what_is_no_conflict_are_told():
    assert merge(BASE, BASE, spec("a"), {"steps.b": "ours"}).unused == ["steps.b"]


@given(specs(), specs())
def test_what_one_side_alone_did_is_what_comes_out(base: PlaybookSpec, changed: PlaybookSpec):
    for ours, theirs in ((base, changed), (changed, base), (changed, changed)):
        merged = merge(base, ours, theirs, {})
        assert merged.conflicts == []
        assert merged.spec == changed


@settings(max_examples=200)
@given(specs(), specs(), specs())
def test_nothing_is_made_up_and_every_conflict_can_be_resolved(
    base: PlaybookSpec, ours: PlaybookSpec, theirs: PlaybookSpec
):
    for side in ("ours", "theirs"):
        resolutions: dict[str, Resolution] = {}
        try:
            while (merged := merge(base, ours, theirs, resolutions)).conflicts:
                fields = {each.field for each in merged.conflicts}
                assert not fields & set(resolutions)
                resolutions |= dict.fromkeys(fields, side)
        except Unmergeable:
            continue
        assert merged.spec is not None
        assert merged.unused == []
        assert _said(merged.spec) <= _said(ours) | _said(theirs)


def _said(one: PlaybookSpec) -> set[str]:
    return {
        f"{path} {inner} {value!r}"
        for path, values in entries(one).items()
        for inner, value in values.items()
    }
