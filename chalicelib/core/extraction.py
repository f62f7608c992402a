"""What reports say between the lines: systems, symptoms and error signatures, from their texts.

A system is what the scope's own incidents show to be one: what others of them name as affected,
names such as `payments-api` that come up again, and what titles write as a proper name. A curated
vocabulary helps where a scope has nothing to show yet. Nothing here replaces what a caller
reported; it fills what was left out.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from chalicelib.core.features import ORDINARY_TERMS
from chalicelib.core.fields import Value
from chalicelib.core.incidents import Incident
from chalicelib.core.known_systems import KINDS, SYMPTOMS, SYSTEMS
from chalicelib.core.text import mask, normal

#: What is said first is what it is about; long logs that follow name everything.
_READ = 2_000

#: Of so many incidents at most the texts are read, evenly spread: more would tell no more.
_MOST_READ = 5_000
_MOST_READ_OF_A_KIND = 20
_MOST_NAMES = 1_000
_MOST = 20
_LONGEST_NAME_WORDS = 3
_LONGEST_SIGNATURE = 120

#: A name that nobody reported must come up in so many incidents.
_LEAST_RECURRENCE = 2

#: A proper name stands in so many titles, and its words by so much more rarely in small letters.
_LEAST_PROPER = 4
_MOST_PLAIN = 0.2

#: What a pattern is said to concern, so many of its incidents must say.
_LEAST_SHARE = 0.5

_PROPER = (
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August"
    r"|September|October|November|December)"
    r"[A-Z][A-Za-z0-9]{0,20}[a-z][A-Za-z0-9]{0,20}(?<!Exception)(?<!Error)"
)
_PROPER_NAME = re.compile(
    rf"(?<=\w )\b{_PROPER}(?: {_PROPER}){{0,2}}\b|(?<=, ){_PROPER}(?: {_PROPER}){{0,2}}\b"
)
#: What such a name may not begin with: `cross-site`, `non-daemon`.
_PREFIXES = frozenset("cross inter intra multi non per post pre re single sub web".split())
_WORD = re.compile(r"[^\W_][\w.+-]{0,79}")
_ERROR_NAME = re.compile(
    r"\b(?:[a-z_][\w]{0,40}\.){0,8}[A-Z]\w{1,60}(?:Exception|Error|Failure|Fault)\b"
    r"|\bE(?:CONN|HOST|NET|ADDR|TIMED|NO|AGAIN|PIPE|ACCES|PERM|IO|BUSY|EXIST|NOTFOUND)[A-Z]{0,12}\b"
    r"|\bSIG(?:KILL|SEGV|TERM|ABRT|BUS)\b"
    r"|\b(?:ORA|PLS|TNS|DB2|SQL|MSB|CS|TS|KB)-?\d{3,7}\b"
    r"|\bSQLSTATE[\s=:\[(]{0,3}[0-9A-Z]{5}\b"
    r"|\b(?:OOMKilled|CrashLoopBackOff|ImagePullBackOff|ErrImagePull|FailedScheduling"
    r"|NodeNotReady)\b"
)
_ERROR_CODE = re.compile(
    r"\bHTTP[\s/]{0,2}(?:\d\.\d )?(?:status )?([45]\d\d)\b"
    r"|\b([45]\d\d)(?= (?:errors?|responses?|status|bad gateway|gateway|internal|service"
    r"|not found))",
    re.IGNORECASE,
)
_EXIT_CODE = re.compile(
    r"\b(exit (?:code|status)|errno|error code)[ :=#]{1,3}(-?\d{1,6})\b", re.IGNORECASE
)
_QUOTED = re.compile(r"\"([^\"\n]{8,160})\"|`([^`\n]{8,160})`|“([^”\n]{8,160})”")
_TROUBLE = re.compile(
    r"error|fail|exception|refused|denied|timed? ?out|timeout|unable|cannot|can't|could not|invalid"
    r"|not found|no such|no space|exceeded|expired|unreachable|reset|corrupt|panic|fatal|too many",
    re.IGNORECASE,
)


class Inferred(Value):
    """What the texts of a pattern's incidents say, the most often said first."""

    systems: list[str]
    symptoms: list[str]
    error_signatures: list[str]


def names_of_systems(incidents: Iterable[Incident]) -> list[str]:
    """The systems that a scope's incidents show to be ones, the most often named first.

    These are the names that some incident reports as affected; the names of running things
    (`payments-api`, `orders_db`) that come up in the texts of several; and what several titles
    write with a capital inside them, and the texts hardly ever without (`Codespaces`). Words that
    reports of any trouble use, such as `server`, are none.
    """
    reported: Counter[str] = Counter()
    spelled: dict[str, Counter[str]] = {}
    seen: Counter[str] = Counter()
    proper: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    everything = list(incidents)
    for incident in everything:
        for name in incident.affected_systems:
            if len(_words(name)) <= _LONGEST_NAME_WORDS and not _ordinary(name):
                reported[name.casefold()] += 1
                spelled.setdefault(name.casefold(), Counter())[name] += 1
    for incident in _spread(everything, _MOST_READ):
        said = set(_words(_head(incident)))
        titled = set(_PROPER_NAME.findall(incident.title))
        things = {word for word in said if _names_a_thing(word)}
        seen.update({name.casefold() for name in things})
        proper.update({name.casefold() for name in titled if not _ordinary(name)})
        plain.update({word for word in said if word.islower()})
        for name in titled | things:
            spelled.setdefault(name.casefold(), Counter())[name] += 1
    recurring = {name for name, count in seen.items() if count >= _LEAST_RECURRENCE}
    recurring |= {
        name
        for name, count in proper.items()
        if count >= _LEAST_PROPER
        and min(plain[word] for word in name.split()) <= _MOST_PLAIN * count
    }
    seen |= proper
    names = recurring | reported.keys()
    ranked = sorted(names, key=lambda name: (-(reported[name] + seen[name]), name))
    usual = [min(spelled[each], key=lambda name: (-spelled[each][name], name)) for each in ranked]
    return usual[:_MOST_NAMES]


def infer(incidents: Sequence[Incident], names: Iterable[str] = ()) -> Inferred:
    """What at least half of some incidents say of systems, symptoms and errors in their texts.

    The result does not depend on the order of the incidents.

    Args:
        incidents: those of one kind.
        names: the systems of their scope (see `names_of_systems`).
    """
    read = _spread(incidents, _MOST_READ_OF_A_KIND)
    known = SYSTEMS | {name.casefold(): name for name in names}
    return Inferred(
        systems=_common(read, lambda each: systems_in(_head(each), known)),
        symptoms=_common(read, lambda each: symptoms_in(_head(each))),
        error_signatures=_common(read, signatures_of),
    )


def systems_in(text: str, known: dict[str, str]) -> list[str]:
    """The systems that a text names, in its order; `known` has their spellings by folded name."""
    words = _words(text)
    found: dict[str, None] = {}
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST_NAME_WORDS, len(words) - place), 0, -1):
            name = " ".join(words[place : place + length]).casefold()
            if name in known:
                found[known[name]] = None
                place += length - 1
                break
        place += 1
    return list(found)


def symptoms_in(text: str) -> list[str]:
    """How trouble shows, in the vocabulary's names, in the order in which the text says so."""
    lowered = text.lower()
    places = {
        name: match.start()
        for name, (bits, rule) in SYMPTOMS.items()
        if any(bit in lowered for bit in bits) and (match := rule.search(text))
    }
    return sorted(places, key=lambda name: (places[name], name))


def signatures_of(incident: Incident) -> list[str]:
    """What identifies the errors of an incident, with what varies masked.

    The error messages where some were reported; else the names of exceptions, error codes, and
    quoted messages of the text.
    """
    if incident.error_messages:
        return list(dict.fromkeys(filter(None, map(_signature, incident.error_messages))))
    return signatures_in(_head(incident))


def signatures_in(text: str) -> list[str]:
    """The names of exceptions, the error codes and the quoted error messages of a text."""
    found = [match.group() for match in _ERROR_NAME.finditer(text)]
    found += [f"HTTP {one or other}" for one, other in _ERROR_CODE.findall(text)]
    found += [f"{kind.lower()} {code}" for kind, code in _EXIT_CODE.findall(text)]
    for parts in _QUOTED.findall(text):
        said = "".join(parts)
        if _TROUBLE.search(said):
            found.append(_signature(said))
    return list(dict.fromkeys(filter(None, found)))


def _signature(message: str) -> str:
    """The first line of a message, masked and cut."""
    lines = message.strip().splitlines()
    return " ".join(mask(lines[0]).split())[:_LONGEST_SIGNATURE].rstrip() if lines else ""


def _common(incidents: Sequence[Incident], said_by: Callable[[Incident], list[str]]) -> list[str]:
    counts = Counter(name for incident in incidents for name in set(said_by(incident)))
    least = max(_LEAST_SHARE * len(incidents), 1)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return [name for name in ranked if counts[name] >= least][:_MOST]


def _spread(incidents: Sequence[Incident], most: int) -> list[Incident]:
    """At most so many of the incidents, evenly spread over their ids."""
    ordered = sorted(incidents, key=lambda each: each.incident_id)
    return ordered[:: -(-len(ordered) // most) or 1]


def _head(incident: Incident) -> str:
    """The beginning of what a report says of the trouble; the cure is another matter."""
    parts = [incident.title, *incident.symptoms, *incident.error_messages, incident.description]
    return "\n".join(parts)[:_READ]


def _words(text: str) -> list[str]:
    return [word.rstrip(".-+") for word in _WORD.findall(text)]


def _names_a_thing(word: str) -> bool:
    """Whether a word is made like the name of a running thing, such as `payments-api`."""
    first, *others = re.split(r"[-_]", word.casefold())
    if not others or others[-1] not in KINDS or "to" in others:
        return False
    return first.isalpha() and len(first) > 1 and first not in _PREFIXES


def _ordinary(name: str) -> bool:
    words = _words(name)
    return not words or all(normal(word.casefold()) in ORDINARY_TERMS for word in words)
