"""Values put into a shell's command, each quoted for the place where it stands.

The command is read as a shell reads it (The Open Group Base Specifications, Issue 8, Shell Command
Language: 2.2 Quoting, 2.3 Token Recognition, 2.7.4 Here-Document), so far as telling the places
apart takes. A value that cannot be made a literal part of one word is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.core.interpreters import reads_again

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HERE = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]+)'|\"([^\"\\\n]+)\"|(\\)?([\w.-]+))(?=[\s;|&<>()]|$)")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,-]+")
_INERT = re.compile(r"[^\\\"$`!]*")
#: What stays one word in any language that may read it again.
_ONE_WORD = re.compile(r"(?!.*--)[A-Za-z0-9_./][A-Za-z0-9_.:/@%+-]*")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_VARIABLE = re.compile(r"\$\w{0,100}$")
_RESERVED = frozenset(
    "if then elif else fi time for in until while do done case esac coproc select function".split()
)
#: What the reading below does not follow into all its corners.
_INTRICATE = re.compile(
    r"\S\\\n|\)#|\\\n#|\(\(|=\(|`|\$'|\$\[|\[\[|\bcase\b|\$\{(?![A-Za-z_]\w*\})"
)
#: What more of a word says is not looked at; the value is then quoted in any case.
_LONG = 1_000
_CLOSER = {"backtick": "`", "arithmetic": ")", "expansion": "}"}
_OPENER = {"arithmetic": "(", "expansion": "{"}
_HERE_PLACES = ("here-document", "literal here-document")


@dataclass(frozen=True)
class Filled:
    """A command with its values in it.

    Attributes:
        text: the command; `${name}` is left where there is no value, or none that is safe.
        refused: why a value is not safe in its place, by its parameter.
    """

    text: str
    refused: Mapping[str, str]


def fill(template: str, values: Mapping[str, str], secure: frozenset[str] = frozenset()) -> Filled:
    """A command with each `${name}` replaced by its value as a literal part of one word.

    Args:
        template: the command.
        values: by the names of placeholders.
        secure: the names whose values are marks in the place of secrets: quoted, not judged.
    """
    strict = reads_again(template) or _INTRICATE.search(template) is not None
    if not strict:
        trial = _Reading(template, {}, secure, strict=True)
        trial.read()
        strict = trial.lost or trial.nested[-1][0] not in ("bare", "comment") or bool(trial.here)
    reading = _Reading(template, values, secure, strict)
    reading.read()
    return Filled("".join(reading.out), reading.refused)


class _Unsafe(ValueError):
    """A value would become part of the command in its place."""


@dataclass
class _Reading:
    """One pass over a command: where it stands, within what, and what has been written.

    Attributes:
        strict: take only values that stay one word whoever reads them again.
        nested: what is around the place, the innermost last, with the word that it interrupts.
        word: how the word begins that it stands in, without quotes; all of it up to `_LONG`.
        here: here-documents that begin after this line: how deep, indented, delimiter, literal.
        lost: whether something was met that is not understood.
    """

    template: str
    values: Mapping[str, str]
    secure: frozenset[str]
    strict: bool
    at: int = 0
    out: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    nested: list[tuple[str, str]] = field(default_factory=lambda: [("bare", "")])
    word: str = ""
    here: list[tuple[int, bool, str, bool]] = field(default_factory=list)
    lost: bool = False

    def read(self) -> None:
        """Go through the whole command."""
        readers = {"bare": self._bare, "double": self._double, "comment": self._comment}
        while self.at < len(self.template):
            place = self.nested[-1][0]
            if not self._put_here(place):
                readers.get(place, self._other)(self.template[self.at])

    def _bare(self, char: str) -> None:
        if self.template.startswith("<<", self.at):
            self._here_operator()
        elif char == "#" and self._begins_a_word():
            self._enter("comment")
        elif char == "'":
            self._enter("single")
        elif char == "(":
            self._enter("bare")
        elif char == ")" and len(self.nested) > 1:
            self._leave()
        elif char in " \t\n;|&<>)":
            self._take(1)
            self.word = ""
            if char == "\n" and self.here:
                self._here_documents()
        elif char == '"':
            self._enter("double")
        else:
            self._expanding(char)

    def _begins_a_word(self) -> bool:
        before = self.template[self.at - 1] if self.at else " "
        return not self.word and before in " \t\n;|&()<>"

    def _double(self, char: str) -> None:
        if char == '"':
            self._leave()
        else:
            self._expanding(char)

    def _expanding(self, char: str) -> None:
        """What means the same outside of quotes and within double ones."""
        if char == "\\":
            self._escape()
        elif char == "`":
            self._enter("backtick")
        elif self.template.startswith("$((", self.at):
            self._enter("arithmetic", 2)
        elif self.template.startswith("$(", self.at):
            self._enter("bare", 2)
        elif self.template.startswith("${", self.at):
            self._enter("expansion", 2)
        else:
            self._take(1)

    def _comment(self, char: str) -> None:
        if char == "\n":
            self.nested.pop()
        else:
            self._take(1)

    def _other(self, char: str) -> None:
        """Single quotes, and the intricate: backticks, arithmetic, expansions."""
        place = self.nested[-1][0]
        if char == _CLOSER.get(place, "'"):
            self._leave()
        elif char == _OPENER.get(place):
            self._enter(place)
        elif char == "\\" and place != "single":
            self._escape()
        else:
            self._take(1)

    def _escape(self) -> None:
        """A backslash with what it escapes, be it not a placeholder: that is refused behind it."""
        self._take(1 if _PLACEHOLDER.match(self.template, self.at + 1) else 2)

    def _here_operator(self) -> None:
        found = _HERE.match(self.template, self.at)
        if found:
            dash, single, double, escaped, plain = found.groups()
            literal = bool(single or double or escaped)
            delimiter = single or double or plain
            self.here.append((len(self.nested), bool(dash), delimiter, literal))
        is_string = self.template.startswith("<<<", self.at)
        self.lost |= not (found or is_string)
        self._take(len(found[0]) if found else 3 if is_string else 2)
        self.word = ""

    def _here_documents(self) -> None:
        pending, self.here = self.here, []
        for depth, indented, delimiter, literal in pending:
            ended = False
            while self.at < len(self.template) and not ended:
                ended = self._here_line(indented, delimiter, literal)
            self.lost |= not ended or depth > 1

    def _here_line(self, indented: bool, delimiter: str, literal: bool) -> bool:
        """Write a line of a here-document, and tell whether it was the last."""
        end = self.template.find("\n", self.at) + 1 or len(self.template)
        line = self.template[self.at : end]
        if _closes(line, indented, delimiter):
            self._take(len(line))
            self.word = ""
            return True
        if not literal:
            self.lost |= "$(" in line or line.endswith("\\\n")
        written, names = len(self.out), _PLACEHOLDER.findall(line)
        while self.at < end:
            if not self._put_here(_HERE_PLACES[literal]):
                self._take(1)
        if names and _closes("".join(self.out[written:]), indented, delimiter):
            self.out[written:] = [line]
            self.refused |= dict.fromkeys(names, "would end the here-document that it stands in")
        return False

    def _put_here(self, place: str) -> bool:
        """Write the value of the placeholder that stands here, and tell whether there is one."""
        found = _PLACEHOLDER.match(self.template, self.at)
        if found is None:
            return False
        name, text = found[1], found[0]
        if name in self.values:
            try:
                text = self._placed(name, place, self.template[max(0, self.at - 101) : self.at])
            except _Unsafe as reason:
                self.refused[name] = str(reason)
        self.out.append(text)
        if len(self.word) < _LONG:
            self.word += found[0]
        self.at = found.end()
        return True

    def _placed(self, name: str, place: str, before: str) -> str:
        value = self.values[name]
        if name not in self.secure:
            self._check(value, place)
        if place == "single":
            return value.replace("'", "'\"'\"'")
        if place in ("comment", "literal here-document"):
            return value
        if before.endswith(("\\", "$")):
            raise _Unsafe(f"cannot stand behind {before[-1]}, which would change what it means")
        if place == "here-document":
            return re.sub(r"[\\$`]", r"\\\g<0>", value)
        variable = _VARIABLE.search(before) is not None
        if place == "bare":
            word = self.word.replace("${", "")
            enclosed = len(word) >= _LONG or "{" in word or "[" in word or word.startswith("~")
            plain = _BARE.fullmatch(value) and value not in _RESERVED
            return value if plain and not variable and not enclosed else _quoted(value)
        if place == "double":
            return value if _INERT.fullmatch(value) and not variable else f'"{_quoted(value)}"'
        return value

    def _check(self, value: str, place: str) -> None:
        """Refuse what no quotes can make literal here.

        Raises:
            _Unsafe: the message says why.
        """
        if "\0" in value:
            raise _Unsafe("cannot hold the character NUL")
        if "\n" in value:
            raise _Unsafe("must be one line, as it stands in a command")
        if place == "arithmetic":
            if not _INTEGER.fullmatch(value):
                raise _Unsafe("must be a whole number, as the shell calculates with it")
        elif self.strict and not _ONE_WORD.fullmatch(value):
            raise _Unsafe(
                "must be one word of letters, digits and ./:@%+_-, as another program reads it "
                "as part of its code"
            )
        if place in ("bare", "single", "double") and not self.word and value.startswith("-"):
            raise _Unsafe("must not begin with -, as it would be taken for an option")

    def _take(self, length: int) -> None:
        taken = self.template[self.at : self.at + length]
        self.out.append(taken)
        if len(self.word) < _LONG:
            self.word += taken
        self.at += len(taken)

    def _enter(self, place: str, length: int = 1) -> None:
        word = self.word
        self._take(length)
        self.nested.append((place, word))
        self.word = word if place in ("single", "double", "comment") else ""

    def _leave(self) -> None:
        place, before = self.nested.pop()
        word = self.word
        self._take(1)
        self.word = word if place in ("single", "double") else before + "$"


def _closes(line: str, indented: bool, delimiter: str) -> bool:
    line = line.removesuffix("\n")
    return (line.lstrip("\t") if indented else line) == delimiter


def _quoted(value: str) -> str:
    """The value in single quotes, which no shell looks into."""
    return "'" + value.replace("'", "'\"'\"'") + "'"
