"""A step as a shell script for tools that put a parameter's value into a script's text.

Wherever a tool puts values, it does so once, in an assignment at the top, between single quotes
(what may stand there is for the format to bound). Below it the command has variables of the shell,
which the shell does not parse again, so that no value becomes a part of the program.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable

from chalicelib.core.playbooks import Condition, PlaybookSpec, Step, Validation, placeholders
from chalicelib.formats.document import (
    condition_words,
    headers_of,
    one_line,
    text_of,
    validation_words,
)

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NEVER = re.compile(r"(?!)")
_BARE, _SINGLE, _DOUBLE, _COMMENT = "bare", "single", "double", "comment"
_REFERENCES = {_BARE: '"${%s}"', _SINGLE: "'\"${%s}\"'", _DOUBLE: "${%s}", _COMMENT: "%s"}
_NOTHING = {_BARE: "''", _SINGLE: "''", _DOUBLE: '""', _COMMENT: " "}


def variable(name: str) -> str:
    """The shell's variable for a parameter; prefixed, so that none is `PATH` or `IFS`."""
    return f"param_{name}"


def script(
    step: Step,
    spec: PlaybookSpec,
    assign: Callable[[str], str],
    special: re.Pattern[str] = _NEVER,
) -> str | None:
    """What a `shell` or `http_request` step runs, with its validations, for bash.

    Args:
        step: the step.
        spec: the specification that it is of.
        assign: the right side of the assignment of the parameter with that name.
        special: what the tool would take for a placeholder of its own, matched at its first
            character; it is broken up in a way that the shell does not see.

    Returns:
        The script; None where the command's quoting cannot be followed, or it is no command.
    """
    names = [each.name for each in spec.parameters]
    command = _command(step, names, special)
    if command is None:
        return None
    said = [command_of(step), *(each.value for each in step.validations)]
    used = [name for name in placeholders("\n".join(said)) if name in names]
    lines = _assignments(used, assign)
    if not step.validations:
        return "\n".join([*lines, command])
    lines += ["step() {", command, "}", "output=$(step 2>&1)", "status=$?"]
    lines += ["printf '%s\\n' \"$output\"", '[ "$status" -eq 0 ] || exit "$status"']
    lines += [_check(each, names, special) for each in step.validations]
    return "\n".join(lines)


def guard(
    conditions: Collection[Condition], assign: Callable[[str], str], special: re.Pattern[str]
) -> list[str]:
    """Lines that end a script well where not all conditions hold; none without any."""
    if not conditions:
        return []
    tests = " && ".join(_test(each, special) for each in conditions)
    why = one_line("Skipped, as this does not hold: " + "; ".join(map(condition_words, conditions)))
    told = f"printf '%s\\n' {literal(why, (), special)}"
    names = dict.fromkeys(each.param for each in conditions)
    return [*_assignments(names, assign), f"if ! {{ {tests}; }}; then {told}; exit 0; fi"]


def command_of(step: Step) -> str:
    """The command of a `shell` step; what an `http_request` step says, as JSON; else nothing."""
    if step.action == "shell":
        return str(step.args["command"])
    return json.dumps(step.args, ensure_ascii=False) if step.action == "http_request" else ""


def literal(text: str, names: Collection[str] = (), special: re.Pattern[str] = _NEVER) -> str:
    """A text as one word of the shell, with variables for the placeholders of these names."""
    parts = _PLACEHOLDER.split(text.replace("\0", ""))
    word = ""
    for number, part in enumerate(parts):
        if number % 2 and part in names:
            word += _REFERENCES[_BARE] % variable(part)
        else:
            whole = f"${{{part}}}" if number % 2 else part
            quoted = whole.replace("'", "'\"'\"'")
            word += f"'{_broken(quoted, special)}'" if whole else ""
    return word or "''"


def bound(command: str, names: Collection[str], special: re.Pattern[str] = _NEVER) -> str | None:
    """A command with variables of the shell in place of its placeholders.

    Returns:
        The command; None where its quoting cannot be followed: placeholders behind a backslash, in
        a here-document, in a command within double quotes, or quotes that do not close.
    """
    delicate = special.search(command) or any(name in names for name in placeholders(command))
    written: list[str] = []
    state, at = _BARE, 0
    while at < len(command):
        found = _PLACEHOLDER.match(command, at)
        if found and found[1] in names:
            name = found[1] if state == _COMMENT else variable(found[1])
            written.append(_REFERENCES[state] % name)
            at = found.end()
            continue
        if special.match(command, at):
            written.append(command[at] + _NOTHING[state])
            at += 1
            continue
        if delicate and _obscure(command, at, state, special):
            return None
        length = 2 if command[at] == "\\" and state in (_BARE, _DOUBLE) else 1
        written.append(command[at : at + length])
        state = _next(command, at, state)
        at += length
    if state in (_SINGLE, _DOUBLE) or "\0" in command:
        return None
    return "".join(written)


def _next(command: str, at: int, state: str) -> str:
    """The state behind a character."""
    char = command[at]
    if state == _BARE:
        if char == "#" and (at == 0 or command[at - 1] in " \t\n;|&("):
            return _COMMENT
        return {"'": _SINGLE, '"': _DOUBLE}.get(char, _BARE)
    ends = {_SINGLE: "'", _DOUBLE: '"', _COMMENT: "\n"}[state]
    return _BARE if char == ends else state


def _obscure(command: str, at: int, state: str, special: re.Pattern[str]) -> bool:
    """Whether what begins here is beyond this reading of the shell's quoting."""
    if state not in (_BARE, _DOUBLE):
        return False
    if command[at] == "\\":
        return command.startswith("$", at + 1) or bool(special.match(command, at + 1))
    if state == _DOUBLE:
        return command.startswith(("`", "$("), at)
    here = command.startswith("<<", at) and not command.startswith("<<<", at)
    return (here and command[at - 1 : at] != "<") or command.startswith(("$'", '$"'), at)


def _broken(text: str, special: re.Pattern[str]) -> str:
    return "".join(
        char + (_NOTHING[_SINGLE] if special.match(text, at) else "")
        for at, char in enumerate(text)
    )


def _command(step: Step, names: Collection[str], special: re.Pattern[str]) -> str | None:
    if step.action == "shell":
        return bound(str(step.args["command"]), names, special)
    url = step.args.get("url")
    if step.action != "http_request" or not isinstance(url, str):
        return None
    method = str(step.args.get("method") or "GET")
    words = ["curl --fail --silent --show-error --globoff --request", literal(method, (), special)]
    for name, value in headers_of(step.args).items():
        words += ["--header", literal(f"{name}: {value}", names, special)]
    if step.args.get("body") is not None:
        words += ["--data-raw", literal(text_of(step.args["body"]), names, special)]
    return " ".join([*words, "--url", literal(url, names, special)])


def _assignments(names: Iterable[str], assign: Callable[[str], str]) -> list[str]:
    return [f"{variable(name)}={assign(name)}" for name in names]


def _check(validation: Validation, names: Collection[str], special: re.Pattern[str]) -> str:
    """A line that ends the script badly where the output is not as it has to be."""
    why = literal(one_line(f"Expected that {validation_words(validation)}"), (), special)
    if validation.type == "matches":
        known = {name for name in placeholders(validation.value) if name in names}
        exact = _PLACEHOLDER.sub(
            lambda found: f"\\Q{found[0]}\\E" if found[1] in known else found[0], validation.value
        )
        test = f"printf '%s\\n' \"$output\" | grep -qP -- {literal(exact, names, special)}"
    else:
        sign = "==" if validation.type == "contains" else "!="
        test = f'[[ "$output" {sign} *{literal(validation.value, names, special)}* ]]'
    return f"{test} || {{ printf '%s\\n' {why} >&2; exit 1; }}"


def _test(condition: Condition, special: re.Pattern[str]) -> str:
    value = f'"${{{variable(condition.param)}}}"'
    if condition.type == "non_empty":
        return f"[ -n {value} ]"
    sign = "=" if condition.type == "equals" else "!="
    return f"[ {value} {sign} {literal(text_of(condition.value), (), special)} ]"
