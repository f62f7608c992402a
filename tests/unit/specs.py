"""Specifications to compare and merge, and a Hypothesis strategy that edits them at random."""

from typing import Any

from hypothesis import strategies as st

from chalicelib.core.playbooks import PlaybookSpec


def step(step_id: str, **changed: Any) -> dict[str, Any]:
    said = {"id": step_id, "name": f"Do {step_id}", "action": "shell"}
    return said | {"args": {"command": f"run {step_id}"}} | changed


def spec(*steps: dict[str, Any] | str, **changed: Any) -> PlaybookSpec:
    told = [step(each) if isinstance(each, str) else each for each in steps]
    return PlaybookSpec.model_validate({"name": "Disk", "steps": told, **changed})


_WORDS = st.sampled_from(["df", "df -h", "du -sh ${path}", "rm old", "true"])
_PARAMETERS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["path", "host", "size"]),
        "type": st.sampled_from(["string", "path"]),
        "default": st.sampled_from([None, 1, True, "x"]),
    }
)


@st.composite
def specs(draw: st.DrawFn) -> PlaybookSpec:
    """Small ones that often have something in common."""
    ids = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5, unique=True))
    steps = [
        step(
            each,
            name=draw(st.sampled_from(["One", "Two"])),
            args={"command": draw(_WORDS)},
            kind=draw(st.sampled_from([None, "check"])),
        )
        for each in ids
    ]
    parameters = draw(st.lists(_PARAMETERS, max_size=3, unique_by=lambda each: each["name"]))
    asked = [{"type": "non_empty", "param": each["name"]} for each in parameters[:1]]
    return spec(
        *steps,
        description=draw(st.sampled_from(["", "When it is full."])),
        parameters=parameters,
        prerequisites=asked,
        metadata=draw(st.dictionaries(st.sampled_from(["x", "y"]), st.integers(0, 1), max_size=2)),
    )
