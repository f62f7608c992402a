"""OASIS CACAO Security Playbooks 2.0 (https://docs.oasis-open.org/cacao/security-playbooks/v2.0/).

The workflow says what CACAO can say; an extension holds the whole specification, so that nothing
is lost on the way back. A playbook that was changed by another tool no longer has the workflow
that the extension makes; then the workflow is what counts.
"""

import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.playbooks import Condition, Parameter, PlaybookSpec, Risk, Step
from chalicelib.formats.document import (
    SECURE,
    Source,
    Written,
    default_of,
    one_line,
    refused_defaults,
    risk_words,
    safe_pattern,
    seconds_of,
    text_of,
    unjudged,
)
from chalicelib.formats.script import script

_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:precedent:cacao")
EXTENSION = f"extension-definition--{uuid.uuid5(_OURS, 'playbook-spec')}"
_AUTHOR = f"identity--{uuid.uuid5(_OURS, 'author')}"
_VARIABLE = re.compile(r"_(?=_[A-Za-z0-9_-]+__:)")
_TYPES = {"boolean": "bool", "integer": "integer", "number": "float", "url": "uri"}


def write(source: Source) -> Written:
    """The playbook as CACAO's JSON."""
    spec = source.spec
    own = uuid.uuid5(_OURS, source.playbook_id)
    workflow, lost = logic(own, spec)
    document = {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": f"playbook--{own}",
        "name": spec.name,
        "description": spec.description or spec.name,
        "playbook_types": ["remediation"],
        "playbook_activities": ["restore-capabilities"],
        "created_by": _AUTHOR,
        "created": _time(source.created_at),
        "modified": _time(source.modified_at),
        "revoked": False,
        "labels": [spec.category or "general"],
        **workflow,
        "playbook_extensions": {
            EXTENSION: {
                "playbook_id": source.playbook_id,
                "version": source.version,
                "spec": spec.model_dump(mode="json"),
            }
        },
        "extension_definitions": {
            EXTENSION: {
                "type": "extension-definition",
                "name": "Precedent's playbook specification",
                "description": "All of the playbook, with the evidence of its steps.",
                "created_by": _AUTHOR,
                "schema": "urn:precedent:playbook-spec:1",
                "version": "1.0.0",
            }
        },
    }
    if any(step.when for step in spec.steps):
        document["playbook_processing_summary"] = {"if_logic": True}
    lost += refused_defaults(spec) + unjudged(spec)
    if spec.parameters:
        lost.append("parameters.pattern: told in words only, as CACAO puts values in unchecked")
    return Written(json.dumps(document, indent=2, ensure_ascii=False) + "\n", tuple(lost))


def logic(own: uuid.UUID, spec: PlaybookSpec) -> tuple[dict[str, Any], list[str]]:
    """What an engine goes by: variables, workflow, and who acts where.

    Returns:
        The fields, and what they do not say.
    """
    lost: list[str] = []
    taken = {each.name for each in spec.parameters}
    host = "target_host"
    while host in taken:
        host += "_"
    variables = {f"__{each.name}__": _variable(each) for each in spec.parameters}
    variables[f"__{host}__"] = {
        "type": "string",
        "description": "The host that the commands run on.",
        "constant": False,
        "external": True,
    }
    person, linux = _id("individual", own, "person"), _id("linux", own, "host")
    start, end = _id("start", own, "start"), _id("end", own, "end")
    workflow: dict[str, Any] = {}
    following = end
    for step in reversed(spec.steps):
        parts, following = _parts(own, step, spec, following, (person, linux), lost)
        workflow = parts | workflow
    first = {"type": "start", "name": "Start", "on_completion": following}
    made = {
        "playbook_variables": variables,
        "workflow_start": start,
        "workflow": {start: first, **workflow, end: {"type": "end", "name": "End"}},
        "agent_definitions": {
            person: {"type": "individual", "name": "Whoever handles the incident"},
            linux: {
                "type": "linux",
                "name": "The host that the commands run on",
                "address": {"dname": [f"__{host}__:value"]},
            },
        },
    }
    return made, lost


def _variable(parameter: Parameter) -> dict[str, Any]:
    told = parameter.description or parameter.name
    secret = parameter.type == SECURE
    rule = "It must not hold a single quote." if secret else f"Matches {safe_pattern(parameter)}"
    default = default_of(parameter)
    return {
        "type": _TYPES.get(parameter.type, "string"),
        "description": f"{told} {rule}".strip(),
        **({} if default is None else {"value": default}),
        "constant": False,
        "external": default is None,
    }


def _parts(
    own: uuid.UUID,
    step: Step,
    spec: PlaybookSpec,
    following: str,
    agents: tuple[str, str],
    lost: list[str],
) -> tuple[dict[str, Any], str]:
    """The workflow's steps for one of ours, and the id of the first of them."""
    person, _ = agents
    first = _id("action", own, f"step {step.id}")
    branch_end = _id("end", own, f"end {step.id}")
    parts = {first: _action(step, spec, branch_end if step.when else following, agents, lost)}
    if step.risk is Risk.DESTROYS:
        confirm = _id("action", own, f"confirm {step.id}")
        parts = {confirm: _confirmation(step, first, person), **parts}
        first = confirm
    if not step.when:
        return parts, first
    branch = _id("if-condition", own, f"if {step.id}")
    check = {
        "type": "if-condition",
        "name": one_line(f"Whether to: {step.name}"),
        "condition": " AND ".join(map(_condition, step.when)),
        "on_true": first,
        "on_completion": following,
    }
    return {branch: check, **parts, branch_end: {"type": "end", "name": "End of branch"}}, branch


def _action(
    step: Step, spec: PlaybookSpec, following: str, agents: tuple[str, str], lost: list[str]
) -> dict[str, Any]:
    """What a step does: a command where there is a safe one, else a person does it."""
    person, linux = agents
    command = script(step, spec, lambda name: f"'__{name}__:value'", _VARIABLE)
    if command is None and step.action == "shell":
        lost.append(f"steps: {step.id} is left to a person, as it cannot be put safely")
    made: dict[str, Any] = {
        "type": "action",
        "name": step.name,
        "description": risk_words(step),
        "on_completion": following,
        "commands": [
            {"type": "bash", "command": command}
            if command is not None
            else {"type": "manual", "command": _told(step)}
        ],
        "agent": linux if command is not None else person,
    }
    seconds = seconds_of(step) if step.action == "wait" else None
    return made if seconds is None else made | {"delay": seconds * 1_000}


def _confirmation(step: Step, following: str, person: str) -> dict[str, Any]:
    question = f"This destroys something: {one_line(step.name)}. Make sure that it is wanted."
    return {
        "type": "action",
        "name": "Confirm",
        "on_completion": following,
        "commands": [{"type": "manual", "command": question}],
        "agent": person,
    }


def _told(step: Step) -> str:
    if step.action in ("shell", "noop"):
        return step.text
    return f"{step.name}\n{json.dumps(step.args, ensure_ascii=False)}"


def _condition(condition: Condition) -> str:
    value = "" if condition.type == "non_empty" else text_of(condition.value)
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"__{condition.param}__:value {'=' if condition.type == 'equals' else '!='} '{quoted}'"


def _id(kind: str, own: uuid.UUID, name: str) -> str:
    return f"{kind}--{uuid.uuid5(own, name)}"


def _time(time: datetime) -> str:
    """As CACAO wants it: to the millisecond."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"
