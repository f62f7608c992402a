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
from chalicelib.core.verbs import verb_of

LONGEST_NAME = 120
_MOST_QUOTES = 5
_LONGEST_LINE = 2_000
_MOST_ALTERNATIVES = 5
_DURATION = re.compile(r"\b(\d{1,4})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)\b", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3_600}

_SEVERAL = re.compile(r"[|&;\n]")
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
    commands = [naming.generalise(one.commands) if one.commands else "" for one in aligned]
    steps = [
        _step(one, naming.put_into(command, one.incident_ids), naming, incidents)
        for one, command in zip(aligned, commands, strict=True)
    ]
    return _numbered(_verified(steps))


def _step(aligned: AlignedStep, command: str, naming: Naming, incidents: int) -> Step:
    said = _said(aligned, naming)
    kinds = Counter(mention.kind for mention in aligned.mentions)
    kind = min(kinds, key=lambda each: (-kinds[each], each))
    action: Literal["shell", "wait", "noop"]
    args: dict[str, Any]
    if command:
        said = _naming_what(said, command) or _in_words(command)
        action, args = "shell", {"command": command}
    elif kind == "wait" and (seconds := _seconds(said)):
        action, args = "wait", {"seconds": seconds, "message": said}
    else:
        action, args = "noop", {"message": said}
    return Step(
        id="step",
        name=said if len(said) <= LONGEST_NAME else said[: LONGEST_NAME - 1] + "…",
        action=action,
        args=args,
        risk=risk_of(action, command or said),
        kind=kind,
        optional=2 * len(aligned.incident_ids) < incidents,
        alternatives=_alternatives(aligned, naming, command) if command else [],
        evidence=evidence_of(aligned.mentions),
    )


def _said(aligned: AlignedStep, naming: Naming) -> str:
    """The step in the words that most use, with parameters in the place of their values."""
    told = [
        (
            each.incident_id,
            naming.put_into(each.text, [each.incident_id], short=bool(each.command)),
        )
        for each in aligned.mentions
        if _says_what(each)
    ]
    if len({text for _, text in told}) > 1 and len({mask(text) for _, text in told}) == 1:
        return naming.generalise(told)
    texts = Counter(text for _, text in told)
    return min(
        texts,
        key=lambda text: (bool(_UNNAMED.search(text)), -texts[text], len(text), text),
        default="",
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


def _in_words(command: str) -> str:
    """`systemctl restart nginx` as "Restart nginx", where it does no more; else as it stands."""
    thing = object_of(command)
    words = command.split()
    deed = words[words.index(thing.split()[0]) - 1] if thing else ""
    if verb_of(deed) and not _SEVERAL.search(command):
        return f"{deed.capitalize()} {thing}"
    return f"Run {command.splitlines()[0]}"


def evidence_of(mentions: Sequence[Mention]) -> Evidence:
    """Who tells of a step, and in which words."""
    incident_ids = sorted({mention.incident_id for mention in mentions})
    quotes = list(dict.fromkeys(mention.quote for mention in mentions))
    return Evidence(
        support=len(incident_ids), incident_ids=incident_ids, quotes=quotes[:_MOST_QUOTES]
    )


def _alternatives(aligned: AlignedStep, naming: Naming, usual: str) -> list[str]:
    """The commands of another build that some ran instead, the commonest first.

    One that is the usual one but for `sudo` is none.
    """
    _, others = by_build(aligned.commands)
    counted = Counter(naming.put_into(command, [each]) for each, command in others)
    counted = Counter({k: n for k, n in counted.items() if _bare(k) != _bare(usual)})
    ranked = sorted(counted, key=lambda command: (-counted[command], command))
    return [command for command in ranked if len(command) <= _LONGEST_LINE][:_MOST_ALTERNATIVES]


def _bare(command: str) -> str:
    return re.sub(r"\b(?:sudo|doas)\s+", "", command)


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
