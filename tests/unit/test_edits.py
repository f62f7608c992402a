"""Differences of specifications field by field, and changes of two people brought together."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.edits import differences, merged, settled
from chalicelib.core.playbooks import PlaybookSpec


def spec(*ids: str, name: str = "Free the disk", **commands: str) -> PlaybookSpec:
    """A playbook of these steps; of each the command may be told."""
    steps: list[dict[str, Any]] = [
        {
            "id": each,
            "name": f"Do {each}",
            "action": "shell",
            "args": {"command": commands.get(each, f"df /{each}")},
            "kind": "check",
        }
        for each in ids
    ]
    return PlaybookSpec.model_validate({"name": name, "steps": steps})


def test_a_difference_names_its_field_with_what_it_was_and_is() -> None:
    before, after = spec("a", "b", "c"), spec("c", "a", "d", name="Free it", a="df -h")
    told = {change.field: (change.before, change.after) for change in differences(before, after)}
    assert set(told) == {"name", "steps.a.args.command", "steps.b", "steps.d", "steps"}
    assert told["name"] == ("Free the disk", "Free it")
    assert told["steps.a.args.command"] == ("df /a", "df -h")
    assert told["steps.b"][1] is None
    assert told["steps.d"][0] is None
    assert told["steps"] == (["a", "c"], ["c", "a"])


def test_true_in_the_place_of_1_is_a_difference() -> None:
    def asking(value: Any) -> PlaybookSpec:
        when = [{"type": "equals", "param": "full", "value": value}]
        step = spec("a").model_dump()["steps"][0] | {"when": when}
        full = {"name": "full", "type": "boolean", "default": value}
        return PlaybookSpec.model_validate({"name": "x", "parameters": [full], "steps": [step]})

    changes = differences(asking(1), asking(True))
    assert [each.field for each in changes] == ["parameters.full.default", "steps.a.when"]


def test_changes_of_different_fields_come_together() -> None:
    base = spec("a", "b", "c")
    mine = spec("a", "new", "c", "b", a="df -h")
    theirs = spec("a", "b", "c", "more", name="Theirs", b="df -i")
    both = PlaybookSpec.model_validate(merged(theirs, mine, differences(base, mine)))
    assert both == spec("a", "new", "c", "b", "more", name="Theirs", a="df -h", b="df -i")


def test_of_what_both_changed_only_what_is_chosen_is_mine() -> None:
    base, mine, theirs = spec("a", "b"), spec("b", name="Mine", b="df -h"), spec("a", name="Theirs")
    changes = {change.field: change for change in differences(base, mine)}
    none = PlaybookSpec.model_validate(merged(theirs, mine, []))
    assert none == theirs
    some = merged(theirs, mine, [changes["name"], changes["steps.b.args.command"]])
    assert PlaybookSpec.model_validate(some) == spec("b", "a", name="Mine", b="df -h")


def test_what_touches_the_same_step_is_told() -> None:
    base = spec("a", "b")
    [removed] = differences(base, spec("a"))
    [edited] = differences(base, spec("a", "b", b="df -h"))
    [order] = differences(base, spec("b", "a"))
    assert removed.touches(edited)
    assert edited.touches(removed)
    assert not order.touches(edited)
    assert not removed.touches(differences(base, spec("a", "b", a="ls"))[0])


_SPECS = st.builds(
    lambda ids, name, command: spec(*ids, name=name, **{ids[0]: command}),
    st.lists(st.sampled_from("abcdef"), min_size=1, unique=True),
    st.sampled_from(["One", "Two"]),
    st.sampled_from(["df -h", "df -i"]),
)


@settings(max_examples=60)
@given(_SPECS, _SPECS, _SPECS)
def test_all_of_my_changes_on_what_i_saw_are_mine_and_none_are_theirs(
    base: PlaybookSpec, mine: PlaybookSpec, theirs: PlaybookSpec
) -> None:
    changes = differences(base, mine)
    assert PlaybookSpec.model_validate(merged(base, mine, changes)) == mine
    assert PlaybookSpec.model_validate(merged(theirs, mine, [])) == theirs
    assert (changes == []) == (base == mine)


def test_another_command_is_of_another_kind_and_risk() -> None:
    before = spec("look", "act", act="systemctl restart nginx")
    before = before.model_copy(update={"metadata": {"verification": ["gone"], "risk": "changes"}})
    changed = before.model_dump(mode="json")
    changed["steps"][0]["args"]["command"] = "rm -rf /var/tmp/x"
    changed["steps"].append(
        {"id": "see", "name": "Look again", "action": "shell", "args": {"command": "curl web"}}
    )
    look, act, see = settled(before, PlaybookSpec.model_validate(changed)).steps
    assert (look.kind, look.risk) == ("change", "destroys")
    assert (act.kind, act.risk) == (before.steps[1].kind, "changes")
    assert (see.kind, see.risk) == ("verify", "read_only")
    again = before.model_copy(update={"steps": [look, act]})
    back = again.model_dump(mode="json")
    back["steps"][0]["args"]["command"] = "df -h"
    after = settled(again, PlaybookSpec.model_validate(back))
    assert (after.steps[0].kind, after.steps[0].risk) == ("check", "read_only")
    assert (after.metadata["verification"], after.metadata["risk"]) == ([], "changes")


def test_a_person_may_raise_a_risk_and_lower_it_again_but_never_below_what_the_words_say() -> None:
    before = spec("act", act="systemctl restart nginx")
    for told, kept in (("destroys", "destroys"), ("changes", "changes"), ("read_only", "changes")):
        data = before.model_dump(mode="json")
        data["steps"][0]["risk"] = told
        before = settled(before, PlaybookSpec.model_validate(data))
        assert before.steps[0].risk == kept
