"""What cannot be undone is never called harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.playbooks import Risk
from chalicelib.core.risk import risk_of

ACTIONS = ["shell", "noop"]


@pytest.mark.parametrize(
    "command",
    [
        "df -h",
        "sudo systemctl status elasticsearch",
        "kubectl -n prod get pods",
        "kubectl logs web-1 | grep ERROR | tail -5",
        "redis-cli info memory",
        "SELECT count(*) FROM pg_stat_activity",
        "nginx -t",
        "ps aux 2> /dev/null",
    ],
)
def test_looking_is_read_only(command):
    assert risk_of("shell", command) is Risk.READ_ONLY


@pytest.mark.parametrize(
    "command",
    [
        "sudo systemctl restart elasticsearch",
        "kubectl rollout restart deployment/web",
        "curl -X POST localhost:9200/_cache/clear",
        "echo 1 > /proc/sys/vm/drop_caches",
        "df -h && systemctl restart nginx",
    ],
)
def test_what_is_not_known_to_look_only_changes(command):
    assert risk_of("shell", command) is Risk.CHANGES


@pytest.mark.parametrize("command", ["something-of-ours --now", "df -h | /opt/bin/fix-it"])
def test_what_a_program_does_that_nobody_knows_is_unknown(command):
    assert risk_of("shell", command) is Risk.UNKNOWN


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /var/lib/old",
        "DROP TABLE sessions",
        "redis-cli FLUSHALL",
        "kill -9 4711",
        "kubectl delete pvc data-0",
        "terraform destroy",
        "git push origin main --force",
        "curl -X DELETE localhost:9200/logs",
        "find /var/log -name '*.gz' -delete",
        "ls | xargs rm -f -- old",
    ],
)
def test_what_is_gone_afterwards_destroys(command):
    assert risk_of("shell", command) is Risk.DESTROYS


@pytest.mark.parametrize(
    ("message", "risk"),
    [
        ("Check cluster health", Risk.READ_ONLY),
        ("Verify the replicas", Risk.READ_ONLY),
        ("Restart the service", Risk.CHANGES),
        ("Delete the old indices", Risk.DESTROYS),
        ("Have a word with the vendor", Risk.CHANGES),
    ],
)
def test_a_message_is_judged_by_its_verb(message, risk):
    assert risk_of("noop", message) is risk


def test_waiting_changes_nothing():
    assert risk_of("wait", "Wait for the shards") is Risk.READ_ONLY


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_removing_files_is_never_read_only_whatever_stands_around_it(before, after):
    assert risk_of("shell", f"{before} rm -rf /x {after}") is Risk.DESTROYS


@given(before=st.sampled_from(["df -h", "ls", "kubectl get pods", ""]), join=st.sampled_from("|;"))
def test_the_riskiest_part_of_a_pipeline_counts(before, join):
    assert risk_of("shell", f"{before} {join} rm -rf /x") is Risk.DESTROYS
    assert risk_of("shell", f"{before} {join} systemctl restart x") is Risk.CHANGES


@given(action=st.sampled_from(ACTIONS), text=st.text())
def test_every_text_has_a_risk(action, text):
    assert risk_of(action, text) in set(Risk)


@pytest.mark.parametrize("piece", ["rm -", "git push ", "kubectl ", "find ", "aws a ", "dd "])
def test_long_texts_are_judged_too(piece):
    assert risk_of("shell", piece * (20_000 // len(piece))) in set(Risk)


@pytest.mark.parametrize(
    "part",
    ["kubectl -a ", "kubectl delete ", "oc exec ", "rm -f ", "aws x ", "<<a ", "a", " ", "\n"],
)
def test_a_long_command_is_judged_in_linear_time(part):
    """Where it were quadratic, any of these would take minutes."""
    assert risk_of("shell", f"ls{part * (100_000 // len(part))}x")
    assert risk_of("shell", "cat <<a" + part * (100_000 // len(part)))
