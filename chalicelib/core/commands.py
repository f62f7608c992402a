"""What a command says: its program, what that is asked to do, and to what."""

import re
from itertools import pairwise

from chalicelib.core.vocabulary import BEFORE, RESOURCES, SUBCOMMANDS

#: How many words of a command are looked at for what it is about.
_FAR_ENOUGH = 12

#: Setting a variable of the environment for one command.
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")
#: The words of a command: what is in quotes is one.
TOKEN = re.compile(r"""\((?=\w)|(?:"(?:[^"\\\n]|\\.){0,1000}"|'[^'\n]*'|[^\s"'`]|["'])+""")
_SQL = re.compile(
    r"(?:SELECT\s.+\sFROM|SELECT\s+\w+\(|ALTER\s+(?:TABLE|SYSTEM|DATABASE|USER|ROLE)|CREATE\s+(?:"
    r"INDEX|TABLE|UNIQUE|USER|DATABASE)|DROP\s+(?:TABLE|INDEX|DATABASE)|UPDATE\s+\S+\s+SET|"
    r"DELETE\s+FROM|INSERT\s+INTO|TRUNCATE\s+TABLE|VACUUM(?:\s|;|$)|REINDEX\s|KILL\s+(?:QUERY\s+)?\d|"
    r"SHOW\s+(?:\w+\s+)*(?:STATUS|PROCESSLIST|VARIABLES)|SET\s+GLOBAL\s)",
    re.IGNORECASE,
)
_TAKES_VALUE = r"-[a-zA-Z]|--namespace|--context"
_DEEDS = frozenset().union(*SUBCOMMANDS.values(), ["df", "undo", "resume", "pause"])


def program_of(command: str) -> str:
    """The program that a command runs, without its path; empty if none can be told."""
    before = ""
    for token in TOKEN.findall(command):
        of_sudo = before in ("-u", "-g", "-U")
        before = token
        if of_sudo or token in BEFORE or ASSIGNMENT.fullmatch(token) or token.startswith("-"):
            continue
        return str(token.rsplit("/", 1)[-1])
    return ""


def deeds_of(command: str) -> frozenset[str]:
    """The words of a command that say what is to be done: `rollout undo`, never a name."""
    words = command.split()
    values = {at + 1 for at, word in enumerate(words) if re.fullmatch(_TAKES_VALUE, word)}
    return _DEEDS & {word for at, word in enumerate(words) if at not in values}


def object_of(command: str) -> str:
    """What a command is told to do something to: `nginx` in `systemctl restart nginx`.

    Empty where the words do not follow each other like that.
    """
    words = [word for word in command.split() if word not in BEFORE]
    deeds = (SUBCOMMANDS[words[0]] | _DEEDS) if words and words[0] in SUBCOMMANDS else frozenset()
    for at, (before, word) in enumerate(pairwise(words), 1):
        if before not in deeds or word in _DEEDS:
            continue
        named = words[at : at + 1 + (word in RESOURCES)]
        return "" if word.startswith("-") else " ".join(each for each in named if each[0] != "-")
    return ""


def resource_of(command: str) -> str:
    """The kind of thing that a command for a cluster is about, in the singular: `pod`, `node`."""
    for word in command.split()[:_FAR_ENOUGH]:
        kind = RESOURCES.get(word.partition("/")[0])
        if kind:
            return kind
    return ""


def is_sql(text: str) -> bool:
    """Whether a text is a statement for a database."""
    return bool(_SQL.match(text))
