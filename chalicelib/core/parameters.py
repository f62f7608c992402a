"""What varies between commands that are otherwise the same, as named and typed parameters.

Two texts are generalised to what they share by anti-unification (Plotkin, Machine Intelligence 5,
1970): where they differ stands a variable, the same one wherever the same values differ.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

from chalicelib.core.playbooks import Parameter
from chalicelib.core.text import PLACEHOLDER, without_fingerprints
from chalicelib.core.values import QUANTITIES, TYPES, around, kind_of_value

#: No character with which a value could break out of its place in a shell's command.
SAFE_PATTERN = r"^[A-Za-z0-9._:/@%+=,-]+$"

_MOST_EXAMPLES = 20
#: How many words before a value may say what it is, besides the first two of the command.
_LOOKED_BACK = 12
#: More than anybody fills in; what else varies stays as it mostly is.
_MOST_VARIABLES = 40
#: Shorter values stand for too much to be known again in another text.
_SHORTEST_KNOWN_AGAIN = 4

_SHELL_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_PIECES = re.compile(r"([/:=,@]+)")
_BRACKETS = re.compile(r"([^\w.%+-]+)")
_SAFE = re.compile(SAFE_PATTERN)
#: What no two incidents have in common, so that one incident alone makes it a parameter.
_OF_ONE_INCIDENT = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[a-z][a-z0-9-]*-(?=[a-z]*\d)[a-z0-9]{5,10}-(?=[a-z]*\d)[a-z0-9]{5}"
)

#: Kinds that say only that something differs.
_UNTOLD = frozenset({"name", *QUANTITIES})

#: What may be as it mostly is. What a step is done to has to be told, if it is not nearly always
#: the same: a pod of another incident is no default.
_SETTINGS = frozenset(
    [*QUANTITIES, *"age_in_days age_in_minutes database lines port region replicas user".split()]
)
_MOST, _NEARLY_ALL = 0.5, 0.75

#: Incidents in which two differently named things have to be the same to be one, each time another
#: value; one less where the values are names that do not come up by chance.
_ENOUGH_TO_BE_ONE = 3
_UNMISTAKABLE = re.compile(r"(?=.*[a-z])(?=.*\d).{5,}")


@dataclass
class _Variable:
    """A place where commands differ: what stood there, by the incident that it stood in."""

    name: str
    kind: str
    values: dict[str, str]
    seen: Counter[str]

    def agrees(self, kind: str, values: Mapping[str, str]) -> bool:
        """Whether another place, with these values, may be told the same parameter.

        No incident may speak against it. Where the kind says nothing, one has to speak for it;
        where the kinds differ, several that differ among themselves.
        """
        common = self.values.keys() & values.keys()
        if any(self.values[incident_id] != values[incident_id] for incident_id in common):
            return False
        if self.kind == kind:
            return bool(common) or kind not in _UNTOLD
        different = {values[incident_id] for incident_id in common}
        unmistakable = all(map(_UNMISTAKABLE.fullmatch, different))
        return len(different) >= _ENOUGH_TO_BE_ONE - unmistakable

    def parameter(self) -> Parameter:
        """The parameter, with a default where most incidents agree on one."""
        commonest = min(self.seen, key=lambda value: (-self.seen[value], value))
        least = _MOST if self.kind in _SETTINGS else _NEARLY_ALL
        dominates = len(self.seen) > 1 and self.seen[commonest] > least * self.seen.total()
        return Parameter(
            name=self.name,
            required=not dominates,
            type=TYPES.get(self.kind, "string"),
            description=f"{self.kind.replace('_', ' ').capitalize()}; differs between incidents.",
            default=commonest if dominates else None,
            examples=sorted(self.seen)[:_MOST_EXAMPLES],
            pattern=SAFE_PATTERN,
        )


class Naming:
    """The parameters of one playbook, so that the same values get the same name in all steps.

    Args:
        incidents: how many the playbook is made of.
        reserved: names that are taken by others.
        known: the parameters that there are already, with their values by incident.
    """

    def __init__(
        self,
        incidents: int = 1,
        reserved: Sequence[str] = (),
        known: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        self._incidents = incidents
        self._reserved = reserved
        self._known = known
        self._variables = [
            _Variable(name, name.rstrip("_0123456789"), dict(values), Counter(values.values()))
            for name, values in known.items()
        ]
        self._secrets: dict[str, str] = {}

    @property
    def parameters(self) -> list[Parameter]:
        """Those that are new to the texts generalised so far, secrets last."""
        secure = [
            Parameter(
                name=name,
                type="secure_string",
                description=f"The {name.replace('_', ' ')}; it is kept nowhere.",
            )
            for name in self._secrets.values()
        ]
        new = [variable for variable in self._variables if variable.name not in self._known]
        return [variable.parameter() for variable in new] + secure

    def generalise(self, told: Sequence[tuple[str, str]]) -> str:
        """The command that all of these are instances of.

        Commands of another build than the commonest are left out of it. Secrets that were
        removed become secure parameters; a shell's own `${NAME}` is written `$NAME`.

        Args:
            told: the commands, each behind the id of the incident that tells of it.
        """
        usual, _ = by_build(told)
        split = [
            (each, re.split(r"(\s+)", _SHELL_VARIABLE.sub(r"$\1", command.strip())))
            for each, command in ((each, without_fingerprints(said)) for each, said in usual)
        ]
        tellers = [each for each, _ in split]
        words: list[str] = []
        for number, values in enumerate(zip(*(words for _, words in split), strict=True)):
            if number % 2:
                words.append(_commonest(values))
            else:
                before = words[:4:2] + words[max(4, number - 2 * _LOOKED_BACK) : number : 2]
                words.append(self._word(before, values, tellers))
        return "".join(words)

    def put_into(self, text: str, tellers: Sequence[str], *, short: bool = False) -> str:
        """A text that these incidents tell, with the values of parameters replaced by them.

        So the pod of the second step is the pod of the fifth, though only one incident tells of it
        there, and of the title as well. Secrets become parameters here too. Short values, which
        may stand for anything, are put in where that is asked for.
        """
        text = _SHELL_VARIABLE.sub(self._of_the_shell, text)
        for variable in self._variables:
            told = {variable.values[each] for each in tellers if each in variable.values}
            varies = len(variable.seen) > 1 or variable.name in self._known
            if len(told) != 1 or not varies:
                continue
            (value,) = told
            if value not in text or not (short or len(value) >= _SHORTEST_KNOWN_AGAIN):
                continue
            place = rf"(?<![\w.${{-]){re.escape(value)}(?![\w-]|\.\w)"
            text = re.sub(place, lambda _, name=variable.name: f"${{{name}}}", text)  # type: ignore[misc]
        return self._without_secrets(text)

    def _of_the_shell(self, match: re.Match[str]) -> str:
        """A shell's own variable as it cannot be taken for a parameter."""
        named = {*self._secrets.values(), *(variable.name for variable in self._variables)}
        return match.group() if match[1] in named else f"${match[1]}"

    def _word(self, before: Sequence[str], values: Sequence[str], tellers: Sequence[str]) -> str:
        if len(set(values)) == 1:
            of_one = _OF_ONE_INCIDENT.fullmatch(values[0]) or _is_process(before, values[0])
            if of_one and self._incidents > len(set(tellers)) == 1:
                return self._variable(kind_of_value(before, "", values), values, tellers)
            return self._without_secrets(values[0])
        pieces = [_PIECES.split(value) for value in values]
        alike = len({tuple(piece[1::2]) for piece in pieces}) == 1
        if not alike or len(pieces[0]) == 1 or values[0].startswith(("/", "~", "http")):
            return self._between(before, "", values, tellers)
        parts = []
        for number, column in enumerate(zip(*pieces, strict=True)):
            if len(set(column)) == 1:
                parts.append(self._without_secrets(column[0]))
            else:
                own = "".join(pieces[0][:number])
                parts.append(self._between(before, own, column, tellers))
        return "".join(parts)

    def _between(
        self, before: Sequence[str], own: str, values: Sequence[str], tellers: Sequence[str]
    ) -> str:
        """The variable for what differs, inside of the quotes and brackets that all have."""
        start, end = around(values)
        inner = [value[len(start) : len(value) - len(end)] for value in values]
        if not all(map(_SAFE.match, inner)) and (within := self._within(before, inner, tellers)):
            return f"{start}{within}{end}"
        if not any(map(_SAFE.match, inner)):
            return self._without_secrets(_commonest(values))
        kind = kind_of_value(before, own + start, inner)
        return f"{start}{self._variable(kind, inner, tellers)}{end}"

    def _within(self, before: Sequence[str], values: Sequence[str], tellers: Sequence[str]) -> str:
        """Variables for what differs between the same brackets; empty where those differ too."""
        pieces = [_BRACKETS.split(value) for value in values]
        if len({tuple(piece[1::2]) for piece in pieces}) > 1 or len(pieces[0]) == 1:
            return ""
        columns = list(zip(*pieces, strict=True))
        if any(len(set(column)) > 1 and not all(map(_SAFE.match, column)) for column in columns):
            return ""
        parts = []
        for column in columns:
            if len(set(column)) == 1:
                parts.append(self._without_secrets(column[0]))
            else:
                kind = kind_of_value([*before, "".join(parts)], "", column)
                parts.append(self._variable(kind, column, tellers))
        return "".join(parts)

    def _without_secrets(self, word: str) -> str:
        def secure(match: re.Match[str]) -> str:
            kind = match.group(1) or "secret"
            if kind not in self._secrets:
                self._secrets[kind] = self._free(kind)
            return f"${{{self._secrets[kind]}}}"

        return PLACEHOLDER.sub(secure, word)

    def _variable(self, kind: str, values: Sequence[str], tellers: Sequence[str]) -> str:
        by_incident = {
            each: value
            for each, value in reversed(list(zip(tellers, values, strict=True)))
            if _SAFE.match(value)
        }
        for variable in self._variables:
            if variable.agrees(kind, by_incident):
                break
        else:
            if len(self._variables) == _MOST_VARIABLES:
                return _commonest(values)
            variable = _Variable(self._free(kind), kind, {}, Counter())
            self._variables.append(variable)
        new = by_incident.keys() - variable.values.keys()
        variable.seen.update(
            value
            for each, value in zip(tellers, values, strict=True)
            if each in new and _SAFE.match(value)
        )
        variable.values |= by_incident
        return f"${{{variable.name}}}"

    def _free(self, kind: str) -> str:
        taken = {
            *self._reserved,
            *self._secrets.values(),
            *(variable.name for variable in self._variables),
        }
        numbered = (f"{kind}_{number}" for number in count(2))
        return kind if kind not in taken else next(name for name in numbered if name not in taken)


def by_build(
    told: Sequence[tuple[str, str]],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The commands of the build that most have, and the others.

    Two are of one build where they have as many words, and the same options in the same places.
    """
    builds = [_build(command) for _, command in told]
    counted = Counter(builds)
    usual = min(counted, key=lambda build: (-counted[build], len(build), build))
    return (
        [each for each, build in zip(told, builds, strict=True) if build == usual],
        [each for each, build in zip(told, builds, strict=True) if build != usual],
    )


def _build(command: str) -> tuple[str, ...]:
    words = command.split()
    return tuple(word.split("=", 1)[0] if word.startswith("-") else "" for word in words)


def _is_process(before: Sequence[str], value: str) -> bool:
    return value.isdecimal() and "kill" in before


def _commonest(values: Sequence[str]) -> str:
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value))
