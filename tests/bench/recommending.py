"""What a recommendation costs among 1 and among 10,000 playbooks, beside the original's way.

Measured is all that the function does itself: looking up, ranking, and writing the answer with its
reasons for the best five. What DynamoDB and S3 take comes on top. The original fits a vectoriser on
the incident and the playbook for every playbook; it is timed on fewer and reckoned up.
"""

import json
import random
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

from chalicelib.core.candidates import candidate_of, found_by
from chalicelib.core.experience import Heard
from chalicelib.core.index_file import packed, unpacked
from chalicelib.core.playbooks import PlaybookSpec, Step
from chalicelib.core.recommendations import Runners
from chalicelib.core.relevance import Index, base_record, index_of, rank, updated
from chalicelib.core.situations import Failures, Situation
from chalicelib.core.versions import Playbook, PlaybookStatus
from chalicelib.services.judge import Judged, recommended
from tests.bench.measure import resident_mib

PLAYBOOKS = 10_000
#: No agent is registered.
NOBODY: Runners = {
    "required_capabilities": [],
    "capable_agents": [],
    "caller_can_run": None,
    "caller_lacks": [],
}
REQUESTS = 300
BEST = 5
ORIGINALS_TIMED = 300
NOW = datetime(2026, 1, 31, tzinfo=UTC)

_WORDS = 20_000
_SYSTEMS = 500


class Maker:
    """Playbooks and incidents of made-up words, common ones often and rare ones seldom."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(self._random.choices(letters, k=7)) for _ in range(_WORDS)]
        self._weights = [1 / (place + 10) for place in range(_WORDS)]

    def text(self, length: int) -> str:
        """So many words, by Zipf's law."""
        return " ".join(self._random.choices(self._words, self._weights, k=length))

    def playbook(self, number: int) -> Playbook:
        """A playbook of eight steps, three incidents behind it."""
        steps = [
            Step(
                id=f"s{place}",
                name=self.text(6),
                action="shell",
                args={"command": f"kubectl {self.text(6)}"},
            )
            for place in range(8)
        ]
        title = self.text(6)
        return Playbook(
            playbook_id=f"pb_{number:05}",
            scope="bench",
            title=title,
            status=PlaybookStatus.ACTIVE,
            version="1.0.0",
            spec=PlaybookSpec(name=title, description=self.text(40), steps=steps),
            systems=[f"system{self._random.randrange(_SYSTEMS)}"],
            severities=[],
            symptoms=[self.text(4)],
            incident_texts={f"i{place}": self.text(50) for place in range(3)},
            created_by="bench",
            created_at=NOW,
            updated_at=NOW,
        )

    def situation(self) -> Situation:
        """An incident as an agent tells it."""
        return Situation(
            title=self.text(8),
            description=self.text(60),
            affected_systems=[f"system{self._random.randrange(_SYSTEMS)}"],
            symptoms=[self.text(4), self.text(4)],
            error_messages=[self.text(8)],
        )


def main() -> None:
    """Run it and print the figures."""
    figures = {name: alone(number) for name, number in (("one", 1), ("many", PLAYBOOKS))}
    print(json.dumps({**figures, "original": original(PLAYBOOKS)}))


def alone(number: int) -> dict[str, float]:
    """Builds an index, and measures it in a process that only loads it, as a function does."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "index"
        workers = {"mp_context": get_context("spawn"), "max_tasks_per_child": 1}
        with ProcessPoolExecutor(1, **workers) as process:  # type: ignore[arg-type]
            seconds = process.submit(build, number, path).result()
            return {"build_seconds": seconds, **process.submit(measure, number, path).result()}


def build(number: int, path: Path) -> float:
    """The seconds that indexing takes; the index goes into a file."""
    maker = Maker()
    playbooks = [maker.playbook(at) for at in range(number)]
    start = time.perf_counter()
    index = index_of([candidate_of(p) for p in playbooks], [found_by(p) for p in playbooks])
    built = time.perf_counter()
    path.write_bytes(packed(index, {}))
    return round(built - start, 2)


def measure(number: int, path: Path) -> dict[str, float]:
    """Loading and changing the index, and requests of it."""
    maker, before = Maker(), resident_mib()
    some = [maker.playbook(at) for at in range(min(number, BEST))]
    content = path.read_bytes()
    size = len(content)
    start = time.perf_counter()
    index, _ = unpacked(content)
    loaded = time.perf_counter()
    del content
    candidate, row = candidate_of(some[0]), found_by(some[0])
    changing = time.perf_counter()
    changed = updated(index, {candidate.playbook_id: (candidate, row)})
    update = time.perf_counter()
    updated(changed, {candidate.playbook_id: (candidate, None)})
    rated = time.perf_counter()
    del index
    seconds = sorted(request(changed, maker, some) for _ in range(REQUESTS))
    return {
        "playbooks": number,
        "index_mib": round(size / 2**20, 1),
        "load_ms": round(1000 * (loaded - start), 1),
        "new_version_ms": round(1000 * (update - changing), 1),
        "new_run_ms": round(1000 * (rated - update), 1),
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "p99_ms": round(1000 * seconds[int(len(seconds) * 0.99) - 1], 1),
        "memory_mib": round(resident_mib()),
        "memory_peak_mib": round(getrusage(RUSAGE_SELF).ru_maxrss / 1024),
        "memory_before_mib": round(before),
    }


def request(index: Index, maker: Maker, playbooks: list[Playbook]) -> float:
    """The seconds of one recommendation."""
    situation = maker.situation()
    start = time.perf_counter()
    for scored, playbook in zip(rank(index, situation, most=BEST), playbooks, strict=False):
        record = base_record(scored.candidate)
        recommended(Judged(playbook, scored, record, Heard(), Failures()), situation, NOBODY)
    return time.perf_counter() - start


def original(number: int) -> dict[str, float]:
    """One request by a vectoriser for each playbook."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    maker = Maker()
    texts = [maker.playbook(at).spec.text for at in range(ORIGINALS_TIMED)]
    asked = maker.situation().text
    start = time.perf_counter()
    for text in texts:
        rows = TfidfVectorizer(max_features=1_000, stop_words="english").fit_transform(
            [asked, text]
        )
        _ = (rows[0] @ rows[1].T).toarray()
    seconds = (time.perf_counter() - start) * number / ORIGINALS_TIMED
    return {"playbooks": number, "request_seconds": round(seconds, 1)}


if __name__ == "__main__":
    main()
