"""What varies between commands that are otherwise the same, as named and typed parameters.

Two texts are generalised to what they share by anti-unification (Plotkin, Machine Intelligence 5,
1970): where they differ stands a variable, the same one wherever the same values differ.
"""

import re
from collections import Counter
from collections.abc import Sequence

from chalicelib.core.playbooks import Parameter

#: No character with which a value could break out of its place in a shell's command.
SAFE_PATTERN = r"^[A-Za-z0-9._:/@%+=,-]+$"

_PLACEHOLDER = re.compile(r"<REDACTED(?::([a-z_]+))?>")
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


class Naming:
    """The parameters of one playbook, so that the same values get the same name in all steps."""

    def __init__(self) -> None:
        self.parameters: list[Parameter] = []
        self._by_values: dict[tuple[str, tuple[str, ...]], str] = {}

    def generalise(self, commands: Sequence[str]) -> str:
        """The command that all of these are instances of.

        Commands of another build than the commonest are left out of it. Secrets that were
        removed become secure parameters; a shell's own `${NAME}` is written `$NAME`.
        """
        kept = [_SHELL_VARIABLE.sub(r"$\1", command) for command in commands]
        build = Counter(len(command.split()) for command in kept)
        usual = min(build, key=lambda length: (-build[length], length))
        rows = [command.split() for command in kept if len(command.split()) == usual]
        columns = list(zip(*rows, strict=True))
        words: list[str] = []
        for values in columns:
            words.append(self._word(words, values))
        return " ".join(words)

    def _word(self, before: Sequence[str], values: Sequence[str]) -> str:
        if len(set(values)) == 1:
            return self._without_secrets(values[0])
        pieces = [_PIECES.split(value) for value in values]
        alike = len({tuple(piece[1::2]) for piece in pieces}) == 1
        if not alike or len(pieces[0]) == 1 or values[0].startswith(("/", "~", "http")):
            return self._variable(_named(before, "", values), values)
        parts = []
        for number, column in enumerate(zip(*pieces, strict=True)):
            if len(set(column)) == 1:
                parts.append(self._without_secrets(column[0]))
            else:
                own = "".join(pieces[0][:number])
                parts.append(self._variable(_named(before, own, column), column))
        return "".join(parts)

    def _without_secrets(self, word: str) -> str:
        def secure(match: re.Match[str]) -> str:
            name = match.group(1) or "secret"
            if all(parameter.name != name for parameter in self.parameters):
                self.parameters.append(
                    Parameter(
                        name=name,
                        type="secure_string",
                        description=f"The {name.replace('_', ' ')}; it is kept nowhere.",
                    )
                )
            return f"${{{name}}}"

        return _PLACEHOLDER.sub(secure, word)

    def _variable(self, name: str, values: Sequence[str]) -> str:
        key = (name, tuple(values))
        if key not in self._by_values:
            taken = {parameter.name for parameter in self.parameters}
            numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
            free = (
                name if name not in taken else next(each for each in numbered if each not in taken)
            )
            counts = Counter(values)
            commonest = min(counts, key=lambda value: (-counts[value], value))
            dominates = 2 * counts[commonest] > len(values)
            self._by_values[key] = free
            self.parameters.append(
                Parameter(
                    name=free,
                    type=_TYPES.get(name, "string"),
                    description=f"The {name.replace('_', ' ')}, which differs between incidents.",
                    default=commonest if dominates else None,
                    examples=sorted(counts),
                    pattern=SAFE_PATTERN,
                )
            )
        return f"${{{self._by_values[key]}}}"


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
