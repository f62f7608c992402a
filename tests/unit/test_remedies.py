"""What runs and further incidents say against a playbook's steps, and what becomes of it."""

import random
from datetime import timedelta

import pytest

from chalicelib.core.accounts import of_incident, of_run
from chalicelib.core.executions import Execution
from chalicelib.core.improvement import Proposals
from chalicelib.core.incidents import Incident
from chalicelib.core.playbooks import Parameter, PlaybookSpec, Step
from chalicelib.core.redrafting import improve
from tests.unit.five_incidents import NOW

ROTATE = "sudo logrotate -f /etc/logrotate.conf"
VERIFY = "Verify that it accepts writes"


def shell(step_id, name, command, kind, **fields):
    args = {"command": command}
    return Step(id=step_id, name=name, action="shell", args=args, kind=kind, **fields)


SPEC = PlaybookSpec(
    name="Free the disk",
    parameters=[Parameter(name="host")],
    steps=[
        shell("check", "Check the free space", "df -h", "check"),
        shell("rotate", "Rotate the logs", ROTATE, "change"),
        shell("restart", "Restart it", "ssh ${host} sudo systemctl restart postgresql", "change"),
        Step(id="verify", name=VERIFY, action="noop", args={"message": VERIFY}, kind="verify"),
    ],
)


def run(number, notes="", failing=(), status="failure", skipped=(), incident=None, **fields):
    how = dict.fromkeys(failing, "failure") | dict.fromkeys(skipped, "skipped")
    results = [
        {
            "step_id": step.id,
            "status": how.get(step.id, "success"),
            "error": "Permission denied" if step.id in failing else "",
        }
        for step in SPEC.steps
    ]
    values = {"status": status, "notes": notes, "step_results": results}
    values |= {"parameters": {"host": f"db-{number}"}} | fields
    return of_run(
        Execution(
            execution_id=f"run-{number}",
            playbook_id="pb",
            version="1.0.0",
            recorded_at=NOW + timedelta(hours=number),
            recorded_by="bot",
            **values,
        ),
        incident,
    )


def incident(number, *steps, **fields):
    resolution = "\n".join(f"{place}. {step}" for place, step in enumerate(steps, 1))
    values = {"title": "Disk full", "status": "resolved", "resolution": resolution} | fields
    return Incident(incident_id=f"inc-{number}", opened_at=NOW, **values)


def usual(number, rotated=f"Rotated the logs: {ROTATE}"):
    return [
        "Checked the free space with `df -h`",
        rotated,
        f"Restarted it: ssh db-{number} sudo systemctl restart postgresql",
        "Verified that it accepts writes",
    ]


def improved(accounts, made=None, wishes=False, spec=SPEC):
    return improve(spec, accounts, made or Proposals(), threshold=0.7, wishes=wishes)


def commands(improvement):
    return [step.text for step in improvement.spec.steps]


def only(improvement, kind):
    assert improvement is not None
    assert [change.kind for change in improvement.changes] == [kind]
    return improvement.changes[0]


def vacuumed(number):
    said = f"Rotating failed. Ran `ssh db-{number} sudo journalctl --vacuum-size=200M` instead."
    return run(number, said, failing=["rotate"])


def test_a_step_that_fails_gives_way_to_what_was_done_instead():
    found = improved([vacuumed(1), vacuumed(2), vacuumed(3), run(4, status="success")])
    change = only(found, "replace")
    assert (change.step_id, change.support, change.asked) == ("rotate", 3, 4)
    assert change.before == ROTATE
    assert change.after == "ssh ${host} sudo journalctl --vacuum-size=200M"
    assert change.reason == (
        "“Rotate the logs” failed in 3 of 4 runs. In 3 of these, this was done instead."
    )
    assert (change.execution_ids, change.incident_ids) == (["run-1", "run-2", "run-3"], [])
    assert change.quotes[0] == "Ran `ssh db-1 sudo journalctl --vacuum-size=200M` instead."
    assert change.quotes[-1] == "Permission denied"
    assert [step.id for step in found.spec.steps] == [step.id for step in SPEC.steps]
    assert found.spec.steps[1].risk == "destroys"
    assert found.spec.parameters == SPEC.parameters
    assert found.last_seen == NOW + timedelta(hours=3)


def test_the_same_program_in_another_form_is_another_way_too():
    said = "It needed the other file: `sudo logrotate -f /etc/logrotate.d/pg` did it."
    found = improved([run(number, said, failing=["rotate"]) for number in range(3)])
    change = only(found, "replace")
    assert (change.name, change.after) == (
        "Rotate the logs",
        "sudo logrotate -f /etc/logrotate.d/pg",
    )


def test_where_notes_tell_nothing_the_incident_does():
    accounts = [
        run(
            number,
            "Did not work, see the incident.",
            failing=["rotate"],
            incident=incident(number, "Dropped the old partitions: `pg_partman_bgw --drop`"),
            incident_id=f"inc-{number}",
        )
        for number in range(3)
    ]
    change = only(improved(accounts), "replace")
    assert change.after == "pg_partman_bgw --drop"
    assert improved(accounts).spec.steps[1].evidence.incident_ids == ["inc-0", "inc-1", "inc-2"]


def test_notes_that_tell_of_a_failure_count_where_no_result_does():
    accounts = [
        run(number, "Rotated the logs, which did not help. Ran `fstrim -av`.", step_results=[])
        for number in range(3)
    ]
    change = only(improved(accounts), "replace")
    assert (change.step_id, change.after) == ("rotate", "fstrim -av")


@pytest.mark.parametrize(
    "accounts",
    [
        [vacuumed(1), vacuumed(2)],
        [vacuumed(1), vacuumed(2), vacuumed(3), *(run(9 + n, status="success") for n in range(9))],
        [run(number, "No idea.", failing=["rotate"]) for number in range(5)],
        [
            run(1, "Ran `fstrim -av` instead.", failing=["rotate"]),
            run(2, "Ran `docker system df` instead.", failing=["rotate"]),
            run(3, "Ran `sudo systemctl stop writer` instead.", failing=["rotate"]),
        ],
        [run(number, status="success") for number in range(9)],
        [of_incident(incident(number, *usual(number))) for number in range(5)],
        [
            of_incident(incident(number, "Ran `fstrim -av`.", status="unresolved"))
            for number in range(5)
        ],
    ],
    ids=["few", "seldom", "untold", "disagreeing", "well", "as usual", "unsolved"],
)
def test_without_enough_that_agrees_nothing_is_proposed(accounts):
    assert improved(accounts) is None


def test_an_alternative_that_it_was_learned_with_is_tried_before_nothing():
    steps = [
        step.model_copy(update={"alternatives": ["fstrim -av"]}) if step.id == "rotate" else step
        for step in SPEC.steps
    ]
    spec = SPEC.model_copy(update={"steps": steps})
    found = improved([run(number, failing=["rotate"]) for number in range(3)], spec=spec)
    assert only(found, "replace").after == "fstrim -av"
    assert found.spec.steps[1].alternatives == []


def test_a_step_that_always_fails_and_is_not_missed_is_dropped():
    accounts = [run(number, failing=["rotate"], status="success") for number in range(3)]
    change = only(improved(accounts), "drop")
    assert (change.step_id, change.before, change.after) == ("rotate", ROTATE, "")
    assert [step.id for step in improved(accounts).spec.steps] == ["check", "restart", "verify"]
    missed = [run(3, failing=["rotate"]), *accounts]
    assert improved(missed) is None


def test_a_step_that_further_incidents_have_comes_where_they_have_it():
    stop = "Stopped the writer: sudo systemctl stop writer"
    accounts = [
        of_incident(incident(number, *usual(number)[:1], stop, *usual(number)[1:]))
        for number in range(4)
    ]
    found = improved(accounts)
    change = only(found, "add")
    assert (
        change.reason == "Done besides in 4 incidents, of 4 that could tell; no step says so yet."
    )
    assert [step.id for step in found.spec.steps] == [
        "check",
        "stop-the-writer",
        "rotate",
        "restart",
        "verify",
    ]
    assert found.spec.steps[1].evidence.support == 4


def test_a_change_that_further_incidents_make_in_another_way_is_replaced():
    other = [of_incident(incident(n, *usual(n, "Trimmed: `fstrim -av`"))) for n in range(3)]
    change = only(improved(other), "replace")
    assert (change.step_id, change.after) == ("rotate", "fstrim -av")
    assert change.incident_ids == ["inc-0", "inc-1", "inc-2"]
    form = "Rotated the logs: sudo logrotate -f /etc/logrotate.d/pg"
    other = [of_incident(incident(n, *usual(n, form))) for n in range(3)]
    assert only(improved(other), "replace").after == "sudo logrotate -f /etc/logrotate.d/pg"


def test_what_few_do_is_optional_and_what_most_turn_round_is_moved():
    without = [of_incident(incident(n, *usual(n)[1:])) for n in range(4)]
    found = improved(without)
    assert only(found, "optional").step_id == "check"
    assert [step.optional for step in found.spec.steps] == [True, False, False, False]
    skipping = [run(n, status="success", skipped=["verify"]) for n in range(4)]
    assert only(improved(skipping), "optional").step_id == "verify"
    turned = [of_incident(incident(n, *(usual(n)[at] for at in (1, 0, 2, 3)))) for n in range(4)]
    found = improved(turned)
    assert only(found, "move").step_id == "rotate"
    assert [step.id for step in found.spec.steps] == ["rotate", "check", "restart", "verify"]


def test_wishes_count_only_where_somebody_is_discontent():
    accounts = [
        run(n, "You should first stop the writer.", status="success", satisfaction=1)
        for n in range(3)
    ]
    assert improved(accounts) is None
    change = only(improved(accounts, wishes=True), "add")
    assert change.reason.startswith("Wished for in 3 runs")
    assert change.quotes == ["should first stop the writer"]


def test_a_new_step_brings_the_parameters_that_it_needs():
    said = "Had to run `sudo xfs_growfs /data/{}` as well."
    accounts = [run(n, said.format(n), status="success", parameters={}) for n in range(3)]
    found = improved(accounts)
    [_, new] = found.spec.parameters
    assert only(found, "add").after == f"sudo xfs_growfs ${{{new.name}}}"
    assert [each.param for each in found.spec.prerequisites] == [new.name]


def test_what_was_turned_down_comes_back_with_three_more_accounts():
    accounts = [vacuumed(number) for number in range(1, 7)]
    first = improved(accounts[:3])
    made = Proposals().rejecting("first", first.changes)
    assert made.revision == 1
    assert improved(accounts[:3], made) is None
    assert improved(accounts[:5], made) is None
    assert only(improved(accounts, made), "replace").key == first.changes[0].key
    again = made.rejecting("again", improved(accounts, made).changes)
    assert improved(accounts, again) is None


def test_the_order_of_the_accounts_changes_nothing():
    stop = "Stopped the writer: sudo systemctl stop writer"
    accounts = [vacuumed(number) for number in range(1, 4)]
    accounts += [
        of_incident(incident(number, *usual(number)[:1], stop, *usual(number)[1:]))
        for number in range(6)
    ]
    first = improved(accounts)
    assert {change.kind for change in first.changes} == {"replace", "add"}
    shuffle = random.Random(7)
    for _ in range(5):
        shuffle.shuffle(accounts)
        assert improved(accounts) == first
