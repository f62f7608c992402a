"""The use cases that are put to the test, each with what has to be there before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.routes.idempotency import once
from chalicelib.services import (
    agents,
    analyse,
    backtest,
    branches,
    deliver,
    discuss,
    edit,
    export,
    feedback,
    imports,
    improve,
    notify,
    publish,
    rebuild,
    recommend,
    record,
    redaction,
    report,
    request_analysis,
    request_erasure,
    retain,
    review,
    sweep,
    take_in,
    tokens,
    versions,
)
from chalicelib.store import playbooks
from tests import payloads
from tests.faults import prepared
from tests.faults.prepared import OPERATOR, SCOPE
from tests.services.cases import (
    AGENT,
    NOW,
    REVIEWER,
    described,
    disk_full,
    told,
    written,
)


class _Context:
    """Lambda's, of a function that has no time left: what it began is given up at once."""

    def get_remaining_time_in_millis(self) -> int:
        return 1


@dataclass(frozen=True)
class UseCase:
    """A use case under test.

    Attributes:
        name: what it is called in the figures.
        prepare: makes what has to be there, and returns what `act` needs to know of it.
        act: does it once; to try again is to call it again.
        times: how often it may seem to be done in the end; what replaces what is there may show
            twice in the audit trail.
        may_lack: an expression for those items that may be missing, as one can ask for them.
        later: what the daily schedule does for it.
        drained: whether the outbox is empty before it.
    """

    name: str
    prepare: Callable[[], Any]
    act: Callable[[Any], object]
    times: Sequence[int] = (1,)
    may_lack: str = ""
    later: Callable[[], object] = lambda: None
    drained: bool = True


def keyed(act: Callable[[Any, datetime], Any]) -> Callable[[Any], object]:
    """A request with an Idempotency-Key, as the routes carry it out."""

    return lambda known: requested("a-key", lambda at: act(known, at))


def requested(key: str, act: Callable[[datetime], Any]) -> Any:
    """What a request answers that comes, for the first time or again, under an Idempotency-Key."""
    return once(key, AGENT, "POST /somewhere", {}, _Context(), act, NOW)


def nothing() -> None:
    """For what needs nothing."""


def of_suggestion(act: Callable[[str], object], **more: Any) -> dict[str, Any]:
    """What is done to a suggestion that waits."""
    return {"prepare": prepared.suggestion, "act": act, **more}


def _decision(action: str) -> Callable[[str], object]:
    return lambda suggestion: review.decide(suggestion, {"action": action}, REVIEWER, NOW)


def _swept() -> object:
    return sweep.sweep(NOW + timedelta(days=800))


def _pruned() -> None:
    """What the next version does to those that nobody needs."""
    for playbook in playbooks.changed_since(SCOPE, None):
        retain.prune(playbook, NOW)


def _edited(suggestion: str) -> object:
    body = {"revision": 1, "modifications": {"description": "Frees the disk."}}
    return edit.edit(suggestion, body, REVIEWER, NOW)


_BUILD_TOKEN = {"name": "build", "role": "agent", "scopes": [SCOPE]}
_ANN = {"name": "Ann Smith"}
_NO_ID = {key: value for key, value in disk_full(1).items() if key != "incident_id"}
_LARGE = _NO_ID | dict.fromkeys(("description", "resolution"), "漢" * 90000)
_CHOSEN = {"scope": SCOPE, "incident_ids": ["disk-1"]}
SPEC = {
    "name": "Free the disk",
    "steps": [{"id": "a", "name": "Rotate", "action": "shell", "args": {"command": "logrotate"}}],
}

USE_CASES = [
    UseCase(
        "report",
        nothing,
        keyed(lambda _, at: report.report(_NO_ID | {"scope": SCOPE}, AGENT, at).incident_id),
    ),
    UseCase(
        "report again by id",
        lambda: told(SCOPE, disk_full(1)),
        lambda _: report.report(disk_full(1, title="Worse", scope=SCOPE), AGENT, NOW),
    ),
    UseCase(
        "report what is too large for an item",
        nothing,
        keyed(lambda _, at: report.report(_LARGE | {"scope": SCOPE}, AGENT, at).incident_id),
    ),
    UseCase(
        "batch of 40",
        nothing,
        lambda _: told(SCOPE, *(disk_full(number) for number in range(1, 41))),
    ),
    UseCase(
        "request an analysis",
        lambda: told(SCOPE, disk_full(1)),
        keyed(lambda _, at: request_analysis.request({"scope": SCOPE}, AGENT, at).run_id),
    ),
    UseCase(
        "learn",
        lambda: told(SCOPE, disk_full(1)),
        keyed(lambda _, at: request_analysis.request_learning(_CHOSEN, AGENT, at).run_id),
    ),
    UseCase(
        "analyse",
        prepared.to_analyse,
        lambda run: analyse.run(run, lambda: NOW),
        may_lack="backtest|back-test",
    ),
    UseCase("approve", **of_suggestion(_decision("approve")), may_lack="export"),
    UseCase("reject", **of_suggestion(_decision("reject"))),
    UseCase("send back", **of_suggestion(_decision("needs_revision"))),
    UseCase("undo", prepared.rejected, _decision("undo")),
    UseCase("undo an approval", prepared.approved, _decision("undo")),
    UseCase("edit a suggestion", **of_suggestion(_edited)),
    UseCase(
        "assign",
        **of_suggestion(
            lambda at: discuss.assign(at, {"assignee": "bob"}, REVIEWER, NOW), times=(1, 2, 3)
        ),
    ),
    UseCase(
        "comment",
        prepared.suggestion,
        keyed(lambda on, at: discuss.comment(on, {"text": "Good"}, REVIEWER, at).comment_id),
    ),
    UseCase(
        "rate",
        prepared.suggestion,
        keyed(lambda on, at: discuss.rate(on, {"rating": 4}, REVIEWER, at).feedback_id),
    ),
    UseCase(
        "publish",
        nothing,
        keyed(
            lambda _, at: (
                publish.write_playbook({"scope": SCOPE, "spec": SPEC}, REVIEWER, at).playbook_id
            )
        ),
    ),
    UseCase(
        "import",
        lambda: export.written(written(SCOPE).playbook_id, "json", REVIEWER).text,
        keyed(
            lambda text, at: (
                imports.import_playbook(
                    {"scope": SCOPE, "format": "json", "content": text}, REVIEWER, at
                ).playbook_id
            )
        ),
    ),
    UseCase(
        "put a version",
        lambda: written(SCOPE),
        lambda of: described(of, "Another."),
        may_lack="export",
    ),
    UseCase(
        "branch",
        lambda: written(SCOPE),
        lambda of: branches.create_branch(of.playbook_id, {"name": "safer"}, REVIEWER, NOW),
    ),
    UseCase(
        "merge",
        prepared.branched,
        lambda of: branches.merge_branch(of.playbook_id, {"branch": "safer"}, REVIEWER, NOW),
        may_lack="export",
    ),
    UseCase(
        "delete a branch",
        prepared.branched,
        lambda of: branches.delete_branch(of.playbook_id, "safer", {}, REVIEWER, NOW),
        later=_pruned,
    ),
    UseCase(
        "roll back",
        prepared.second_version,
        lambda of: versions.roll_back(of.playbook_id, {"version": "1.0.0"}, REVIEWER, NOW),
        may_lack="export",
    ),
    UseCase(
        "deprecate",
        lambda: written(SCOPE),
        lambda of: versions.deprecate(of.playbook_id, {}, REVIEWER, NOW),
        may_lack="export",
    ),
    UseCase(
        "export",
        lambda: written(SCOPE),
        lambda of: export.export_playbook(of.playbook_id, {"format": "yaml"}, REVIEWER, NOW),
        times=(1, 2, 3),
    ),
    UseCase(
        "export a scope",
        lambda: (written(SCOPE), written(SCOPE, "Another")),
        lambda _: export.export_scope({"scope": SCOPE, "format": "json"}, REVIEWER, NOW),
        may_lack='"action": "exported"',  # asked again, it exports anew what it had exported
    ),
    UseCase(
        "execution",
        lambda: written(SCOPE),
        keyed(
            lambda of, at: (
                record.record_execution(
                    of.playbook_id, {"status": "success"}, AGENT, at
                ).execution_id
            )
        ),
    ),
    UseCase(
        "execution that calls for an improvement",
        lambda: written(SCOPE),
        lambda of: record.record_execution(
            of.playbook_id,
            {
                "status": "failure",
                "execution_id": "run-1",
                "step_results": [{"step_id": "rotate", "status": "failure"}],
            },
            AGENT,
            NOW,
        ),
        later=lambda: improve.improve_scope(SCOPE, NOW),
    ),
    UseCase(
        "recommend",
        lambda: written(SCOPE),
        keyed(
            lambda _, at: recommend.recommend(prepared.question("rotate the logs"), AGENT, at)[
                "recommendation_id"
            ]
        ),
    ),
    UseCase(
        "recommend nothing",
        lambda: None,
        keyed(
            lambda _, at: recommend.recommend(prepared.question("no such thing"), AGENT, at)[
                "recommendation_id"
            ]
        ),
    ),
    UseCase(
        "recommendation feedback",
        prepared.recommended,
        keyed(
            lambda of, at: feedback.give_feedback(
                of[0], {"playbook_id": of[1], "helpful": True}, AGENT, at
            )["feedback_id"]
        ),
    ),
    UseCase(
        "register an agent",
        nothing,
        lambda _: agents.register("one", {"capabilities": ["shell"]}, AGENT, NOW),
        times=(1, 2, 3),
    ),
    UseCase(
        "remove an agent",
        lambda: agents.register("one", {"capabilities": ["shell"]}, AGENT, NOW),
        lambda _: agents.remove("one", AGENT, NOW),
    ),
    UseCase("fill inboxes", prepared.heard, lambda event: notify.tell(event, NOW)),
    UseCase(
        "outbox delivery",
        prepared.with_events,
        lambda events: deliver.deliver(events),
        drained=False,
    ),
    UseCase("outbox sweep", prepared.with_events, lambda _: deliver.sweep(), drained=False),
    UseCase(
        "issue a token",
        nothing,
        keyed(lambda _, at: tokens.issue_token(_BUILD_TOKEN, OPERATOR, at)[1].token_id),
    ),
    UseCase(
        "ask for an erasure",
        nothing,
        keyed(lambda _, at: request_erasure.request(_ANN, _ANN, OPERATOR, at).erasure_id),
    ),
    UseCase(
        "rotate a token", prepared.token, lambda of: tokens.rotate_token(of, {}, OPERATOR, NOW)
    ),
    UseCase("revoke a token", prepared.token, lambda of: tokens.revoke_token(of, OPERATOR, NOW)),
    UseCase(
        "webhook",
        nothing,
        lambda _: take_in.take_in(
            "pagerduty", payloads.payload("pagerduty-triggered"), SCOPE, AGENT, NOW
        ),
    ),
    UseCase(
        "request a back-test",
        prepared.suggestion,
        keyed(lambda on, at: backtest.request(on, REVIEWER, at).backtest_id),
    ),
    UseCase(
        "back-test",
        prepared.to_back_test,
        lambda of: backtest.run(of, lambda: NOW),
        drained=False,
    ),
    UseCase(
        "share with agents",
        nothing,
        lambda _: notify.set_sharing(SCOPE, {"shared_with": ["other"]}, OPERATOR, NOW),
        times=(1, 2, 3),
    ),
    UseCase(
        "set the redaction",
        nothing,
        lambda _: redaction.set_policy(SCOPE, {"anonymise": True}, OPERATOR, NOW),
        times=(1, 2, 3),
    ),
    UseCase(
        "daily analyses",
        lambda: told(SCOPE, disk_full(1)),
        lambda _: request_analysis.request_daily(NOW),
        times=(0, 1, 2),
    ),
    UseCase(
        "rebuild the metrics",
        prepared.run_often,
        lambda of: rebuild.rebuild_metrics(of, OPERATOR, NOW),
    ),
    UseCase("sweep what is over", prepared.run_often, lambda _: _swept(), later=_swept),
]
