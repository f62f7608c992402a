"""What was done: the atomic steps that a resolution mentions, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from chalicelib.core.commands import has_prompt, in_prose, is_command, without_prompt
from chalicelib.core.incidents import Incident
from chalicelib.core.verbs import ACTION_START, PASSIVE_START, imperative

Outcome = Literal["done", "failed", "suggested"]

_LONGEST_QUOTE = 300

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(\w*)[^\n]*$")
_ITEM = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:\d{1,2}[.)]|[-*+•]|(?i:step)[ \t]+\d{1,2}[.:)]?)[ \t]+")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+")
_INLINE_ITEM = re.compile(r"(?<=\s)(?=\d{1,2}[.)]\s+[A-Z`])")
_SHELLS = {"", "bash", "sh", "shell", "zsh", "console", "terminal", "shellsession"}
_CODE = re.compile(r"``([^\n]+?)``|`([^`\n]+)`")
_QUOTED = re.compile(r"\"([^\"\n]{3,300})\"|“([^”\n]{3,300})”")
_LABELLED = re.compile(r"^(?P<label>[^`\n]{2,120}?):\s+(?P<command>[^\s`][^`\n]*)$")

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"“(])|;\s+|\s+[–—]\s+|\n+")
_CLAUSE_END = re.compile(
    r",?\s+(?:and\s+then|then|and\s+finally|and\s+also|followed\s+by)\s+"
    rf"|,\s*(?:and\s+)?(?={ACTION_START})|\s+and\s+(?={ACTION_START})"
    rf"|,\s*(?:and\s+)?(?={PASSIVE_START})|\s+and\s+(?={PASSIVE_START})"
    rf"|\s+(?:by|after|before)\s+(?={ACTION_START})|\s+and\s+did\s+(?!not\b)",
    re.IGNORECASE,
)

_FAILED = re.compile(
    r"\b(?:did|does|do|was|were)(?:\s+not|n['’]t)\s+(?:\w+\s+)?"
    r"(?:help|work|fix|solve|change|improve|resolve)|\b(?:no|without)\s+(?:effect|success|luck|avail)"
    r"|\bto no avail\b|\bin vain\b|\bmade (?:it|things) worse\b",
    re.IGNORECASE,
)
_SUGGESTED = re.compile(
    r"\b(?:should|could|would|might|consider|recommend\w*|suggest\w*|plan(?:ned|s)? to|todo|to-do"
    r"|follow[- ]up|next time|in (?:the )?future|long[- ]term|will)\b",
    re.IGNORECASE,
)
#: Why a command was run, behind it: "`df -h` to see what is full".
_PURPOSE = re.compile(r"[`\"”]?\s+to\s+(.*)", re.DOTALL)
#: In code and in quotes nothing of this separates anything.
_CLOSED = dict.fromkeys(map(ord, " \t;,.!?–—"), "\0")
_POINTS_BACK = re.compile(r"^\W*(?:this|that|it|which|neither|none)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """One step that a resolution tells of.

    Attributes:
        incident_id: whose resolution it is.
        text: what is done, in the imperative, without the command.
        command: the command, where one is named.
        quote: the words of the resolution, at most 300 characters of them.
        span: where they stand in the resolution, as (start, end).
        outcome: done; tried and failed; or merely suggested.
    """

    incident_id: str
    text: str
    command: str | None
    quote: str
    span: tuple[int, int]
    outcome: Outcome = "done"


@dataclass(frozen=True)
class _Part:
    """A stretch of the resolution: prose, or a command that is set apart."""

    start: int
    end: int
    command: str | None = None


def mentions(incident: Incident) -> list[Mention]:
    """The steps that an incident's resolution tells of, in the order of the text."""
    text = incident.resolution
    found: list[Mention] = []
    for part in _parts(text):
        quote = text[part.start : part.end]
        if part.command is not None:
            found.append(_mention(incident, part, _led_by(found), part.command))
        elif _FAILED.search(quote) and _POINTS_BACK.match(quote) and found:
            found[-1] = replace(found[-1], outcome="failed")
        else:
            found += _of_prose(incident, part)
    return [each for each in found if each.text or each.command]


def _led_by(found: list[Mention]) -> str:
    """What the line before a block of code says is done there: `Restarted it:`."""
    if found and found[-1].command is None and found[-1].quote.rstrip().endswith(":"):
        return found.pop().text
    return ""


def _parts(text: str) -> Iterator[_Part]:
    """The resolution in stretches: commands of code blocks and prompts, and clauses of prose."""
    fence = None
    lines = list(re.finditer(r"[^\n]+", text))
    prompts = _fences_with_prompts(lines)
    skipped = 0
    for number, line in enumerate(lines):
        if number < skipped:
            continue
        content = line.group()
        mark = _FENCE.match(content)
        if mark:
            fence = None if fence else (number, mark.group(2).lower())
            continue
        if fence:
            language_fits = fence[1] in _SHELLS
            wanted = has_prompt(content) if fence[0] in prompts else not content.startswith("#")
            if not (language_fits and wanted and without_prompt(content)):
                continue
        command, skipped = _continued(lines, number)
        if fence and not (is_command(command) or fence[0] in prompts or fence[1]):
            continue
        if fence or _is_command_line(command):
            yield _Part(line.start(), lines[skipped - 1].end(), without_prompt(command))
        else:
            skipped = number + 1
            yield from _clauses(text, line.start(), line.end())


def _is_command_line(line: str) -> bool:
    """Whether a line outside of any block is a command and nothing else."""
    if _ITEM.match(line) or not is_command(line):
        return False
    return has_prompt(line) or list(in_prose(line)) == [(0, len(line))]


def _fences_with_prompts(lines: list[re.Match[str]]) -> set[int]:
    """The opening lines of the blocks in which commands have prompts: the rest is output."""
    found, opened = set(), None
    for number, line in enumerate(lines):
        if _FENCE.match(line.group()):
            opened = number if opened is None else None
        elif opened is not None and re.match(r"\s*\$\s", line.group()):
            found.add(opened)
    return found


def _continued(lines: list[re.Match[str]], number: int) -> tuple[str, int]:
    """A line with those that it goes on in after a backslash, and the number of the next one."""
    pieces: list[str] = []
    while number < len(lines):
        piece = lines[number].group().strip()
        number += 1
        if not piece.endswith("\\"):
            return " ".join([*pieces, piece]), number
        pieces.append(piece[:-1].strip())
    return " ".join(pieces), number


def _clauses(text: str, start: int, end: int) -> Iterator[_Part]:
    """The clauses of a line: list marks off, sentences apart, actions apart."""
    line = text[start:end]
    head = _ITEM.match(line) or _HEADING.match(line)
    start += head.end() if head else 0
    for item in _split(text, start, end, _INLINE_ITEM, in_prose_too=True):
        mark = _ITEM.match(text[slice(*item)])
        begin = item[0] + (mark.end() if mark else 0)
        for sentence in _split(text, begin, item[1], _SENTENCE_END):
            for clause in _split(text, *sentence, _CLAUSE_END):
                yield _Part(*clause)


def _split(
    text: str, start: int, end: int, at: re.Pattern[str], in_prose_too: bool = False
) -> list[tuple[int, int]]:
    """The stretches between the separators, blanks trimmed.

    What stands in code or in quotes separates nothing; nor does what stands in a command in prose,
    unless said otherwise.
    """
    stretch = text[start:end]
    closed = [each.span() for each in (*_CODE.finditer(stretch), *_QUOTED.finditer(stretch))]
    if not in_prose_too:
        closed += in_prose(stretch)
    letters = list(stretch)
    for low, high in closed:
        letters[low:high] = stretch[low:high].translate(_CLOSED)
    pieces: list[tuple[int, int]] = []
    begin = 0
    for match in at.finditer("".join(letters)):
        pieces.append((begin, match.start()))
        begin = match.end()
    pieces.append((begin, len(stretch)))
    trimmed = []
    for low, high in pieces:
        piece = stretch[low:high]
        low += len(piece) - len(piece.lstrip())
        high -= len(piece) - len(piece.rstrip())
        if low < high:
            trimmed.append((start + low, start + high))
    return trimmed


def _of_prose(incident: Incident, part: _Part) -> list[Mention]:
    """The steps of one clause: one for each command in it, or one for the action that it tells."""
    clause = incident.resolution[part.start : part.end]
    commands = _commands(clause)
    if not commands:
        action = imperative(clause)
        return [_mention(incident, part, action, None)] if action else []
    if len(commands) > 1:
        return [_mention(incident, part, "", command) for _, command in commands]
    ((low, high), command) = commands[0]
    purpose = _PURPOSE.match(clause[high:])
    action = imperative(clause[:low]) or (imperative(purpose[1]) if purpose else "")
    return [_mention(incident, part, action, command)]


def _commands(clause: str) -> list[tuple[tuple[int, int], str]]:
    """The commands in a clause with the spans, marks included, that they take up."""
    labelled = _LABELLED.match(clause)
    if labelled and is_command(labelled["command"]):
        return [(labelled.span("command"), _clean(labelled["command"]))]
    found: list[tuple[tuple[int, int], str]] = []
    unmarked = list(in_prose(_CODE.sub(lambda match: "`" * len(match.group()), clause)))
    inside = bytearray(len(clause))
    for low, high in unmarked:
        inside[low + 1 : high] = b"\1" * (high - low - 1)
    for match in (*_CODE.finditer(clause), *_QUOTED.finditer(clause)):
        inner = match.group(1) or match.group(2)
        if is_command(inner) and not inside[match.start()]:
            low, high = match.span()
            inside[low + 1 : high] = b"\1" * (high - low - 1)
            found.append(((low, high), _clean(inner)))
    if not found:
        found = [((low, high), clause[low:high]) for low, high in unmarked]
    return sorted(found)


def _clean(command: str) -> str:
    return without_prompt(command.strip().strip("`").strip())


def _mention(incident: Incident, part: _Part, text: str, command: str | None) -> Mention:
    end = min(part.end, part.start + _LONGEST_QUOTE)
    quote = incident.resolution[part.start : end]
    outcome: Outcome = "done"
    if _FAILED.search(quote):
        outcome = "failed"
    elif _SUGGESTED.search(quote) and command is None:
        outcome = "suggested"
    return Mention(incident.incident_id, text, command, quote, (part.start, end), outcome)
