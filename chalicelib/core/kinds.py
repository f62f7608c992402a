"""What a step is for: to check, change, wait, verify, escalate or communicate."""

import re
from functools import lru_cache

from chalicelib.core.commands import program_of
from chalicelib.core.playbooks import Kind, Risk
from chalicelib.core.risk import risk_of
from chalicelib.core.verbs import KIN_OF, verb_of

_OF_VERBS: dict[str, Kind] = {
    "verify": "verify",
    "confirm": "verify",
    "validate": "verify",
    "ensure": "verify",
    "wait": "wait",
    "escalate": "escalate",
    "page": "escalate",
    "hand": "escalate",
    "notify": "communicate",
    "inform": "communicate",
    "announce": "communicate",
    "communicate": "communicate",
    "email": "communicate",
    "tell": "communicate",
    "post": "communicate",
}
_AGAIN = re.compile(r"\bagain\b|\b(?:is|are|was|were)\s+(?:back|healthy|green|gone)\b", re.I)


#: To log in somewhere, or to open a shell there, changes nothing yet.
_OPENS_SHELL = re.compile(
    r"\s*(?:sudo\s+)?(?:ssh(?:\s+-\S+)*\s+\S+|chroot\s+\S+"
    r"|(?:kubectl|oc)\b[^|;&]{0,200}\b(?:rsh|debug)\b[^|;&]{0,200}"
    r"|(?:kubectl|oc|docker|podman)\b[^|;&]{0,200}\bexec\b[^|;&]{0,200}\s(?:/bin/)?(?:ba)?sh)\s*"
)


@lru_cache(maxsize=4096)
def kind_of(text: str, command: str | None) -> Kind:
    """The kind of a step by its verb, and by what its command does to a system.

    A look whose words say "again" is to verify. Whether any other look comes before the cure, as a
    check, or after it, only the order of the whole account tells.
    """
    named = _OF_VERBS.get(verb_of(text))
    if command is None:
        looks = KIN_OF.get(verb_of(text)) == "check"
    elif program_of(command) == "sleep":
        return "wait"
    else:
        looks = risk_of("shell", command) is Risk.READ_ONLY or bool(_OPENS_SHELL.fullmatch(command))
        named = named if looks or named in ("escalate", "communicate") else None
    if named and not (command and named == "wait"):
        return named
    if not looks:
        return "change"
    return "verify" if named == "wait" or _AGAIN.search(text) else "check"
