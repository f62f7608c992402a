"""Incidents in files: JSON Lines and CSV, as other tools export them.

A line of JSON Lines (https://jsonlines.org) is one report, with the fields of `POST /v1/incidents`.
In a CSV with a head, each column is a field: `Opened At` is `opened_at`, and what is called
otherwise can be renamed. Lists are parted by semicolons or lines.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.incidents import IncidentReport

_LISTS = {"affected_systems", "symptoms", "error_messages", "tags"}
_MOST_CHARACTERS = 1_000_000  # of a cell; texts of a report have 100,000 at most

Renaming = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """What a line says: a report, or what is wrong with it.

    Attributes:
        number: of the line in its file, from 1; of the last one, where a report has several.
    """

    number: int
    report: dict[str, Any] | None
    problem: str = ""


def read_json_lines(lines: Iterable[str], renamed: Renaming) -> Iterator[Line]:
    """The reports of a file of JSON Lines; blank lines are passed over.

    Args:
        renamed: the fields of reports by the names that they have in the file.
    """
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            yield Line(number, None, "is no JSON")
            continue
        if isinstance(values, dict):
            report = {renamed.get(name, name): value for name, value in values.items()}
            yield Line(number, _identified(report))
        else:
            yield Line(number, None, "is no JSON object")


def read_csv(lines: Iterable[str], renamed: Renaming) -> Iterator[Line]:
    """The reports of a CSV with a head; empty cells and columns of other names are passed over.

    Args:
        renamed: the fields of reports by the names of their columns.
    """
    csv.field_size_limit(_MOST_CHARACTERS)
    rows = csv.reader(lines)
    names = [renamed.get(name.strip(), _field(name)) for name in next(rows, [])]
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Line(rows.line_num, None, f"is no CSV: {error}")
            continue
        if row is None:
            return
        if len(row) > len(names):
            yield Line(rows.line_num, None, f"has {len(row)} cells, and the head {len(names)}")
        elif any(cell.strip() for cell in row):
            cells = zip(names, row, strict=False)
            report = {name: _cell(name, cell) for name, cell in cells if cell.strip()}
            known = {name: report[name] for name in report if name in IncidentReport.model_fields}
            yield Line(rows.line_num, _identified(known))


READERS = {".jsonl": read_json_lines, ".ndjson": read_json_lines, ".csv": read_csv}


def _field(column: str) -> str:
    return "_".join(column.lower().replace("-", " ").split())


def _cell(name: str, cell: str) -> Any:
    if name not in _LISTS:
        return cell.strip()
    return [entry.strip() for entry in cell.replace("\n", ";").split(";") if entry.strip()]


def _identified(report: dict[str, Any]) -> dict[str, Any]:
    """The report with an id made of what it says, where it brings none: the same one every time."""
    if report.get("incident_id"):
        return report
    text = json.dumps(report, sort_keys=True)
    return {**report, "incident_id": f"file:{hashlib.sha256(text.encode()).hexdigest()[:20]}"}
