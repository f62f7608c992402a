"""Pages of Confluence in their storage format: numbered lists and code macros become steps.

A page is read as a stream, without a tree. It stands inside an element of ours, where XML allows
no document type, so no entities can be defined; those of HTML are replaced before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any
from xml.etree import ElementTree

from chalicelib.core.playbooks import placeholders
from chalicelib.core.recognition import has_prompt, is_command, without_prompt
from chalicelib.formats.document import SECURE
from chalicelib.formats.reading import Specification, Unreadable, parameter, step

_AC = "{ac}"
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {*_HEADINGS, "p", "li", "br", "td", "th", "tr", "pre", "blockquote", "div"}
_SHELLS = {"bash", "sh", "shell", "zsh", "powershell"}
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_REDACTED = re.compile(r"<(REDACTED(?::[\w:.-]{1,60})?)>")
_REDACTED_KIND = re.compile(r"<REDACTED(?::([a-z][a-z0-9_]{0,40}))?[^>]{0,60}>")
_XML_OWN = {"amp", "lt", "gt", "quot", "apos"}
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONGEST_DESCRIPTION = 20_000


@dataclass
class _Item:
    """An item of a numbered list, or what stands around a code macro outside of one."""

    lines: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


class _Page:
    """The target of the parser: collects items in the order of the page."""

    def __init__(self) -> None:
        self.title = ""
        self.introduction: list[str] = []
        self.items: list[_Item] = []
        self._lists: list[str] = []
        self._item: _Item | None = None
        self._item_depth = 0
        self._heading = ""
        self._before = ""
        self._text: list[str] = []
        self._macros: list[str] = []
        self._language = ""
        self._inside = ""
        self._code: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = attributes.get(f"{_AC}name", "")
        if tag in _BLOCKS or tag in ("ol", "ul"):
            self._flush()
        if tag in ("ol", "ul"):
            self._lists.append(tag)
        elif tag == "li" and self._item is None and "ol" in self._lists:
            self._item, self._item_depth = _Item(), len(self._lists)
        elif tag == f"{_AC}structured-macro":
            self._flush()
            self._macros.append(name)
            self._language = ""
        elif tag == f"{_AC}parameter":
            self._inside = "language" if name == "language" else "ignored"
        elif tag == f"{_AC}plain-text-body" or tag == "code":
            self._inside, self._code = "code", []

    def data(self, text: str) -> None:
        if self._inside == "language":
            self._language += text
        elif self._inside == "code":
            self._code.append(text)
        elif not self._inside:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if tag == "code":
            self._inline("".join(self._code))
        elif tag == f"{_AC}plain-text-body" and self._macros and self._macros[-1] == "code":
            self._block("".join(self._code), self._language.strip().lower())
        if tag in (f"{_AC}parameter", f"{_AC}plain-text-body", "code"):
            self._inside = ""
        if tag in _HEADINGS:
            self._head(tag)
        elif tag in _BLOCKS:
            self._flush()
        if tag == "li" and self._item and len(self._lists) == self._item_depth:
            self.items.append(self._item)
            self._item = None
        elif tag in ("ol", "ul"):
            self._lists.pop()
        elif tag == f"{_AC}structured-macro":
            self._flush()
            self._macros.pop()

    def close(self) -> None:
        self._flush()

    def _flush(self) -> None:
        line = " ".join("".join(self._text).split())
        self._text = []
        if not line:
            return
        if self._item is not None:
            self._item.lines.append(line)
        elif not self.items:
            self.introduction.append(line)
        else:
            self.items[-1].lines.append(line)
        self._before = line

    def _head(self, tag: str) -> None:
        heading = " ".join("".join(self._text).split())
        self._text = []
        self.title = self.title or heading
        self._heading, self._before = heading, ""

    def _inline(self, code: str) -> None:
        self._text.append(code)
        if self._item is not None and is_command(code):
            self._item.commands.append(without_prompt(code))

    def _block(self, code: str, language: str) -> None:
        command = _command(code, language)
        if self._item is not None:
            (self._item.commands if command else self._item.lines).append(command or code.strip())
        elif command:
            before = self.items[-1].lines if self.items else self.introduction
            leading = before.pop() if before and before[-1] == self._before else ""
            self.items.append(_Item([leading or self._heading or command], [command]))
        elif code.strip():
            (self.items[-1].lines if self.items else self.introduction).append(code.strip())


def read(content: str) -> Specification:
    """The specification that a page's numbered lists and code make.

    Raises:
        Unreadable: this is no storage format, or tells of no step.
    """
    page = _parsed(content)
    taken: set[str] = set()
    steps, notes = [], {}
    for item in page.items:
        made = list(_steps(item, taken))
        steps += made
        if item.commands and len(item.lines) > 1:
            notes[made[0]["id"]] = item.lines[1:]
    if not steps:
        raise Unreadable("has neither a numbered list nor a code macro with a command")
    metadata = {"imported_from": "confluence"} | ({"notes": notes} if notes else {})
    return {
        "version": 1,
        "name": page.title[:300],
        "description": "\n".join(page.introduction)[:_LONGEST_DESCRIPTION],
        "parameters": _parameters(steps),
        "steps": steps,
        "metadata": metadata,
    }


def _parsed(content: str) -> _Page:
    parts = _CDATA.split(content)
    readable = "".join(
        part if number % 2 else _ENTITY.sub(_character, _REDACTED.sub(r"&lt;\1&gt;", part))
        for number, part in enumerate(parts)
    )
    page = _Page()
    # Entities are resolved above, and behind <page> no document type can declare any.
    parser = ElementTree.XMLParser(target=page)  # noqa: S314
    try:
        parser.feed(f'<page xmlns:ac="ac" xmlns:ri="ri" xmlns:at="at">{readable}</page>')
        parser.close()
    except (ElementTree.ParseError, IndexError) as error:
        line, column = getattr(error, "position", (0, 0))
        raise Unreadable(f"is no storage format: see line {line}, column {column}") from None
    return page


def _character(found: re.Match[str]) -> str:
    name = found[1]
    meant = None if name in _XML_OWN else html5.get(f"{name};")
    return "".join(f"&#{ord(each)};" for each in meant) if meant else found[0]


def _command(code: str, language: str) -> str:
    """The command of a code macro, without prompts and what was printed; empty if it is none."""
    lines = code.strip("\n").splitlines()
    prompted = [without_prompt(line) for line in lines if has_prompt(line)]
    text = "\n".join(prompted or lines).strip()
    first = next((line for line in text.splitlines() if not line.lstrip().startswith("#")), "")
    shell = language in _SHELLS or bool(prompted) or (not language and is_command(first.strip()))
    return text if shell and text else ""


def _steps(item: _Item, taken: set[str]) -> Iterator[dict[str, Any]]:
    name = item.lines[0] if item.lines else ""
    for command in dict.fromkeys(item.commands):
        yield step(name, "shell", command, taken)
    if not item.commands and item.lines:
        yield step(name, "noop", "\n".join(item.lines), taken)


def _parameters(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parameters of the commands: lower-case placeholders, and secrets that were removed."""
    found: dict[str, dict[str, Any]] = {}
    for each in steps:
        if each["action"] != "shell":
            continue
        text = each["args"]["command"]
        for name in placeholders(text):
            if _PLAIN_NAME.fullmatch(name):
                found.setdefault(name, parameter(name))
        for kind in dict.fromkeys(_REDACTED_KIND.findall(text)):
            name = kind or "secret"
            found[name] = {"name": name, "type": SECURE, "description": "A secret; kept nowhere."}
        each["args"]["command"] = _REDACTED_KIND.sub(
            lambda match: f"${{{match[1] or 'secret'}}}", text
        )
    return list(found.values())
