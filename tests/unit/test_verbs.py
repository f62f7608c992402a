"""What somebody did becomes what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.verbs import KIN_OF, imperative, verb_of


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("Restarted", "restart"),
        ("rebooting", "reboot"),
        ("dropped", "drop"),
        ("retried", "retry"),
        ("scaling", "scale"),
        ("re-ran", "re-run"),
        ("ran", "run"),
        ("gave", "give"),
        ("cancelled", "cancel"),
        ("service", ""),
        ("42", ""),
        ("", ""),
    ],
)
def test_a_verb_is_known_in_all_its_forms(word, verb):
    assert verb_of(word) == verb


@pytest.mark.parametrize(
    ("said", "instruction"),
    [
        ("Then we restarted the service.", "Restart the service"),
        ("Fixed by restarting nginx", "Restart nginx"),
        ("It was resolved by increasing the heap", "Increase the heap"),
        ("1) restart the node", ""),
        ("finally, the team cleared the cache:", "Clear the cache"),
        ("Restarted `nginx`.", "Restart `nginx`"),
        ("Checked disk space with `", "Check disk space"),
        ("  Verified \n cluster   health ", "Verify cluster health"),
        ("Heap size raised", "Raise heap size"),
        ("The caches were cleared", "Clear the caches"),
        ("Deployment was rolled back", "Roll deployment back"),
        ("rebooted", "Reboot it"),
        ("restarted the node and it recovered", "Restart the node"),
    ],
)
def test_what_was_done_is_told_as_an_instruction(said, instruction):
    assert imperative(said) == instruction


@pytest.mark.parametrize(
    "said",
    [
        "CPU was at 95%",
        "CPU usage increased",
        "The provider raised our limit",
        "Issue resolved",
        "Restart helped",
        "Load dropped",
        "Update was rolled out yesterday",
        "Changed",
        "",
    ],
)
def test_what_was_seen_or_says_too_little_is_no_instruction(said):
    assert imperative(said) == ""


def test_a_long_instruction_is_cut_between_words():
    said = imperative("Restarted " + "every single node " * 20)
    assert len(said) <= 120
    assert said.endswith(("every…", "single…", "node…"))


def test_verbs_of_one_kin_say_the_same():
    assert KIN_OF["verify"] == KIN_OF["check"] == "check"
    assert KIN_OF["bounce"] == KIN_OF["restart"]
    assert KIN_OF["raise"] != KIN_OF["lower"]


@given(st.text())
def test_an_instruction_begins_with_a_verb_and_is_short(text):
    said = imperative(text)
    assert said == "" or (verb_of(said) and len(said) <= 121)


@given(
    verb=st.sampled_from(["restarted", "checked", "cleared"]),
    thing=st.sampled_from(["the cache", "node `es-1`", "disk space"]),
    lead=st.sampled_from(["", "Then ", "we ", "After that, we ", "finally "]),
)
def test_an_instruction_stays_one(verb, thing, lead):
    said = imperative(lead + verb + " " + thing)
    assert said == f"{verb_of(verb).capitalize()} {thing}"
    assert imperative(said) == said


@pytest.mark.parametrize("piece", ["then ", "a ", "first, ", "fixed by ", " with", "restart and "])
def test_long_texts_are_read_in_one_go(piece):
    assert len(imperative(piece * (20_000 // len(piece)))) <= 121
