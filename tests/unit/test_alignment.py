"""Steps that incidents share, in the order that most take them in."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.alignment import LEAST_SUPPORT, align
from chalicelib.core.steps import Mention

STEPS = [
    ("Check disk space", "df -h"),
    ("Restart the service", "sudo systemctl restart nginx"),
    ("Restart nginx", None),
    ("Clear the cache", None),
    ("Raise the heap size", None),
    ("", "kubectl get pods -n prod"),
    ("", "kubectl get pods -n dev"),
    ("Verify cluster health", None),
]


def _told(incident_id, *steps):
    """An account of these steps, each a text, or a text with its command."""
    pairs = [step if isinstance(step, tuple) else (step, None) for step in steps]
    return [
        Mention(incident_id, text, command, text or command, (10 * number, 10 * number + 9))
        for number, (text, command) in enumerate(pairs)
    ]


def _names(alignment):
    return [step.mentions[0].text or step.mentions[0].command for step in alignment.steps]


def test_words_find_the_command_that_does_the_same():
    (step,) = align(
        [
            _told("a", ("Check disk space", "df -h")),
            _told("b", "Check the disk space"),
        ]
    ).steps
    assert step.incident_ids == ["a", "b"]
    assert step.commands == [("a", "df -h")]


def test_commands_that_differ_in_names_are_one_and_in_deeds_are_not():
    names = [_told("a", ("", "systemctl restart db-1")), _told("b", ("", "systemctl restart db-2"))]
    deeds = [_told("a", ("", "systemctl restart db-1")), _told("b", ("", "systemctl status db-1"))]
    assert len(align(names).steps) == 1
    assert len(align(deeds).steps) == 2


def test_a_query_is_the_same_in_a_client_as_alone():
    (step,) = align(
        [
            _told("a", ("", "SELECT count(*) FROM jobs;")),
            _told("b", ("", "psql -c 'select count(*) from jobs'")),
        ]
    ).steps
    assert step.incident_ids == ["a", "b"]


def test_actions_on_different_things_are_different_steps():
    told = [_told("a", "Clear the query cache"), _told("b", "Clear the mail queue")]
    assert len(align(told).steps) == 2


def test_an_incident_tells_of_a_step_once_unless_it_says_another():
    (step,) = align([_told("a", "Restart the service", "Restart the service")]).steps
    assert step.incident_ids == ["a"]


def test_steps_of_too_few_incidents_are_left_out():
    told = [_told(f"inc-{number}", "Restart the service") for number in range(9)]
    told.append(_told("inc-9", "Restart the service", "Paint the rack red", "Clear the cache"))
    told[0] += _told("inc-0", "Restart the service", "Clear the cache")[1:]
    assert _names(align(told)) == ["Restart the service"]


def test_the_order_is_that_of_the_majority_and_the_others_are_named():
    told = [
        _told("a", "Check disk space", "Restart the service"),
        _told("b", "Check disk space", "Restart the service"),
        _told("c", "Restart the service", "Check disk space"),
    ]
    alignment = align(told)
    assert _names(alignment) == ["Check disk space", "Restart the service"]
    assert alignment.conflicts == [(0, 1)]
    assert align(told[:2]).conflicts == []


def test_nothing_told_is_nothing_aligned():
    assert align([]).steps == []
    assert align([[]]).steps == []


ACCOUNTS = st.lists(st.lists(st.sampled_from(STEPS), min_size=1, max_size=5), max_size=5).map(
    lambda accounts: [_told(f"inc-{n}", *steps) for n, steps in enumerate(accounts)]
)


@given(told=ACCOUNTS, shuffle=st.randoms(use_true_random=False))
def test_the_order_in_which_incidents_come_changes_nothing(told, shuffle):
    shuffled = list(told)
    shuffle.shuffle(shuffled)
    assert align(shuffled) == align(told)


@given(ACCOUNTS)
def test_every_step_has_the_support_that_it_needs_and_no_mention_is_in_two(told):
    steps = align(told).steps
    grouped = [mention for step in steps for mention in step.mentions]
    assert len(set(grouped)) == len(grouped)
    assert set(grouped) <= {mention for account in told for mention in account}
    assert all(len(step.incident_ids) >= LEAST_SUPPORT * len(told) - 1e-6 for step in steps)


@given(ACCOUNTS)
def test_conflicts_are_of_two_steps_the_first_before_the_second(told):
    alignment = align(told)
    assert all(0 <= one < other < len(alignment.steps) for one, other in alignment.conflicts)
