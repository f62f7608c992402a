"""Example incidents of our own writing, so that a first look at the service shows something.

They lie in `examples/`, a file for each kind of trouble, and `once.yaml` for what never recurred.
Times are relative there, and a secret is a marker such as `{{secret:password}}`: both are filled in
here, so that the incidents are always of the last weeks and no secret stands in a file.
"""

import hashlib
import re
import string
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from chalicelib.core.fields import format_time

ONCE = "once"

_DIRECTORY = Path(__file__).with_name("examples")
_MARKER = re.compile(r"\{\{secret:(\w+)\}\}")
_LETTERS = string.ascii_letters + string.digits
_CAPITALS = string.ascii_uppercase + "234567"


def examples(now: datetime) -> list[dict[str, Any]]:
    """The example incidents as reports, all opened within the 28 days before now."""
    return [_report(entry, now) for _, entry in _entries()]


def kinds() -> dict[str, str]:
    """The kind of trouble of each example, by incident id; `once` for what never recurred."""
    return {entry["incident_id"]: kind for kind, entry in _entries()}


def secret(kind: str, seed: str) -> str:
    """A made-up secret of a kind, in its usual form; the same for the same seed.

    Raises:
        KeyError: we make no secrets of that kind.
    """
    key = "\n".join(_characters(f"{seed}{line}", 64, _LETTERS) for line in range(3))
    forms = {
        "password": _characters(seed, 14, _LETTERS) + "-7",
        "github_token": "gh" + "p_" + _characters(seed, 36, _LETTERS),
        "aws_access_key": "AK" + "IA" + _characters(seed, 16, _CAPITALS),
        "aws_secret_key": _characters(seed, 40, _LETTERS),
        "private_key": f"-----BEGIN {'PRIVATE'} KEY-----\n{key}\n-----END {'PRIVATE'} KEY-----",
    }
    return forms[kind]


def _entries() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(_DIRECTORY.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield path.stem, entry


def _report(entry: dict[str, Any], now: datetime) -> dict[str, Any]:
    report = {
        name: _filled(value, entry["incident_id"])
        for name, value in entry.items()
        if name not in ("age_hours", "minutes_to_resolve")
    }
    opened = now - timedelta(hours=entry["age_hours"])
    report["opened_at"] = format_time(opened)
    if "minutes_to_resolve" in entry:
        closed = opened + timedelta(minutes=entry["minutes_to_resolve"])
        report["resolved_at"] = format_time(closed)
    return report


def _filled(value: Any, seed: str) -> Any:
    if isinstance(value, list):
        return [_filled(each, seed) for each in value]
    return _MARKER.sub(lambda marker: secret(marker[1], seed + marker[1]), value)


def _characters(seed: str, length: int, alphabet: str) -> str:
    digest = b"".join(hashlib.sha256(f"{seed}{part}".encode()).digest() for part in range(2))
    return "".join(alphabet[byte % len(alphabet)] for byte in digest[:length])
