"""Why a playbook fits a situation, and what it lacks: in words that name the evidence."""

import math
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from chalicelib.core.experience import Heard
from chalicelib.core.recommendations import SimilarIncident
from chalicelib.core.relevance import TOPICAL
from chalicelib.core.search_terms import is_pair, search_terms, shown, words
from chalicelib.core.situations import PARTS, Failures, Scored, Situation
from chalicelib.core.text import WORD_IN_A_NAME
from chalicelib.core.versions import Playbook

_TERMS_NAMED = 5
_SIGNS_NAMED = 2
_LONGEST_SIGN = 120
#: So much of what is asked is looked at for how its terms are spelt.
_SPELT_WITHIN = 10_000
_WORD = re.compile(r"[^\W_]+")
#: A part below this is one that was missing.
_MISSING_BELOW = 0.5

_LACKS = {
    "text_similarity": "says little of what was asked",
    "system_match": "is not known for these systems",
    "symptom_match": "is not known for these symptoms",
}


def reasons(
    playbook: Playbook,
    situation: Situation,
    scored: Scored,
    heard: Heard,
    failures: Failures,
) -> list[str]:
    """In short sentences, what matched, how it went before, and what was left out."""
    return [
        *_of_systems(playbook, situation, scored),
        *_of_signs(playbook, situation),
        *_of_words(playbook, situation),
        *_of_severity(playbook, situation),
        *_of_runs(playbook),
        *_of_voices(heard),
        *_of_failures(failures),
        *_of_gaps(scored),
    ]


def lacking(scored: Scored) -> list[str]:
    """What kept a playbook from being recommended, in words."""
    lacks = [
        said
        for part, said in _LACKS.items()
        if (value := scored.parts.get(part)) is not None and value < _MISSING_BELOW
    ]
    if "just_failed" in scored.contributions:
        lacks.append("just failed on these systems")
    untold = [_named(part) for part in TOPICAL if scored.scores.get(part) is None]
    if untold:
        lacks.append(f"could not be judged by its {' or '.join(untold)}")
    return lacks


def likenesses(texts: Sequence[str], situation: Situation) -> list[float]:
    """How alike a situation and what each of some incidents said are, 0 to 1.

    That is the share of their words in common, by the geometric mean of their numbers (Ochiai).
    """
    asked = words(situation.text)
    told = [words(text) for text in texts]
    return [
        len(asked & each) / math.sqrt(len(asked) * len(each)) if asked and each else 0.0
        for each in told
    ]


def similar_incidents(playbook: Playbook, situation: Situation, most: int) -> list[SimilarIncident]:
    """The incidents behind a playbook that are like the situation, best first.

    Each with its `incident_id`, where to read it, its `title`, its `similarity`, 0 to 1, and how it
    was solved: the steps of the playbook that were learned from it.
    """
    ids = sorted(playbook.incident_texts)
    found = likenesses([playbook.incident_texts[each] for each in ids], situation)
    alike = sorted((-one, each) for each, one in zip(ids, found, strict=True) if one > 0)
    return [
        {
            "incident_id": each,
            "href": f"/v1/incidents/{quote(each, safe='')}?scope={playbook.scope}",
            "title": playbook.incident_texts[each].split("\n", 1)[0],
            "similarity": -negative,
            "solved_by": [
                step.name for step in playbook.spec.steps if each in step.evidence.incident_ids
            ],
        }
        for negative, each in alike[:most]
    ]


def _of_systems(playbook: Playbook, situation: Situation, scored: Scored) -> list[str]:
    if not situation.affected_systems:
        return []
    own = [words(system) for system in playbook.systems]
    same = [
        system
        for system in situation.affected_systems
        if any(name and (name <= words(system) or words(system) <= name) for name in own)
    ]
    named = ", ".join(same or situation.affected_systems)
    if same:
        return [f"Is about the same system: {named}"]
    if not playbook.systems:
        return [f"Knows no systems, so it is open whether it is for {named}"]
    if scored.parts["system_match"]:
        return [f"Names {named}, but is about {', '.join(playbook.systems[:3])}"]
    return [f"Is about another system than {named}"]


def _of_signs(playbook: Playbook, situation: Situation) -> list[str]:
    """How many of the incidents behind the playbook showed what is seen now."""
    past = [words(text) for text in playbook.incident_texts.values()]
    listed = [words(symptom) for symptom in playbook.symptoms]
    where = f" on {playbook.systems[0]}" if playbook.systems else ""
    found = []
    for sign in dict.fromkeys([*situation.error_messages, *situation.signs]):
        wanted = words(sign)
        count = sum(wanted <= told for told in past) if wanted else 0
        said = sign if len(sign) <= _LONGEST_SIGN else f"{sign[:_LONGEST_SIGN]}…"
        if count:
            reason = f"{count} of {len(past)} past incidents{where} told of `{said}`"
            found.append((-count, reason))
        elif wanted and wanted in listed:
            found.append((0, f"Is written for `{said}`"))
    return [reason for _, reason in sorted(found, key=lambda each: each[0])[:_SIGNS_NAMED]]


def _of_words(playbook: Playbook, situation: Situation) -> list[str]:
    own = [playbook.title, playbook.spec.text, *playbook.systems, *playbook.symptoms]
    said = frozenset(search_terms("\n".join([*own, *playbook.incident_texts.values()])))
    text = "\n".join([situation.title, *situation.signs, situation.description])
    shared = [term for term in dict.fromkeys(search_terms(text)) if term in said]
    pairs = [term for term in shared if is_pair(term)]
    within = {word for pair in pairs for word in (pair, *pair.split())}
    alone = [term for term in shared if term not in within]
    named = _spelt([*pairs, *alone][:_TERMS_NAMED], text)
    return [f"Shares the terms {', '.join(named)}"] if named else []


def _spelt(terms: Sequence[str], text: str) -> list[str]:
    """Terms as a text spells them: `certificate expired` for the stems `certif expir`."""
    missing = {word for term in terms for word in term.split()}
    spelling: dict[str, str] = {}
    for word in _WORD.findall(text[:_SPELT_WITHIN]):
        if not missing:
            break
        for spelt in (word, *WORD_IN_A_NAME.findall(word)):
            whole = next(iter(search_terms(spelt)), "")
            if whole in missing:
                missing.remove(whole)
                spelling[whole] = spelt
    return [" ".join(shown(spelling.get(word, word)) for word in term.split()) for term in terms]


def _of_severity(playbook: Playbook, situation: Situation) -> list[str]:
    if situation.severity and situation.severity in playbook.severities:
        return [f"Has been needed at severity {situation.severity}"]
    return []


def _of_runs(playbook: Playbook) -> list[str]:
    if playbook.executions:
        return [f"{playbook.successes} of {playbook.executions} runs succeeded"]
    return ["Has not been run yet: success is estimated from the incidents behind it"]


def _of_voices(heard: Heard) -> list[str]:
    if not heard.voices:
        return []
    return [f"{heard.helped} of {heard.voices} who tried it on incidents like this say it helped"]


def _of_failures(failures: Failures) -> list[str]:
    if not failures.runs:
        return []
    times = "once" if failures.runs == 1 else f"{failures.runs} times"
    return [f"Failed {times} on these systems, last {failures.hours:.0f} h ago, so it sinks"]


def _of_gaps(scored: Scored) -> list[str]:
    missing = _listed(part for part in PARTS if scored.scores.get(part) is None)
    return [f"Not told, so left out and the rest scaled up: {missing}"] if missing else []


def _listed(parts: Iterable[str] | Sequence[str]) -> str:
    return ", ".join(_named(part) for part in parts)


def _named(part: str) -> str:
    return part.replace("_", " ")
