"""Other tools' deliveries: what becomes of each, and that neither order nor repetition matters."""

import copy
import functools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core.incidents import Incident, IncidentReport, Severity, Status, incident_of
from chalicelib.core.tickets import Ticket, merged, report_of, ticket
from chalicelib.formats.tickets import AWS_EVENTS, SOURCES
from tests.payloads import ONE_TICKET, deliveries, payload
from tests.services.cases import NOW


def joined(source: str, payloads: list[Any]) -> dict[str, Incident]:
    """The incidents that deliveries make, by their ids."""
    parts: dict[str, list[Ticket]] = {}
    for each in payloads:
        for part in SOURCES[source].read(each):
            parts.setdefault(part.incident_id, []).append(part)
    tickets = {name: functools.reduce(merged, each) for name, each in parts.items()}
    reports = {name: report_of(each, source, "shop") for name, each in tickets.items()}
    return {
        name: incident_of(IncidentReport.model_validate(report), name, NOW)
        for name, report in reports.items()
    }


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=30)
@given(data=st.data())
def test_neither_order_nor_repetition_matters(source: str, data: st.DataObject) -> None:
    sent = deliveries(source)
    shuffled = data.draw(st.permutations(sent + data.draw(st.lists(st.sampled_from(sent)))))
    assert joined(source, shuffled) == joined(source, sent)


@pytest.mark.parametrize("source", SOURCES)
def test_a_resolve_alone_makes_a_resolved_incident(source: str) -> None:
    last = payload(f"{source}-{'ok' if source == 'cloudwatch' else 'resolved'}")
    first = next(iter(joined(source, [last]).values()))
    assert first.status is Status.RESOLVED
    assert first.reported_by == source
    assert first.title


def test_pagerduty_s_notes_are_the_resolution_in_their_order() -> None:
    [incident] = joined("pagerduty", deliveries("pagerduty")).values()
    assert incident.incident_id == "pagerduty:PINC001"
    assert (incident.title, incident.severity) == ("Checkout answers slowly", Severity.HIGH)
    assert incident.affected_systems == ["checkout"]
    assert incident.resolution.index("pool of connections") < incident.resolution.index("pgbouncer")
    assert incident.seconds_to_resolve == pytest.approx(30 * 60 + 56.5)


def test_pagerduty_reopens_and_what_comes_after_a_resolve_does_not_move_it() -> None:
    sent = deliveries("pagerduty")
    later = copy.deepcopy(payload("pagerduty-resolved"))
    later["event"] |= {
        "event_type": "incident.priority_updated",
        "occurred_at": "2026-01-30T23:00:00Z",
    }
    [incident] = joined("pagerduty", [*sent, later]).values()
    assert incident == next(iter(joined("pagerduty", sent).values()))
    again = copy.deepcopy(payload("pagerduty-triggered"))
    again["event"] |= {"event_type": "incident.reopened", "occurred_at": "2026-01-31T08:00:00Z"}
    [incident] = joined("pagerduty", [again, *sent]).values()
    assert (incident.status, incident.resolved_at) == (Status.OPEN, None)


def test_of_what_is_no_incident_nothing_is_made() -> None:
    assert SOURCES["pagerduty"].read(payload("pagerduty-ping")) == []
    assert SOURCES["jira"].read({"webhookEvent": "sprint_started", "sprint": {"id": 1}}) == []
    unknown = copy.deepcopy(payload("cloudwatch-alarm"))
    unknown["detail"]["state"]["value"] = "INSUFFICIENT_DATA"
    assert SOURCES["cloudwatch"].read(unknown) == []


def test_an_alert_that_fires_again_is_another_incident() -> None:
    sent = [*deliveries("alertmanager"), payload("alertmanager-again")]
    found = joined("alertmanager", sent)
    assert list(found) == [
        "alertmanager:4d1f0b9c2a77e310:20260130T081530Z",
        "alertmanager:9ae2c01177bd55f2:20260130T081600Z",
        "alertmanager:4d1f0b9c2a77e310:20260131T030000Z",
    ]
    first, second, third = found.values()
    assert [each.status for each in found.values()] == ["resolved", "open", "open"]
    assert first.seconds_to_resolve == 37 * 60
    assert first.affected_systems == second.affected_systems == ["orders-kafka"]
    assert (first.severity, second.severity) == (Severity.CRITICAL, Severity.MEDIUM)
    assert first.symptoms == ["ConsumerLagHigh"]
    assert "instance=kafka-2:9308" in third.tags


def test_servicenow_s_work_notes_come_oldest_first_and_before_the_close_notes() -> None:
    before, after = (
        next(iter(joined("servicenow", [each]).values())) for each in deliveries("servicenow")
    )
    assert (before.status, before.affected_systems) == (Status.OPEN, [])
    assert (after.status, after.affected_systems) == (Status.RESOLVED, ["finance-portal"])
    assert after.severity is before.severity is Severity.HIGH
    assert after.seconds_to_resolve == 95 * 60, "in UTC, not in the time that people are shown"
    assert after.resolution.splitlines()[::2] == [
        "Deleted print jobs older than a day: `find /var/spool/cups -mtime +1 -delete`",
        "Restarted the spooler with `sudo systemctl restart cups`.",
        "Printing works again; the spooler had run out of disk.",
    ]


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        ("7", "Solved (Permanently)", "resolved"),
        ("7", "Not Solved (Too Costly)", "unresolved"),
        ("8", "", "unresolved"),
        ("3", "", "open"),
        (6, "", "resolved"),
    ],
)
def test_servicenow_s_states(state: Any, code: str, status: str) -> None:
    record = payload("servicenow-open") | {"state": state, "close_code": code}
    [incident] = joined("servicenow", [record]).values()
    assert incident.status == status


def test_jira_s_documents_are_read_as_lists_and_commands() -> None:
    [incident] = joined("jira", deliveries("jira")).values()
    assert incident.description.splitlines()[0] == "Uploads larger than 1 MB are answered with 413."
    assert incident.resolution == (
        "1. Raised the limit to 20 MB in `nginx.conf`\n"
        "2. Checked the file and reloaded:\n```\nnginx -t\nsudo systemctl reload nginx\n```"
    )
    assert (incident.status, incident.affected_systems) == (Status.RESOLVED, ["media-gateway"])
    assert incident.seconds_to_resolve == 54 * 60 + 50


def test_jira_s_comments_may_be_changed_and_taken_back_and_an_issue_come_alone() -> None:
    sent = deliveries("jira")
    changed = copy.deepcopy(sent[1])
    changed |= {"webhookEvent": "comment_updated", "timestamp": sent[1]["timestamp"] + 1000}
    changed["comment"] |= {"body": "Plain text.", "updated": "2026-01-28T14:45:00.000+0100"}
    [incident] = joined("jira", [changed, *sent]).values()
    assert incident.resolution == "Plain text."
    gone = copy.deepcopy(changed) | {"webhookEvent": "comment_deleted"}
    gone["timestamp"] = 1769609000000
    [incident] = joined("jira", [gone, changed, *sent]).values()
    assert incident.resolution == ""
    alone = sent[2]["issue"]
    alone["fields"]["resolution"] = {"name": "Won't Do"}
    [incident] = joined("jira", [alone]).values()
    assert incident.status is Status.UNRESOLVED


@pytest.mark.parametrize("resolution", ["Done", "Won't Do"])
def test_jira_s_comment_on_what_is_done_leaves_how_and_when_it_ended(resolution: str) -> None:
    sent = deliveries("jira")
    sent[2]["issue"]["fields"]["resolution"] = {"name": resolution}
    later = copy.deepcopy(sent[1]) | {"timestamp": sent[2]["timestamp"] + 3_600_000}
    later["issue"]["fields"]["status"] = {"name": "Done", "statusCategory": {"key": "done"}}
    assert joined("jira", [*sent, later]) == joined("jira", sent)
    later["issue"]["fields"]["status"]["statusCategory"] = {"key": "indeterminate"}
    [again] = joined("jira", [*sent, later]).values()
    assert (again.status, again.resolved_at) == (Status.OPEN, None)


@pytest.mark.parametrize("last", [{"state": "7"}, {"close_code": ""}, {"short_description": None}])
def test_servicenow_s_record_with_few_fields_leaves_the_others(last: dict[str, Any]) -> None:
    sent = deliveries("servicenow")
    few = {"number": "INC0042137", "sys_updated_on": "2026-02-05 09:00:00", **last}
    assert joined("servicenow", [few, *sent]) == joined("servicenow", sent)


def test_an_opsitem_s_event_with_few_fields_leaves_the_others() -> None:
    sent = deliveries("opscenter")
    few = copy.deepcopy(payload("opscenter-resolved"))
    del few["detail"]["title"], few["detail"]["description"], few["detail"]["source"]
    few["detail"]["modified-time"] = "2026-01-26T09:30:00.000002Z"
    [before], [after] = (joined("opscenter", each).values() for each in (sent, [*sent, few]))
    assert after.model_copy(update={"resolved_at": before.resolved_at}) == before


def test_an_alarm_that_is_over_is_the_one_that_went_off() -> None:
    [incident] = joined("cloudwatch", deliveries("cloudwatch")).values()
    assert incident.affected_systems == ["orders-db"]
    assert incident.symptoms == ["AWS/RDS FreeStorageSpace"]
    assert "less than the threshold" in incident.description
    assert incident.seconds_to_resolve == 42 * 60


def test_an_opsitem_has_its_severity_and_resources_from_the_item_itself() -> None:
    [incident] = joined("opscenter", deliveries("opscenter")).values()
    assert (incident.severity, incident.affected_systems) == (Severity.HIGH, ["instance/i-0abc"])
    assert (incident.status, incident.tags) == (Status.RESOLVED, ["EC2"])


def test_events_of_aws_are_told_apart() -> None:
    for source in ("cloudwatch", "opscenter"):
        for delivery in ONE_TICKET[source]:
            event = payload(f"{source}-{delivery}")
            assert "OpsItem" in event or AWS_EVENTS[event["detail-type"]] == source


@pytest.mark.parametrize(
    ("source", "body", "field"),
    [
        ("pagerduty", {"event": {"event_type": "x", "data": {}}}, "event.occurred_at"),
        ("alertmanager", {"version": "3", "alerts": []}, "version"),
        ("alertmanager", {"version": "4", "alerts": [{"status": "odd"}]}, "alerts.0.status"),
        ("servicenow", {"result": [{"state": "1"}]}, "result.0.number"),
        ("jira", {"fields": {}}, "issue.key"),
        ("cloudwatch", {"detail": {}}, "detail.alarmName"),
        ("opscenter", {"OpsItem": {"OpsItemId": "oi"}}, "OpsItem.Status"),
    ],
)
def test_what_is_wrong_is_named(source: str, body: Any, field: str) -> None:
    with pytest.raises(ValidationError) as error:
        SOURCES[source].read(body)
    assert field in [".".join(map(str, each["loc"])) for each in error.value.errors()]
    for nothing in (None, [], "text", 7):
        with pytest.raises(ValidationError):
            SOURCES[source].read(nothing)


def test_what_is_too_long_or_out_of_order_still_makes_a_report() -> None:
    fields = {
        "title": "x" * 1000,
        "description": "y" * 200_000,
        "tags": ["t" * 20_000] * 300,
        "opened_at": NOW,
        "resolved_at": NOW - timedelta(seconds=0.5),
        "status": "resolved",
    }
    made = ticket("jira", "A/" + "B" * 300, NOW, fields)
    report = IncidentReport.model_validate(report_of(made, "jira", "shop"))
    assert report.incident_id is not None
    assert len(report.incident_id) <= 200
    assert report.resolved_at == report.opened_at == NOW


def test_every_tool_has_its_payloads() -> None:
    assert set(ONE_TICKET) == set(SOURCES)
