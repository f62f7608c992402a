"""An Ansible playbook of one play.

Commands keep the shell's own variables: values come to them through `environment`, so neither
Jinja nor the shell parses a value as a part of the command. What looks like Jinja in a text of ours
is escaped, as Ansible templates nearly every text.
"""

import re
from collections.abc import Collection
from typing import Any

from chalicelib.core.playbooks import (
    Condition,
    Parameter,
    PlaybookSpec,
    Risk,
    Step,
    Validation,
    placeholders,
)
from chalicelib.formats.as_yaml import commented
from chalicelib.formats.document import (
    SECURE,
    Source,
    Written,
    default_of,
    headers_of,
    left_out,
    one_line,
    refused_defaults,
    replaced_patterns,
    safe_pattern,
    seconds_of,
    secure_names,
    text_of,
)
from chalicelib.formats.script import bound, command_of, variable

_JINJA = re.compile(r"\{(?=[{%#])")
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: The module alone takes nothing but 200 for a success.
_SUCCESSES = [*range(200, 207)]


def write(source: Source) -> Written:
    """The playbook as Ansible takes it."""
    spec = source.spec
    lost: list[str] = []
    tasks = _checks(spec)
    for number, step in enumerate(spec.steps, 1):
        tasks += _tasks(f"step_{number}", step, spec, lost)
    play: dict[str, Any] = {
        "name": _name(spec.name),
        "hosts": "{{ target_hosts | default('localhost') }}",
        "gather_facts": False,
    }
    asked = [_asked(each) for each in spec.parameters if default_of(each) is None]
    known = {
        variable(each.name): _escaped(default)
        for each in spec.parameters
        if (default := default_of(each)) is not None
    }
    if asked:
        play["vars_prompt"] = asked
    if known:
        play["vars"] = known
    play["tasks"] = tasks
    if spec.description:
        lost.append("description: stands in the comment only")
    lost += replaced_patterns(spec) + refused_defaults(spec) + left_out(spec, {"prerequisites"})
    title = f"{source.playbook_id} {source.version}, for Ansible. {one_line(spec.description)}"
    return Written(commented([play], title.strip(), lost), tuple(lost))


def _asked(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": variable(parameter.name),
        "prompt": _plain(parameter.description or parameter.name),
        "private": parameter.type == SECURE,
        # Ansible would take what is typed in for a template.
        "unsafe": True,
    }


def _checks(spec: PlaybookSpec) -> list[dict[str, Any]]:
    """A task that refuses values which could break out of a command."""
    tests = [
        # Ansible's own truth values read True and False.
        f"{variable(each.name)} | string{' | lower' * (each.type == 'boolean')}"
        f" is search({_constant(safe_pattern(each))})"
        for each in spec.parameters
        if each.type != SECURE
    ]
    needed = {each.param for each in spec.prerequisites}
    tests += [f"{variable(name)} | string | length > 0" for name in sorted(needed)]
    if not tests:
        return []
    check = {
        "name": "Check the parameters",
        "ansible.builtin.assert": {"that": tests, "quiet": True},
    }
    return [check | {"no_log": True} if needed & secure_names(spec) else check]


def _tasks(register: str, step: Step, spec: PlaybookSpec, lost: list[str]) -> list[dict[str, Any]]:
    """The tasks of a step: a question before what destroys something, and the step itself."""
    when = [_condition(each) for each in step.when]
    tasks = []
    if step.risk is Risk.DESTROYS:
        question = f"This destroys something: {step.name}. Enter to go on, Ctrl-C and A to stop"
        tasks.append(
            {
                "name": _name(f"Confirm: {step.name}"),
                "ansible.builtin.pause": {"prompt": _plain(question)},
            }
        )
    names = [each.name for each in spec.parameters]
    used = [name for name in placeholders(command_of(step)) if name in names]
    secure = secure_names(spec)
    told = [*used, *(n for v in step.validations for n in placeholders(v.value))]
    task: dict[str, Any] = {"name": _name(step.name)}
    command = bound(step.text, names) if step.action == "shell" else None
    seconds = seconds_of(step) if step.action == "wait" else None
    if command is not None:
        task["ansible.builtin.shell"] = {"cmd": _escaped(command), "executable": "/bin/bash"}
        if used:
            task["environment"] = {variable(name): f"{{{{ {variable(name)} }}}}" for name in used}
        task["changed_when"] = step.risk is not Risk.READ_ONLY
    elif step.action == "http_request" and isinstance(step.args.get("url"), str):
        task["ansible.builtin.uri"] = _request(step.args, names)
    elif seconds is not None:
        task["ansible.builtin.pause"] = {"seconds": seconds}
    else:
        if step.action != "noop":
            lost.append(f"steps: {step.id} is left to a person, as it cannot be put safely")
        task["ansible.builtin.pause"] = {"prompt": _plain(step.text)}
    if step.validations and "ansible.builtin.shell" in task:
        output = f"({register}.stdout ~ '\\n' ~ {register}.stderr)"
        bad = [f"{register}.rc != 0", *(_fault(v, output, names) for v in step.validations)]
        task |= {"register": register, "failed_when": " or ".join(bad)}
    elif step.validations:
        lost.append(f"steps.validations: those of {step.id}")
    if secure.intersection(told):
        task["no_log"] = True
    tasks.append(task)
    return [{**each, "when": when} for each in tasks] if when else tasks


def _request(args: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "url": _filled(args["url"], names),
        "method": _plain(str(args.get("method") or "GET")).upper(),
        "return_content": True,
        "status_code": _SUCCESSES,
    }
    if headers := headers_of(args):
        request["headers"] = {
            _escaped(name): _filled(value, names) for name, value in headers.items()
        }
    if args.get("body") is not None:
        request["body"] = _filled(text_of(args["body"]), names)
    return request


def _condition(condition: Condition) -> str:
    value = f"{variable(condition.param)} | string"
    if condition.type == "non_empty":
        return f"{value} | length > 0"
    told = f"{value} | lower" if isinstance(condition.value, bool) else value
    wanted = _string(text_of(condition.value), value)
    return f"({told}) {'==' if condition.type == 'equals' else '!='} ({wanted})"


def _fault(validation: Validation, output: str, names: Collection[str]) -> str:
    """The expression that holds where the output is not as it has to be."""
    escape = " | regex_escape" if validation.type == "matches" else ""
    parts = [
        f"({variable(part)} | string{escape})"
        if number % 2 and part in names
        else _string(f"${{{part}}}" if number % 2 else part, output)
        for number, part in enumerate(_PLACEHOLDER.split(validation.value))
        if part
    ]
    wanted = f"({' ~ '.join(parts)})"
    if validation.type == "matches":
        return f"{output} is not search({wanted})"
    return f"{wanted} {'not in' if validation.type == 'contains' else 'in'} {output}"


def _string(text: str, told: str) -> str:
    """A text as an expression of Jinja.

    Ansible looks for templates in Jinja's constants too, and Jinja puts constants beside each
    other together. So what could begin a template is parted by the empty beginning of another text.

    Args:
        text: the text.
        told: an expression whose value is a text that is known when the task runs only.
    """
    parts = re.split(r"(?<=\{)(?=[{%#])", text)
    return f" ~ ({told})[:0] ~ ".join(map(_constant, parts))


def _constant(text: str) -> str:
    escaped = text.encode("unicode_escape").decode()
    marks = re.sub(r"['{}%#]", lambda found: rf"\x{ord(found[0]):02x}", escaped)
    return f"'{marks}'"


def _escaped(text: str) -> str:
    """A text that Jinja renders to itself."""
    return _JINJA.sub("{{ '{' }}", text)


def _filled(text: str, names: Collection[str]) -> str:
    """A text that Jinja renders to itself, with the values of the parameters."""
    filled = ""
    for number, part in enumerate(_PLACEHOLDER.split(text)):
        if number % 2 and part in names:
            # A brace right before would begin the template one character too early.
            brace = filled.endswith("{")
            filled = f"{filled[:-1]}{{{{ '{{' }}}}" if brace else filled
            filled += f"{{{{ {variable(part)} }}}}"
        else:
            filled += _escaped(f"${{{part}}}" if number % 2 else part)
    return filled


def _plain(text: str) -> str:
    """A text for people in which Jinja finds nothing."""
    return _JINJA.sub("{ ", text.strip())


def _name(text: str) -> str:
    """A task's name: one line that begins with a capital, as Ansible's linter has it."""
    line = _plain(one_line(text, 200)) or "Step"
    return line[0].upper() + line[1:]
