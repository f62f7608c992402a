"""Markdown for people, as CommonMark and GitHub read it."""

import re
from collections.abc import Iterator

from chalicelib.core.playbooks import Parameter, PlaybookSpec, Risk, Step
from chalicelib.formats.document import (
    SECURE,
    Source,
    Written,
    condition_words,
    left_out,
    more_of,
    one_line,
    risk_words,
    text_of,
    validation_words,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!$])")
_AT_THE_START = re.compile(r"^(\d{0,9})([-+=.)])")
_CARRIED = {"category", "evidence", "examples", "more", "outputs", "prerequisites"}


def write(source: Source) -> Written:
    """The playbook as a page."""
    spec = source.spec
    lost = [*unprintable(spec), *left_out(spec, _CARRIED)]
    facts = f"{escaped(source.playbook_id)}, version {source.version}"
    lines = [f"# {escaped(spec.name)}", "", f"{facts}, category {escaped(spec.category)}."]
    lines += ["", *body(spec)]
    if lost:
        lines += ["", "## Not carried over", "", *(f"- {escaped(each)}" for each in lost)]
    return Written("\n".join(lines) + "\n", tuple(lost))


def body(spec: PlaybookSpec) -> Iterator[str]:
    """The lines of a page without its title: description, parameters, prerequisites, steps."""
    if spec.description.strip():
        for line in spec.description.strip().splitlines():
            yield escaped(line)
        yield ""
    if spec.parameters:
        yield from ("## Parameters", "")
        for parameter in spec.parameters:
            yield f"- {code('${' + parameter.name + '}')}: {_parameter(parameter)}"
        yield ""
    if spec.prerequisites:
        yield from ("## Before you begin", "")
        for prerequisite in spec.prerequisites:
            yield f"- {code(prerequisite.param)} must be given."
        yield ""
    yield "## Steps"
    for number, step in enumerate(spec.steps, 1):
        yield ""
        yield from _step(number, step)


def unprintable(spec: PlaybookSpec) -> list[str]:
    """The steps whose code is not shown as it is, for the list of what is not carried over."""
    return [
        f"steps.args: {step.id} has characters that do not print, shown as a replacement character"
        for step in spec.steps
        if step.action != "noop" and _shown(code := _code(step)) != code.replace("\r\n", "\n")
    ]


def escaped(text: str) -> str:
    """A text as one line that Markdown shows as it is, also at the start of a line."""
    line = _SPECIAL.sub(r"\\\1", one_line(text, 20_000))
    return _AT_THE_START.sub(r"\1\\\2", line)


def code(text: str) -> str:
    """A text as code within a line, behind more backticks than it holds in a row."""
    line = one_line(text, 2_000)
    ticks = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def _parameter(parameter: Parameter) -> str:
    said = [escaped(parameter.description)] if parameter.description.strip() else []
    said.append(f"({escaped(parameter.type)}{', required' if parameter.required else ''})")
    if parameter.type == SECURE:
        said.append("A secret: keep it out of notes and logs.")
    elif parameter.default is not None:
        said.append(f"Default: {code(text_of(parameter.default))}.")
    if parameter.pattern:
        said.append(f"Matches {code(parameter.pattern)}.")
    if parameter.examples:
        said.append("Seen: " + ", ".join(code(text_of(each)) for each in parameter.examples) + ".")
    return " ".join(said)


def _step(number: int, step: Step) -> Iterator[str]:
    yield from (f"### {number}. {escaped(step.name)}", "")
    if step.risk is Risk.DESTROYS:
        yield from ("**Warning: this destroys something. Ask before you do it.**", "")
    if step.when:
        yield from (f"Only if: {escaped(' and '.join(map(condition_words, step.when)))}.", "")
    if step.action != "noop":
        yield from (*_fence(_code(step), "sh" if step.action == "shell" else ""), "")
    elif step.text.strip() != step.name.strip():
        for line in filter(str.strip, step.text.splitlines()):
            yield from (escaped(line), "")
    yield f"- Risk: {escaped(risk_words(step))}."
    for field, value in more_of(step).items():
        yield f"- {escaped(field.capitalize())}: {escaped(value)}"
    for validation in step.validations:
        yield f"- It went well if {escaped(validation_words(validation))}."
    for output in step.outputs:
        yield f"- Tells {code(output.name)}: {escaped(output.description)}"
    if step.evidence.support:
        ids = ", ".join(map(code, step.evidence.incident_ids))
        yield f"- Told in {step.evidence.support} incidents: {ids}"
    for quote in step.evidence.quotes:
        yield f"- In their words: {escaped(quote)}"


def _code(step: Step) -> str:
    if step.action == "shell":
        return str(step.args["command"])
    told = "\n".join(f"{name}: {text_of(value)}" for name, value in step.args.items())
    return f"{step.action}\n{told}".strip()


def _shown(text: str) -> str:
    return "".join(
        each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for each in text.replace("\r\n", "\n")
    )


def _fence(text: str, language: str) -> list[str]:
    """A block of code behind a longer fence than any row of backticks in it."""
    text = _shown(text)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return [f"{fence}{language}", *text.split("\n"), fence]
