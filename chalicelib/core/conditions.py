"""When a step is taken, and what it has to show: conditions and validations, as the texts say them.

A condition is either told ("if the disk is full, ..."), which asks whoever runs the playbook, or
shows in where incidents part: some were solved by one change and the others by another.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from chalicelib.core.alignment import AlignedStep
from chalicelib.core.incidents import Incident
from chalicelib.core.playbooks import Condition, Parameter, Validation
from chalicelib.core.steps import Mention
from chalicelib.core.text import mask, terms

#: What whoever runs the playbook is asked where incidents were solved in two ways.
WAY = "way"

#: Two ways are those that at least this share of incidents took each, and this share took either.
_LEAST_OF_EACH = 0.3
_LEAST_OF_BOTH = 0.8
_FEWEST = 4
_MOST_WORDS = 3
_LONGEST_NAME = 50

_THEN_IS_NOW = {"was": "is", "were": "are", "had": "has", "did": "does"}
_STATE = (
    r"green|healthy|health_ok|running|ready|pong|synced|active|available|completed|200(?:\s+ok)?"
)
_TOKEN = (
    rf"(?:`(?P<code>[^`\n]{{1,100}})`|[\"“](?P<said>[^\"”\n]{{1,100}})[\"”]|(?P<state>{_STATE})\b)"
)
#: What the texts say has to come out, and what came out.
_EXPECTED = re.compile(
    r"\b(?:should|must|expect(?:ed|ing)?|until)\s+(?:[\w-]+\s+){0,3}?"
    rf"(?:(?:be|is|are|say|says|show|shows|return|returns|report|reports|read|reads|to)\s+)*{_TOKEN}",
    re.IGNORECASE,
)
_CAME_OUT = re.compile(
    r"(?:\b(?:returned|reported|reports|showed|shows|said|says|is|are|was|were|went|for)|[-–:=>→])\s+"
    rf"(?:(?:again|now|all|back|status)\s+)*{_TOKEN}",
    re.IGNORECASE,
)


def told_condition(
    mentions: Sequence[Mention], taken: Sequence[str] = ()
) -> tuple[Parameter, Condition] | None:
    """The question that at least half of those who tell of a step make it depend on.

    Its parameter has none of the names that are taken.
    """
    asked: dict[str, Counter[str]] = {}
    for mention in mentions:
        if mention.condition:
            text = _in_the_present(mention.condition)
            asked.setdefault(_name_of(text), Counter())[text] += 1
    if not asked:
        return None
    name = min(asked, key=lambda each: (-asked[each].total(), each))
    if 2 * asked[name].total() < len(mentions):
        return None
    text = min(asked[name], key=lambda each: (-asked[name][each], each))
    name = f"if_{name}" if name in taken else name
    parameter = Parameter(name=name, type="boolean", description=f"Whether {text}.")
    return parameter, Condition(type="equals", param=name, value=True, text=text)


def ways(steps: Sequence[AlignedStep], changes: Sequence[int], told: int) -> tuple[int, int] | None:
    """The places of two changes of which nearly every incident was solved by either, never both.

    Args:
        steps: in their order.
        changes: the places of those that change something.
        told: how many incidents tell of any step.
    """
    if told < _FEWEST:
        return None
    for one, other in combinations(changes, 2):
        first, second = set(steps[one].incident_ids), set(steps[other].incident_ids)
        enough = min(len(first), len(second)) >= _LEAST_OF_EACH * told
        if enough and not first & second and len(first | second) >= _LEAST_OF_BOTH * told:
            return one, other
    return None


def told_apart(ours: Sequence[Incident], theirs: Sequence[Incident]) -> list[str]:
    """Words that all reports of the one kind have, and none of the other."""
    common = set.intersection(*map(_reported, ours))
    return sorted(common - set().union(*map(_reported, theirs)))[:_MOST_WORDS]


def way_of(
    value: str, ours: Sequence[str], theirs: Sequence[str], incidents: Mapping[str, Incident]
) -> Condition:
    """The condition of a step that only some incidents were solved by."""
    words = told_apart([incidents[each] for each in ours], [incidents[each] for each in theirs])
    text = f"{len(ours)} of {len(ours) + len(theirs)} incidents were solved this way"
    if words:
        text += f", all of which tell of {', '.join(words)}"
    return Condition(type="equals", param=WAY, value=value, text=text)


def validation(mentions: Sequence[Mention], *, last: bool) -> Validation | None:
    """What has to come out of a step: what one text expects, or what most say came out at the end.

    Args:
        mentions: of a step that looks only.
        last: whether it comes after all changes, so that what came out is how it should be.
    """
    expected = Counter(_tokens(mentions, _EXPECTED))
    if not expected and last:
        came_out = Counter(_tokens(mentions, _CAME_OUT))
        expected = Counter({k: n for k, n in came_out.items() if 2 * n >= len(mentions)})
    if not expected:
        return None
    (type_, value) = min(expected, key=lambda each: (-expected[each], each))
    quotes = (each.quote for each in mentions if (type_, value) in {*_tokens([each], _CAME_OUT)})
    said = next((each.quote for each in mentions if _EXPECTED.search(each.quote)), next(quotes, ""))
    if type_ == "contains":
        return Validation(type="contains", value=value, text=said)
    return Validation(type="matches", value=rf"(?i)\b{value}\b", text=said)


def _tokens(mentions: Sequence[Mention], rule: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for mention in mentions:
        quote = mention.quote
        if mention.command:
            quote = quote.replace(mention.command, "…", 1)
        found = rule.search(quote)
        if found and found["state"]:
            yield "matches", found["state"].lower()
        elif found and (found["code"] or found["said"]) != "…":
            yield "contains", found["code"] or found["said"]


def _in_the_present(text: str) -> str:
    words = [_THEN_IS_NOW.get(word, word) for word in text.strip(" ,.:;").split()]
    return " ".join(words)


def _name_of(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower())
    kept = [word for word in words if word not in ("the", "a", "an", "still", "already", "we")]
    name = "_".join(kept)[:_LONGEST_NAME].strip("_") or "condition"
    return name if name[0].isalpha() else f"is_{name}"


def _reported(incident: Incident) -> set[str]:
    told = [incident.title, incident.description, *incident.symptoms, *incident.error_messages]
    return {word for word in terms(mask("\n".join(told))) if word.isalpha()}
