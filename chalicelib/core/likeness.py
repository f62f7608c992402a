"""How surely two statements are of the same step: commands by what is fixed, words by meaning."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.core.commands import deeds_of, is_sql, program_of, resource_of
from chalicelib.core.playbooks import Risk
from chalicelib.core.risk import risk_of
from chalicelib.core.steps import Mention
from chalicelib.core.text import mask, terms
from chalicelib.core.verbs import KIN_OF, verb_of

#: How alike two steps are that are one: of commands the share of their fixed words that both have,
#: of texts the share of the shorter one's words that the other has too.
LEAST_ALIKE = 0.6

#: Words for whatever is concerned: "the service" may be any.
_ANYTHING = frozenset(
    terms("service services server instance node cluster process system application app it")
)
#: What commands are told apart by beside their program: words, and options without their values.
_SKIPPED = frozenset({"sudo", "doas"})

#: The name of one of many: `web-1`, `cart-7d9f`.
_INSTANCE = re.compile(
    r"\b[A-Za-z][\w.]{0,40}(?:-[A-Za-z_.]{1,40}){0,5}-(?=\w{0,40}\d)[\w.]{1,40}\b"
)
#: An address with a path, of which each part says what is asked.
_ADDRESS = re.compile(r"[\"']?(?:https?://|[\w.-]{1,100}:\d+/)")
_WORD = re.compile(r"[^\s/:=,@\"']+")


@dataclass(frozen=True)
class Statement:
    """What some mentions say in the same words.

    Attributes:
        mentions: all that say it.
        tellers: the incidents that say it.
        command: the command, if it is one.
        repeat: how often a look was taken before, with a change in between.
        words: the kind of action, and the words of what it is done to.
        fixed: the words of the command that do not vary.
        all: all words of the command.
    """

    mentions: tuple[Mention, ...]
    tellers: frozenset[str]
    command: str
    repeat: int
    words: tuple[str, frozenset[str]]
    fixed: Counter[str]
    all: frozenset[str]


def statement(mentions: list[Mention], repeat: int) -> Statement:
    """What these mentions, of the same words, say."""
    text, command = mentions[0].text, mentions[0].command or ""
    return Statement(
        mentions=tuple(mentions),
        tellers=frozenset(each.incident_id for each in mentions),
        command=command,
        repeat=repeat,
        words=_words(text, command),
        fixed=Counter(_fixed(command)),
        all=frozenset(_WORD.findall(command)),
    )


def alike(one: Statement, other: Statement) -> float:
    """How surely two statements are of one step."""
    if one.repeat != other.repeat:
        # Before and after, unless nobody does both.
        return LEAST_ALIKE * (one.command == other.command != "")
    if one.command and other.command:
        return _commands_alike(one, other)
    # Below what two commands can have: words join what commands have made.
    return 0.9 * _texts_alike(one.words, other.words)


def _commands_alike(one: Statement, other: Statement) -> float:
    """1 for the same command; else the share of its fixed parts that two of one program share.

    A query is the same in a client's command as alone. What a program is asked to do never varies,
    nor does whether it only looks.
    """
    if one.command == other.command:
        return 1.0
    if is_sql(one.command) != is_sql(other.command):
        query, client = (one, other) if is_sql(one.command) else (other, one)
        asked = query.command.rstrip(";").casefold()
        return 0.95 * (asked in client.command.casefold())
    if deed_of(one.command) != deed_of(other.command) or _risk(one) is not _risk(other):
        return 0.0
    if not one.fixed or not other.fixed:
        return 0.9 if one.fixed == other.fixed else 0.0
    shared = (one.fixed & other.fixed).total()
    return 0.95 * shared / max(one.fixed.total(), other.fixed.total())


def _risk(statement: Statement) -> Risk:
    return risk_of("shell", statement.command)


@lru_cache(maxsize=4096)
def deed_of(command: str) -> tuple[str, frozenset[str], str]:
    """What two commands of one step have in common: program, what it is asked, and about what."""
    return program_of(command), deeds_of(command), resource_of(command)


@lru_cache(maxsize=4096)
def _fixed(command: str) -> tuple[str, ...]:
    """The words of a command that say what it does: no values of options, no masked names."""
    kept = []
    for token in command.split():
        if token in _SKIPPED:
            continue
        if token.startswith("-"):
            kept.append(token.split("=", 1)[0])
        elif token.replace("-", "").replace("_", "").isalpha() and mask(token) == token:
            kept.append(token)
        elif _ADDRESS.match(token):
            kept += [part for part in _WORD.findall(token) if part.strip("_").isalpha()]
        elif "/" in token and not token.startswith(("/", "~", ".")):
            kept.append(token.split("/", 1)[0] + "/")
    return tuple(kept)


@lru_cache(maxsize=4096)
def _words(text: str, command: str) -> tuple[str, frozenset[str]]:
    """The kind of action, and the words of what it is done to."""
    kin = KIN_OF.get(verb_of(text), verb_of(text))
    said = set(terms(mask(_INSTANCE.sub(" ", text)))) - {verb_of(text)}
    if command:
        named = set(terms(mask(command)))
        if kin in ("", "use"):
            kin = next((KIN_OF[each] for each in sorted(named) if each in KIN_OF), kin)
        said |= named
    return kin, frozenset(word for word in said if KIN_OF.get(word, "") != kin)


def _texts_alike(one: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> float:
    """The share of the shorter one's words that both have, if both do the same kind of thing."""
    if one[0] != other[0] or not one[0]:
        return 0.0
    first, second = one[1] - _ANYTHING, other[1] - _ANYTHING
    if not first or not second:
        return 0.7 if first == second or one[0] not in ("check", "use") else 0.0
    return len(first & second) / min(len(first), len(second))
