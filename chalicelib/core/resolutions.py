"""A resolution in stretches: the commands that are set apart, and the clauses of its prose."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chalicelib.core.recognition import (
    begins_block,
    has_prompt,
    has_sure_prompt,
    in_prose,
    is_command_line,
    without_prompt,
)
from chalicelib.core.verbs import ACTION_START, PASSIVE_START, imperative, verb_of
from chalicelib.core.vocabulary import ORDINARY, PROGRAMS

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(\w*)[^\n]*$")
_ITEM = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:\d{1,2}[.)]|[-*+•]|(?i:step)[ \t]+\d{1,2}[.:)]?)[ \t]+")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+")
_FIRST_ITEM = re.compile(r"(?<!\S)1[.)]\s")
_INLINE_ITEM = re.compile(r"(?<=\s)(?=\d{1,2}[.)]\s+[A-Z`])")
_TIME = re.compile(
    r"[ \t]*(?:\*\*)?\[?(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}[:.h]\d{2}(?::\d{2})?(?:[.,]\d+)?"
    r"(?:\s?(?i:z|utc|gmt|am|pm|[ce]e?[sd]?t))?\b\]?(?:\*\*)?"
    r"[ \t]*[-–—:|]?[ \t]+(?:@[\w.-]+:?[ \t]+)?"
)
#: Who says what follows, in a chat.
_SPEAKER = re.compile(r"[ \t]*@[\w.-]{1,40}:[ \t]+")
_SPEAKER_AFTER_TIME = re.compile(r"[ \t]*(?P<name>[A-Za-z][a-z]{1,20}):[ \t]+")
#: A row of a table in Markdown, and what stands in it.
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_CELL = re.compile(r"[^\s|](?:[^|\n]*[^\s|])?")
_SCRIPTS = {"bash", "sh", "shell", "zsh"}
_SHELLS = {"", *_SCRIPTS, "console", "terminal", "shellsession", "text", "shell-session"}
_PROGRAM = re.compile(r"[a-z][a-z0-9_]*(?:[.-][a-z0-9_]+)*")
_HERE_DOCUMENT = re.compile(r"<<-?\s*[\"']?([A-Za-z_]\w*)[\"']?")
_BLOCK_END = re.compile(r"(?:^|[;\s])(?:done|fi)\b[^\n]*$")
_QUOTES = re.compile(r"\\.|[\"']")
#: The most lines that one command is followed over.
_MOST_LINES = 60
#: Code in a line, and what is quoted.
CODE = re.compile(r"``([^\n]+?)``|`([^`\n]+)`")
QUOTED = re.compile(r"\"([^\"\n]{3,300})\"|“([^”\n]{3,300})”|(?<![\w'])'([^'\n]{3,300})'(?!\w)")

#: What begins with blanks begins with the first of them, or a long gap would take long. In a chat
#: few begin a sentence with a capital letter; a word that is cut short ends none.
_SENTENCE_END = re.compile(
    r"(?<=[.!?])\s+(?=[A-Z`\"“(])|;\s+|(?<!\s)\s+[–—]\s+|\n+"
    r"|(?<=\w\w[.!?])(?<!\bca\.)(?<!\bvs\.)(?<!\betc\.)(?<!\besp\.)(?<!\bmax\.)(?<!\bmin\.)(?<!\bincl\.)"
    r"(?<!\bapprox\.)\s+(?=[a-z])"
)
_CLAUSE_END = re.compile(
    r",?(?<!\s)\s+(?:and\s+then|then|and\s+finally|and\s+also|followed\s+by)\s+"
    rf"|,\s*(?:and\s+)?(?={ACTION_START})|(?<!\s)\s+(?:and|->|=>|→)\s+(?={ACTION_START})"
    rf"|,\s*(?:and\s+)?(?={PASSIVE_START})|(?<!\s)\s+and\s+(?={PASSIVE_START})"
    rf"|(?<!\s)\s+(?:by|after|before)\s+(?={ACTION_START})|(?<!\s)\s+and\s+did\s+(?!not\b)",
    re.IGNORECASE,
)

#: In code and in quotes nothing of this separates anything.
_CLOSED = dict.fromkeys(map(ord, " \t;,.!?–—"), "\0")


@dataclass(frozen=True)
class Part:
    """A stretch of the resolution: prose, or a command set apart, with the comment on it."""

    start: int
    end: int
    command: str | None = None
    comment: str = ""


def parts(text: str) -> Iterator[Part]:
    """The resolution in stretches: commands of code blocks and prompts, and clauses of prose."""
    lines = list(re.finditer(r"[^\n]+", text))
    fences = _fences(lines)
    comment, output, following = "", False, 0
    for number, line in enumerate(lines):
        if number < following:
            continue
        if number not in fences and _ROW.match(line.group()):
            yield from _cells(text, line)
            continue
        if _FENCE.match(line.group()):
            comment, output = "", False
            continue
        fence = fences.get(number)
        output = output and line.start() == lines[number - 1].end() + 1
        head = 0 if fence else _head(line.group())
        body = line.group()[head:]
        if fence and _is_comment(body):
            comment = body.strip("# \t")
            continue
        if _in_code(body, fence) if fence else _is_command(body, output):
            command, following = _whole(lines, number, head)
            end = lines[following - 1].end()
            yield Part(line.start() + head, end, without_prompt(command), comment)
            output = not fence and has_sure_prompt(body)
        elif not fence and not (output and not head and not _reads_like_a_sentence(body)):
            yield from _clauses(text, line.start(), line.end())
        comment = ""


@dataclass(frozen=True)
class _Fence:
    """A block of code: the language it names, and whether its commands have prompts."""

    language: str
    prompts: bool


def _fences(lines: list[re.Match[str]]) -> dict[int, _Fence]:
    """The block of code that each line stands in, by the number of the line."""
    found: dict[int, _Fence] = {}
    opened: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        mark = _FENCE.match(line.group())
        if mark and opened is None:
            opened = number, mark.group(2).lower()
        elif mark or (opened and number == len(lines) - 1):
            first, language = opened or (number, "")
            inside = range(first + 1, number if mark else number + 1)
            prompts = any(has_sure_prompt(lines[each].group()) for each in inside)
            found |= dict.fromkeys(inside, _Fence(language, prompts))
            opened = None
    return found


def _in_code(line: str, fence: _Fence) -> bool:
    """Whether a line in a block of code is a command, and neither its output nor another text.

    Where there are prompts the rest is output; a block that is said to be a shell's script may
    hold programs that nobody knows.
    """
    if fence.language not in _SHELLS:
        return False
    if fence.prompts:
        return has_sure_prompt(line) or (has_prompt(line) and is_command_line(line))
    return is_command_line(line) or (fence.language in _SCRIPTS and _may_run(line))


def _is_command(line: str, output: bool) -> bool:
    """Whether a line in no block of code is a command; under a prompt only another prompt is."""
    return "`" not in line and is_command_line(line) and not (output and not has_sure_prompt(line))


def _may_run(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and bool(_PROGRAM.fullmatch(words[0])) and not line.endswith((".", ":"))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#") and not is_command_line(line)


def _reads_like_a_sentence(line: str) -> bool:
    return bool(imperative(line)) and line.rstrip().endswith((".", ":", "!"))


def _head(line: str) -> int:
    """Where a line begins behind marks of lists and headings, a clock's time, and who says it."""
    at = 0
    for mark in (_ITEM, _HEADING, _TIME, _SPEAKER):
        match = mark.match(line, at)
        at = match.end() if match else at
        if mark is _TIME and match and (told := _SPEAKER_AFTER_TIME.match(line, at)):
            tells_what = verb_of(told["name"]) or told["name"].lower() in PROGRAMS | ORDINARY
            at = at if tells_what else told.end()
    return at


def _whole(lines: list[re.Match[str]], number: int, head: int) -> tuple[str, int]:
    """The command that begins on a line, with all the lines it goes on in, and the next line.

    It goes on after a backslash, a pipe or `&&`, to the end of a here-document, of a loop, and
    of what is in quotes; where such an end is missing, it is that line alone.
    """
    command = lines[number].group()[head:].strip()
    number += 1
    while number < len(lines) and command.endswith("\\"):
        command = f"{command[:-1].strip()} {lines[number].group().strip()}".strip()
        number += 1
    while number < len(lines) and command.endswith(("|", "&&")):
        command = f"{command} {lines[number].group().strip()}"
        number += 1
    command = command.removesuffix("\\").strip()
    document = _HERE_DOCUMENT.search(command)
    if document or begins_block(without_prompt(command)):
        end = document[1] if document else ""
        return _up_to(command, lines, number, lambda line, _: _closes(line, end))
    if _open_quote(command):
        return _up_to(command, lines, number, lambda _, whole: not _open_quote(whole))
    return command, number


def _closes(line: str, end: str) -> bool:
    """Whether a line ends a here-document, or a loop or branch where there is none."""
    return line.strip() == end if end else bool(_BLOCK_END.search(line))


def _up_to(
    command: str,
    lines: list[re.Match[str]],
    number: int,
    ends: Callable[[str, str], bool],
) -> tuple[str, int]:
    """A command with the lines up to the one that ends it; alone where none does."""
    if not _HERE_DOCUMENT.search(command) and ends(command, command):
        return command, number
    whole = [command]
    for at in range(number, min(number + _MOST_LINES, len(lines))):
        line = lines[at].group()
        if _FENCE.match(line):
            break
        whole.append(line)
        if ends(line, "\n".join(whole)):
            return "\n".join(whole), at + 1
    return command, number


def _open_quote(command: str) -> str:
    """The quotation mark that a command leaves open; empty where it leaves none."""
    quote = ""
    for mark in _QUOTES.finditer(command):
        character = mark.group()[-1]
        escaped = len(mark.group()) > 1 and quote != "'"
        if escaped or character not in ("'", '"'):
            continue
        if not quote and not command[mark.start() - 1 : mark.start()].isalnum():
            quote = character
        elif quote == character:
            quote = ""
    return quote


def _cells(text: str, row: re.Match[str]) -> Iterator[Part]:
    """The commands and clauses of each cell of a table's row."""
    for cell in _CELL.finditer(row.group()):
        start, end = row.start() + cell.start(), row.start() + cell.end()
        if "`" not in cell.group() and is_command_line(cell.group()):
            yield Part(start, end, without_prompt(cell.group()))
        else:
            yield from _clauses(text, start, end)


def _clauses(text: str, start: int, end: int) -> Iterator[Part]:
    """The clauses of a line: list marks off, sentences apart, actions apart."""
    numbered = _FIRST_ITEM.search(text[start:end])
    start += _head(text[start:end])
    items = [(start, end)]
    if numbered:
        items = _split(text, start, end, _INLINE_ITEM, in_prose_too=True)
    for item in items:
        mark = _ITEM.match(text[slice(*item)])
        begin = item[0] + (mark.end() if mark else 0)
        body = text[begin : item[1]]
        if mark and "`" not in body and is_command_line(body):
            yield Part(begin, item[1], body)
            continue
        for sentence in _split(text, begin, item[1], _SENTENCE_END):
            for clause in _split(text, *sentence, _CLAUSE_END):
                yield Part(*clause)


def _split(
    text: str, start: int, end: int, at: re.Pattern[str], in_prose_too: bool = False
) -> list[tuple[int, int]]:
    """The stretches between the separators, blanks trimmed.

    What stands in code or in quotes separates nothing; nor does what stands in a command in prose,
    unless said otherwise.
    """
    stretch = text[start:end]
    closed = [each.span() for each in (*CODE.finditer(stretch), *QUOTED.finditer(stretch))]
    if not in_prose_too:
        closed += [(low, high - (stretch[high - 1] == ";")) for low, high in in_prose(stretch)]
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
