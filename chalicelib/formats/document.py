"""What every format is told, what it answers, and the words that several of them use."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.parameters import SAFE_PATTERN
from chalicelib.core.playbooks import Condition, Parameter, PlaybookSpec, Risk, Step, Validation

#: The type of a parameter whose value is a secret.
SECURE = "secure_string"

_CLASS = re.compile(
    r"\^(\[(?:\\.|[^\]\\^])(?:\\.|[^\]\\])*\]|\\d)(?:[+*]|\{\d{1,4}(?:,\d{0,4})?\})\$"
)
#: What a parameter of the type takes, where the tools know texts only.
_OF_TYPES = {
    "boolean": "^(true|false)$",
    "integer": r"^-?\d{1,18}$",
    "number": r"^-?\d{1,18}(\.\d{1,18})?([eE][-+]?\d{1,3})?$",
}
_SHELL_METACHARACTERS = "'\"`$\\;&|<>(){}*?~#!\n\r\t\0"

#: The fields of a step that formats have places for, or leave out by name.
_PLACED = {
    *("id", "name", "action", "args", "when", "outputs", "validations", "risk", "evidence"),
}


@dataclass(frozen=True)
class Source:
    """A playbook in the version that is to be written.

    Attributes:
        created_at: when the playbook was first published.
        modified_at: when this version was.
    """

    playbook_id: str
    version: str
    spec: PlaybookSpec
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True)
class Written:
    """A file's text, and what of the playbook it does not say, each beginning with the field."""

    text: str
    not_carried: tuple[str, ...] = ()


def unjudged(spec: PlaybookSpec) -> list[str]:
    """What formats that judge the output of a script leave out: nobody's script has this output."""
    return [
        f"steps.validations: those of {step.id}"
        for step in spec.steps
        if step.validations and step.action in ("noop", "wait")
    ]


def left_out(spec: PlaybookSpec, carried: Collection[str]) -> list[str]:
    """What a format leaves out of a specification, but for the fields that it carries.

    That a parameter must not be empty is said by its being required.

    Args:
        spec: the specification.
        carried: of `category`, `evidence`, `examples`, `metadata`, `more` (see `more_of`),
            `outputs`, `prerequisites`.
    """
    optional = {each.name for each in spec.parameters if not each.required}
    quoted = [step.id for step in spec.steps if step.evidence.incident_ids or step.evidence.quotes]
    told = [
        f"{step.id} ({', '.join(out.name for out in step.outputs)})"
        for step in spec.steps
        if step.outputs
    ]
    kept = {
        "category": [spec.category] if spec.category != "general" else [],
        "prerequisites": [each.param for each in spec.prerequisites if each.param in optional],
        "examples": [each.name for each in spec.parameters if each.examples],
        "evidence": quoted,
        "outputs": told,
        "more": [
            f"{step.id} ({', '.join(more)})" for step in spec.steps if (more := more_of(step))
        ],
        "metadata": list(spec.metadata),
    }
    fields = {
        "examples": "parameters.examples",
        "evidence": "steps.evidence",
        "outputs": "steps.outputs",
        "more": "steps",
    }
    return [
        f"{fields.get(facet, facet)}: {one_line(', '.join(names), 300)}"
        for facet, names in kept.items()
        if names and facet not in carried
    ]


def one_line(text: str, longest: int = 200) -> str:
    """A text as one printable line, shortened where it is longer."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def slug(text: str, longest: int = 60, joint: str = "-") -> str:
    """A text as a name of lower-case ASCII letters, digits and joints; empty if it has none."""
    return re.sub(r"[^a-z0-9]+", joint, text.lower()).strip(joint)[:longest].strip(joint)


def text_of(value: Any) -> str:
    """A parameter's value as text, as a command would be told it."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def secure_names(spec: PlaybookSpec) -> set[str]:
    """The parameters whose values are secrets."""
    return {each.name for each in spec.parameters if each.type == SECURE}


def safe_pattern(parameter: Parameter) -> str:
    """A regular expression that refuses values which could break out of a quoted command.

    The parameter's own, where it is a repeated class of harmless characters and nothing else; of
    any other expression this cannot be told, so the pattern of its type or of safe characters takes
    its place. What a class lets begin with a hyphen would be taken for an option. An optional
    parameter may be empty.
    """
    pattern = _OF_TYPES.get(parameter.type, SAFE_PATTERN)
    if parameter.pattern and _is_harmless(parameter.pattern):
        pattern = parameter.pattern
    repeated = _CLASS.fullmatch(pattern)
    if repeated and re.search(repeated[1], "-"):
        pattern = f"^(?!-){pattern[1:]}"
    return pattern if parameter.required else f"^$|{pattern}"


def _is_harmless(pattern: str) -> bool:
    """Whether a pattern is a repeated class without characters that mean something to a shell."""
    repeated = _CLASS.fullmatch(pattern)
    try:
        return repeated is not None and not re.search(repeated[1], _SHELL_METACHARACTERS)
    except re.error:
        return False


def replaced_patterns(spec: PlaybookSpec) -> list[str]:
    """The patterns that `safe_pattern` does not keep, for the list of what is not carried over."""
    return [
        f"parameters.pattern: {each.name} takes safe characters only, not its own pattern"
        for each in spec.parameters
        if each.pattern
        and each.type != SECURE
        and not _is_harmless(each.pattern)
        and each.pattern not in safe_pattern(each)
    ]


def default_of(parameter: Parameter) -> str | None:
    """The default as text; None without one, and where the pattern would refuse it."""
    if parameter.type == SECURE:
        return None
    if parameter.default is None:
        return None if parameter.required else ""
    text = text_of(parameter.default)
    return text if re.search(safe_pattern(parameter), text) else None


def refused_defaults(spec: PlaybookSpec) -> list[str]:
    """The defaults that `default_of` does not keep, for the list of what is not carried over."""
    return [
        f"parameters.default: {each.name} has one that cannot be passed to a command safely"
        for each in spec.parameters
        if each.default is not None and default_of(each) is None
    ]


def condition_words(condition: Condition) -> str:
    """A condition as a person reads it."""
    if condition.type == "non_empty":
        rule = f"{condition.param} is given"
    else:
        sign = "is" if condition.type == "equals" else "is not"
        rule = f"{condition.param} {sign} {json.dumps(condition.value, ensure_ascii=False)}"
    return f"{condition.text} ({rule})" if condition.text else rule


def validation_words(validation: Validation) -> str:
    """What an output has to be like, as a person reads it."""
    verb = {"contains": "contains", "not_contains": "does not contain", "matches": "matches"}
    return f"the output {verb[validation.type]} {json.dumps(validation.value, ensure_ascii=False)}"


def risk_words(step: Step) -> str:
    """A step's risk as a person reads it."""
    words = {
        Risk.READ_ONLY: "reads only",
        Risk.CHANGES: "changes something",
        Risk.DESTROYS: "destroys something",
    }
    return words.get(step.risk, f"{step.risk} risk".replace("_", " "))


def more_of(step: Step) -> dict[str, str]:
    """What a step says in fields that no format has a place of its own for, by field."""
    return {
        name: text_of(value)
        for name, value in step.model_dump(mode="json", exclude_defaults=True).items()
        if name not in _PLACED
    }


def headers_of(args: Mapping[str, Any]) -> dict[str, str]:
    """The headers of an `http_request`, with the type of a body that is a JSON value."""
    told = args.get("headers")
    headers = {str(k): text_of(v) for k, v in told.items()} if isinstance(told, dict) else {}
    typed = any(name.lower() == "content-type" for name in headers)
    if isinstance(args.get("body"), dict | list) and not typed:
        headers["Content-Type"] = "application/json"
    return headers


def seconds_of(step: Step) -> int | None:
    """How long a `wait` waits, in whole seconds; None where it does not tell."""
    seconds = step.args.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e6:
        return None
    return max(1, round(seconds))
