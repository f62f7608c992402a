"""A playbook says what was done in the incidents behind it, and in whose words."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.incidents import IncidentReport, incident_of
from chalicelib.core.playbooks import Evidence, PlaybookSpec, Risk, placeholders
from chalicelib.core.steps import mentions
from chalicelib.core.synthesis import AFFECTED_SYSTEM, synthesise
from tests.unit.five_incidents import NOW, SEARCH_ENGINE, VARIANTS
from tests.unit.test_steps import TEXTS

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


def test_it_says_where_it_solved_how_many_and_how_most_of_them_showed():
    shown = _incidents(*RUNBOOK, symptoms=["timeouts", "slow"], error_messages=["heap is full"])
    others = _incidents(*RUNBOOK[:1], symptoms=["timeouts"])
    others[0] = others[0].model_copy(update={"incident_id": "other"})
    assert _playbook(shown).description == (
        "What solved 3 incidents on elasticsearch, 3 of them with “heap is full”."
    )
    assert "4 of them with “timeouts”" in _playbook([*shown, *others]).description
    unlike = _playbook(_incidents(*RUNBOOK), systems=())
    assert unlike.description == "What solved 3 incidents of this kind."


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


def test_a_look_before_and_after_is_two_steps_and_the_second_one_verifies():
    told = "1. `df -h`\n2. `sudo logrotate -f /etc/logrotate.conf`\n3. `df -h` should show `40%`"
    spec = _playbook(_incidents(told, told))
    assert [(step.text, step.kind) for step in spec.steps] == [
        ("df -h", "check"),
        ("sudo logrotate -f /etc/logrotate.conf", "change"),
        ("df -h", "verify"),
    ]
    assert spec.metadata["verification"] == [spec.steps[2].id]
    assert spec.steps[2].validations[0].value == "40%"
    assert spec.steps[0].validations == []


def test_what_was_tried_in_vain_is_listed_apart_and_counted():
    cured = "Restarted the node. That did not help. Ran `sudo systemctl restart nginx`."
    spec = _playbook(
        [
            *_incidents(cured, cured, "Ran `sudo systemctl restart nginx`."),
            incident_of(
                IncidentReport(
                    title="x", resolution="Ran `systemctl restart nginx`", status="unresolved"
                ),
                "inc-9",
                NOW,
            ),
        ]
    )
    restart, node = spec.metadata["failed_attempts"]
    assert (restart["step"], restart["failed"], restart["tried"]) == (spec.steps[0].id, 1, 4)
    assert (node["name"], node["failed"], node["tried"]) == ("Restart the node", 2, 2)
    assert node["quotes"] == ["Restarted the node."]
    assert [step.evidence.incident_ids for step in spec.steps] == [["inc-0", "inc-1", "inc-2"]]


def test_what_fewer_than_half_did_is_optional():
    spec = _playbook(_incidents("Ran `df -h`. Cleared the cache.", "Ran `df -h`", "Ran `df -h`"))
    assert [(step.name, step.optional) for step in spec.steps] == [
        ("Run df -h", False),
        ("Clear the cache", True),
    ]


def test_the_pod_of_one_step_is_the_pod_of_the_others_and_of_the_words():
    def told(pod):
        return (
            f"1. `kubectl logs {pod} -n prod`\n2. Restarted {pod} by hand\n"
            f"3. `kubectl get pod {pod} -n prod -o wide`"
        )

    told_once = told("cart-7d9").replace("3. ", "3. Looked at cart-7d9: ")
    spec = _playbook(_incidents(told("web-1a1"), told("api-2b2"), told_once))
    assert [step.text for step in spec.steps] == [
        "kubectl logs ${pod} -n prod",
        "Restart ${pod} by hand",
        "kubectl get pod ${pod} -n prod -o wide",
    ]
    assert spec.steps[2].name == "Look at ${pod}"
    assert [parameter.name for parameter in spec.parameters] == [AFFECTED_SYSTEM, "pod"]


def test_a_name_tells_no_number_that_the_command_leaves_open():
    told = "Scaled the workers to {0}: `kubectl scale deploy/web --replicas={0}`"
    (step,) = _playbook(_incidents(*map(told.format, (4, 6, 8)))).steps
    assert step.name == "Scale the workers to ${replicas}"


def test_commands_of_another_build_are_alternatives_and_their_secrets_are_asked_for():
    usual = "Ran `redis-cli -h cache-1 info memory`"
    other = "Ran `redis-cli -h cache-1 -a <REDACTED:password> info memory`"
    spec = _playbook(_incidents(usual, usual, other))
    assert spec.steps[0].text == "redis-cli -h cache-1 info memory"
    assert spec.steps[0].alternatives == ["redis-cli -h cache-1 -a ${password} info memory"]
    assert spec.parameters[-1].type == "secure_string"


def test_half_and_half_is_a_choice():
    restart, scale = (
        f"Ran `kubectl {what} deployment/web -n prod`"
        for what in ("rollout restart", "scale --replicas=4")
    )
    spec = _playbook(_incidents(restart, restart, scale, scale))
    (choice,) = (parameter for parameter in spec.parameters if parameter.name == "way")
    assert choice.examples == [step.id for step in spec.steps]
    assert [step.when[0].value for step in spec.steps] == choice.examples


def test_to_wait_is_a_step_of_so_many_seconds():
    (step, _) = _playbook(_incidents("Waited 5 minutes. Restarted the node.")).steps
    assert (step.action, step.args["seconds"], step.kind) == ("wait", 300, "wait")


RESOLUTIONS = st.lists(
    st.sampled_from(
        [
            "Checked the logs with `journalctl -u nginx -n 50`",
            "Ran `df -h`",
            "`kubectl delete pod web-1 -n prod`",
            "`kubectl delete pod api-2 -n dev`",
            "Restarted the service: `sudo systemctl restart nginx`",
            "Restarted the service",
            "Cleared the cache. That did not help",
            "If the disk is full, clear the journal",
            "`mysql -p<REDACTED:password> -e 'show processlist'` again",
            "Waited 10 minutes",
            "Notified the customers",
        ]
    ),
    min_size=1,
    max_size=5,
).map(". ".join)
MANY = st.lists(RESOLUTIONS, min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(told=MANY, shuffle=st.randoms(use_true_random=False))
def test_the_same_incidents_make_the_same_playbook_in_any_order(told, shuffle):
    incidents = _incidents(*told)
    spec = _playbook(incidents)
    shuffle.shuffle(incidents)
    assert _playbook(incidents) == spec


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_no_step_is_without_evidence_and_nothing_is_lost_in_writing_and_reading(told):
    spec = _playbook(_incidents(*told))
    if spec is None:
        return
    assert PlaybookSpec.model_validate_json(spec.model_dump_json()) == spec
    declared = {parameter.name for parameter in spec.parameters}
    for step in spec.steps:
        assert 0 < step.evidence.support == len(step.evidence.incident_ids)
        assert step.evidence.quotes
        assert set(placeholders(step.text)) | set(placeholders(step.name)) <= declared
        assert {condition.param for condition in step.when} <= declared


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_resolutions_are_too_odd_for_a_sound_playbook(told):
    spec = _playbook(_incidents(*told))
    assert spec is None or PlaybookSpec.model_validate_json(spec.model_dump_json()) == spec


@settings(max_examples=40, deadline=None)
@given(told=RESOLUTIONS, number=st.integers(2, 5))
def test_a_playbook_of_identical_incidents_is_the_steps_of_one(told, number):
    def steps(spec):
        return spec and [step.model_copy(update={"evidence": Evidence()}) for step in spec.steps]

    one, many = _playbook(_incidents(told)), _playbook(_incidents(*[told] * number))
    assert steps(one) == steps(many)
    assert one is None or one.parameters == many.parameters


@settings(max_examples=40, deadline=None)
@given(MANY)
def test_values_put_into_a_command_give_one_that_was_told(told):
    incidents = _incidents(*told)
    written = {mention.command for each in incidents for mention in mentions(each)}
    spec = _playbook(incidents)
    for step in spec.steps if spec else []:
        if step.action == "shell":
            pattern = re.escape(step.text)
            pattern = re.sub(r"\\\$\\\{\w+\\\}", r"[\\w.:<>-]+", pattern)
            assert any(re.fullmatch(pattern, command) for command in written if command)
