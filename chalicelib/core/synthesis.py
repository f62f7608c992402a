"""The playbook that the resolutions of a pattern's incidents make."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from chalicelib.core.alignment import AlignedStep, align
from chalicelib.core.conditions import WAY, told_condition, validation, way_of, ways
from chalicelib.core.drafting import LONGEST_NAME, drafted, evidence_of
from chalicelib.core.incidents import Incident
from chalicelib.core.outcomes import solved
from chalicelib.core.parameters import SAFE_PATTERN, Naming
from chalicelib.core.permissions import permissions_of
from chalicelib.core.playbooks import (
    Parameter,
    PlaybookSpec,
    Prerequisite,
    Risk,
    Step,
)
from chalicelib.core.steps import Mention, mentions

AFFECTED_SYSTEM = "affected_system"

_CATEGORY = "incident_response"
_MOST_STEPS = 50
_MOST_EXAMPLES = 20
_MOST_NAMED = 3  # of the systems, in the description
_SEVERITY_OF_RISK = list(Risk)


@dataclass(frozen=True)
class _Account:
    """What an incident's resolution tells, and whether it helped."""

    incident: Incident
    helped: bool
    told: list[Mention]

    @property
    def done(self) -> list[Mention]:
        """What was done and helped."""
        return [each for each in self.told if self.helped and each.outcome == "done"]

    @property
    def in_vain(self) -> list[Mention]:
        """What was tried in vain: told so, or all that was changed where nothing helped."""
        nothing_helped = not self.helped and self.incident.closed
        return [
            replace(each, outcome="failed")
            for each in self.told
            if each.outcome == "failed"
            or (nothing_helped and each.outcome == "done" and each.kind == "change")
        ]


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
    by_id = {each.incident_id: each for each in incidents}
    accounts = [_Account(each, solved(each), mentions(each)) for _, each in sorted(by_id.items())]
    mined = [account.incident for account in accounts if account.helped]
    told = [account.done for account in accounts if account.done]
    alignment = align(told, [each for account in accounts for each in account.in_vain])
    if not alignment.steps:
        return None
    aligned = alignment.steps[:_MOST_STEPS]
    naming = Naming(len(told), reserved=(AFFECTED_SYSTEM, WAY))
    steps = drafted(aligned, naming, len(told))
    taken = [AFFECTED_SYSTEM, WAY, *(parameter.name for parameter in naming.parameters)]
    steps, asked = _conditional(steps, aligned, len(told), by_id, taken)
    attempts = _attempts([*zip(aligned, steps, strict=True)], alignment.attempts)
    parameters = [_affected_system(systems), *naming.parameters, *asked]
    return PlaybookSpec(
        name=name,
        category=_CATEGORY,
        description=_description(mined, systems),
        parameters=parameters,
        prerequisites=[
            Prerequisite(type="non_empty", param=parameter.name)
            for parameter in parameters
            if parameter.required and parameter.type != "boolean"
        ],
        steps=steps,
        metadata={
            **metadata,
            "keywords": list(keywords),
            "mined_incidents": len(told),
            "estimated_duration_seconds": _duration(mined),
            "required_permissions": permissions_of(
                step.text for step in steps if step.action == "shell"
            ),
            "risk": max((step.risk for step in steps), key=_SEVERITY_OF_RISK.index),
            "verification": [step.id for step in steps if step.kind == "verify"],
            "failed_attempts": attempts,
            "order_conflicts": [
                [steps[first].id, steps[second].id]
                for first, second in alignment.conflicts
                if second < len(steps)
            ],
        },
    )


def _description(mined: Sequence[Incident], systems: Sequence[str]) -> str:
    """What the playbook is for: where it solved how many incidents, and how most of them showed."""
    errors = Counter(sign for each in mined for sign in set(each.error_messages))
    symptoms = Counter(sign for each in mined for sign in set(each.symptoms))
    signs = [
        (-many, at, sign) for at, of in enumerate((errors, symptoms)) for sign, many in of.items()
    ]
    where = f" on {', '.join(systems[:_MOST_NAMED])}" if systems else " of this kind"
    fewer, _, sign = min(signs, default=(0, 0, ""))
    shown = f", {-fewer} of them with “{sign[:LONGEST_NAME]}”" if -fewer > 1 else ""
    return f"What solved {len(mined)} incidents{where}{shown}."


def _conditional(
    steps: Sequence[Step],
    aligned: Sequence[AlignedStep],
    told: int,
    incidents: Mapping[str, Incident],
    taken: Sequence[str],
) -> tuple[list[Step], list[Parameter]]:
    """The steps with their conditions and validations, and the parameters that ask for them."""
    changes = [at for at, step in enumerate(steps) if step.kind == "change"]
    parted = ways(aligned, changes, told)
    asked: dict[str, Parameter] = {}
    done = []
    for at, (step, one) in enumerate(zip(steps, aligned, strict=True)):
        when = []
        if parted and at in parted:
            (other,) = set(parted) - {at}
            when.append(way_of(step.id, one.incident_ids, aligned[other].incident_ids, incidents))
            options = [steps[each].id for each in parted]
            asked[WAY] = Parameter(
                name=WAY,
                type="choice",
                description="Which of the ways that solved such incidents to take.",
                examples=options,
                pattern=f"^(?:{'|'.join(map(re.escape, options))})$",
            )
        if question := told_condition(one.mentions, taken):
            asked[question[0].name] = question[0]
            when.append(question[1])
        shown = None
        if step.kind in ("check", "verify"):
            shown = validation(one.mentions, last=step.kind == "verify")
        validations = [shown] if shown else []
        done.append(step.model_copy(update={"when": when, "validations": validations}))
    return done, list(asked.values())


def _attempts(
    steps: Sequence[tuple[AlignedStep, Step]], others: Sequence[AlignedStep]
) -> list[dict[str, Any]]:
    """What did not help, of how many that tried it; with the step that it is, if it is one."""
    attempts = []
    every: list[tuple[AlignedStep, Step | None]] = [*steps, *((each, None) for each in others)]
    for aligned, step in every:
        if not aligned.failed:
            continue
        evidence = evidence_of(aligned.failed)
        tried = {*evidence.incident_ids, *aligned.incident_ids}
        attempts.append(
            {
                **({"step": step.id, "name": step.name} if step else {"name": _said(aligned)}),
                "failed": evidence.support,
                "tried": len(tried),
                "incident_ids": evidence.incident_ids,
                "quotes": evidence.quotes,
            }
        )
    return attempts


def _said(aligned: AlignedStep) -> str:
    """What was tried, in the words or by the command that most told it by."""
    said = Counter(each.text or f"Run {each.command}" for each in aligned.failed)
    return min(said, key=lambda text: (-said[text], len(text), text))[:LONGEST_NAME]


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
