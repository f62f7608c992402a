"""How the pages say numbers, times and states to people."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chalicelib.core.caution import risk_of_playbook, risk_of_step
from chalicelib.core.confidence import FEEDBACK_WEIGHT
from chalicelib.core.fields import format_time
from chalicelib.core.judgement import Answer, described
from chalicelib.core.playbooks import Risk
from chalicelib.core.suggestions import SuggestionStatus

TEMPLATES = Path(__file__).parents[2] / "templates"

_STATUS = {
    SuggestionStatus.PENDING: "waits for a decision",
    SuggestionStatus.APPROVED: "approved",
    SuggestionStatus.REJECTED: "rejected",
    SuggestionStatus.NEEDS_REVISION: "needs revision",
    SuggestionStatus.SUPERSEDED: "superseded",
}
_RISK = {
    Risk.READ_ONLY: "reads only",
    Risk.CHANGES: "changes something",
    Risk.UNKNOWN: "may do anything",
    Risk.DESTROYS: "destroys something",
}
_RUNS = {
    Answer.YES: "would run",
    Answer.NO: "would be left out",
    Answer.UNKNOWN: "may run",
}
_PARTS = {"steps": "step", "parameters": "parameter"}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def percent(rate: float | None) -> str:
    """A rate of 0 to 1 as a whole percentage."""
    return "–" if rate is None else f"{round(100 * rate)}%"


def duration(seconds: float | None) -> str:
    """A number of seconds in its two largest units: `2 h 15 min`."""
    if seconds is None:
        return "–"
    left = round(seconds)
    parts: list[tuple[int, str]] = []
    for unit, size in _UNITS:
        number, left = divmod(left, size)
        if number or parts:
            parts.append((number, unit))
    said = [f"{number} {unit}" for number, unit in parts[:2] if number]
    return " ".join(said) or "0 s"


def moment(time: datetime) -> str:
    """A time to the minute, in UTC."""
    return time.strftime("%d %b %Y, %H:%M UTC")


def count(number: int, singular: str) -> str:
    """A number of things: `1 incident`, `3 incidents`."""
    return f"{number:,} {singular}" if number == 1 else f"{number:,} {singular}s"


def status(status: SuggestionStatus) -> str:
    """What has become of a suggestion."""
    return _STATUS[status]


def place(path: Sequence[str]) -> str:
    """Where a change of a specification is: `step restart-nginx, command`."""
    if list(path) == ["steps"]:
        return "order of the steps"
    if path[0] in _PARTS and len(path) > 1:
        inside = [part for part in path[2:] if part != "args"]
        return ", ".join([f"{_PARTS[path[0]]} {path[1]}", *inside])
    return ", ".join(path).replace("_", " ")


def plainly(value: Any) -> str:
    """A changed field's value as people read it; a step or a parameter by what tells most of it."""
    if value is None:
        return "–"
    if isinstance(value, dict) and "name" in value:
        said = value.get("args", {})
        more = said.get("command") or said.get("message") or value.get("description") or ""
        return f"{value['name']}\n{more}".strip()
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " → ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def render(template: str, **values: Any) -> str:
    """A page as HTML; what it is given is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["feedback_weight"] = FEEDBACK_WEIGHT
    environment.filters |= {
        "percent": percent,
        "duration": duration,
        "moment": moment,
        "rfc3339": format_time,
        "count": count,
        "status": lambda name: status(SuggestionStatus(name)),
        "risk": lambda risk: _RISK[Risk(risk)],
        "described": described,
        "place": place,
        "plainly": plainly,
        "risk_of": risk_of_step,
        "riskiest": risk_of_playbook,
        "runs": lambda answer: _RUNS[Answer(answer)],
    }
    return environment
