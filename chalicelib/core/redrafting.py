"""A playbook with changes made to it, and what each of them is and rests on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.core.accounts import Account, Deed, deeds, values_known
from chalicelib.core.alignment import AlignedStep
from chalicelib.core.caution import cautious
from chalicelib.core.drafting import drafted
from chalicelib.core.improvement import Improvement, Proposals, Remedy
from chalicelib.core.likeness import deed_of
from chalicelib.core.parameters import Naming
from chalicelib.core.permissions import permissions_of
from chalicelib.core.playbooks import Evidence, Parameter, PlaybookSpec, Prerequisite, Step
from chalicelib.core.remedies import Case, Edit
from chalicelib.core.risk import risk_of
from chalicelib.core.text import terms

_MOST_QUOTES = 5
_LONGEST_QUOTE = 300


def improve(
    spec: PlaybookSpec,
    accounts: Sequence[Account],
    made: Proposals,
    *,
    threshold: float,
    wishes: bool,
) -> Improvement | None:
    """The playbook with all changes that its runs and further incidents call for.

    Args:
        spec: the playbook.
        accounts: what they tell, in any order.
        made: changes that were turned down are left out, until there is more to say for them.
        threshold: the line below which a step fails too often.
        wishes: whether what notes merely wish for counts.

    Returns:
        None where nothing is called for.
    """
    ordered = sorted(accounts, key=lambda each: each.teller)
    case = Case(spec, ordered, deeds(spec, ordered, wishes=wishes), threshold)
    by_teller = {each.teller: each for each in ordered}
    edits = [
        edit
        for edit in case.edits()
        if not made.turned_down(_key(edit, spec), _evidence(_speaking(edit, by_teller)))
    ]
    new, parameters = _drafted(edits, case, by_teller)
    steps = _edited(case, edits, new)
    if steps == spec.steps:
        return None
    changes = [
        _told(edit, step, spec, _speaking(edit, by_teller))
        for edit, step in zip(edits, new, strict=True)
    ]
    tellers = set[str]().union(*(edit.tellers for edit in edits))
    return Improvement(
        spec=_holding(spec, steps, parameters),
        changes=changes,
        last_seen=max(by_teller[each].time for each in tellers),
    )


def _speaking(edit: Edit, by_teller: Mapping[str, Account]) -> list[Account]:
    return [by_teller[each] for each in sorted(edit.tellers)]


def _evidence(accounts: Sequence[Account]) -> set[str]:
    return {each.run.execution_id if each.run else each.incident_id for each in accounts}


def _key(edit: Edit, spec: PlaybookSpec) -> str:
    """The kind of change, the step, and what the new one does: by its program, else its words."""
    parts = [edit.kind, "" if edit.step is None else spec.steps[edit.step].id]
    if edit.ahead_of is not None:
        parts.append(spec.steps[edit.ahead_of].id)
    command, text = edit.command, ""
    if edit.deed:
        told = Counter((each.command or "", each.text) for each in edit.deed.mentions)
        command, text = min(told, key=lambda each: (not each[0], -told[each], each))
    if command:
        program, asked, about = deed_of(command)
        parts += [program, *sorted(asked), about]
    else:
        parts += sorted(set(terms(text)))
    return " ".join(filter(None, parts))


def _drafted(
    edits: Sequence[Edit], case: Case, by_teller: Mapping[str, Account]
) -> tuple[list[Step | None], list[Parameter]]:
    """Each edit's new step, and the parameters that only these need.

    They are drafted together, so that the same values are the same parameter in all of them; and
    a value that is known to be one of the playbook's parameters' is that one.
    """
    spec = case.spec
    naming = Naming(
        len(case.accounts),
        reserved=[parameter.name for parameter in spec.parameters],
        known=values_known(spec, case.accounts, case.deeds),
    )
    with_deeds = [edit.deed for edit in edits if edit.deed]
    aligned = [AlignedStep(_not_in_vain(deed), 0.0) for deed in with_deeds]
    steps = iter(drafted(aligned, naming, len(case.accounts)))
    taken = {step.id for step in spec.steps}
    new: list[Step | None] = []
    for edit in edits:
        old = None if edit.step is None else spec.steps[edit.step]
        step = None
        if edit.deed:
            step = _in_place(next(steps), old, edit.deed, by_teller, taken)
        elif edit.command and old:
            step = _by_other_means(old, edit.command)
        elif edit.kind == "optional" and old:
            step = old.model_copy(update={"optional": True})
        new.append(step)
    return new, naming.parameters


def _not_in_vain(deed: Deed) -> tuple[Any, ...]:
    return tuple(each for each in deed.mentions if each.outcome != "failed")


def _in_place(
    step: Step, old: Step | None, deed: Deed, by_teller: Mapping[str, Account], taken: set[str]
) -> Step:
    """A drafted step in the place of an old one, whose id and conditions it keeps, or as a new one.

    Its evidence names incidents, the runs' own among them.
    """
    about = {by_teller[each].incident_id for each in deed.tellers("done", "suggested")} - {""}
    evidence = Evidence(
        support=len(deed.tellers("done", "suggested")),
        incident_ids=sorted(about),
        quotes=step.evidence.quotes,
    )
    step_id = step.id if old is None else old.id
    if old is None:
        number = 1
        while step_id in taken:
            number += 1
            step_id = f"{step.id}-{number}"
        taken.add(step_id)
    same = old is not None and "shell" == old.action == step.action
    changed = {
        "id": step_id,
        "name": old.name if old and same and deed_of(old.text) == deed_of(step.text) else step.name,
        "when": old.when if old else [],
        "optional": old.optional if old else False,
        "evidence": evidence,
    }
    return step.model_copy(update=changed)


def _by_other_means(step: Step, command: str) -> Step:
    changed = {
        "args": {**step.args, "command": command},
        "risk": risk_of("shell", command),
        "alternatives": [each for each in step.alternatives if each != command],
        "validations": [],
    }
    return step.model_copy(update=changed)


def _edited(case: Case, edits: Sequence[Edit], new: Sequence[Step | None]) -> list[Step]:
    """The playbook's steps with the edits made, in their order."""
    steps = case.spec.steps
    order = list(range(len(steps)))
    instead: dict[int, Step | None] = dict(enumerate(steps))
    added: dict[int, list[Step]] = {}
    for edit, step in zip(edits, new, strict=True):
        if edit.step is None and edit.deed and step:
            added.setdefault(_behind(case, edit.deed), []).append(step)
        elif edit.step is not None and edit.ahead_of is not None:
            order.remove(edit.step)
            order.insert(order.index(edit.ahead_of), edit.step)
        elif edit.step is not None:
            instead[edit.step] = step
    kept = added.get(-1, [])
    for place in order:
        one = instead[place]
        kept = [*kept, *([one] if one else []), *added.get(place, [])]
    return kept


def _behind(case: Case, deed: Deed) -> int:
    """The place of the step that a new one comes behind: -1 before all.

    That is the last one that more take before it than after it; where nobody tells of both, a
    check comes first, and anything else before the last looks.
    """
    last, first = -1, None
    for place in range(len(case.spec.steps)):
        before, after = case.order_of(case.deeds[place], deed)
        if len(before) > len(after):
            last = place
        elif len(after) > len(before) and first is None:
            first = place
    if last >= 0:
        return last
    if first is not None:
        return first - 1
    kinds = [step.kind for step in case.spec.steps]
    if all(mention.kind == "check" for mention in deed.mentions):
        return -1
    while kinds and kinds[-1] == "verify":
        kinds.pop()
    return len(kinds) - 1


def _holding(
    spec: PlaybookSpec, steps: Sequence[Step], parameters: Sequence[Parameter]
) -> PlaybookSpec:
    """The specification with these steps, and with what it says of its steps brought up to date."""
    dropped = {step.id for step in spec.steps} - {step.id for step in steps}
    told = dict(spec.metadata)
    if "verification" in told:
        told["verification"] = [step.id for step in steps if step.kind == "verify"]
    if isinstance(pairs := told.get("order_conflicts"), list):
        told["order_conflicts"] = [
            pair for pair in pairs if not any(map(dropped.__contains__, pair))
        ]
    if "required_permissions" in told:
        told["required_permissions"] = permissions_of(
            step.text for step in steps if step.action == "shell"
        )
    prerequisites = [Prerequisite(type="non_empty", param=each.name) for each in parameters]
    changed = spec.model_copy(
        update={
            "steps": list(steps),
            "parameters": [*spec.parameters, *parameters],
            "prerequisites": [*spec.prerequisites, *prerequisites],
            "metadata": told,
        }
    )
    return cautious(PlaybookSpec.model_validate(changed.model_dump(mode="json")))


def _told(edit: Edit, new: Step | None, spec: PlaybookSpec, accounts: Sequence[Account]) -> Remedy:
    """What a change is, and what it rests on."""
    old = None if edit.step is None else spec.steps[edit.step]
    shown = new or old
    assert shown is not None  # an edit changes a step or brings one
    return Remedy(
        kind=edit.kind,
        key=_key(edit, spec),
        step_id=shown.id,
        name=shown.name,
        reason=edit.reason,
        before=old.text if old else "",
        after="" if edit.kind == "drop" else shown.text,
        support=len(accounts),
        asked=edit.asked,
        execution_ids=sorted(each.run.execution_id for each in accounts if each.run),
        incident_ids=sorted(each.incident_id for each in accounts if not each.run),
        quotes=_quotes(edit, old, accounts),
    )


def _quotes(edit: Edit, old: Step | None, accounts: Sequence[Account]) -> list[str]:
    """What the accounts say of it: in their own words, and the errors of a step that failed."""
    said = [
        each.quote
        for each in (edit.deed.mentions if edit.deed else ())
        if each.incident_id in edit.tellers
    ]
    if old:
        said += [
            result.error.strip()[:_LONGEST_QUOTE]
            for each in accounts
            for result in (each.run.step_results if each.run else [])
            if result.step_id == old.id and result.error.strip()
        ]
    return list(dict.fromkeys(said))[:_MOST_QUOTES]
