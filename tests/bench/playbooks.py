"""What it costs to write playbooks: 1,000 patterns of 20 incidents each."""

import json
from datetime import UTC, datetime

from chalicelib.core.incidents import Incident, IncidentReport, incident_of
from chalicelib.core.synthesis import synthesise
from local.examples import examples, kinds
from tests.bench.measure import Stopwatch

PATTERNS = 1_000
INCIDENTS = 20
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def pattern(number: int) -> list[Incident]:
    """The incidents of one kind of the examples, again and again on other hosts."""
    of_kind = kinds()
    kind = sorted(set(of_kind.values()))[number % len(set(of_kind.values()))]
    told = [each for each in examples(NOW) if of_kind[each["incident_id"]] == kind]
    made = []
    for at in range(INCIDENTS):
        report = dict(told[at % len(told)])
        if "resolution" in report:
            report["resolution"] = report["resolution"].replace("-1", f"-{number}-{at}")
        made.append(incident_of(IncidentReport(**report | {"incident_id": f"i{at}"}), "", NOW))
    return made


def main() -> None:
    """Run it and print the figures."""
    patterns = [pattern(number) for number in range(len(set(kinds().values())))]
    watch = Stopwatch()
    watch.enter("playbooks")
    written = 0
    for number in range(PATTERNS):
        spec = synthesise(
            patterns[number % len(patterns)], name="x", systems=[], keywords=[], metadata={}
        )
        written += spec is not None
    figures = watch.stop()["playbooks"]
    print(
        json.dumps({"patterns": PATTERNS, "incidents": INCIDENTS, "playbooks": written, **figures})
    )


if __name__ == "__main__":
    main()
