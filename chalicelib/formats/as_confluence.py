"""A Confluence page in its storage format: XHTML with macros.

The title of a page is told to Confluence apart; the page begins with it as a heading, by which an
import finds it again.
"""

import json
import re
from collections.abc import Iterator
from html import escape

from chalicelib.core.playbooks import Parameter, PlaybookSpec, Risk, Step
from chalicelib.formats.document import (
    SECURE,
    Source,
    Written,
    condition_words,
    left_out,
    more_of,
    risk_words,
    text_of,
    validation_words,
)

#: What XML 1.0 has no place for.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CARRIED = {"category", "evidence", "examples", "more", "outputs", "prerequisites"}


def write(source: Source) -> Written:
    """The playbook as the body of a page."""
    spec = source.spec
    lost = left_out(spec, _CARRIED)
    said = json.dumps(spec.model_dump(mode="json"), ensure_ascii=False)
    if _NO_XML.search(said) or re.search(r"\\u00[01]", said):
        lost.append("control characters: shown as a replacement character")
    facts = f"{source.playbook_id}, version {source.version}, category {spec.category}"
    parts = [f"<h1>{_text(spec.name)}</h1>", f"<p>{_text(facts)}</p>", *_body(spec)]
    if lost:
        parts += ["<h2>Not carried over</h2>", *_list("ul", map(_text, lost))]
    return Written("\n".join(parts) + "\n", tuple(lost))


def _body(spec: PlaybookSpec) -> Iterator[str]:
    for line in filter(str.strip, spec.description.splitlines()):
        yield f"<p>{_text(line)}</p>"
    if spec.parameters:
        yield "<h2>Parameters</h2>"
        heads = "".join(f"<th>{head}</th>" for head in ("Name", "Type", "Description"))
        rows = "".join(map(_parameter, spec.parameters))
        yield f"<table><tbody><tr>{heads}</tr>{rows}</tbody></table>"
    if spec.prerequisites:
        yield "<h2>Before you begin</h2>"
        yield from _list(
            "ul", (f"<code>{_text(each.param)}</code> must be given" for each in spec.prerequisites)
        )
    yield "<h2>Steps</h2>"
    yield from _list("ol", map(_step, spec.steps))


def _parameter(parameter: Parameter) -> str:
    said = [parameter.description] if parameter.description else []
    if parameter.type == SECURE:
        said.append("A secret: keep it out of notes and logs.")
    elif parameter.default is not None:
        said.append(f"Default: {text_of(parameter.default)}")
    if parameter.pattern:
        said.append(f"Matches {parameter.pattern}")
    if parameter.examples:
        said.append(f"Seen: {', '.join(map(text_of, parameter.examples))}")
    kind = f"{parameter.type}{', required' if parameter.required else ''}"
    cells = [f"<code>{_text(parameter.name)}</code>", _text(kind), _text(" ".join(said))]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _step(step: Step) -> str:
    parts = [f"<p><strong>{_text(step.name)}</strong></p>"]
    if step.action == "shell":
        parts.append(_code(str(step.args["command"]), "bash"))
    elif step.action != "noop":
        told = "\n".join(f"{name}: {text_of(value)}" for name, value in step.args.items())
        parts.append(_code(f"{step.action}\n{told}".strip(), "text"))
    elif step.text.strip() != step.name.strip():
        parts += [f"<p>{_text(line)}</p>" for line in filter(str.strip, step.text.splitlines())]
    if step.risk is Risk.DESTROYS:
        parts.append(
            '<ac:structured-macro ac:name="warning"><ac:rich-text-body><p>This destroys '
            "something. Ask before you do it.</p></ac:rich-text-body></ac:structured-macro>"
        )
    said = [f"Only if: {' and '.join(map(condition_words, step.when))}"] if step.when else []
    said.append(f"Risk: {risk_words(step)}")
    said += [f"{field.capitalize()}: {value}" for field, value in more_of(step).items()]
    said += [f"It went well if {validation_words(each)}" for each in step.validations]
    said += [f"Tells {each.name}: {each.description}" for each in step.outputs]
    if step.evidence.support:
        ids = ", ".join(step.evidence.incident_ids)
        said.append(f"Told in {step.evidence.support} incidents: {ids}")
    said += [f"In their words: {quote}" for quote in step.evidence.quotes]
    return "".join([*parts, *(f"<p><em>{_text(each)}</em></p>" for each in said)])


def _code(text: str, language: str) -> str:
    """A code macro; `]]>`, which would end its text, is put into two sections."""
    body = _valid(text).replace("]]>", "]]]]><![CDATA[>")
    return (
        '<ac:structured-macro ac:name="code">'
        f'<ac:parameter ac:name="language">{language}</ac:parameter>'
        f"<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body></ac:structured-macro>"
    )


def _list(tag: str, items: Iterator[str]) -> Iterator[str]:
    yield f"<{tag}>"
    for item in items:
        yield f"<li>{item}</li>"
    yield f"</{tag}>"


def _text(text: str) -> str:
    return escape(_valid(text), quote=True)


def _valid(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
