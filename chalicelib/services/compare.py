"""Compare versions of a playbook with each other, and a playbook with what is suggested."""

import re
from dataclasses import dataclass
from difflib import unified_diff

from typing_extensions import TypedDict

from chalicelib.core.diff import Diff, StepChange, ValueDifference, diff
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.suggestions import Suggestion
from chalicelib.core.versions import MAIN, Playbook, PlaybookVersion, VersionNumber
from chalicelib.formats import as_yaml
from chalicelib.services.access import Caller
from chalicelib.services.publish import find_playbook, find_version
from chalicelib.services.suggestions import find_suggestion

_NUMBER = re.compile(r"\d+\.\d+\.\d+")


_Versions = TypedDict("_Versions", {"from": VersionNumber, "to": VersionNumber})


class VersionDiff(_Versions):
    """What differs between two versions of a playbook.

    Attributes:
        fields: what differs outside of the steps.
        steps: all steps of both, in the order after; those removed stand after what they followed.
        unified: the same as unified text, of the files that are exported as YAML.
    """

    playbook_id: str
    identical: bool
    fields: list[ValueDifference]
    steps: list[StepChange]
    unified: str


@dataclass(frozen=True)
class Comparison:
    """Two versions of a playbook, and what differs between them."""

    before: PlaybookVersion
    after: PlaybookVersion
    diff: Diff

    @property
    def told(self) -> VersionDiff:
        """What differs, as callers are told it."""
        return {
            "playbook_id": self.after.playbook_id,
            "from": self.before.version,
            "to": self.after.version,
            "identical": self.diff.identical,
            "fields": self.diff.fields,
            "steps": self.diff.steps,
            "unified": self.unified,
        }

    @property
    def unified(self) -> str:
        """The difference as unified text, of the files that are exported as YAML."""
        return unified(self.before.spec, self.after.spec, self.before.version, self.after.version)


def compare_versions(
    playbook_id: str, before: str | None, after: str | None, caller: Caller
) -> Comparison:
    """Two versions of a playbook side by side.

    Args:
        playbook_id: whose versions.
        before: a version's number, or a branch's name for what it stands at; what `after` is based
            on unless it is told.
        after: likewise; `main` unless it is told.
        caller: who asks.

    Raises:
        NotFound: there is no such playbook, version or branch.
        Forbidden: its scope is not the caller's.
    """
    new = _named(playbook_id, after or MAIN, caller)
    old = _named(playbook_id, before or new.based_on or new.version, caller)
    return Comparison(old, new, diff(old.spec, new.spec))


def compare_suggestion(
    suggestion_id: str, playbook_id: str, caller: Caller
) -> tuple[Suggestion, Playbook, Diff]:
    """What would have to be changed of a playbook to do what a suggestion says.

    Raises:
        NotFound: there is no such suggestion or playbook.
        Forbidden: its scope is not the caller's.
    """
    suggestion = find_suggestion(suggestion_id, caller)
    playbook = find_playbook(playbook_id, caller)
    return suggestion, playbook, diff(playbook.spec, suggestion.playbook_spec)


def unified(before: PlaybookSpec, after: PlaybookSpec, old_name: str, new_name: str) -> str:
    """What differs, as `diff -u` tells it of the YAML exports; empty where nothing does."""
    old, new = (as_yaml.dump(spec.model_dump(mode="json")).splitlines() for spec in (before, after))
    lines = unified_diff(old, new, old_name, new_name, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _named(playbook_id: str, name: str, caller: Caller) -> PlaybookVersion:
    """The version with that number, or what the branch of that name stands at."""
    is_number = _NUMBER.fullmatch(name) is not None
    _, found = find_version(
        playbook_id, name if is_number else None, None if is_number else name, caller
    )
    return found
