"""What a recommendation costs among 1 and among 10,000 playbooks, beside the original's way.

Measured is all that the function does itself: looking up, ranking, and writing the answer with its
reasons for the best five. What DynamoDB and S3 take comes on top. The original fits a vectoriser on
the incident and the playbook for every playbook; it is timed on fewer and reckoned up.
"""

import json
import random
import statistics
import time
from datetime import UTC, datetime

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
    figures = {"one": measure(1), "many": measure(PLAYBOOKS)}
    print(json.dumps({**figures, "original": original(PLAYBOOKS)}))


def measure(number: int) -> dict[str, float]:
    """Building, keeping, loading and changing the index, and requests of it."""
    maker, before = Maker(), resident_mib()
    start = time.perf_counter()
    candidates, rows = [], []
    some: dict[str, Playbook] = {}
    for at in range(number):
        playbook = maker.playbook(at)
        candidates.append(candidate_of(playbook))
        rows.append(found_by(playbook))
        if at < BEST:
            some[playbook.playbook_id] = playbook
    index = index_of(candidates, rows)
    built = time.perf_counter()
    content = packed(index, {})
    loading = time.perf_counter()
    index, _ = unpacked(content)
    loaded = time.perf_counter()
    rows.clear()
    size = len(content)
    del content
    changed = updated(
        index, {candidates[0].playbook_id: (candidates[0], found_by(some["pb_00000"]))}
    )
    update = time.perf_counter()
    updated(changed, {candidates[0].playbook_id: (candidates[0], None)})
    rated = time.perf_counter()
    del changed
    seconds = sorted(request(index, maker, list(some.values())) for _ in range(REQUESTS))
    return {
        "playbooks": number,
        "build_seconds": round(built - start, 2),
        "index_mib": round(size / 2**20, 1),
        "load_ms": round(1000 * (loaded - loading), 1),
        "new_version_ms": round(1000 * (update - loaded), 1),
        "new_run_ms": round(1000 * (rated - update), 1),
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "p99_ms": round(1000 * seconds[int(len(seconds) * 0.99) - 1], 1),
        "memory_mib": round(resident_mib()),
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
