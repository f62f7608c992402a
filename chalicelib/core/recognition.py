"""Finding commands in what people write: in code, after a prompt, on a line, and in running prose.

A command is known by its program (see `chalicelib.core.vocabulary`) and by its shape: something
that reads like a program's name, followed by options, variables, pipes or redirections, with no
word among them that belongs to a sentence.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from chalicelib.core.commands import ASSIGNMENT, TOKEN, is_sql
from chalicelib.core.verbs import verb_of
from chalicelib.core.vocabulary import (
    ALONE,
    BEFORE,
    NEEDS_OBJECT,
    ORDINARY,
    PROGRAMS,
    PROSE,
    SERVERS,
    SUBCOMMANDS,
)

#: More of them in a row are no command, and looking past them all would take long.
_MOST_BEFORE = 5

#: How many words of an unknown program's command are looked at for its shape.
_FAR_ENOUGH = 12

#: The prompt of a shell; `$` is nothing else, the others are marks of other things as well.
_PROMPT = re.compile(r"(?:\[?[\w.-]{1,40}@[\w.-]{1,60}[:\s][^\s$#\]]{0,60}\]?)?[$#%>]\s+")
_SURE_PROMPT = re.compile(r"(?:\[?[\w.-]{1,40}@[\w.-]{1,60}[:\s][^\s$#\]]{0,60}\]?[$#%>]|\$)\s+\S")
_ARGUMENT = re.compile(r"[-+]{1,2}\w|.*[/=:_@{}$*<>|\\\[\]]|.*\w[.-]\w|.*\d|[\"']")
_OPTION = re.compile(r"--?[A-Za-z][\w-]*(?:=.*)?$")
_SHAPE = re.compile(
    r"--?[A-Za-z][\w.-]*(?:=.*)?$|\|$|\|\|$|&&$|\d?>{1,2}[&/\w.-]+$|.*\$\{?\w|<[\w-]"
)
_PROGRAM_LIKE = re.compile(r"(?:[a-z][a-z0-9_+]*(?:[.-][a-z0-9_+]+)*|(?:~|\.{0,2})/\w[\w./+-]*)$")
_FILE = re.compile(r"~?/(?!dev/)\w")
_PROGRAM_FILE = re.compile(r"\./[\w.-]+$|(?:/[\w.-]+){0,6}/s?bin/[\w-]+(?:\.sh)?$")
_COMMENT = re.compile(r"(?<!\s)\s+#\s.*")
#: A statement for a database up to its semicolon.
_QUERY = re.compile(
    r"\b(?:SELECT|UPDATE|DELETE|INSERT|ALTER|CREATE|DROP|TRUNCATE|VACUUM|REINDEX|SHOW|SET|KILL)\s"
    r"[^;\n]{2,500};"
)
#: Setting a variable of the shell, and its loops and branches.
_SETS = re.compile(
    r"(?:export\s+|declare\s+|local\s+)?[A-Za-z_]\w*="
    r"(?:\"?\$\(.*|[\"'][^\"'\n]*[\"']$|<.*>$|[^\s=]+$)"
)
_BLOCK = re.compile(
    r"(?:for\s+\w+\s+in\s.*;\s*do\b|for\s+\w+\s+in\s+(?:\$|`|\{|\").*|while\s+(?:true|read|\[|!|:).*"
    r"|if\s+\[{1,2}\s.*|until\s+\[.*)"
)
#: Words after which a program may stand that nobody knows: "ran rados df".
_INTRODUCES = frozenset(
    """ran run running rerun re-ran executed executing execute used using via with issued
    typed""".split()
)

#: Without any of these words a text in prose has no command.
_BEGINNINGS = PROGRAMS | ORDINARY | BEFORE | _INTRODUCES | {"service"}


def without_prompt(line: str) -> str:
    """A line of a terminal without its prompt."""
    line = line.strip()
    prompt = _PROMPT.match(line)
    return line[prompt.end() :].strip() if prompt else line


def has_prompt(line: str) -> bool:
    """Whether a line begins with what may be the prompt of a shell."""
    return bool(_PROMPT.match(line.strip()))


def has_sure_prompt(line: str) -> bool:
    """Whether a line begins with a prompt that is no mark of anything else, such as a comment."""
    return bool(_SURE_PROMPT.match(line.strip()))


def is_command(text: str) -> bool:
    """Whether a text that is set apart as code is a command.

    A name in code, such as `nginx` or `max_connections`, is none.
    """
    text = without_prompt(text)
    if not text or "\n" in text:
        return False
    if is_sql(text):
        return True
    tokens = TOKEN.findall(text)
    rest = [token for token in tokens if token not in BEFORE and not ASSIGNMENT.fullmatch(token)]
    if not rest:
        return False
    program = rest[0].rsplit("/", 1)[-1]
    if tokens[0] in ("sudo", "doas"):
        return True
    if len(rest) == 1:
        return program in ALONE or bool(_PROGRAM_FILE.match(rest[0]))
    if program == "service" or rest[0].startswith("./") or _runs_a_file(rest[0]):
        return True
    if program in SUBCOMMANDS and len(rest) == 2 and rest[1] in NEEDS_OBJECT:
        return False
    if program in ORDINARY:
        return bool(_ARGUMENT.match(rest[1])) and not rest[1].endswith(("=", ":"))
    return program in PROGRAMS or _has_shape(rest)


def is_command_line(line: str) -> bool:
    """Whether a line of its own, in no code, is a command and nothing else.

    It has no word of a sentence in it, and does not end like one.
    """
    prompted = has_prompt(line)
    sure = has_sure_prompt(line)
    line = without_prompt(line)
    if sets_variable(line) or begins_block(line):
        return True
    line = _COMMENT.sub("", line)
    if not is_command(line):
        return sure and len(line.split()) > 1
    if is_sql(line):
        return prompted or line.isupper() or line.endswith(";") or line[:6].isupper()
    tokens = TOKEN.findall(line)
    if any(
        _is_prose(token, before) and before != "|" for before, token in pairwise(tokens)
    ) and not line.startswith("ip a"):
        return sure
    if _trimmed(tokens[-1]) != tokens[-1] and not tokens[-1].endswith((")", ";")):
        return False
    rest = [token for token in tokens if token not in BEFORE and not ASSIGNMENT.fullmatch(token)]
    if len(rest) < 2 or tokens[0] in ("sudo", "doas"):
        return True
    return any(map(_ARGUMENT.match, rest[1:])) or _asks_a_tool(rest)


def sets_variable(line: str) -> bool:
    """Whether a line sets a variable of the shell: `NAME=value`, `name=$(command)`."""
    if not _SETS.match(line):
        return False
    name = line.split("=", 1)[0].rsplit(" ", 1)[-1]
    return name.isupper() or "$(" in line or line.startswith(("export ", "declare "))


def begins_block(line: str) -> bool:
    """Whether a line begins a loop or a branch of the shell."""
    return bool(_BLOCK.match(line))


def in_prose(text: str) -> Iterator[tuple[int, int]]:
    """Where commands stand in a text without any mark, as (start, end)."""
    found = list(_of_programs(text))
    for query in _QUERY.finditer(text):
        start, end = query.span()
        if is_sql(query.group()) and all(end <= low or high <= start for low, high in found):
            found.append((start, end))
    yield from sorted(found)


def _of_programs(text: str) -> Iterator[tuple[int, int]]:
    tokens = list(TOKEN.finditer(text))
    if _BEGINNINGS.isdisjoint(each.group().lower() for each in tokens):
        return
    at = 0
    while at < len(tokens):
        end = _extent(tokens, at)
        if end > at:
            last = tokens[end - 1]
            yield tokens[at].start(), last.start() + len(_trimmed(last.group()))
            at = end
        else:
            at += 1


def _extent(tokens: list[re.Match[str]], at: int) -> int:
    """The token after the command that begins at one; the same token where none begins."""
    place = at
    last = min(at + _MOST_BEFORE, len(tokens))
    while place < last and (
        tokens[place].group() in BEFORE or ASSIGNMENT.fullmatch(tokens[place].group())
    ):
        place += 1
    if place >= len(tokens):
        return at
    program = tokens[place].group()
    introduced = at > 0 and tokens[at - 1].group().lower() in _INTRODUCES
    sudo = any(each.group() == "sudo" for each in tokens[at:place])
    if not _begins(program, place, tokens, sudo=sudo, introduced=introduced):
        return at
    if _ends_sentence(program):
        return place + 1
    place += 1
    while place < len(tokens) and not _is_prose(tokens[place].group(), tokens[place - 1].group()):
        place += 1
        if _ends_sentence(tokens[place - 1].group()):
            break
    return place


def _begins(
    program: str, place: int, tokens: list[re.Match[str]], *, sudo: bool, introduced: bool
) -> bool:
    following = tokens[place + 1].group() if place + 1 < len(tokens) else ""
    bare = _trimmed(following)
    if program != _trimmed(program):
        return False
    if program == "service":
        third = _trimmed(tokens[place + 2].group()) if place + 2 < len(tokens) else ""
        return third in ("restart", "start", "stop", "status", "reload")
    if program in ORDINARY:
        numbered = program in ("kill", "sleep") and bare.isdecimal()
        optioned = bool(re.match(r"-\w|[/~.]\S", bare))
        return numbered or optioned or (introduced and _piped(tokens, place))
    if program not in PROGRAMS:
        if sudo:
            return bool(bare) and not _is_prose(following)
        return introduced and _has_shape(
            [each.group() for each in tokens[place : place + _FAR_ENOUGH]]
        )
    if program in SUBCOMMANDS:
        alone = (
            bare != following or place + 2 >= len(tokens) or _is_prose(tokens[place + 2].group())
        )
        return bare.startswith("-") or (
            bare in SUBCOMMANDS[program] and not (alone and bare in NEEDS_OBJECT)
        )
    return (
        bool(_ARGUMENT.match(bare))
        or bare.isupper()
        or (sudo and bool(bare) and not _is_prose(following))
        or (introduced and bool(bare) and _asks_a_tool([program, bare]))
    )


def _piped(tokens: list[re.Match[str]], place: int) -> bool:
    """Whether a program's output goes on into a pipe: `ps aux | head`."""
    return any(each.group() == "|" for each in tokens[place : place + _FAR_ENOUGH])


def _asks_a_tool(tokens: list[str]) -> bool:
    """Whether a known tool is followed by bare words that it may be asked: `etcdctl defrag`.

    "nginx restarted" and "git history" are phrases and no commands.
    """
    program, *words = tokens
    if program in SUBCOMMANDS:
        return words[0] in SUBCOMMANDS[program]
    if program not in PROGRAMS or program in SERVERS or program in ORDINARY or len(words) > 4:
        return False
    return not any(
        word.endswith(("ed", "ing", "s'")) or _is_prose(word) or not word.islower()
        for word in map(_trimmed, words)
    )


def _has_shape(tokens: list[str]) -> bool:
    """Whether tokens have the shape of a command, whatever the program: `ovs-appctl -t x y`."""
    program = tokens[0]
    if not _PROGRAM_LIKE.match(program) or program in PROSE or verb_of(program):
        return False
    for token in tokens[1:_FAR_ENOUGH]:
        if _is_prose(token) or token in ("-", "--"):
            return False
        if _SHAPE.match(token):
            return True
        if _trimmed(token) != token:
            return False
    return False


def _runs_a_file(token: str) -> bool:
    return bool(_FILE.match(token)) and not token.endswith((":", ","))


def _is_prose(token: str, before: str = "") -> bool:
    """Whether a word belongs to a sentence; a dash behind an option is the standard input."""
    if token == "-" and before.startswith("-"):
        return False
    return _trimmed(token).lower() in PROSE or token in ("-", "–", "—", "->", "=>", "→", "(")


def _ends_sentence(token: str) -> bool:
    return _trimmed(token) != token


def _trimmed(token: str) -> str:
    """The token without the punctuation of the sentence that it stands in."""
    trimmed = token.rstrip(",;:!?")
    if trimmed.endswith(".") and not trimmed.endswith("/."):
        trimmed = trimmed.rstrip(".")
    if trimmed.endswith(")") and "(" not in trimmed:
        trimmed = trimmed.rstrip(")")
    return trimmed
