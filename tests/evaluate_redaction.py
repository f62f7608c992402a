"""How much of secrets and personal data is taken out, what else is touched, and how long it takes.

`python -m tests.evaluate_redaction FILE` reads lines of JSON (gzip or not) with `text`, `kind`,
`must_redact`, `tier` and `secrets`, and prints one line of JSON: the share of the texts of which
every secret is gone, by class and by kind, and the share of the harmless ones that are touched.
The kinds are parted by a hash of their name: one half was looked at while the rules were written
(`seen`), the other was not (`held`). Policy cases (what some redact and some do not) and ambiguous
ones count apart. Then the processor time of the worst texts that we could think
of; without FILE only that.
"""

import argparse
import gzip
import hashlib
import json
import random
import re
import string
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from chalicelib.redaction import redact
from chalicelib.redaction.findings import PLACEHOLDER

_PERSONAL = frozenset(
    """email phone credit_card iban us_ssn us_itin national_id passport driver_license health_id
    ip_address mac_address crypto bank_account date_of_birth""".split()
)
_KEYED = frozenset(
    """password_assignment generic_api_key url_credentials curl_auth kubernetes_secret netrc
    vendor_keyed_token db_connection_string http_auth_header ibm_cloud_key""".split()
)
_TRIES = 2  # of which the faster counts: the first one builds automata
_LENGTHS = (1_000, 100_000)


def half_of(kind: str) -> str:
    """Which half of the kinds a kind is in."""
    return ("seen", "held")[int(hashlib.sha256(kind.encode()).hexdigest(), 16) % 2]


def class_of(kind: str) -> str:
    """What a kind is judged with: personal data, keyed values or vendors' tokens."""
    return "personal" if kind in _PERSONAL else "keyed" if kind in _KEYED else "vendor"


def figures(cases: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The shares of a set of labelled texts, each with how many there were."""
    removed: dict[str, list[bool]] = defaultdict(list)
    kinds: dict[str, list[bool]] = defaultdict(list)
    touched: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        text, kind, tier = redact(case["text"]), case["kind"], case["tier"]
        half = half_of(kind)
        if not case["must_redact"]:
            touched[f"{tier}, {half}"].append(text != case["text"])
            continue
        # A placeholder for the password "password" names the kind, not the secret.
        left = PLACEHOLDER.sub("", text)
        gone = not any(secret in left for secret in case["secrets"])
        if tier == "must":
            for name in (class_of(kind), f"{class_of(kind)}, {half}"):
                removed[name].append(gone)
            kinds[kind].append(gone)
        else:
            removed[tier].append(gone)
    return {"removed": _shares(removed), "touched": _shares(touched), "by_kind": _shares(kinds)}


def _shares(found: dict[str, list[bool]]) -> dict[str, list[float]]:
    return {
        name: [round(sum(each) / len(each), 4), len(each)] for name, each in sorted(found.items())
    }


def _random(length: int, alphabet: str) -> str:
    return "".join(random.Random(length).choices(alphabet, k=length))


def _again(piece: str) -> Callable[[int], str]:
    return lambda length: piece * (length // len(piece))


_ALNUM = string.ascii_letters + string.digits
_BEGIN = "-----BEGIN " + "PRIVATE KEY-----"
WORST: dict[str, Callable[[int], str]] = {
    "prose": _again("The pod restarted twice, as its secret was not set. "),
    "long base64": lambda length: _random(length, _ALNUM + "+/"),
    "words of base64": lambda length: " ".join(
        _random(60 + n % 7, _ALNUM) for n in range(length // 64)
    ),
    "digits": lambda length: _random(length, string.digits),
    "groups of digits": lambda length: " ".join(re.findall("....", _random(length, "0123456789"))),
    "values": lambda length: "".join(
        f"token={_random(20 + n % 9, _ALNUM)} " for n in range(length // 31)
    ),
    **{
        repr(piece): _again(piece)
        for piece in (
            *("=", "a=", "a=b ", "password=", "key: ", 'key="', '"', "'", '\\"', "a@", "a.b@c."),
            *(".", "a.", "@", "user@example.com ", '{"a":', "[", "://a:", "://", "curl -u "),
            *("mysql -", "phone +1 ", "+1", "%41", "a%3D1 ", "\n", "a1b2c3d4\n", "a\\\n"),
            *("&amp;", "AKIA"),
            *("eyJ-", "eyJaaaaaaaa.", "name: token\n", " --token", "authorization: ", "is "),
            *("cookie: a=", "bearer ", "password is ", "pass", "password><", "ssh a@b.com "),
            *("4111 1111 1111 1111 ", "kind: Secret\ndata:\n ", "sk-AKIAxoxb-SG.eyJ", "é1@ü.com "),
            *("<REDACTED:token:aaaaaa>", f"{_BEGIN}\n", "tax id 12", "  a: b1\n"),
        )
    },
    "a key without an end": lambda length: _BEGIN + _random(length, _ALNUM),
    "a nested secret": lambda length: "kind: Secret\ndata:\n" + "  a: b1\n" * (length // 8),
}


def times() -> dict[str, Any]:
    """The milliseconds of processor time that the slowest of the worst texts take."""
    redact(f"password={_random(9, _ALNUM)} AKIA{_random(16, string.ascii_uppercase)}")
    slowest: dict[str, Any] = {}
    for length in _LENGTHS:
        taken = {name: _milliseconds(make(length)) for name, make in WORST.items()}
        worst = sorted(taken, key=lambda name: -taken[name])[:5]
        slowest[str(length)] = {name: taken[name] for name in worst} | {"prose": taken["prose"]}
    return slowest


def _milliseconds(text: str) -> float:
    tries = []
    for _ in range(_TRIES):
        start = time.process_time()
        redact(text)
        tries.append(time.process_time() - start)
    return round(min(tries) * 1000, 1)


def _cases(path: Path) -> Iterator[dict[str, Any]]:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    yield from map(json.loads, text.splitlines())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    wanted = parser.parse_args()
    found = figures(_cases(wanted.file)) if wanted.file else {}
    print(json.dumps(found | {"milliseconds": times()}))


if __name__ == "__main__":
    main()
