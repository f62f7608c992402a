"""What differs between two specifications: by step and field, with moves as moves."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.diff import Diff, diff, pieces
from chalicelib.core.leaves import LISTS, entries, keys_of, together
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.versions import content_hash
from tests.unit.specs import spec, specs, step


def _steps(found: Diff) -> dict[str, tuple[str, bool]]:
    return {each.step_id: (each.change, each.moved) for each in found.steps}


def test_a_changed_command_is_told_word_by_word():
    before = spec("a", step("b", args={"command": "systemctl restart nginx"}))
    after = spec("a", step("b", args={"command": "systemctl reload nginx"}))
    found = diff(before, after)
    assert _steps(found) == {"a": ("same", False), "b": ("changed", False)}
    [change] = found.steps[1].fields
    assert change.field == "steps.b.args.command"
    assert [(each.kind, each.text) for each in change.pieces] == [
        ("same", "systemctl "),
        ("removed", "restart"),
        ("added", "reload"),
        ("same", " nginx"),
    ]


def test_one_moved_step_is_one_move_and_the_others_stay():
    found = diff(spec("a", "b", "c", "d"), spec("d", "a", "b", "c"))
    assert [each.step_id for each in found.steps if each.moved] == ["d"]
    [moved] = [each for each in found.steps if each.moved]
    assert (moved.change, moved.position_before, moved.position_after) == ("same", 4, 1)


def test_added_and_removed_steps_stand_where_they_belong():
    found = diff(spec("a", "b", "c"), spec("a", "x", "c"))
    assert [(each.step_id, each.change) for each in found.steps] == [
        ("a", "same"),
        ("b", "removed"),
        ("x", "added"),
        ("c", "same"),
    ]


def test_parameters_and_metadata_are_compared_by_their_names():
    before = spec("a", parameters=[{"name": "host"}, {"name": "path"}], metadata={"x": 1})
    after = spec("a", parameters=[{"name": "path", "type": "path"}, {"name": "host"}])
    assert {
        (each.field, str(each.before), str(each.after)) for each in diff(before, after).fields
    } == {
        ("parameters.path.type", "string", "path"),
        ("parameters", "['host', 'path']", "['path', 'host']"),
        ("metadata.x", "1", "None"),
    }


def test_true_is_not_1():
    before, after = spec("a", metadata={"x": 1}), spec("a", metadata={"x": True})
    assert [each.field for each in diff(before, after).fields] == ["metadata.x"]


@given(specs(), specs())
def test_nothing_differs_only_from_itself(one: PlaybookSpec, other: PlaybookSpec):
    assert diff(one, one).identical
    assert diff(one, other).identical == (content_hash(one) == content_hash(other))
    ids = {each.step_id for each in diff(one, other).steps}
    assert ids == set(keys_of(one, "steps")) | set(keys_of(other, "steps"))


@given(specs())
def test_what_is_taken_apart_is_put_together_again(one: PlaybookSpec):
    orders = {name: keys_of(one, name) for name in LISTS}
    assert together(entries(one), orders) == one


@given(st.text("ab \n.", max_size=40), st.text("ab \n.", max_size=40))
def test_the_pieces_make_both_texts(before: str, after: str):
    found = pieces(before, after)
    assert "".join(each.text for each in found if each.kind != "added") == before
    assert "".join(each.text for each in found if each.kind != "removed") == after


def test_long_texts_are_compared_by_lines_and_very_long_ones_as_a_whole():
    lines = [f"a line with words {number}\n" for number in range(900)]
    by_lines = pieces("".join(lines), "".join([*lines[:5], "other\n", *lines[6:]]))
    assert [each.kind for each in by_lines] == ["same", "removed", "added", "same"]
    assert by_lines[2].text == "other\n"
    as_a_whole = pieces("x\n" * 30_000, "x\n" * 30_001)
    assert [each.kind for each in as_a_whole] == ["removed", "added"]
