"""The form of a decision: from what a reviewer typed to what is decided, and back."""

from dataclasses import dataclass
from typing import Any

from chalicelib.core.caution import risk_of_step
from chalicelib.core.edits import FieldChange, differences, merged, settled
from chalicelib.core.playbooks import PlaybookSpec, Risk, Step
from chalicelib.core.risk import risk_of
from chalicelib.routes.edit_form import TEXT_OF, Typed, TypedStep, modifications_of
from chalicelib.services.errors import InvalidInput, Unconfirmed, invalid


@dataclass(frozen=True)
class Choice:
    """One of my changes, and what became of the same field since I saw it.

    Attributes:
        number: its place among my changes.
        theirs: what is stored by now.
        both: whether somebody else has changed it too.
    """

    number: int
    change: FieldChange
    theirs: Any
    both: bool


def revision_of(form: dict[str, str]) -> int:
    """The revision that a form was made of.

    Raises:
        InvalidInput: it names none.
    """
    if not form.get("revision", "").isdecimal() or int(form["revision"]) < 1:
        raise invalid("revision", "is missing; open the page again")
    return int(form["revision"])


def decision_of(form: dict[str, str], typed: Typed, base: PlaybookSpec) -> dict[str, Any]:
    """The decision that a form tells, with only what the reviewer changed as modifications.

    Raises:
        InvalidInput: the form names no revision, or what was typed makes no playbook.
    """
    action = form.get("action", "")
    decides = action in ("approve", "reject", "needs_revision")
    return {
        "action": action,
        "reviewer_notes": typed.reviewer_notes,
        "revision": revision_of(form),
        "modifications": modifications_of(typed, base) if decides else {},
        "confirmed_steps": [step.id for step in typed.steps if step.confirmed],
    }


def to_confirm(typed: Typed, base: PlaybookSpec) -> list[int]:
    """The places, from 0, of the steps that destroy something as they are typed."""
    stored = {step.id: step for step in base.steps}
    return [
        number
        for number, step in enumerate(typed.steps)
        if not step.remove and _risk(step, stored.get(step.id)) is Risk.DESTROYS
    ]


def errors_of(error: InvalidInput, typed: Typed) -> list[dict[str, str]]:
    """What the page says of an error: of steps that need a tick, where they are."""
    if not isinstance(error, Unconfirmed):
        return error.errors
    places = {step.id: place for place, step in enumerate(typed.steps)}
    return [
        {
            "field": f"Step {places.get(step.id, 0) + 1}",
            "anchor": f"confirm-{places.get(step.id, 0)}",
            "message": f"“{step.name}” destroys something; tick the box there if you mean it",
        }
        for step in error.steps
    ]


def choices(base: PlaybookSpec, mine: PlaybookSpec, theirs: PlaybookSpec) -> list[Choice]:
    """My changes of a state that is no more, each beside what is stored by now."""
    others = differences(base, theirs)
    found = []
    for number, change in enumerate(differences(base, mine)):
        same = next((each for each in others if each.path == change.path), None)
        touched = any(change.touches(each) for each in others)
        if same is not None and same.after == change.after:
            continue
        theirs_now = same.after if same else None if touched else change.before
        found.append(Choice(number, change, theirs_now, touched))
    return found


def chosen_spec(
    form: dict[str, str], base: PlaybookSpec, mine: PlaybookSpec, theirs: PlaybookSpec
) -> dict[str, Any]:
    """The stored specification with those of my changes that were chosen, as JSON.

    Raises:
        InvalidInput: of what both have changed, it was not said which to keep.
    """
    offered = choices(base, mine, theirs)
    for each in offered:
        if form.get(f"choice-{each.number}") not in ("mine", "theirs"):
            raise invalid(each.change.field, "choose which of the two to keep")
    keep = [each.change for each in offered if form[f"choice-{each.number}"] == "mine"]
    return merged(theirs, mine, keep)


def as_typed(typed: Typed, base: PlaybookSpec) -> PlaybookSpec:
    """The specification that the form makes of one.

    Raises:
        InvalidInput: it makes no playbook.
    """
    changed = {**base.model_dump(mode="json"), **modifications_of(typed, base)}
    try:
        return settled(base, PlaybookSpec.model_validate(changed))
    except ValueError:
        raise invalid("form", "what was typed makes no playbook; open the page again") from None


def _risk(typed: TypedStep, was: Step | None) -> Risk:
    """What a step does as it is typed."""
    told = Risk(typed.risk) if typed.risk in list(Risk) else Risk.READ_ONLY
    if was is None:
        words = risk_of(typed.action, typed.text.strip())
        return Risk.DESTROYS if Risk.DESTROYS in (told, words) else words
    if was.action in TEXT_OF and typed.text.strip():
        key, text = TEXT_OF[was.action], typed.text.strip()
        if text != str(was.args[key]).strip():
            fresh = told if told is not was.risk else risk_of(was.action, text)
            was = was.model_copy(update={"args": {**was.args, key: text}, "risk": fresh})
            return risk_of_step(was)
    return risk_of_step(was.model_copy(update={"risk": told} if typed.risk else {}))
