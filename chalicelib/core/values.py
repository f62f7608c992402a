"""What a value in a command is: a namespace, a pod, a path, by its place and by its form."""

import re
from collections.abc import Sequence

from chalicelib.core.vocabulary import RESOURCES

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
    "-mtime": "age_in_days",
    "-mmin": "age_in_minutes",
    "-name": "file_name",
    "-iname": "file_name",
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
#: The types of parameters that are no mere strings.
TYPES = {
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
#: Options that take no value, so that what follows is something else.
_FLAGS = frozenset(
    """all all-containers all-namespaces debug details dry-run follow force help human-readable
    ignore-daemonsets json list no-headers previous quiet recursive show-labels verbose wait watch
    yes""".split()
)
#: The same in one letter.
_SWITCHES = frozenset({"-f", "-i", "-t", "-it", "-ti", "-A", "-w"})
_FORMS = {
    "address": re.compile(r"\d{1,3}(\.\d{1,3}){3}"),
    "url": re.compile(r"https?://.*"),
    "path": re.compile(r"[~/].*"),
    "host": re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[a-z]{2,}"),
}
#: Forms of values that say less than the word before them does.
QUANTITIES = {
    "number": re.compile(r"\d+"),
    "duration": re.compile(r"\d+\s?(?:ms|s|sec|m|min|h|d|w)"),
    "size": re.compile(r"\d+\s?[kKmMgGtT](?:i?[bB]?)"),
    "percentage": re.compile(r"\d+%"),
}
_KEY = re.compile(r"[A-Za-z_-][\"']?[=:.][\"'{\[(]*$")
#: What may stand around a value, and is no part of it.
_OPENING, _CLOSING = "\"'([{<", "\"')]}>,;"
_DOTTED = re.compile(r"[A-Za-z][A-Za-z_-]*\.(?=.)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{2,30}")


def kind_of_value(before: Sequence[str], own: str, values: Sequence[str]) -> str:
    """What a varying word is, by the option or word that it follows, or by its own form."""
    option = before[-1] if before else ""
    if option == "-f" and "logs" in before:
        option = ""
    named = (_NAME.findall(own) if _KEY.search(own) else []) or (
        _NAME.findall(option) if option.startswith("--") else []
    )
    kind = own.rstrip("/:=\"'{[(.").rsplit("/", 1)[-1] or option
    if own.startswith("-"):
        option = own.split("=", 1)[0]
    if option in _OPTIONS and not (option == "-p" and not all(v.isdecimal() for v in values)):
        return _OPTIONS[option]
    if kind in _KINDS:
        return _KINDS[kind]
    if "kill" in before and all(value.isdecimal() for value in values):
        return "process_id"
    if list(before[-2:-1]) == ["rollback"] and all(value.isdecimal() for value in values):
        return "revision"
    if option in _SYSTEMD and any(word in ("systemctl", "service") for word in before):
        return "service"
    if named and named[-1].lower() not in _FLAGS:
        return _snake(named[-1])
    for name, form in _FORMS.items():
        if all(map(form.fullmatch, values)):
            return name
    if thing := _thing_in_cluster(before):
        return thing
    if len(before) > 1 and option.isalpha() and option.islower() and len(option) > 3:
        return option
    for name, form in QUANTITIES.items():
        if all(map(form.fullmatch, values)):
            return name
    return "name"


def _thing_in_cluster(before: Sequence[str]) -> str:
    """What a command for a cluster takes here, by the kind or the deed that it named before."""
    if not {"kubectl", "oc"} & set(before[:2]) or (
        before[-1].startswith("-") and before[-1] not in _SWITCHES
    ):
        return ""
    for word in reversed(before):
        if word in RESOURCES:
            return RESOURCES[word]
        if word in ("logs", "log", "exec", "rsh", "attach"):
            return "pod"
    return ""


def _snake(name: str) -> str:
    """`storageCapacityLimit` and `storage-capacity-limit` as `storage_capacity_limit`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-+", "_", name).lower().strip("_")


def around(values: Sequence[str]) -> tuple[str, str]:
    """What all values begin and end with that is no part of them: quotes, brackets, `mds.`."""
    shortest = min(map(len, values))
    start = end = 0
    while start < shortest - 1 and values[0][start] in _OPENING and _all_have(values, start):
        start += 1
    while (
        end < shortest - start - 1
        and values[0][-1 - end] in _CLOSING
        and _all_have(values, -1 - end)
    ):
        end += 1
    dotted = _DOTTED.match(values[0], start)
    if dotted and all(value.startswith(dotted.group(), start) for value in values):
        start = min(dotted.end(), shortest - end - 1)
    return values[0][:start], values[0][len(values[0]) - end :]


def _all_have(values: Sequence[str], at: int) -> bool:
    return len({value[at] for value in values}) == 1
