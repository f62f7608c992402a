"""AWS Systems Manager Automation, schema version 0.3.

Commands run by `AWS-RunShellScript` on the instances that whoever starts the automation names. A
parameter's value is put into the script's text by Systems Manager, so its `allowedPattern` keeps
out what could end a quoted text. Secrets stay in Parameter Store: the automation takes the name of
a SecureString, and the instance fetches it.
"""

import re
from collections.abc import Sequence
from typing import Any

from chalicelib.core.playbooks import Condition, Parameter, PlaybookSpec, Risk, Step
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
    slug,
    text_of,
    unjudged,
)
from chalicelib.formats.script import script

_TEMPLATE = re.compile(r"\{(?=\{)")
_PARAMETER_NAME = "^[A-Za-z0-9_.][A-Za-z0-9_./-]*$"
_LONGEST_SLEEP = 604_800  # seconds that aws:sleep takes
_END = "done"


def write(source: Source) -> Written:
    """The playbook as an Automation runbook in YAML."""
    spec = source.spec
    taken = {each.name for each in spec.parameters}
    instances, approvers = _free("InstanceIds", taken), _free("Approvers", taken)
    lost: list[str] = []
    blocks = [
        _block(number, step, spec, (instances, approvers), lost)
        for number, step in enumerate(spec.steps, 1)
    ]
    steps = _chained(blocks, spec.steps)
    parameters = {each.name: _parameter(each) for each in spec.parameters}
    parameters[instances] = {
        "type": "StringList",
        "description": "The managed instances that the commands run on.",
    }
    if any(step["action"] == "aws:approve" for step in steps):
        parameters[approvers] = {
            "type": "StringList",
            "description": "Who may approve steps that destroy something: users or roles, as ARNs.",
        }
    said = f"{spec.name}\n\n{spec.description}".strip()
    document = {
        "schemaVersion": "0.3",
        "description": _plain(said),
        "parameters": parameters,
        "mainSteps": steps,
    }
    lost += replaced_patterns(spec) + refused_defaults(spec) + unjudged(spec) + left_out(spec, ())
    title = f"{source.playbook_id} {source.version}, for AWS Systems Manager Automation."
    return Written(commented(document, title, lost), tuple(lost))


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described = parameter.description or parameter.name
    if parameter.type == SECURE:
        return {
            "type": "String",
            "description": _plain(
                f"{described} The name of the SecureString in Parameter Store, not the secret."
            ),
            "allowedPattern": _PARAMETER_NAME,
        }
    seen = ", ".join(text_of(each) for each in parameter.examples[:5])
    told = f"{described} Seen: {seen}" if seen else described
    made: dict[str, Any] = {
        "type": "String",
        "description": _plain(told),
        "allowedPattern": safe_pattern(parameter),
    }
    default = default_of(parameter)
    return made if default is None else made | {"default": default}


def _block(
    number: int, step: Step, spec: PlaybookSpec, own: tuple[str, str], lost: list[str]
) -> list[dict[str, Any]]:
    """The automation's steps for one of ours: whether really, and what."""
    instances, approvers = own
    name = f"step_{number:03}_{slug(step.id, 60, '_') or 'step'}"
    described = _plain(f"{step.name} ({risk_words(step)})")
    action = {"name": name, **_action(step, spec, described, instances, lost)}
    if step.risk is not Risk.DESTROYS:
        return [action]
    question = one_line(f"This destroys something: {step.name}. {step.text}", 500)
    approval = {
        "name": f"{name}_approve",
        "action": "aws:approve",
        "description": f"Before: {described}",
        "inputs": {
            "Message": _plain(question),
            "MinRequiredApprovals": 1,
            "Approvers": f"{{{{ {approvers} }}}}",
        },
    }
    return [approval, action]


def _action(
    step: Step, spec: PlaybookSpec, described: str, instances: str, lost: list[str]
) -> dict[str, Any]:
    """What a step does: sleep, run a command where there is a safe one, or wait for a person."""
    seconds = seconds_of(step)
    if step.action == "wait" and seconds is not None and seconds <= _LONGEST_SLEEP:
        inputs: dict[str, Any] = {"Duration": f"PT{seconds}S"}
        return {"action": "aws:sleep", "description": described, "inputs": inputs}
    secure = {each.name for each in spec.parameters if each.type == SECURE}
    text = script(step, spec, lambda each: _assigned(each, secure), _TEMPLATE)
    if text is None:
        if step.action != "noop":
            lost.append(f"steps: {step.id} is left to a person, as it cannot be put safely")
        manual = _plain(f"{step.name}\n\n{step.text}\n\nResume the automation when it is done.")
        return {"action": "aws:pause", "description": manual, "inputs": {}}
    inputs = {
        "DocumentName": "AWS-RunShellScript",
        "InstanceIds": f"{{{{ {instances} }}}}",
        "Parameters": {"commands": ["#!/bin/bash", text]},
    }
    return {"action": "aws:runCommand", "description": described, "inputs": inputs}


def _chained(blocks: Sequence[list[dict[str, Any]]], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """All blocks one after the other, each conditional one behind its branch."""
    branched = [
        [_branch(block[0]["name"], step.when), *block] if step.when else block
        for block, step in zip(blocks, steps, strict=True)
    ]
    for place, step in enumerate(steps):
        if step.when:
            following = branched[place + 1][0]["name"] if place + 1 < len(branched) else _END
            branched[place][0]["inputs"]["Default"] = following
    chained = [each for block in branched for each in block]
    if steps[-1].when:
        chained.append({"name": _END, "action": "aws:sleep", "inputs": {"Duration": "PT1S"}})
    chained[-1]["isEnd"] = True
    return chained


def _branch(target: str, when: Sequence[Condition]) -> dict[str, Any]:
    tests = [_test(each) for each in when]
    choice = {"And": tests} if len(tests) > 1 else tests[0]
    return {
        "name": f"{target}_if",
        "action": "aws:branch",
        "inputs": {"Choices": [{**choice, "NextStep": target}], "Default": _END},
    }


def _test(condition: Condition) -> dict[str, Any]:
    value = "" if condition.type == "non_empty" else text_of(condition.value)
    test = {"Variable": f"{{{{ {condition.param} }}}}", "StringEquals": _plain(value)}
    return test if condition.type == "equals" else {"Not": test}


def _assigned(name: str, secure: set[str]) -> str:
    value = f"'{{{{ {name} }}}}'"
    if name not in secure:
        return value
    return (
        f'"$(aws ssm get-parameter --with-decryption --name {value}'
        ' --query Parameter.Value --output text)" || exit 1'
    )


def _plain(text: str) -> str:
    """A text in which Systems Manager finds nothing to replace."""
    return _TEMPLATE.sub("{ ", text.strip())


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
