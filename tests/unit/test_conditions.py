"""When a step is taken, and what it has to show, as the texts say."""

import pytest

from chalicelib.core.alignment import AlignedStep
from chalicelib.core.conditions import told_apart, told_condition, validation, way_of, ways
from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.steps import Mention
from tests.unit.five_incidents import NOW


def _mention(quote="x", condition="", command=None, incident_id="a"):
    return Mention(incident_id, "Check it", command, quote, (0, len(quote)), "done", condition)


def _step(*incident_ids):
    return AlignedStep(tuple(_mention(incident_id=each) for each in incident_ids), 0.0)


def test_a_condition_that_half_of_the_tellers_name_asks_whoever_runs_it():
    told = [_mention(condition="the disk was full"), _mention()]
    parameter, condition = told_condition(told)
    assert (parameter.name, parameter.type, parameter.required) == ("disk_is_full", "boolean", True)
    assert (condition.param, condition.value, condition.text) == (
        "disk_is_full",
        True,
        "the disk is full",
    )
    assert told_condition([*told, _mention()]) is None
    assert told_condition([_mention()]) is None


def test_two_changes_that_part_the_incidents_are_two_ways():
    steps = [_step("a", "b", "c", "d"), _step("a", "b"), _step("c", "d")]
    assert ways(steps, [1, 2], 4) == (1, 2)
    assert ways(steps, [0, 1], 4) is None
    assert ways(steps, [1, 2], 6) is None
    assert ways([_step("a"), _step("b")], [0, 1], 2) is None


def test_what_all_reports_of_one_way_tell_and_none_of_the_other_is_said():
    def incident(incident_id, title):
        return incident_of(IncidentReport(title=title), incident_id, NOW)

    incidents = {
        "a": incident("a", "api slow, disk full"),
        "b": incident("b", "disk full on web-2"),
        "c": incident("c", "api slow"),
    }
    assert told_apart([incidents["a"], incidents["b"]], [incidents["c"]]) == ["disk", "full"]
    condition = way_of("clean", ["a", "b"], ["c"], incidents)
    assert (condition.param, condition.value) == ("way", "clean")
    assert condition.text == (
        "2 of 3 incidents were solved this way, all of which tell of disk, full"
    )


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        ("`df -h` should show `41%`", ("contains", "41%")),
        ("waited until it is green", ("matches", r"(?i)\bgreen\b")),
        ('must return "PONG"', ("contains", "PONG")),
        ("`df -h` showed `98%`", None),
        ("`df -h` returned nothing", None),
    ],
)
def test_what_is_expected_validates_a_check(quote, value):
    found = validation([_mention(quote, command="df -h")], last=False)
    assert (found and (found.type, found.value)) == value
    assert found is None or found.text == quote


def test_what_came_out_validates_only_what_is_looked_at_last_and_where_most_say_it():
    green = [_mention("health was green again"), _mention("health is green")]
    assert validation(green, last=True).value == r"(?i)\bgreen\b"
    assert validation(green, last=False) is None
    assert validation([*green, *[_mention("looked fine")] * 3], last=True) is None
