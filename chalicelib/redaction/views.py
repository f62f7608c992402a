"""A text as those read it who undo its wrapping: lines joined, escapes and base64 decoded.

A view knows where in the text each of its characters comes from, so what is found in a view can be
taken out of the text.
"""

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.redaction.findings import Finding

_RUN = r"[\w+/=.~-]"
#: A line break within a word: after a backslash, between quoted parts, as quoted-printable, or
#: where both halves look like parts of one long word.
_BREAK = re.compile(
    rf"(?<={_RUN})(?:\\\r?\n[ \t]{{0,20}}(?={_RUN})"
    rf"|[\"'][ \t]{{0,4}}[+.\\&]?[ \t]{{0,4}}\r?\n[ \t]{{0,40}}[+.&]?[ \t]{{0,4}}[\"'](?={_RUN})"
    rf"|[\"'] ?[+.&] ?[\"'](?={_RUN})"
    rf"|=\r?\n(?={_RUN})"
    rf"|\r?\n[ \t]{{0,40}}(?:[|>#] ?)?(?=(?=[\w+/=.~-]{{0,80}}\d)(?=[\w+/=.~-]{{0,80}}[A-Za-z])"
    rf"[\w+/=.~-]{{6,}}(?:[\s\"',;)]|$))|(?<={_RUN}{{6}})\\n(?={_RUN}{{6}}))"
)
_ESCAPE = re.compile(
    r"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|&(amp|quot|lt|gt|#39|#x27);"
)
_ENTITIES = {"amp": "&", "quot": '"', "lt": "<", "gt": ">", "#39": "'", "#x27": "'"}
_BASE64 = re.compile(r"(?<![\w+/=-])[\w+/-]{20,}={0,2}(?![\w+/=-])", re.ASCII)
_PRINTABLE = re.compile(r"[\t\n\r -~]+")
_MOST_BASE64 = 20_000  # characters of one run


@dataclass
class View:
    """A text read another way, made of pieces of the text."""

    text: str = ""
    parts: list[str] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _origins: list[tuple[int, int]] = field(default_factory=list)
    _length: int = 0

    def add(self, part: str, origin: int, width: int) -> None:
        """Go on with a part that stands at `origin` in the text and is `width` wide there."""
        if part:
            self.parts.append(part)
            self._starts.append(self._length)
            self._origins.append((origin, width))
            self._length += len(part)

    def done(self) -> "View":
        """The view, to be read."""
        self.text = "".join(self.parts)
        return self

    def in_text(self, finding: Finding) -> Finding:
        """The same finding where it is in the text."""
        start, _ = self._place(finding.start)
        _, end = self._place(finding.end - 1)
        return Finding(start, end, finding.kind, finding.value)

    def _place(self, at: int) -> tuple[int, int]:
        """From where to where in the text a character comes."""
        number = bisect_right(self._starts, at) - 1
        origin, width = self._origins[number]
        if len(self.parts[number]) == width:
            origin, width = origin + at - self._starts[number], 1
        return origin, origin + width


def joined(text: str) -> View | None:
    """The text without the line breaks that part a word; None where there are none."""
    return _without(text, _BREAK, lambda match: "") if "\n" in text or '"' in text else None


def unescaped(text: str) -> View | None:
    """The text without percent-encoding and other escapes; None where there are none."""
    return _without(text, _ESCAPE, _unescape) if any(c in text for c in "%\\&") else None


def decoded(text: str) -> View | None:
    """What the runs of base64 in a text say, those that hide a text; None where there are none."""
    view = View()
    for match in _BASE64.finditer(text):
        run = match[0]
        if len(run) <= _MOST_BASE64 and not run.isalpha() and not run.isdigit():
            hidden = _from_base64(run)
            if hidden is not None:
                view.add(f"{hidden}\n\n", match.start(), len(run))
    return view.done() if view.parts else None


def _from_base64(run: str) -> str | None:
    standard = run.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        raw = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        hidden = raw.decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return hidden if _PRINTABLE.fullmatch(hidden) else None


def _without(
    text: str, pattern: re.Pattern[str], into: Callable[[re.Match[str]], str]
) -> View | None:
    view = View()
    at = 0
    for match in pattern.finditer(text):
        view.add(text[at : match.start()], at, match.start() - at)
        view.add(into(match), match.start(), match.end() - match.start())
        at = match.end()
    if at == 0:
        return None
    view.add(text[at:], at, len(text) - at)
    return view.done()


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    return chr(int(code, 16)) if code else _ENTITIES[match[4]]
