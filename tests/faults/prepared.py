"""What has to be there before a use case; each makes it, and tells what there is to know of it."""

import json
from datetime import timedelta
from typing import Any

from chalicelib.core.events import Event
from chalicelib.services import (
    agents,
    analyse,
    backtest,
    branches,
    deliver,
    recommend,
    record,
    review,
    tokens,
)
from chalicelib.services.access import Caller
from chalicelib.store import outbox
from tests.faults import world
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    described,
    disk_full,
    queued,
    suggested,
    told,
    written,
)

SCOPE = "faults"
OPERATOR = Caller(name="olga", role="operator", scopes=["*"])
HEARS = {
    "capabilities": ["shell"],
    "scopes": [SCOPE],
    "subscriptions": ["playbook.published", "execution.recorded"],
}


def suggestion() -> str:
    return suggested(SCOPE).suggestion_id


def rejected() -> str:
    made = suggestion()
    review.decide(made, {"action": "reject"}, REVIEWER, NOW)
    return made


def approved() -> str:
    made = suggestion()
    review.decide(made, {"action": "approve"}, REVIEWER, NOW)
    return made


def run_often() -> str:
    told(SCOPE, *(disk_full(number) for number in range(1, 4)))
    analyse.run(queued(SCOPE).run_id, lambda: NOW)
    playbook_id = written(SCOPE).playbook_id
    for status in ("success", "success", "failure"):
        record.record_execution(playbook_id, {"status": status}, AGENT, NOW)
    return playbook_id


def to_analyse() -> str:
    told(SCOPE, *(disk_full(number) for number in range(1, 6)))
    return queued(SCOPE).run_id


def to_back_test() -> str:
    made = suggestion()
    world.received("analysis")
    wanted = backtest.request(made, REVIEWER, NOW + timedelta(hours=1))
    return f"{backtest.MESSAGE} {made} {wanted.backtest_id}"


def branched() -> Any:
    playbook = written(SCOPE)
    branches.create_branch(playbook.playbook_id, {"name": "safer"}, REVIEWER, NOW)
    described(playbook, "From the branch.", branch="safer")
    return playbook


def second_version() -> Any:
    playbook = written(SCOPE)
    described(playbook, "The second.")
    return playbook


def heard() -> Event:
    for name in ("one", "two"):
        agents.register(name, HEARS, AGENT, NOW)
    written(SCOPE)
    deliver.sweep()
    [*_, body] = world.received("inboxes")
    return Event.model_validate(json.loads(body)["detail"])


def recommended() -> tuple[str, str]:
    playbook_id = written(SCOPE).playbook_id
    given = recommend.recommend(question("rotate the logs"), AGENT, NOW)
    return given["recommendation_id"], playbook_id


def question(query: str) -> dict[str, Any]:
    return {"scope": SCOPE, "context": {"query": query}, "min_relevance": 0}


def token() -> str:
    body = {"name": "build", "role": "agent", "scopes": [SCOPE]}
    return tokens.issue_token(body, OPERATOR, NOW)[1].token_id


def with_events() -> list[dict[str, Any]]:
    told(SCOPE, disk_full(1))
    written(SCOPE)
    written(SCOPE, "Another")
    return deliver.events_in(outbox.documents())
