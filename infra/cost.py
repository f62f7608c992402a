"""What a year costs on AWS: `python -m infra.cost`.

Arithmetic over what one incident causes, at the list prices of us-east-1 (aws.amazon.com/pricing,
read in November 2026; free tiers left out, so that the smallest row is not flattered). Whatever is
assumed is a name in capitals below.
"""

from collections.abc import Iterator
from typing import NamedTuple

# What is assumed of a team.
KB_AN_INCIDENT = 3  # as stored, with its resolution
RECOMMENDATIONS_AN_INCIDENT = 1
EXECUTIONS_AN_INCIDENT = 0.3
READS_AN_INCIDENT = 2  # of any kind: listings, suggestions, pages
MOST_A_SCOPE = 1_000_000  # incidents a year that one scope has; more are spread over scopes
WINDOW_DAYS = 30
BATCH = 20  # incidents that are reported together from this many a day and scope on

# What one of each takes: requests' seconds at a function's memory, and units of DynamoDB. A write
# in a transaction takes two units a KB; each index takes its own.
API_GB, API_SECONDS = 1769 / 1024, 0.06
WORKER_GB = 3.0
WORKER_SECONDS_AN_INCIDENT = 83.7 / 100_000  # docs/measurements.md, the whole of an analysis
WORKER_SECONDS_A_RUN = 3  # starting, and what an empty run reads
UNITS_A_REQUEST = (1, 1)  # written and read: the rate of its token, and the token
UNITS_AN_INCIDENT = (3 * KB_AN_INCIDENT + 5, 2)  # itself with its index, its audit entry, the head
UNITS_A_RECOMMENDATION = (8, 3)
UNITS_AN_EXECUTION = (26, 4)  # itself, metrics, playbook with its index, audit entry, event

# Dollars.
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
TABLE_GB_MONTH = 0.25 + 0.20  # and point-in-time recovery
GB_SECOND, INVOCATION = 1.66667e-5, 0.2e-6
API_REQUEST = 3.5e-6
EVENT, QUEUE_MESSAGE = 1e-6, 0.4e-6
LOG_GB, LOG_KB_A_REQUEST = 0.5, 1
FIXED_A_MONTH = 0.40 + 26 * 0.10 + 3.0  # a secret, the metrics of 20 alarms, a dashboard


class Cost(NamedTuple):
    """A year's dollars for one thing."""

    name: str
    dollars: float


def costs(incidents: int) -> Iterator[Cost]:
    """What a year with so many incidents costs, kept for that year."""
    scopes = max(1, round(incidents / MOST_A_SCOPE))
    batch = BATCH if incidents / scopes / 365 >= BATCH else 1
    reported = incidents / batch
    requests = reported + incidents * (
        RECOMMENDATIONS_AN_INCIDENT + EXECUTIONS_AN_INCIDENT + READS_AN_INCIDENT
    )
    done = (
        (requests, UNITS_A_REQUEST),
        (incidents, UNITS_AN_INCIDENT),
        (incidents * RECOMMENDATIONS_AN_INCIDENT, UNITS_A_RECOMMENDATION),
        (incidents * EXECUTIONS_AN_INCIDENT, UNITS_AN_EXECUTION),
    )
    written = sum(times * units[0] for times, units in done)
    window = incidents * WINDOW_DAYS / 365
    read = sum(times * units[1] for times, units in done)
    read += 365 * window * KB_AN_INCIDENT / 4 / 2  # eventually consistent, 4 KB a unit
    worked = 365 * (scopes * WORKER_SECONDS_A_RUN + window * WORKER_SECONDS_AN_INCIDENT)
    invoked = requests + 365 * (scopes + 1) + 365 * 96
    stored = incidents * KB_AN_INCIDENT * 2 / 2 / 1e6  # twice for the index, half full on average
    yield Cost("API Gateway", requests * API_REQUEST)
    yield Cost("Lambda, API", requests * API_GB * API_SECONDS * GB_SECOND + invoked * INVOCATION)
    yield Cost("Lambda, analyses", worked * WORKER_GB * GB_SECOND)
    yield Cost("DynamoDB, requests", written * WRITE_UNIT + read * READ_UNIT)
    yield Cost("DynamoDB, storage", stored * TABLE_GB_MONTH * 12)
    events = incidents * EXECUTIONS_AN_INCIDENT
    yield Cost("EventBridge and SQS", events * (EVENT + 2 * QUEUE_MESSAGE))
    yield Cost("Logs", requests * LOG_KB_A_REQUEST / 1e6 * LOG_GB)
    yield Cost("Secret, alarms, dashboard", FIXED_A_MONTH * 12)


def main() -> None:
    """Print the table of docs/scale.md."""
    sizes = (1_000, 1_000_000, 100_000_000)
    columns = [list(costs(size)) for size in sizes]
    print("| dollars a year | " + " | ".join(f"{size:,} incidents" for size in sizes) + " |")
    print("| --- |" + " ---: |" * len(sizes))
    for row in zip(*columns, strict=True):
        print(f"| {row[0].name} | " + " | ".join(f"{each.dollars:,.2f}" for each in row) + " |")
    totals = [sum(each.dollars for each in column) for column in columns]
    print("| **all** | " + " | ".join(f"**{total:,.2f}**" for total in totals) + " |")


if __name__ == "__main__":
    main()
