"""The steps of a playbook, as the incidents that tell of them make them."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from chalicelib.core.alignment import AlignedStep
from chalicelib.core.commands import object_of
from chalicelib.core.parameters import Naming, by_build
from chalicelib.core.playbooks import Evidence, Step
from chalicelib.core.risk import risk_of
from chalicelib.core.steps import Mention
from chalicelib.core.text import mask

LONGEST_NAME = 120
_MOST_QUOTES = 5
_LONGEST_LINE = 2_000
_MOST_ALTERNATIVES = 5
_SHELL_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_DURATION = re.compile(r"\b(\d{1,4})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)\b", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3_600}

#: A name of something in particular.
_IDENTIFIER = re.compile(r"\b\w+(?:[_/=]\w+)+|\b[\w.-]*[a-z]\d[\w.-]*")
#: What a step is done to, but not by its name.
_UNNAMED = re.compile(r"\b(?:it|them|this|that)$")


def drafted(aligned: Sequence[AlignedStep], naming: Naming, incidents: int) -> list[Step]:
    """The steps, each with an id of its own, without conditions.

    Args:
        aligned: what is done, in its order.
        naming: collects the parameters.
        incidents: how many tell of any step.
    """
    steps = _verified([_step(each, naming, incidents) for each in aligned])
    return _numbered(_named_again(steps, naming, aligned))


def _step(aligned: AlignedStep, naming: Naming, incidents: int) -> Step:
    texts = Counter(mention.text for mention in aligned.mentions if _says_what(mention))
    said = min(
        texts,
        key=lambda text: (bool(_UNNAMED.search(text)), -texts[text], len(text), text),
        default="",
    )
    kinds = Counter(mention.kind for mention in aligned.mentions)
    kind = min(kinds, key=lambda each: (-kinds[each], each))
    action: Literal["shell", "wait", "noop"]
    args: dict[str, Any]
    alternatives: list[str] = []
    if aligned.commands:
        command = naming.generalise(aligned.commands)
        action, args = "shell", {"command": command}
        said = _naming_what(said, command) or f"Run {command.splitlines()[0]}"
        alternatives = _alternatives(aligned.commands)
    elif kind == "wait" and (seconds := _seconds(said)):
        action, args = "wait", {"seconds": seconds, "message": said}
    else:
        action, args = "noop", {"message": _message(aligned, said, naming)}
        said = args["message"]
    return Step(
        id="step",
        name=said if len(said) <= LONGEST_NAME else said[: LONGEST_NAME - 1] + "…",
        action=action,
        args=args,
        risk=risk_of(action, args.get("command") or said),
        kind=kind,
        optional=2 * len(aligned.incident_ids) < incidents,
        alternatives=alternatives,
        evidence=evidence_of(aligned.mentions),
    )


def _says_what(mention: Mention) -> bool:
    """Whether a mention's words are about what its command does, and not what was done beside it.

    They are not where they name something that the command does not.
    """
    command = mention.command
    named = _IDENTIFIER.findall(mention.text) if command else []
    return bool(mention.text) and all(name in (command or "") for name in named)


def _naming_what(said: str, command: str) -> str:
    """ "Restart it" with the name of what the command restarts, where that is plain."""
    thing = object_of(command)
    return _UNNAMED.sub(lambda _: thing, said) if thing else said


def evidence_of(mentions: Sequence[Mention]) -> Evidence:
    """Who tells of a step, and in which words."""
    incident_ids = sorted({mention.incident_id for mention in mentions})
    quotes = list(dict.fromkeys(mention.quote for mention in mentions))
    return Evidence(
        support=len(incident_ids), incident_ids=incident_ids, quotes=quotes[:_MOST_QUOTES]
    )


def _message(aligned: AlignedStep, said: str, naming: Naming) -> str:
    """What is said, with a parameter for what varies where all say it alike."""
    told = [(each.incident_id, each.text) for each in aligned.mentions if each.text]
    masked = {mask(text) for _, text in told}
    if len(masked) > 1 or len({text for _, text in told}) == 1:
        return said
    return naming.generalise(told)


def _alternatives(commands: Sequence[tuple[str, str]]) -> list[str]:
    """The commands of another build that some ran instead, the commonest first."""
    _, others = by_build(commands)
    counted = Counter(_SHELL_VARIABLE.sub(r"$\1", command) for _, command in others)
    ranked = sorted(counted, key=lambda command: (-counted[command], command))
    return [command for command in ranked if len(command) <= _LONGEST_LINE][:_MOST_ALTERNATIVES]


def _seconds(said: str) -> int | None:
    """How long a text says to wait, in seconds."""
    told = _DURATION.search(said)
    return int(told[1]) * _UNITS[told[2][0].lower()] if told else None


def _verified(steps: Sequence[Step]) -> list[Step]:
    """The steps in which a look after the last change is one that verifies."""
    changes = [at for at, step in enumerate(steps) if step.kind == "change"]
    last = changes[-1] if changes else len(steps)
    return [
        step.model_copy(update={"kind": "verify"}) if step.kind == "check" and at > last else step
        for at, step in enumerate(steps)
    ]


def _named_again(
    steps: Sequence[Step], naming: Naming, aligned: Sequence[AlignedStep]
) -> list[Step]:
    """The steps with the values of parameters known again everywhere."""
    again = []
    for step, one in zip(steps, aligned, strict=True):
        tellers = one.incident_ids
        args = {
            key: naming.put_into(value, tellers) if isinstance(value, str) else value
            for key, value in step.args.items()
        }
        alternatives = [naming.put_into(each, tellers) for each in step.alternatives]
        named = {
            "name": naming.put_into(step.name, tellers)[:LONGEST_NAME],
            "args": args,
            "alternatives": alternatives,
        }
        again.append(step.model_copy(update=named))
    return again


def _numbered(steps: Sequence[Step]) -> list[Step]:
    """The steps with ids made of their names, each with its own."""
    taken: Counter[str] = Counter()
    named = []
    for step in steps:
        slug = re.sub(r"[^a-z0-9]+", "-", step.name.lower()).strip("-")[:60].strip("-") or "step"
        taken[slug] += 1
        own = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        named.append(step.model_copy(update={"id": own}))
    return named
