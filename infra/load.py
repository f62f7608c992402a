"""Report the incidents of a file to a service, wherever it runs:

    PRECEDENT_TOKEN=... python -m infra.load incidents.csv --url https://... --scope shop \\
        --rename "Short description=title" --rename "Number=incident_id"

A file of JSON Lines (`.jsonl`) or a CSV with a head (`.csv`). How far it came stands in a file
beside it (`incidents.csv.loaded`), so that the same command goes on where it was stopped; a report
that is sent twice counts once. What is refused is told with its line; the rest is reported all the
same.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.formats.incident_files import READERS, Line

_MOST = 200  # reports a request
_MOST_CHARACTERS = 2_000_000  # a request; Lambda takes 6 MB
_TRIES = 5
_PATIENCE_SECONDS = 120
_REFUSED = (400, 413)  # what is no JSON for the service, as NaN is none, and what is too large


class NotLoaded(Exception):
    """The service cannot be reached, or does not let us in; the message says why."""


class Refused(NotLoaded):
    """The service takes none of a request, for what is in it."""


@dataclass(frozen=True)
class Service:
    """Where the reports go, and the token to report with."""

    url: str
    token: str

    def report(self, reports: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Report incidents, and return those that were refused, as `POST /v1/incidents/batch` does.

        Raises:
            NotLoaded: it did not work, however often it was tried.
            Refused: what is in one of the reports, or their size, is for no request.
        """
        body = json.dumps({"incidents": list(reports)}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/v1/incidents/batch", body, headers)
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(2**attempt)
            try:
                with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as response:
                    return list(json.load(response)["rejected"])
            except urllib.error.HTTPError as error:
                problem = f"the service answered {error.code}: {error.read().decode()[:500]}"
                if error.code in _REFUSED:
                    raise Refused(problem) from None
                if error.code < 500 and error.code != 429:
                    raise NotLoaded(problem) from None
            except OSError as error:
                problem = f"the service does not answer: {error}"
        raise NotLoaded(problem)


@dataclass
class Bookmark:
    """How many lines of a file are done, kept in a file beside it until all are."""

    path: Path
    of: str

    @property
    def done(self) -> int:
        """The last line that is done; 0 where nothing is, or another file or place was meant."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            return int(kept["line"]) if kept["of"] == self.of else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def move(self, line: int) -> None:
        """Remember that a line and all before it are done."""
        self.path.write_text(json.dumps({"of": self.of, "line": line}), encoding="utf-8")


def load(
    file: Path, service: Service, scope: str, renamed: dict[str, str], console: Console
) -> int:
    """Report a file's incidents from where it was left, and return how many were refused.

    Raises:
        NotLoaded: as `Service.report`; what was done before is remembered.
    """
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    bookmark = Bookmark(file.with_name(file.name + ".loaded"), f"{digest} {service.url} {scope}")
    refused = 0
    with Progress(
        TextColumn(file.name),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        task = progress.add_task("", total=_lines(file), completed=bookmark.done)
        for batch in _batches(_from(file, bookmark.done, renamed)):
            for line, problem in _send(batch, service, scope):
                refused += 1
                console.print(f"line {line}: {problem}", markup=False, highlight=False)
            bookmark.move(batch[-1].number)
            progress.update(task, completed=batch[-1].number)
        progress.update(task, completed=_lines(file))
    bookmark.path.unlink(missing_ok=True)
    return refused


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(1 for _ in content)


def _from(file: Path, done: int, renamed: dict[str, str]) -> Iterator[Line]:
    with file.open(encoding="utf-8-sig", newline="") as content:
        for line in READERS[file.suffix.lower()](content, renamed):
            if line.number > done:
                yield line


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """The lines in groups that fit a request each."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        length = len(json.dumps(line.report))
        if batch and (len(batch) == _MOST or size + length > _MOST_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield batch


def _send(batch: Sequence[Line], service: Service, scope: str) -> Iterator[tuple[int, str]]:
    """Report a batch, and tell the lines that were refused and why."""
    yield from ((line.number, line.problem) for line in batch if line.report is None)
    sent = [line for line in batch if line.report is not None]
    if sent:
        yield from _reported(sent, service, scope)


def _reported(sent: Sequence[Line], service: Service, scope: str) -> Iterator[tuple[int, str]]:
    """Report lines; where the service takes none of them, half by half to the one that it is."""
    reports = [{"scope": scope, **(line.report or {})} for line in sent]
    try:
        rejections = service.report(reports)
    except Refused as refusal:
        if len(sent) == 1:
            yield sent[0].number, str(refusal)
            return
        half = len(sent) // 2
        yield from _reported(sent[:half], service, scope)
        yield from _reported(sent[half:], service, scope)
        return
    for rejection in rejections:
        said = (f"{each['field']} {each['message']}" for each in rejection["errors"])
        yield sent[rejection["index"]].number, "; ".join(said)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Report the incidents of a file to a service.")
    parser.add_argument("file", type=Path, help=f"ends in {', '.join(READERS)}; UTF-8")
    parser.add_argument("--url", required=True, help="of the service")
    parser.add_argument("--scope", default=DEFAULT_SCOPE, help="of reports that name none")
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="NAME=FIELD",
        help="a name in the file, and the field of a report that it is",
    )
    wanted = parser.parse_args()
    token = os.environ.get("PRECEDENT_TOKEN")
    if not token:
        parser.error("set PRECEDENT_TOKEN to a token of the service")
    if wanted.file.suffix.lower() not in READERS or not wanted.file.is_file():
        parser.error(f"{wanted.file} is no file that ends in {', '.join(READERS)}")
    if not re.match(r"https?://[^/]", wanted.url):
        parser.error("--url must begin with https:// or http://")
    if any("=" not in each for each in wanted.rename):
        parser.error("--rename needs NAME=FIELD")
    renamed = dict(each.rsplit("=", 1) for each in wanted.rename)
    console = Console(stderr=True)
    try:
        service = Service(wanted.url.rstrip("/"), token)
        refused = load(wanted.file, service, wanted.scope, renamed, console)
    except UnicodeDecodeError:
        console.print(f"{wanted.file} is not in UTF-8")
        return 1
    except NotLoaded as error:
        console.print(f"{error}\nRun the same command again to go on.", markup=False)
        return 1
    if refused:
        console.print(f"{refused} were refused.")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
