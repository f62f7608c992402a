"""How well the right playbook is recommended where it is known, and how well is refused.

    python -m tests.evaluate_recommending DIRECTORY [--left-out 4]

reads `incidents.jsonl` (reports with a `label`). The older half of each label's incidents, by id,
make its playbook, as if they had been found to be one pattern; the other half ask, each without
its resolution. Every fourth label is left out: its incidents ask, and no playbook is there for
them. It prints one line of JSON:

- `hit@1`: the share of answerable incidents whose own playbook is ranked first;
- `answerable_refused`: the share of them for which the best is below the least relevance;
- `left_out_refused`: the same share of the incidents of types that were left out;
- `helped@1`: `hit@1` after three callers have said, of each incident that had another playbook
  first, that its own helped and that other did not.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.experience import Voice, heard
from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.core.patterns import describe
from chalicelib.core.reasons import likenesses
from chalicelib.core.relevance import Index, base_record, in_order, index_of, rank, score
from chalicelib.core.situations import Scored, Situation
from chalicelib.core.synthesis import synthesise
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.services.publish import texts_of
from chalicelib.settings import Recommendations

_NOW = datetime(2100, 1, 1, tzinfo=UTC)
_CALLERS = ("ann", "bob", "eve")
_LOOKED_AT = 8  # as many as for five recommendations
_LEAST = Recommendations().min_relevance_score


@dataclass(frozen=True)
class Case:
    """Playbooks, and the incidents that ask for one; None is right where there is none."""

    playbooks: list[Playbook]
    asking: list[tuple[Situation, str | None]]


def main() -> None:
    """Measure it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--left-out", type=int, default=4, help="one label in so many")
    args = parser.parse_args()
    lines = (args.directory / "incidents.jsonl").read_text(encoding="utf-8").splitlines()
    print(json.dumps(measure(map(json.loads, lines), args.left_out)))


def measure(rows: Iterable[dict[str, Any]], left_out: int) -> dict[str, Any]:
    """The figures of reports with labels."""
    case = case_of(rows, left_out)
    index = index_of(
        [candidate_of(p) for p in case.playbooks], [found_by(p) for p in case.playbooks]
    )
    first = [(best(index, situation), right) for situation, right in case.asking]
    answerable = [(found, right) for found, right in first if right is not None]
    others = [found for found, right in first if right is None]
    helped = sum(
        right is not None and first_after_voices(index, situation, right) == right
        for situation, right in case.asking
    )
    hits = sum(found.candidate.playbook_id == right for found, right in answerable)
    return {
        "playbooks": len(case.playbooks),
        "answerable": len(answerable),
        "hit@1": share(hits, len(answerable)),
        "helped@1": share(helped, len(answerable)),
        "answerable_refused": refused([found for found, _ in answerable]),
        "left_out": len(others),
        "left_out_refused": refused(others),
    }


def case_of(rows: Iterable[dict[str, Any]], left_out: int) -> Case:
    """The playbooks that half of the incidents make, and the other half."""
    members: dict[str, list[Incident]] = defaultdict(list)
    for number, row in enumerate(rows):
        fields = {name: value for name, value in row.items() if name != "label"}
        members[row["label"]].append(incident_of(IncidentReport(**fields), str(number), _NOW))
    playbooks, asking = [], []
    for number, label in enumerate(sorted(members)):
        incidents = sorted(members[label], key=lambda each: each.incident_id)
        half = (len(incidents) + 1) // 2
        playbook = None if number % left_out == 0 else playbook_of(label, incidents[:half])
        if playbook is not None:
            playbooks.append(playbook)
        right = playbook.playbook_id if playbook else None
        asking += [(situation_of(each), right) for each in incidents[half:]]
    return Case(playbooks, asking)


def playbook_of(label: str, incidents: Sequence[Incident]) -> Playbook | None:
    """The playbook that incidents of one type make, None where they tell no steps."""
    pattern = describe(
        incidents,
        pattern_id=label,
        scope="x",
        centroid={},
        now=_NOW,
        min_frequency=2,
        min_success_rate=0,
    )
    spec = synthesise(
        incidents,
        name=pattern.incident_type,
        systems=pattern.systems,
        keywords=pattern.keywords,
        metadata={},
    )
    if spec is None:
        return None
    return Playbook(
        playbook_id=label,
        scope="x",
        title=spec.name,
        status=PlaybookStatus.ACTIVE,
        version="1.0.0",
        spec=spec,
        systems=pattern.systems,
        severities=list(pattern.severity_distribution),
        symptoms=pattern.symptoms,
        incident_texts=texts_of(incidents),
        solved_rate=pattern.success_rate,
        created_by="x",
        created_at=_NOW,
        updated_at=_NOW,
    )


def situation_of(incident: Incident) -> Situation:
    """What is known of an incident before anything is done."""
    return Situation(**incident.model_dump(exclude={"resolution", "resolved_at"}))


def best(index: Index, situation: Situation) -> Scored:
    """The playbook that fits a situation best, however little."""
    return rank(index, situation, most=1)[0]


def first_after_voices(index: Index, situation: Situation, right: str) -> str:
    """The playbook that comes first once three callers have spoken of the one that did."""
    ranked = rank(index, situation, most=_LOOKED_AT)
    wrong = ranked[0].candidate.playbook_id
    if wrong == right:
        return right
    again = []
    for each in ranked:
        name = each.candidate.playbook_id
        callers = _CALLERS if name in (right, wrong) else ()
        voices = [
            Voice(caller=caller, text=situation.text, helped=float(name == right), at=_NOW)
            for caller in callers
        ]
        said = heard(voices, likenesses([voice.text for voice in voices], situation))
        record = base_record(each.candidate).plus(said.successes, said.weight)
        again.append(score(each.candidate, {**each.parts, "historical_success": record.rate}))
    return in_order(again)[0].candidate.playbook_id


def refused(found: Sequence[Scored]) -> float:
    """The share of answers whose best is below the least relevance."""
    return share(sum(each.relevance_score < _LEAST for each in found), len(found))


def share(part: int, whole: int) -> float:
    """A share to three digits."""
    return round(part / max(whole, 1), 3)


if __name__ == "__main__":
    main()
