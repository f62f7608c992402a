"""What of a playbook a person has to be asked about before anybody runs it.

Whoever writes a step may say that it is riskier than it looks, never that it is milder: what its
words do counts at least.
"""

from chalicelib.core.playbooks import PlaybookSpec, Risk, Step
from chalicelib.core.risk import risk_of

_MILDEST_FIRST = list(Risk)


def worst(*risks: Risk) -> Risk:
    """The riskiest of these, of which there is at least one."""
    return max(risks, key=_MILDEST_FIRST.index)


def risk_of_step(step: Step) -> Risk:
    """What a step does at worst: by what it says of itself and by its words.

    Where its words do not tell, whoever says that it changes something is believed.
    """
    if step.action == "http_request":
        method = str(step.args.get("method") or "GET")
        told = risk_of("shell", f"curl -X {method.upper()} URL")
    else:
        told = risk_of(step.action, step.text)
    if told is Risk.UNKNOWN and step.risk is not Risk.READ_ONLY:
        return step.risk
    return worst(step.risk, told)


def risk_of_playbook(spec: PlaybookSpec) -> Risk:
    """What a playbook does at worst."""
    return worst(*map(risk_of_step, spec.steps))


def destructive(spec: PlaybookSpec) -> list[Step]:
    """The steps that destroy something, in their order."""
    return [step for step in spec.steps if risk_of_step(step) is Risk.DESTROYS]


def newly_destructive(before: PlaybookSpec, after: PlaybookSpec) -> list[Step]:
    """The steps that destroy something, but for those that did just the same before."""
    known = {step.id: step.args for step in destructive(before)}
    return [step for step in destructive(after) if known.get(step.id) != step.args]


def cautious(spec: PlaybookSpec) -> PlaybookSpec:
    """The specification as people may hand it in, with no step's risk understated."""
    steps = [step.model_copy(update={"risk": risk_of_step(step)}) for step in spec.steps]
    checked = spec.model_copy(update={"steps": steps})
    if "risk" not in spec.metadata:
        return checked
    told = {**spec.metadata, "risk": risk_of_playbook(checked)}
    return checked.model_copy(update={"metadata": told})
