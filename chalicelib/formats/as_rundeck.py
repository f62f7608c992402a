"""A Rundeck job.

Every step is a script. Rundeck puts an option's value into its text, so the option's `regex` keeps
out what could end a quoted text. Rundeck has no steps for people and no conditions: the script
prints what a person has to do, and itself looks whether its conditions hold.
"""

import re
import uuid
from typing import Any

from chalicelib.core.playbooks import Parameter, PlaybookSpec, Risk, Step
from chalicelib.formats.as_yaml import commented
from chalicelib.formats.document import (
    SECURE,
    Source,
    Written,
    default_of,
    left_out,
    one_line,
    refused_defaults,
    replaced_patterns,
    risk_words,
    safe_pattern,
    seconds_of,
    text_of,
    unjudged,
)
from chalicelib.formats.script import guard, literal, script

_OPTION = re.compile(r"@(?=[A-Za-z0-9_.-]+@)")
_REFERENCE = re.compile(r"\$(?=\{)")
_CONFIRMATION = "confirm_destructive_steps"


def write(source: Source) -> Written:
    """The playbook as a job in Rundeck's YAML."""
    spec = source.spec
    lost: list[str] = []
    confirmation = _CONFIRMATION
    while confirmation in {each.name for each in spec.parameters}:
        confirmation += "_"
    options = [_option(each) for each in spec.parameters]
    if any(step.risk is Risk.DESTROYS for step in spec.steps):
        options.append(
            {
                "name": confirmation,
                "description": "Steps of this job destroy something; say yes to run them.",
                "required": True,
                "enforced": True,
                "values": ["no", "yes"],
                "regex": "^yes$",
            }
        )
    job: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"rundeck:{source.playbook_id}")),
        "name": _plain(one_line(spec.name)).replace("/", "-") or "Playbook",
        "group": _plain(one_line(spec.category)).replace("/", "-"),
        "description": _plain(spec.description or spec.name),
        "loglevel": "INFO",
        "executionEnabled": True,
        "scheduleEnabled": False,
    }
    if options:
        job["options"] = options
    job["sequence"] = {
        "keepgoing": False,
        "strategy": "node-first",
        "commands": [_command(step, spec, confirmation, lost) for step in spec.steps],
    }
    lost += replaced_patterns(spec) + refused_defaults(spec)
    lost += unjudged(spec) + left_out(spec, {"category"})
    title = f"{source.playbook_id} {source.version}, for Rundeck."
    return Written(commented([job], title, lost), tuple(lost))


def _option(parameter: Parameter) -> dict[str, Any]:
    seen = ", ".join(text_of(each) for each in parameter.examples[:5])
    told = parameter.description or parameter.name
    option: dict[str, Any] = {
        "name": parameter.name,
        "description": _plain(f"{told} Seen: {seen}" if seen else told),
        "required": parameter.required,
    }
    if parameter.type == SECURE:
        return option | {"secure": True, "valueExposed": True, "regex": "^[^']*$"}
    default = default_of(parameter)
    option["regex"] = safe_pattern(parameter)
    return option | {"value": default} if default else option


def _command(step: Step, spec: PlaybookSpec, confirmation: str, lost: list[str]) -> dict[str, Any]:
    printed = f"printf '%s\\n' {literal(step.text, (), _OPTION)}"
    seconds = seconds_of(step) if step.action == "wait" else None
    if seconds is not None:
        command: str | None = f"sleep {seconds}"
    else:
        command = script(step, spec, _assigned, _OPTION)
    if command is None:
        reason = "is for a person and printed only"
        if step.action != "noop":
            reason += ", as it cannot be put safely"
        lost.append(f"steps: {step.id} {reason}")
        command = printed
    lines = ["#!/bin/bash", *guard(step.when, _assigned, _OPTION)]
    if step.risk is Risk.DESTROYS:
        lines.append(f"[ '@option.{confirmation}@' = yes ] || exit 1")
    described = _plain(one_line(f"{step.name} ({risk_words(step)})"))
    return {"description": described, "script": "\n".join([*lines, command]) + "\n"}


def _assigned(name: str) -> str:
    return f"'@option.{name}@'"


def _plain(text: str) -> str:
    """A text in which Rundeck finds nothing to replace."""
    return _REFERENCE.sub("$ ", text.strip())
