"""A scope's playbooks, and a playbook's steps, versions, runs, exports, and what a run would do."""

from collections.abc import Sequence

from chalice.app import Blueprint, Response

from chalicelib.core.confidence import wilson_interval
from chalicelib.core.fields import DEFAULT_SCOPE
from chalicelib.core.versions import MAIN, Playbook
from chalicelib.routes.flow import flow
from chalicelib.routes.simulation_form import simulation_of, values_typed
from chalicelib.routes.visits import Visit, page
from chalicelib.services import export, improve, publish, record, simulate, understand
from chalicelib.services.listing import Wanted
from chalicelib.services.redaction import redacted

playbook_pages = Blueprint(__name__)

_SHOWN = 20
_LISTED = 50


@page(playbook_pages, "GET", "/review/playbooks")
def playbooks(visit: Visit) -> Response:
    """A scope's playbooks, those that changed last first."""
    scope = visit.query.get("scope") or DEFAULT_SCOPE
    wanted = Wanted(_LISTED, visit.query.get("cursor"))
    listed = publish.list_playbooks(scope, wanted, visit.caller)
    return visit.page(
        "playbooks.html",
        scope=scope,
        scopes=sorted({*understand.list_scopes(visit.caller), scope}),
        playbooks=[(each, *runs_of(each)) for each in listed.items],
        next_cursor=listed.next_cursor,
    )


def runs_of(playbook: Playbook) -> tuple[float | None, Sequence[float]]:
    """The share of a playbook's runs that succeeded, None without any, and its interval."""
    share = playbook.successes / playbook.executions if playbook.executions else None
    return share, wilson_interval(playbook.successes, playbook.executions)


@page(playbook_pages, "GET", "/review/playbooks/{playbook_id}")
def playbook(visit: Visit, playbook_id: str) -> Response:
    """A playbook as it stands, with its versions, runs and exports."""
    return _playbook(visit, playbook_id, None, {})


@page(playbook_pages, "POST", "/review/playbooks/{playbook_id}")
def simulate_playbook(visit: Visit, playbook_id: str) -> Response:
    """The playbook with its steps as they would run with the values that were typed."""
    found = publish.find_playbook(playbook_id, visit.caller)
    form = redacted(visit.form, found.scope).value
    simulation = simulate.simulate(playbook_id, simulation_of(form), visit.caller)
    return _playbook(visit, playbook_id, simulation, form)


def _playbook(
    visit: Visit,
    playbook_id: str,
    simulation: simulate.PlaybookSimulation | None,
    form: dict[str, str],
) -> Response:
    found = publish.find_playbook(playbook_id, visit.caller)
    return visit.page(
        "playbook.html",
        playbook=found,
        spec=found.spec,
        flow=flow(found.spec.steps),
        simulation=simulation,
        typed=values_typed(form, found.spec),
        versions=publish.list_versions(playbook_id, MAIN, Wanted(_SHOWN), visit.caller).items,
        metrics=record.playbook_metrics(playbook_id, Wanted(_SHOWN), visit.caller),
        executions=record.list_executions(playbook_id, Wanted(10), visit.caller).items,
        exports=export.list_exports(playbook_id, visit.caller),
        formats=export.FORMAT_NAMES,
        improvement=improve.waiting(playbook_id),
    )


@page(playbook_pages, "POST", "/review/playbooks/{playbook_id}/exports")
def export_playbook(visit: Visit, playbook_id: str) -> Response:
    """Export the playbook in the format that was chosen."""
    wanted = {"format": visit.form.get("format", "")}
    export.export_playbook(playbook_id, wanted, visit.caller, visit.now)
    return visit.go_to(f"/review/playbooks/{playbook_id}?told=exported#exports")
