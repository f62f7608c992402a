"""The licences of all that ships: `python -m infra.licences > docs/licences.md`.

Walks from `requirements.txt` through what each package needs, and reads each one's own metadata.
"""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"
_HEAD = """# Licences of all that ships

Written by `python -m infra.licences`, from the packages' own metadata; a test compares. Chalice's
runtime (Apache-2.0) is added by `chalice package`.

| package | licence |
| --- | --- |"""


def shipped() -> dict[str, Distribution]:
    """Every distribution that `requirements.txt` brings to Lambda, by its name."""
    lines = REQUIREMENTS.read_text().splitlines()
    waiting = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found: dict[str, Distribution] = {}
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen or not _applies(wanted, {""}):
            continue
        seen.add(str(wanted))
        try:
            there = distribution(wanted.name)
        except PackageNotFoundError:
            raise SystemExit(f"{wanted.name} is not installed") from None
        found[re.sub(r"[-_.]+", "-", there.metadata["Name"]).lower()] = there
        needed = map(Requirement, there.requires or [])
        waiting += [
            _without_marker(each) for each in needed if _applies(each, {"", *wanted.extras})
        ]
    return dict(sorted(found.items()))


def _applies(wanted: Requirement, extras: set[str]) -> bool:
    marker = wanted.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)


def _without_marker(wanted: Requirement) -> Requirement:
    wanted.marker = None
    return wanted


def licence(package: Distribution) -> str:
    """A package's licence as it says itself: an expression, a classifier, or the first line."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    named = [
        each.split(" :: ")[-1]
        for each in metadata.get_all("Classifier") or []
        if each.startswith("License :: ") and each != "License :: OSI Approved"
    ]
    text = str(metadata["License"] or "").strip() if "License" in metadata else ""
    return ", ".join(named) or (text.splitlines()[0] if text else "unknown")


def document() -> str:
    """The text of docs/licences.md."""
    rows = [f"| {name} | {licence(package)} |" for name, package in shipped().items()]
    return "\n".join([_HEAD, *rows]) + "\n"


if __name__ == "__main__":
    print(document(), end="")
