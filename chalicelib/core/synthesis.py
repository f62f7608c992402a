"""The playbook that the resolutions of a pattern's incidents make."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from chalicelib.core.alignment import AlignedStep, align
from chalicelib.core.commands import program_of
from chalicelib.core.incidents import Incident
from chalicelib.core.outcomes import solved
from chalicelib.core.parameters import SAFE_PATTERN, Naming
from chalicelib.core.playbooks import (
    Evidence,
    Parameter,
    PlaybookSpec,
    Prerequisite,
    Risk,
    Step,
)
from chalicelib.core.risk import risk_of
from chalicelib.core.steps import mentions

AFFECTED_SYSTEM = "affected_system"

_CATEGORY = "incident_response"
_MOST_STEPS = 50
_MOST_QUOTES = 5
_MOST_EXAMPLES = 20
_LONGEST_NAME = 120
_SEVERITY_OF_RISK = list(Risk)

#: What a step is done to, but not by its name.
_UNNAMED = re.compile(r"\b(?:it|them|this|that)$")

#: What somebody needs to be let do for a program to work.
_PERMISSIONS = {
    "kubectl": "kubectl access to the cluster",
    "oc": "oc access to the cluster",
    "helm": "helm access to the cluster",
    "docker": "access to the Docker daemon",
    "aws": "AWS credentials",
    "gcloud": "Google Cloud credentials",
    "az": "Azure credentials",
    "psql": "a login to PostgreSQL",
    "mysql": "a login to MySQL",
    "redis-cli": "access to Redis",
    "terraform": "access to the Terraform state",
    "git": "push access to the repository",
    "ssh": "a login to the host",
}


def synthesise(
    incidents: Sequence[Incident],
    *,
    name: str,
    systems: Sequence[str],
    keywords: Sequence[str],
    metadata: dict[str, Any],
) -> PlaybookSpec | None:
    """The playbook of what was done in the incidents that were solved.

    Every step names the incidents that tell of it; a command is one that somebody wrote, with what
    varies between incidents made a parameter.

    Args:
        incidents: a pattern's members, in any order.
        name: what to call it.
        systems: the systems that the pattern is about, the commonest first.
        keywords: the pattern's, for whoever searches.
        metadata: kept in the specification as it is.

    Returns:
        The specification, or None when the resolutions tell of no step that enough of them share.
    """
    mined = sorted(filter(solved, incidents), key=lambda incident: incident.incident_id)
    told = [
        [mention for mention in mentions(incident) if mention.outcome == "done"]
        for incident in mined
    ]
    told = [steps for steps in told if steps]
    alignment = align(told)
    if not alignment.steps:
        return None
    naming = Naming()
    steps = _numbered([_step(each, naming) for each in alignment.steps[:_MOST_STEPS]])
    conflicts = [
        [steps[first].id, steps[second].id]
        for first, second in alignment.conflicts
        if second < len(steps)
    ]
    return PlaybookSpec(
        name=name,
        category=_CATEGORY,
        description=f"What solved {len(mined)} incidents of this kind, step by step.",
        parameters=[_affected_system(systems), *naming.parameters],
        prerequisites=[Prerequisite(type="non_empty", param=AFFECTED_SYSTEM)],
        steps=steps,
        metadata={
            **metadata,
            "keywords": list(keywords),
            "mined_incidents": len(told),
            "estimated_duration_seconds": _duration(mined),
            "required_permissions": _permissions(steps),
            "risk": max((step.risk for step in steps), key=_SEVERITY_OF_RISK.index),
            "order_conflicts": conflicts,
        },
    )


def _step(aligned: AlignedStep, naming: Naming) -> Step:
    quotes = list(dict.fromkeys(mention.quote for mention in aligned.mentions))
    evidence = Evidence(
        support=len(aligned.incident_ids),
        incident_ids=aligned.incident_ids,
        quotes=quotes[:_MOST_QUOTES],
    )
    texts = Counter(mention.text for mention in aligned.mentions if mention.text)
    said = min(
        texts,
        key=lambda text: (bool(_UNNAMED.search(text)), -texts[text], len(text), text),
        default="",
    )
    if aligned.commands:
        command = naming.generalise(aligned.commands)
        action, args = "shell", {"command": command}
        said = said or f"Run {command}"
    else:
        action, args = "noop", {"message": said}
    return Step(
        id="step",
        name=said if len(said) <= _LONGEST_NAME else said[: _LONGEST_NAME - 1] + "…",
        action=action,
        args=args,
        risk=risk_of(action, args.get("command") or said),
        evidence=evidence,
    )


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


def _affected_system(systems: Sequence[str]) -> Parameter:
    return Parameter(
        name=AFFECTED_SYSTEM,
        description="The system that is in trouble.",
        default=systems[0] if systems else None,
        examples=list(systems[:_MOST_EXAMPLES]),
        pattern=SAFE_PATTERN,
    )


def _duration(incidents: Sequence[Incident]) -> float | None:
    """The median time to resolve, in seconds, of those that tell."""
    seconds = [each.seconds_to_resolve for each in incidents if each.seconds_to_resolve is not None]
    return median(seconds) if seconds else None


def _permissions(steps: Sequence[Step]) -> list[str]:
    commands = [step.args["command"] for step in steps if step.action == "shell"]
    needed = {_PERMISSIONS[p] for p in map(program_of, commands) if p in _PERMISSIONS}
    if any(command.split()[0] == "sudo" for command in commands):
        needed.add("sudo on the host")
    return sorted(needed)
