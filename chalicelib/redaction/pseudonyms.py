"""Pseudonyms in the place of hosts, users and addresses: stable, keyed, and of the same form.

They are what the rest of the product takes for a host or an address, so that patterns and playbooks
come out as before, but for the names. A pseudonym of a pseudonym is itself.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

_NAME = r"[A-Za-z0-9](?:[\w-]{0,61}[A-Za-z0-9])?"
#: A short name keeps its first word, which says what the host is for: `cache-01`, `cache-3f9a1c`.
_PSEUDONYM = re.compile(r"[A-Za-z]+-[0-9a-f]{6}")
_WORD = re.compile(r"[A-Za-z]+(?=[-\d])")
_HOST = re.compile(
    rf"(?<![\w.@/-])(?:{_NAME}\.){{1,8}}(?:com|net|org|edu|io|dev|local|internal|lan|corp|cloud|svc"
    r"|intra|home|localdomain|arpa|eu|de|uk|us|fr|ch|at|nl|jp|in|cn)(?![\w-]|\.\w)"
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_MAC = re.compile(
    r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])"
)
#: What tells a host's or a user's short name.
_TOLD_HOST = re.compile(
    rf"(?i)(?:\b(?:ssh|scp|ping|telnet|traceroute|nslookup|dig)"
    rf"(?:\s-\w{{1,20}}(?:\s\d{{1,5}})?){{0,3}}\s+"
    rf"(?:{_NAME}@)?|(?<![\w-])(?:-h|--host(?:name)?)[ =]+"
    rf"|\b(?:host(?:name)?|node|server|machine|instance)[\"']?[ \t]?[:=][ \t]?[\"']?"
    rf"|\bon (?:host|node|server|machine) )(?P<name>(?=[\w-]*[\d-]){_NAME})(?![\w.-]*\w)"
)
_TOLD_USER = re.compile(
    rf"(?i)(?:\b(?:user(?:name)?|login|owner|uid|assignee|author)[\"']?[ \t]?[:=][ \t]?[\"']?"
    rf"|\b(?:by|for|as) user |/(?:home|Users)/|\bsudo -u "
    rf"|\b(?:ssh|scp|sftp|rsync)\s[^\n|;&@]{{0,40}}?"
    rf"(?={_NAME}@))(?P<name>{_NAME}(?:\.{_NAME}){{0,2}})"
)
#: Names of accounts that are the same everywhere.
_NOBODY = frozenset(
    """root admin administrator postgres mysql redis nginx apache www-data nobody daemon git ubuntu
    ec2-user centos debian jenkins elasticsearch kafka hadoop hdfs yarn hive spark system core
    vagrant docker default none null true false unknown user username app service""".split()
)
_MOST_PASSES = 4
_MARKED_V4 = int(IPv4Address("240.0.0.0"))  # reserved by RFC 1112, section 4: nobody's address
_MARKED_V6 = int(IPv6Address("2001:db8::"))  # for documentation, RFC 3849


class Pseudonyms:
    """Gives each name its pseudonym.

    Args:
        key: whoever has it can tell which names a pseudonym may stand for; keep it secret.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def value(self, value: Any) -> Any:
        """The JSON value with pseudonyms in all its texts.

        A short name that one of the texts tells for a host or a user (`ssh web-01`) is replaced in
        all of them. Where a name is replaced, another may be told by what then stands there.
        """
        for _ in range(_MOST_PASSES):
            before, value = value, self._renamed(value)
            if value == before:
                break
        return value

    def _renamed(self, value: Any) -> Any:
        names: dict[str, str] = {}
        for text in _texts(value):
            names |= {m["name"]: "host" for m in _TOLD_HOST.finditer(text)}
            names |= {m["name"]: "user" for m in _TOLD_USER.finditer(text)}
        names = {
            name: kind
            for name, kind in names.items()
            if name.lower() not in _NOBODY and not _PSEUDONYM.fullmatch(name) and len(name) > 1
        }
        return _mapped(value, lambda text: self._text(text, names))

    def _text(self, text: str, names: dict[str, str]) -> str:
        text = _IPV4.sub(self._address, _IPV6.sub(self._address, text))
        text = _MAC.sub(self._hardware, _HOST.sub(self._host, text))
        if not names:
            return text
        anyone = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.sub(
            rf"(?<![\w<$-])(?:{anyone})(?![\w>-]|:[0-9a-f]{{6}}>)",
            lambda match: self._short(match[0], names[match[0]]),
            text,
        )

    def _short(self, name: str, kind: str) -> str:
        word = _WORD.match(name) if kind == "host" else None
        return f"{word[0] if word else kind}-{self._digest(name)[:6]}"

    def _host(self, match: re.Match[str]) -> str:
        name = match[0]
        if _PSEUDONYM.match(name):
            return name
        return f"host-{self._digest(name.lower())[:6]}.internal"

    def _address(self, match: re.Match[str]) -> str:
        try:
            address = ip_address(match[0])
        except ValueError:
            return match[0]
        if address.is_loopback or address.is_unspecified:
            return match[0]
        marked, free = (_MARKED_V4, 28) if address.version == 4 else (_MARKED_V6, 96)
        if int(address) >> free == marked >> free:
            return match[0]
        number = int(self._digest(str(address)), 16) % (1 << free)
        return str(type(address)(marked | number))

    def _hardware(self, match: re.Match[str]) -> str:
        if match[0][:5].lower() == f"02{match[1]}00":
            return match[0]
        digest = self._digest(match[0].lower())
        return match[1].join(["02", "00", *(digest[at : at + 2] for at in range(0, 8, 2))])

    def _digest(self, name: str) -> str:
        return hmac.new(self._key, f"pseudonym:{name}".encode(), hashlib.sha256).hexdigest()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _texts(entry)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(entry, change) for entry in value]
    if isinstance(value, dict):
        return {key: _mapped(entry, change) for key, entry in value.items()}
    return value
