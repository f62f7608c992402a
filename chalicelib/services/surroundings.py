"""What happens around an incident: alarms that ring, other incidents, runs that just failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.executions import Execution, ExecutionStatus
from chalicelib.core.fields import format_time
from chalicelib.core.recommendations import Alarm, RecentIncident
from chalicelib.core.search_terms import words
from chalicelib.core.situations import Failures, Situation
from chalicelib.core.versions import Playbook
from chalicelib.settings import settings
from chalicelib.store import alarms, executions, incidents

_RECENT, _MOST_READ, _RUNS_READ = 10, 200, 20
_MOST_ENTRIES = 200


@dataclass(frozen=True)
class Surroundings:
    """What was seen around an incident.

    Attributes:
        situation: the incident, with the alarms that ring on its systems among its alerts.
        alarms: those alarms.
        recent_incidents: what else happened to the same systems, the latest first.
        unknown: what could not be looked at, in words.
    """

    situation: Situation
    alarms: list[Alarm]
    recent_incidents: list[RecentIncident]
    unknown: list[str]


def look_around(scope: str, situation: Situation, now: datetime) -> Surroundings:
    """What can be seen around an incident within the context window."""
    ringing, unknown = _alarms(situation)
    said = [_said(alarm) for alarm in ringing]
    alerts = [*situation.monitoring_alerts, *said][:_MOST_ENTRIES]
    return Surroundings(
        situation.model_copy(update={"monitoring_alerts": alerts}),
        ringing,
        _recent(scope, situation, now),
        unknown,
    )


def just_failed(playbook: Playbook, scope: str, systems: Sequence[str], now: datetime) -> Failures:
    """The runs of a playbook that failed on the systems within the window, since one went well."""
    if not systems or playbook.executions == playbook.successes:
        return Failures()
    runs = [
        run
        for run in executions.page(playbook.playbook_id, _RUNS_READ, None).items
        if not run.dry_run
    ]
    start = _window_start(now)
    recent = [run for run in runs if start <= run.recorded_at <= now]
    told = incidents.get_many(scope, [run.incident_id for run in recent if run.incident_id])
    affected = {each.incident_id: each.affected_systems for each in told}
    failed: list[Execution] = []
    for run in recent:
        if not _share(systems, _where(run, affected, playbook)):
            continue
        if run.status is ExecutionStatus.SUCCESS:
            break
        if run.status is ExecutionStatus.FAILURE:
            failed.append(run)
    if not failed:
        return Failures()
    return Failures(len(failed), (now - failed[0].recorded_at).total_seconds() / 3600)


def _where(run: Execution, affected: dict[str, list[str]], playbook: Playbook) -> list[str]:
    """The systems that a run was on: its incident's, else what it was told, else the playbook's."""
    given = [str(value) for value in run.parameters.values()]
    return affected.get(run.incident_id) or given or playbook.systems


def _share(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two lists name a system in common: `redis` is named by `redis-prod-1` as well."""
    mine = [name for name in map(words, some) if name]
    theirs = [name for name in map(words, others) if name]
    return any(one <= other or other <= one for one in mine for other in theirs)


def _alarms(situation: Situation) -> tuple[list[Alarm], list[str]]:
    whose = settings().recommendations.cloudwatch_alarms
    if not whose or not situation.affected_systems:
        return [], []
    try:
        role = None if whose == "true" else whose
        return alarms.ringing(role, situation.affected_systems), []
    except alarms.AlarmsUnknown as error:
        return [], [f"CloudWatch alarms could not be read ({error}), so they are left out"]


def _said(alarm: Alarm) -> str:
    return "\n".join(filter(None, (alarm["name"], alarm["description"], alarm["reason"])))


def _recent(scope: str, situation: Situation, now: datetime) -> list[RecentIncident]:
    systems = {system.casefold() for system in situation.affected_systems}
    if not systems:
        return []
    found: list[RecentIncident] = [
        {
            "incident_id": incident.incident_id,
            "title": incident.title,
            "status": incident.status,
            "opened_at": format_time(incident.opened_at),
        }
        for incident in incidents.latest(scope, _window_start(now), now, _MOST_READ)
        if systems & {system.casefold() for system in incident.affected_systems}
    ]
    return found[:_RECENT]


def _window_start(now: datetime) -> datetime:
    return now - timedelta(hours=settings().recommendations.context_window_hours)
