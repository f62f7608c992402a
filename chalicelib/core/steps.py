"""What was done: the atomic steps that a resolution mentions, each with its place in the text."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from chalicelib.core.incidents import Incident
from chalicelib.core.kinds import kind_of
from chalicelib.core.playbooks import Kind
from chalicelib.core.recognition import in_prose, is_command, without_prompt
from chalicelib.core.resolutions import CODE, QUOTED, Part, parts
from chalicelib.core.verbs import imperative

Outcome = Literal["done", "failed", "suggested"]

_LONGEST_QUOTE = 300
#: What stands between a line and the first command of the block of code that follows it.
_BLOCK_FOLLOWS = re.compile(r"[ \t]*\n[ \t]*(?:```|~~~)[^\n]*\n[ \t]*$")
#: What is longer was pasted, not run.
_LONGEST_COMMAND = 5_000

_LABELLED = re.compile(r"^(?P<label>[^`\n]{2,120}?):\s+(?P<command>[^\s`][^`\n]*)$")

_FAILED = re.compile(
    r"\b(?:did|does|do|was|were)(?:\s+not|n['’]?t)\s+(?:\w+\s+)?"
    r"(?:help|work|fix|solve|change|improve|resolve)|\bhad no (?:effect|impact)\b"
    r"|\b(?:no|without(?: any)?)\s+(?:effect|success|luck|avail|improvement|difference|dice|joy)\b"
    r"|\bto no avail\b|\bin vain\b|\bmade (?:it|things) worse\b|\bstill\s+(?:failing|down|broken"
    r"|slow|unresponsive|crashing|the same)\b|\b(?:problem|issue|errors?|alerts?|symptoms?|it)\s+"
    r"(?:persisted|persists|remained|continued|came back|recurred)\b"
    r"|\bbut (?:it|that|this) (?:hung|failed|timed out|crashed|broke|got stuck)\b",
    re.IGNORECASE,
)
_SUGGESTED = re.compile(
    r"\b(?:should|could|would|might|consider|recommend\w*|suggest\w*|plan(?:ned|s)? to|todo|to-do"
    r"|follow[- ]up|next time|in (?:the )?future|long[- ]term|will)\b",
    re.IGNORECASE,
)
#: Why a command was run, behind it: "`df -h` to see what is full".
_PURPOSE = re.compile(r"[`\"”]?\s+to\s+(.*)", re.DOTALL)
#: "If the disk is full," before a clause, alone or with what to do then; and "if ..." behind it.
_IF = re.compile(
    r"\W*(?:(?:and|but|then|only|otherwise)\s+)?(?:if|in case)\s+([^,`]{3,120}?)"
    r"(?:,\s*(?:then\s+)?|$)",
    re.IGNORECASE,
)
_ONLY_IF = re.compile(
    r",?(?<!\s)\s+(?:but\s+)?(?:only\s+)?(?:if|in case)\s+"
    r"(?!(?:needed|necessary|possible|required|applicable|not|any|so)\b)([^`:]{3,120}?)(?:[.;]?$|(?=:))",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\w\s+after\s+$", re.IGNORECASE)
_AFTER_REACHES = 20
#: What joins a deed with that it failed.
_CONNECTING = re.compile(
    r"(?:[\s,;:–—-]|\b(?:but|and|with|which|it|this|that|also|though|unfortunately|had|made)\b)+$",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"^\W*(?:but\s+|however,?\s+)?(?:this|that|it|which|neither|none|no|without|still|did\s?n(?:[o'’])?t"
    r"|to no avail|in vain|(?:the\s+)?(?:problem|issue|errors?|alerts?|symptoms?)\s+(?:persist\w*"
    r"|remain\w*|contin\w*|came|recur\w*|did|was|were|still))\b",
    re.IGNORECASE,
)
#: With a command, only what is clearly for another time is a mere suggestion.
_FOR_LATER = re.compile(
    r"\b(?:next time|in (?:the )?future|follow[- ]up|todo|to-do|long[- ]term|consider"
    r"|(?:could|might|should) have)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mention:
    """One step that a resolution tells of.

    Attributes:
        incident_id: whose resolution it is.
        text: what is done, in the imperative, without the command.
        command: the command, where one is named.
        quote: the words of the resolution, at most 300 characters of them.
        span: where they stand in the resolution, as (start, end).
        outcome: done; tried and failed; or merely suggested.
        condition: what has to be so for it to be done: "the disk is full"; empty if nothing.
    """

    incident_id: str
    text: str
    command: str | None
    quote: str
    span: tuple[int, int]
    outcome: Outcome = "done"
    condition: str = ""

    @property
    def kind(self) -> Kind:
        """What it is for, as far as it tells by itself."""
        return kind_of(self.text, self.command)


def mentions(incident: Incident) -> list[Mention]:
    """The steps that an incident's resolution tells of, in the order that they were done in.

    That is the order of the text, but for what something was done after: "restarted after ...".
    """
    text = incident.resolution
    found: list[Mention] = []
    condition = ""
    for part in parts(text):
        quote = text[part.start : part.end]
        before, told = len(found), condition
        condition = ""
        if part.command is not None:
            said = imperative(part.comment) or _led_by(found, text, part)
            found.append(_mention(incident, part, said, part.command))
        elif (asked := _IF.fullmatch(quote.rstrip(":."))) and not part.command:
            condition = asked[1]
        elif _FAILED.search(quote) and _POINTS_BACK.match(quote) and found:
            _mark_failed(found)
        else:
            found += _of_prose(incident, part)
        if told and len(found) > before:
            found[before] = replace(found[before], condition=told)
        if before and _AFTER.search(text[max(part.start - _AFTER_REACHES, 0) : part.start]):
            found[before - 1 :] = [*found[before:], found[before - 1]]
    return [
        each
        for each in found
        if (each.text or each.command) and len(each.command or "") <= _LONGEST_COMMAND
    ]


def _mark_failed(found: list[Mention]) -> None:
    """Let "that did not help" be said of the last change, not of the look that showed it."""
    changes = [at for at, each in enumerate(found) if kind_of(each.text, each.command) == "change"]
    at = changes[-1] if changes and found[changes[-1]].outcome == "done" else len(found) - 1
    found[at] = replace(found[at], outcome="failed")


def _led_by(found: list[Mention], text: str, part: Part) -> str:
    """What the line before a command set apart says is done there: `Restarted it:`.

    Right before a block of code a line says so without a colon as well.
    """
    if not found or found[-1].command is not None:
        return ""
    between = text[found[-1].span[1] : part.start]
    if found[-1].quote.rstrip().endswith(":") or _BLOCK_FOLLOWS.match(between):
        return found.pop().text
    return ""


def _of_prose(incident: Incident, part: Part) -> list[Mention]:
    """The steps of one clause: one for each command in it, or one for the action that it tells."""
    clause = incident.resolution[part.start : part.end]
    if (asked := _IF.match(clause)) and asked.end() < len(clause):
        then = _of_prose(incident, replace(part, start=part.start + asked.end()))
        return [replace(each, condition=asked[1]) for each in then]
    if asked := _ONLY_IF.search(clause):
        return [
            replace(each, text=_ONLY_IF.sub("", each.text), condition=asked[1])
            for each in _steps_of(incident, part, clause)
        ]
    return _steps_of(incident, part, clause)


def _steps_of(incident: Incident, part: Part, clause: str) -> list[Mention]:
    commands = _commands(clause)
    if not commands:
        action = imperative(clause)
        return [_mention(incident, part, action, None)] if action else []
    if len(commands) > 1:
        return [_mention(incident, part, "", command) for _, command in commands]
    ((low, high), command) = commands[0]
    purpose = _PURPOSE.match(clause[high:])
    action = imperative(clause[:low]) or (imperative(purpose[1]) if purpose else "")
    return [_mention(incident, part, action, command)]


def _commands(clause: str) -> list[tuple[tuple[int, int], str]]:
    """The commands in a clause with the spans, marks included, that they take up."""
    labelled = _LABELLED.match(clause)
    if labelled and is_command(labelled["command"]):
        return [(labelled.span("command"), _clean(labelled["command"]))]
    found: list[tuple[tuple[int, int], str]] = []
    unmarked = list(in_prose(CODE.sub(lambda match: "`" * len(match.group()), clause)))
    inside = bytearray(len(clause))
    for low, high in unmarked:
        inside[low + 1 : high] = b"\1" * (high - low - 1)
    for match in (*CODE.finditer(clause), *QUOTED.finditer(clause)):
        inner = next(filter(None, match.groups()))
        if is_command(inner) and not inside[match.start()]:
            low, high = match.span()
            inside[low + 1 : high] = b"\1" * (high - low - 1)
            found.append(((low, high), _clean(inner)))
    if not found:
        found = [((low, high), clause[low:high]) for low, high in unmarked]
    return sorted(found)


def _clean(command: str) -> str:
    return without_prompt(command.strip().strip("`").strip())


def _mention(incident: Incident, part: Part, text: str, command: str | None) -> Mention:
    end = min(part.end, part.start + _LONGEST_QUOTE)
    quote = incident.resolution[part.start : end]
    outcome: Outcome = "done"
    if _FAILED.search(quote):
        outcome = "failed"
        text = _CONNECTING.sub("", _FAILED.split(text, maxsplit=1)[0])
    elif (_FOR_LATER if command else _SUGGESTED).search(quote):
        outcome = "suggested"
    return Mention(incident.incident_id, text, command, quote, (part.start, end), outcome)
