"""The page that a reviewer starts from: the queue, and the figures and pictures around it."""

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.core.analyses import Run, RunStatus, Stage
from chalicelib.core.statistics import Statistics
from chalicelib.core.suggestions import OPEN_STATUSES, SuggestionStatus
from chalicelib.routes import charts
from chalicelib.routes.access import AUDITOR
from chalicelib.routes.playbook_pages import runs_of
from chalicelib.routes.visits import Visit, page
from chalicelib.services import overview, publish, request_analysis, understand
from chalicelib.services.errors import validated
from chalicelib.services.listing import Wanted
from chalicelib.services.overview import Sought

dashboard_page = Blueprint(__name__)

_QUEUE, _PLAYBOOKS, _RUNS = 20, 10, 5
_UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)


@page(dashboard_page, "GET", "/review")
def dashboard(visit: Visit) -> Response:
    """The form to sign in, or the queue with the figures around it."""
    if visit.session.caller is None:
        following = visit.query.get("next", "")
        return visit.page("sign_in.html", following=following, username="", said="")
    if visit.session.caller.role == AUDITOR:
        return visit.go_to("/review/audit")
    scopes = understand.list_scopes(visit.caller)
    asked = {name: visit.query.get(name, "") for name in Sought.model_fields}
    sought = validated(Sought, {name: value for name, value in asked.items() if value})
    listed = overview.queue(sought, Wanted(_QUEUE, visit.query.get("cursor")), visit.caller)
    figures = understand.summary(sought.scope, visit.caller)
    playbooks = publish.list_playbooks(sought.scope, Wanted(_PLAYBOOKS), visit.caller).items
    runs = request_analysis.list_runs(sought.scope, Wanted(_RUNS), visit.caller).items
    return visit.page(
        "dashboard.html",
        sought=sought,
        waiting=sought.status in OPEN_STATUSES,
        scopes=sorted({*scopes, sought.scope}),
        reported=sought.scope in scopes or bool(listed.items or playbooks),
        statuses=list(SuggestionStatus),
        figures=figures,
        suggestions=listed,
        playbooks=[(each, *runs_of(each)) for each in playbooks],
        runs=[(run, _share_done(run)) for run in runs],
        under_way=any(run.status in _UNDER_WAY for run in runs),
        **_pictures(figures, overview.calibrated(sought.scope, visit.caller)),
    )


def _pictures(figures: Statistics, decisions: overview.Calibration) -> dict[str, Any]:
    weeks, history = figures.weeks, figures.history
    return {
        "incidents_by_week": charts.columns(
            [each.week for each in weeks], [each.incidents for each in weeks]
        )
        if any(each.incidents for each in weeks)
        else None,
        "patterns_by_week": charts.columns(
            [each.week for each in history],
            [each.found for each in history],
            [each.retired for each in history],
        )
        if any(each.found or each.retired for each in history)
        else None,
        "decisions": decisions,
        "curve": charts.curve(decisions.bands),
        "effects": [
            (each, charts.ranges({"before": each.before, "since": each.since}))
            for each in figures.effects
        ],
    }


def _share_done(run: Run) -> float:
    """How much of a run is done, 0 to 1, each stage counted as one part of it."""
    if run.progress is None:
        return 0.0
    stages = list(Stage)
    return (stages.index(run.progress.stage) + run.progress.share) / len(stages)
