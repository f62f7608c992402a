"""A playbook says what was done in the incidents behind it, and in whose words."""

import itertools

import pytest

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.playbooks import PlaybookSpec, Risk, placeholders
from chalicelib.core.steps import mentions
from chalicelib.core.synthesis import AFFECTED_SYSTEM, synthesise
from tests.unit.five_incidents import NOW, SEARCH_ENGINE, VARIANTS

RUNBOOK = [
    "1. Check service status: `systemctl status elasticsearch`\n"
    "2. Checked disk space with `df -h`\n"
    "3. Restarted the service: `sudo systemctl restart elasticsearch`\n"
    "4. Verified cluster health",
    "Checked the service status, then ran `df -h`, and restarted it with "
    "`sudo systemctl restart elasticsearch`. Verified cluster health.",
    "`df -h` showed space. Restarted the service with `sudo systemctl restart elasticsearch` "
    "and verified the cluster health.",
]


def _incidents(*resolutions, **fields):
    return [
        incident_of(
            IncidentReport(title="Search down", resolution=resolution, **fields),
            f"inc-{number}",
            NOW,
        )
        for number, resolution in enumerate(resolutions)
    ]


def _playbook(incidents, systems=("elasticsearch",)):
    return synthesise(incidents, name="Search", systems=systems, keywords=["heap"], metadata={})


def _search_engine(variant):
    return [VARIANTS[variant][number] for number in SEARCH_ENGINE]


def test_a_runbook_told_three_times_becomes_its_four_steps_in_order():
    steps = _playbook(_incidents(*RUNBOOK)).steps
    assert [(step.name, step.text) for step in steps] == [
        ("Check service status", "systemctl status elasticsearch"),
        ("Check disk space", "df -h"),
        ("Restart the service", "sudo systemctl restart elasticsearch"),
        ("Verify cluster health", "Verify cluster health"),
    ]
    assert [step.risk for step in steps] == [
        Risk.READ_ONLY,
        Risk.READ_ONLY,
        Risk.CHANGES,
        Risk.READ_ONLY,
    ]
    assert [step.evidence.support for step in steps] == [2, 3, 3, 3]


@pytest.mark.parametrize(
    ("variant", "texts"),
    [
        ("named once", {"df -h", "sudo systemctl restart elasticsearch"}),
        ("terse", {"Check cluster health", "df -h", "Restart the service"}),
        ("full", {"systemctl status elasticsearch", "df -h", "Restart the nodes one by one"}),
        ("production", {"Check the disk space", "Restart service", "Verify cluster health"}),
        ("wordy", {"df -h", "Clear caches"}),
    ],
)
def test_the_search_engine_gets_the_steps_that_its_incidents_tell(variant, texts):
    assert texts <= {step.text for step in _playbook(_search_engine(variant)).steps}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_step_quotes_the_incidents_that_it_names(variant):
    members = {each.incident_id: each.resolution for each in _search_engine(variant)}
    for step in _playbook(_search_engine(variant)).steps:
        evidence = step.evidence
        assert evidence.support == len(evidence.incident_ids) > 0
        assert set(evidence.incident_ids) <= members.keys()
        assert evidence.quotes
        for quote in evidence.quotes:
            assert any(quote in members[each] for each in evidence.incident_ids)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_command_is_one_that_somebody_wrote(variant):
    incidents = _search_engine(variant)
    written = {mention.command for each in incidents for mention in mentions(each)}
    commands = [s.text for s in _playbook(incidents).steps if s.action == "shell"]
    assert set(commands) <= written


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_order_of_the_incidents_changes_nothing(variant):
    orders = itertools.permutations(_search_engine(variant))
    assert len({_playbook(order).model_dump_json() for order in orders}) == 1


def test_what_varies_is_a_declared_parameter_with_what_was_seen():
    spec = _playbook(_incidents("Ran `systemctl restart nginx`", "Ran `systemctl restart redis`"))
    (step,) = spec.steps
    assert step.text == "systemctl restart ${service}"
    declared = {parameter.name: parameter for parameter in spec.parameters}
    assert set(placeholders(step.text)) <= declared.keys()
    assert declared["service"].examples == ["nginx", "redis"]


def test_what_is_no_cure_makes_no_playbook():
    assert _playbook(_incidents("It went away by itself.", "Unknown.")) is None
    assert _playbook(_incidents("Restarted the node, but it did not help.")) is None
    assert _playbook(_incidents("Restarted the node", status="unresolved")) is None
    assert _playbook([]) is None


def test_a_failed_attempt_is_left_out_of_the_cure():
    spec = _playbook(
        _incidents("Cleared the cache. That did not help. Raised the heap size and it recovered.")
    )
    assert [step.name for step in spec.steps] == ["Raise the heap size"]


def test_the_affected_system_is_asked_for_and_permissions_and_risk_are_told():
    spec = _playbook(_incidents("Ran `kubectl get pods`, then ran `sudo rm -rf /var/tmp/x`"))
    assert spec.parameters[0].name == AFFECTED_SYSTEM
    assert spec.parameters[0].default == "elasticsearch"
    assert spec.metadata["required_permissions"] == [
        "kubectl access to the cluster",
        "sudo on the host",
    ]
    assert spec.metadata["risk"] is Risk.DESTROYS
    assert _playbook(_incidents("Ran `df -h`"), systems=()).parameters[0].default is None


def test_the_specification_survives_being_written_and_read():
    spec = _playbook(_incidents(*RUNBOOK))
    assert PlaybookSpec.model_validate_json(spec.model_dump_json()).steps == spec.steps
