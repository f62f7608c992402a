"""How well commands are found in texts, and playbooks made, where the commands are known.

    python -m tests.evaluate_extraction commands extraction_gold.jsonl [--source openshift/runbooks]
    python -m tests.evaluate_extraction playbooks DIRECTORY [--without-marks]

`commands` reads lines with `commands` and the texts `input_plain` (no fences, no prompts) and
`input_md`; beside ours stands what the lines that begin with a known program would give. Commands
are right where their tokens are the same (`exact`), or nearly so (F1 of at least 0.8).

`playbooks` reads `incidents.jsonl` (reports with a `label`) and `gold.jsonl` (`label`, `commands`
in which `{slot}` stands for what varies), and makes one playbook of each label's incidents, as if
they had been found to be one pattern. A generated command is right where its tokens and a gold
one's have an F1 of at least 0.8, a slot being equal to any parameter. `--without-marks` takes
fences, backticks and prompts out of the resolutions first.

Each prints one line of JSON.
"""

import argparse
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from chalicelib.core.commands import program_of
from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.core.steps import mentions
from chalicelib.core.synthesis import synthesise
from chalicelib.core.vocabulary import PROGRAMS

_SLOT = re.compile(r"\{\w+\}")
_PARAMETER = re.compile(r"\$\{?\w+\}?")
_NEAR = 0.8
_NOW = datetime(2100, 1, 1, tzinfo=UTC)


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("commands", "playbooks"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--source", help="only texts of this source")
    parser.add_argument("--without-marks", action="store_true")
    args = parser.parse_args()
    if args.what == "commands":
        rows = [each for each in _rows(args.path) if args.source in (None, each["source"])]
        figures = measure_commands(rows)
    else:
        figures = measure_playbooks(
            _rows(args.path / "incidents.jsonl"),
            _rows(args.path / "gold.jsonl"),
            without_marks=args.without_marks,
        )
    print(json.dumps(figures))


def measure_commands(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Precision and recall of the commands found in each kind of text, and what they compare to."""
    gold = [row.get("commands", []) for row in rows]
    figures: dict[str, Any] = {"texts": len(rows), "commands": sum(map(len, gold))}
    for kind in ("input_plain", "input_md"):
        found = [_commands_in(row[kind]) for row in rows]
        lines = [_lines_of_programs(row[kind]) for row in rows]
        figures[kind] = _figures(found, gold)
        figures[f"{kind}_lines_of_programs"] = _figures(lines, gold)
    return figures


def measure_playbooks(
    incidents: Iterable[dict[str, Any]], gold: Sequence[dict[str, Any]], *, without_marks: bool
) -> dict[str, Any]:
    """Precision, recall, parameters, order and evidence of one playbook for each label."""
    members: dict[str, list[Incident]] = defaultdict(list)
    for number, row in enumerate(incidents):
        fields = {name: value for name, value in row.items() if name != "label"}
        if without_marks:
            fields["resolution"] = _unmarked(fields["resolution"])
        incident = incident_of(IncidentReport(**fields), str(number), _NOW)
        members[row["label"]].append(incident)
    totals: Counter[str] = Counter()
    began = time.perf_counter()
    made = [
        (row, synthesise(members[row["label"]], name="x", systems=[], keywords=[], metadata={}))
        for row in gold
    ]
    seconds = time.perf_counter() - began
    for row, spec in made:
        totals["wanted"] += len(row["commands"])
        if spec is not None:
            totals += _compared(spec, row["commands"])
    return {
        "types": len(gold),
        "types_with_playbook": totals["made"],
        "command_precision": _share(totals["right"], totals["told"]),
        "command_recall": _share(totals["recalled"], totals["wanted"]),
        "parameters_found": _share(totals["slots_found"], totals["slots"]),
        "order_kept": _share(totals["kept"], totals["pairs"]),
        "steps_with_evidence": _share(totals["evidenced"], totals["steps"]),
        "seconds": round(seconds, 1),
    }


def _compared(spec: PlaybookSpec, gold: Sequence[str]) -> Counter[str]:
    commands = [_tokens(step.text) for step in spec.steps if step.action == "shell"]
    wanted = [_tokens(command) for command in gold]
    totals: Counter[str] = Counter(
        made=1,
        steps=len(spec.steps),
        evidenced=sum(bool(step.evidence.incident_ids) for step in spec.steps),
        told=len(commands),
        right=sum(any(_f1(each, one) >= _NEAR for one in wanted) for each in commands),
    )
    places = []
    for template, tokens in zip(gold, wanted, strict=True):
        slots = len(_SLOT.findall(template))
        totals["slots"] += slots
        likeness = [_f1(each, tokens) for each in commands]
        if likeness and max(likeness) >= _NEAR:
            best = likeness.index(max(likeness))
            places.append(best)
            totals["recalled"] += 1
            totals["slots_found"] += min(sum(each.count("\0") for each in commands[best]), slots)
    totals["pairs"] = max(len(places) - 1, 0)
    totals["kept"] = sum(one <= other for one, other in pairwise(places))
    return totals


def _commands_in(text: str) -> list[str]:
    report = IncidentReport(title="x", resolution=text)
    return [each.command for each in mentions(incident_of(report, "x", _NOW)) if each.command]


def _lines_of_programs(text: str) -> list[str]:
    lines = [line.strip().removeprefix("$ ") for line in text.splitlines()]
    return [line for line in lines if program_of(line) in PROGRAMS and " " in line]


def _figures(found: Sequence[list[str]], gold: Sequence[list[str]]) -> dict[str, float]:
    totals: Counter[str] = Counter()
    for ours, theirs in zip(found, gold, strict=True):
        one, other = list(map(_tokens, ours)), list(map(_tokens, theirs))
        totals["found"] += len(one)
        totals["gold"] += len(other)
        totals["exact"] += (Counter(map(tuple, one)) & Counter(map(tuple, other))).total()
        totals["right"] += sum(any(_f1(each, g) >= _NEAR for g in other) for each in one)
        totals["recalled"] += sum(any(_f1(each, g) >= _NEAR for each in one) for g in other)
    return {
        "precision": _share(totals["right"], totals["found"]),
        "recall": _share(totals["recalled"], totals["gold"]),
        "exact_precision": _share(totals["exact"], totals["found"]),
        "exact_recall": _share(totals["exact"], totals["gold"]),
    }


def _tokens(command: str) -> list[str]:
    return [_SLOT.sub("\0", _PARAMETER.sub("\0", token)) for token in command.split()]


def _f1(one: list[str], other: list[str]) -> float:
    same = (Counter(one) & Counter(other)).total()
    return 2 * same / (len(one) + len(other)) if same else 0.0


def _unmarked(text: str) -> str:
    """A text without fences, backticks and prompts."""
    without_fences = re.sub(r"(?m)^[ \t]*(```|~~~).*\n?", "", text)
    return re.sub(r"(?m)^[ \t]*[$#][ \t]+", "", without_fences).replace("`", "")


def _share(part: int, whole: int) -> float:
    return round(part / max(whole, 1), 3)


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
