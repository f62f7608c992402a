"""Whether what fits is recommended, and nothing where nothing fits, at the default threshold.

    python -m tests.evaluate_refusing issues ISSUES.jsonl [--with-systems]
    python -m tests.evaluate_refusing alerts QUERIES.jsonl RUNBOOKS.jsonl... [--without-names]

`issues` reads what people wrote (`title`, `description`), a `label` on those that are of one kind.
The older half of each kind, by the file's order, are the incidents behind a playbook; the other
half ask, and so do those without a label, for which there is no playbook. `--with-systems` tells
the `systems` of both.

`alerts` reads runbooks (`id`, `title`, `sections`, `commands`) that nobody has used yet, and alerts
(`label`, `title`, `description`) with the ids of their runbooks in `gold`. Each alert asks four
times, each time without another quarter of the runbooks, by their names: once without its own.
It asks with its name, as monitoring sends it, unless `--without-names` takes all names out.

It prints one line of JSON: how many asked, the share of right playbooks that came first, the share
of these that was refused nevertheless, and the share refused where there is no playbook.
"""

import argparse
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.relevance import Index, index_of, rank
from chalicelib.core.situations import Situation
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.services.publish import texts_of
from chalicelib.settings import Recommendations

_NOW = datetime(2100, 1, 1, tzinfo=UTC)
_LEAST = Recommendations().min_relevance_score
_FOLDS = 4
_LONGEST = 10_000
_NOTHING = "nothing"

Row = dict[str, Any]
#: What somebody asks, and the playbooks that are right.
Asked = tuple[Situation, set[str]]


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("issues", "alerts"))
    parser.add_argument("asking", type=Path)
    parser.add_argument("runbooks", type=Path, nargs="*")
    parser.add_argument("--without-names", action="store_true")
    parser.add_argument("--with-systems", action="store_true")
    args = parser.parse_args()
    if args.what == "issues":
        rows = _rows(args.asking)
        if not args.with_systems:
            rows = ({**row, "systems": []} for row in rows)
        rounds = [issues(rows)]
    else:
        books = [row for path in args.runbooks for row in _rows(path)]
        rounds = list(alerts(list(_rows(args.asking)), books, named=not args.without_names))
    print(json.dumps(figures(rounds)))


def issues(rows: Iterable[Row]) -> tuple[list[Playbook], list[Asked]]:
    """Playbooks of words alone that half of each kind's issues make, and all the others."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        kinds[row.get("label") or f"{_NOTHING} {number}"].append(row)
    playbooks, asking = [], []
    for kind, members in kinds.items():
        half = 0 if kind.startswith(_NOTHING) else (len(members) + 1) // 2
        if half:
            spec = _spec(members[0]["title"], "", [], [])
            behind = [_incident(row, number) for number, row in enumerate(members[:half])]
            systems = members[0].get("systems") or []
            playbooks.append(_playbook(kind, spec, texts_of(behind), systems))
        for row in members[half:]:
            systems = row.get("systems") or []
            asking.append((_asked(row["title"], row.get("description"), systems), {kind}))
    return playbooks, asking


def alerts(
    queries: Sequence[Row], books: Sequence[Row], *, named: bool
) -> Iterator[tuple[list[Playbook], list[Asked]]]:
    """For each quarter that is left out the other runbooks as playbooks, and all alerts."""
    known = {book["id"] for book in books}
    asking = []
    for row in queries:
        right = {each for each in row["gold"] if each in known}
        name = row["label"]
        title = f"{name}: {row.get('title') or ''}" if named else _without(name, row.get("title"))
        told = row.get("description") if named else _without(name, row.get("description"))
        if right:
            asking.append((_asked(title, told), right))
    for fold in range(_FOLDS):
        stay = [book for book in books if zlib.crc32(_name(book).lower().encode()) % _FOLDS != fold]
        yield [_playbook(book["id"], _runbook(book, named=named), {}) for book in stay], asking


def figures(rounds: Iterable[tuple[list[Playbook], list[Asked]]]) -> dict[str, float]:
    """The figures of some playbooks and those who ask."""
    answerable = first = refused = others = others_refused = 0
    for playbooks, asking in rounds:
        index = _index(playbooks)
        known = {each.playbook_id for each in playbooks}
        for situation, right in asking:
            best = rank(index, situation, most=1)[0]
            below = best.relevance_score < _LEAST
            if not right & known:
                others += 1
                others_refused += below
                continue
            answerable += 1
            if best.candidate.playbook_id in right:
                first += 1
                refused += below
    return {
        "answerable": answerable,
        "right_first": round(first / max(answerable, 1), 3),
        "right_first_refused": round(refused / max(first, 1), 3),
        "without_a_playbook": others,
        "without_a_playbook_refused": round(others_refused / max(others, 1), 3),
    }


def _index(playbooks: Sequence[Playbook]) -> Index:
    return index_of([candidate_of(p) for p in playbooks], [found_by(p) for p in playbooks])


def _runbook(book: Row, *, named: bool) -> PlaybookSpec:
    name = "" if named else _name(book)
    said = [_without(name, each["text"]) for each in book["sections"] if each["text"].strip()]
    commands = [_without(name, each) for each in book.get("commands") or []]
    return _spec(_without(name, book["title"]), said[0] if said else "", said[1:40], commands)


def _spec(title: str, said: str, notes: Sequence[str], commands: Sequence[str]) -> PlaybookSpec:
    name = title.strip()[:200] or "Runbook"
    told = [("noop", "message", each[:4_000]) for each in notes or ["See above"]]
    told += [("shell", "command", each) for each in commands if each.strip()]
    steps = [
        Step(id=f"s{number}", name=text.strip()[:80], action=action, args={key: text})
        for number, (action, key, text) in enumerate(told[:60])
    ]
    return PlaybookSpec(name=name, description=said[:2_000], steps=steps)


def _playbook(
    playbook_id: str, spec: PlaybookSpec, texts: dict[str, str], systems: Sequence[str] = ()
) -> Playbook:
    return Playbook(
        playbook_id=playbook_id,
        scope="x",
        title=spec.name,
        status=PlaybookStatus.ACTIVE,
        version="1.0.0",
        spec=spec,
        systems=list(systems),
        severities=[],
        symptoms=[],
        incident_texts=texts,
        created_by="x",
        created_at=_NOW,
        updated_at=_NOW,
    )


def _incident(row: Row, number: int) -> Incident:
    told = {"title": row["title"][:300], "description": (row.get("description") or "")[:_LONGEST]}
    return incident_of(IncidentReport(**told), f"i{number:04}", _NOW)


def _asked(title: str, description: str | None, systems: Sequence[str] = ()) -> Situation:
    told = {"title": title.strip()[:300] or "Incident", "affected_systems": list(systems)}
    return Situation(description=(description or "")[:_LONGEST], **told)


def _name(book: Row) -> str:
    return str(book["title"]).split("/")[-1]


def _without(name: str, text: str | None) -> str:
    return re.sub(re.escape(name), " ", text or "", flags=re.IGNORECASE) if name else text or ""


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
