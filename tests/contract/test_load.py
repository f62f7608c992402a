"""Incidents from files: what a line becomes, and a load that is cut short and goes on."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.formats.incident_files import read_csv, read_json_lines
from infra import load
from tests.api import Api

CSV = """Number,Short description,Affected systems,Opened At,Assigned to
INC1,"Disk full, again",db-1; db-2,2026-01-30T10:00:00Z,ann
INC2,"Two
lines",,2026-01-30T11:00:00Z,
,,,,
INC3,Too long ago,,yesterday,
"""
RENAMED = ["--rename", "Number=incident_id", "--rename", "Short description=title"]


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(
    agent: Api, scope: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The command line, into the test's scope: its exit code, and what it said."""

    def command(file: Path, *more: str) -> tuple[int, str]:
        arguments = ["load", str(file), "--url", agent.url, "--scope", scope, *more]
        monkeypatch.setattr(sys, "argv", arguments)
        return load.main(), capsys.readouterr().err

    monkeypatch.setenv("PRECEDENT_TOKEN", "local-agent-token")
    return command


def written(directory: Path, name: str, text: str) -> Path:
    file = directory / name
    file.write_text(text, encoding="utf-8")
    return file


def titles(agent: Api, scope: str) -> dict[str, str]:
    items = agent.items("/v1/incidents", scope=scope)
    return {each["incident_id"]: each["title"] for each in items}


def test_columns_are_fields_and_what_is_refused_is_told_by_its_line(
    run: Run, agent: Api, scope: str, tmp_path: Path
) -> None:
    code, said = run(written(tmp_path, "export.csv", "\ufeff" + CSV), *RENAMED)
    assert code == 1
    assert "line 6: opened_at must be an RFC 3339 time" in said
    assert "1 were refused" in said
    kept = {each["incident_id"]: each for each in agent.items("/v1/incidents", scope=scope)}
    assert set(kept) == {"INC1", "INC2"}
    assert kept["INC1"]["affected_systems"] == ["db-1", "db-2"]
    assert kept["INC2"]["title"] == "Two\nlines"


def test_a_load_that_is_cut_short_goes_on_where_it_was(
    run: Run, agent: Api, scope: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"title": f"Incident {number}"}) for number in range(10)]
    file = written(tmp_path, "export.jsonl", "\n".join([*lines[:5], "", "no JSON", *lines[5:]]))
    report = load.Service.report
    sent: list[int] = []

    def fails(self: load.Service, reports: Any) -> Any:
        if len(sent) == 2:
            raise load.NotLoaded("the service does not answer")
        sent.append(len(reports))
        return report(self, reports)

    monkeypatch.setattr(load, "_MOST", 3)
    with monkeypatch.context() as patch:
        patch.setattr(load.Service, "report", fails)
        code, said = run(file)
    assert (code, sent) == (1, [3, 2])
    assert "Run the same command again" in said
    assert len(titles(agent, scope)) == 5
    assert run(file)[0] == 0
    assert sorted(titles(agent, scope).values()) == [f"Incident {each}" for each in range(10)]
    assert list(tmp_path.iterdir()) == [file]
    # From the beginning again: the same ids, so nothing counts twice.
    run(file)
    assert len(titles(agent, scope)) == 10


def test_a_service_that_does_not_answer_is_asked_again_and_a_refusal_is_not(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    file = written(tmp_path, "export.jsonl", '{"title": "x"}\n')
    monkeypatch.setenv("PRECEDENT_TOKEN", "unknown-token")
    code, said = run(file)
    assert (code, pauses) == (1, [])
    assert "401" in said
    code, said = run(file, "--url", "http://127.0.0.1:1")
    assert (code, len(pauses)) == (1, 4)
    assert "does not answer" in said
    monkeypatch.delenv("PRECEDENT_TOKEN")
    with pytest.raises(SystemExit):
        run(file)


def test_a_line_that_no_request_can_hold_is_refused_alone(
    run: Run, agent: Api, scope: str, tmp_path: Path
) -> None:
    odd = [
        '{"title": "x", "cost": NaN}',
        '{"title": "\\ud800"}',
        json.dumps({"title": "é" * 10**6}),
    ]
    lines = ['{"title": "first"}', *odd, '{"title": "last"}']
    code, said = run(written(tmp_path, "export.jsonl", "\n".join(lines)))
    assert code == 1
    assert [f"line {number}: the service answered" in said for number in range(1, 6)] == [
        *(False, True, True, True, False),
    ]
    assert sorted(titles(agent, scope).values()) == ["first", "last"]


def test_a_url_that_is_none_is_told(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "export.jsonl", '{"title": "x"}\n')
    with pytest.raises(SystemExit):
        run(file, "--url", "service.example")


def test_lines_that_are_nothing_are_told_and_equal_ones_get_one_id() -> None:
    lines = ['{"title": "a", "tags": ["x"]}', '{"tags": ["x"], "title": "a"}', "[]", "{", ""]
    first, second, *bad = read_json_lines(lines, {})
    assert first.report == second.report
    assert [(each.number, each.report) for each in bad] == [(3, None), (4, None)]
    one, two = read_csv(["Title,Tags\n", "a,x,y\n", "a,x\n"], {})
    assert (one.number, one.problem) == (2, "has 3 cells, and the head 2")
    assert two.report == first.report
    assert list(read_csv([], {})) == []
