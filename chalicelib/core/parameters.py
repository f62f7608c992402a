"""What varies between commands that are otherwise the same, as named and typed parameters.

Two texts are generalised to what they share by anti-unification (Plotkin, Machine Intelligence 5,
1970): where they differ stands a variable, the same one wherever the same values differ.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from chalicelib.core.playbooks import Parameter

#: No character with which a value could break out of its place in a shell's command.
SAFE_PATTERN = r"^[A-Za-z0-9._:/@%+=,-]+$"

_PLACEHOLDER = re.compile(r"<REDACTED(?::([a-z][a-z0-9_]*))?>")
_SHELL_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")
_PIECES = re.compile(r"([/:=,@]+)")

_OPTIONS = {
    "-n": "namespace",
    "--namespace": "namespace",
    "-c": "container",
    "--container": "container",
    "-h": "host",
    "--host": "host",
    "-H": "host",
    "-p": "port",
    "--port": "port",
    "-u": "user",
    "-U": "user",
    "--user": "user",
    "-d": "database",
    "--database": "database",
    "--replicas": "replicas",
    "-f": "path",
    "--file": "path",
    "--topic": "topic",
    "--group": "group",
    "--context": "context",
    "--region": "region",
    "--cert-name": "domain",
    "-l": "label",
    "--tail": "lines",
}
_KINDS = {
    "pod": "pod",
    "pods": "pod",
    "deployment": "deployment",
    "deploy": "deployment",
    "statefulset": "statefulset",
    "sts": "statefulset",
    "daemonset": "daemonset",
    "node": "node",
    "nodes": "node",
    "cordon": "node",
    "uncordon": "node",
    "drain": "node",
    "pvc": "volume_claim",
    "pv": "volume",
    "svc": "service",
    "service": "service",
    "job": "job",
    "secret": "secret_name",
    "configmap": "config_map",
    "cm": "config_map",
    "namespace": "namespace",
    "ns": "namespace",
    "rollback": "release",
    "logs": "pod",
    "ssh": "host",
    "ping": "host",
    "dig": "host",
    "nslookup": "host",
    "certbot": "domain",
    "revert": "revision",
    "kill": "process_id",
}
_SYSTEMD = {"restart", "start", "stop", "status", "reload", "enable", "disable"}
_TYPES = {
    "port": "integer",
    "replicas": "integer",
    "lines": "integer",
    "number": "integer",
    "process_id": "integer",
    "path": "path",
    "host": "hostname",
    "address": "ip_address",
    "url": "url",
}
#: Kinds that say only that something differs.
_UNTOLD = frozenset({"name", "number"})


@dataclass
class _Variable:
    """A place where commands differ: what stood there, by the incident that it stood in."""

    name: str
    kind: str
    values: dict[str, str]
    seen: Counter[str]

    def agrees(self, kind: str, values: Mapping[str, str]) -> bool:
        """Whether another place, with these values, may be told the same parameter.

        No incident may speak against it; where the kind says nothing, one has to speak for it.
        """
        common = self.values.keys() & values.keys()
        spoken_for = bool(common) or kind not in _UNTOLD
        return (
            self.kind == kind
            and spoken_for
            and all(self.values[incident_id] == values[incident_id] for incident_id in common)
        )

    def parameter(self) -> Parameter:
        """The parameter, with a default where most incidents agree on one."""
        commonest = min(self.seen, key=lambda value: (-self.seen[value], value))
        dominates = 2 * self.seen[commonest] > self.seen.total()
        return Parameter(
            name=self.name,
            type=_TYPES.get(self.kind, "string"),
            description=f"The {self.kind.replace('_', ' ')}, which differs between incidents.",
            default=commonest if dominates else None,
            examples=sorted(self.seen),
            pattern=SAFE_PATTERN,
        )


class Naming:
    """The parameters of one playbook, so that the same values get the same name in all steps."""

    def __init__(self) -> None:
        self._variables: list[_Variable] = []
        self._secrets: dict[str, str] = {}

    @property
    def parameters(self) -> list[Parameter]:
        """Those that the commands generalised so far need, secrets last."""
        secure = [
            Parameter(
                name=name,
                type="secure_string",
                description=f"The {name.replace('_', ' ')}; it is kept nowhere.",
            )
            for name in self._secrets.values()
        ]
        return [variable.parameter() for variable in self._variables] + secure

    def generalise(self, told: Sequence[tuple[str, str]]) -> str:
        """The command that all of these are instances of.

        Commands of another build than the commonest are left out of it. Secrets that were
        removed become secure parameters; a shell's own `${NAME}` is written `$NAME`.

        Args:
            told: the commands, each behind the id of the incident that tells of it.
        """
        split = [(each, _SHELL_VARIABLE.sub(r"$\1", command).split()) for each, command in told]
        build = Counter(len(words) for _, words in split)
        usual = min(build, key=lambda length: (-build[length], length))
        kept = [(each, words) for each, words in split if len(words) == usual]
        tellers = [each for each, _ in kept]
        words: list[str] = []
        for values in zip(*(words for _, words in kept), strict=True):
            words.append(self._word(words, values, tellers))
        return " ".join(words)

    def _word(self, before: Sequence[str], values: Sequence[str], tellers: Sequence[str]) -> str:
        if len(set(values)) == 1:
            return self._without_secrets(values[0])
        pieces = [_PIECES.split(value) for value in values]
        alike = len({tuple(piece[1::2]) for piece in pieces}) == 1
        if not alike or len(pieces[0]) == 1 or values[0].startswith(("/", "~", "http")):
            return self._variable(_named(before, "", values), values, tellers)
        parts = []
        for number, column in enumerate(zip(*pieces, strict=True)):
            if len(set(column)) == 1:
                parts.append(self._without_secrets(column[0]))
            else:
                own = "".join(pieces[0][:number])
                parts.append(self._variable(_named(before, own, column), column, tellers))
        return "".join(parts)

    def _without_secrets(self, word: str) -> str:
        def secure(match: re.Match[str]) -> str:
            kind = match.group(1) or "secret"
            if kind not in self._secrets:
                self._secrets[kind] = self._free(kind)
            return f"${{{self._secrets[kind]}}}"

        return _PLACEHOLDER.sub(secure, word)

    def _variable(self, kind: str, values: Sequence[str], tellers: Sequence[str]) -> str:
        by_incident = dict(reversed(list(zip(tellers, values, strict=True))))
        for variable in self._variables:
            if variable.agrees(kind, by_incident):
                break
        else:
            variable = _Variable(self._free(kind), kind, {}, Counter())
            self._variables.append(variable)
        new = by_incident.keys() - variable.values.keys()
        variable.seen.update(v for each, v in zip(tellers, values, strict=True) if each in new)
        variable.values |= by_incident
        return f"${{{variable.name}}}"

    def _free(self, kind: str) -> str:
        taken = {*self._secrets.values(), *(variable.name for variable in self._variables)}
        return (
            kind
            if kind not in taken
            else next(name for number in count(2) if (name := f"{kind}_{number}") not in taken)
        )


def _named(before: Sequence[str], own: str, values: Sequence[str]) -> str:
    """What a varying word is, by the option or word that it follows, or by its own form."""
    option = own.rstrip("=") if own.startswith("-") else (before[-1] if before else "")
    if option in _OPTIONS and not (option == "-p" and not all(v.isdecimal() for v in values)):
        return _OPTIONS[option]
    kind = own.rstrip("/:=").rsplit("/", 1)[-1] or option
    if kind in _KINDS:
        return _KINDS[kind]
    if option in _SYSTEMD and any(word in ("systemctl", "service") for word in before):
        return "service"
    forms = {
        r"\d+": "number",
        r"\d{1,3}(\.\d{1,3}){3}": "address",
        r"https?://.*": "url",
        r"[~/].*": "path",
        r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+": "host",
    }
    for form, name in forms.items():
        if all(re.fullmatch(form, value) for value in values):
            return name
    return "name"
