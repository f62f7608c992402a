"""Commands are told from the sentences that they stand in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.recognition import (
    begins_block,
    has_prompt,
    has_sure_prompt,
    in_prose,
    is_command,
    is_command_line,
    sets_variable,
    without_prompt,
)


def _found(text):
    return [text[start:end] for start, end in in_prose(text)]


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("$ df -h", "df -h"),
        ("# systemctl restart nginx", "systemctl restart nginx"),
        ("root@db-1:~# free -m", "free -m"),
        ("df -h", "df -h"),
        ("$HOME/bin/clean", "$HOME/bin/clean"),
    ],
)
def test_the_prompt_of_a_terminal_is_no_part_of_the_command(line, command):
    assert without_prompt(line) == command
    assert has_prompt(line) == (line != command)


@pytest.mark.parametrize(
    "text",
    [
        "df",
        "df -h",
        "$ sudo reboot",
        "kubectl get pods",
        "./clean.sh",
        "service nginx restart",
        "find / -name core",
        "SELECT pid FROM pg_stat_activity",
        "ALTER SYSTEM SET work_mem = '64MB'",
    ],
)
def test_what_is_set_apart_and_runs_something_is_a_command(text):
    assert is_command(text)


@pytest.mark.parametrize(
    "text", ["", "nginx", "max_connections", "find out why", "make it so", "df -h\nls", "FOO=1"]
)
def test_a_name_in_code_is_no_command(text):
    assert not is_command(text)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Ran df -h, then looked around", ["df -h"]),
        ("We used sudo systemctl restart nginx and it helped.", ["sudo systemctl restart nginx"]),
        ("kubectl get pods showed nothing", ["kubectl get pods"]),
        ("First docker ps then docker restart web.", ["docker ps", "docker restart web"]),
        ("Ran service nginx reload.", ["service nginx reload"]),
        ("systemctl failed, docker hung and the node died", []),
        ("We had to kill the job and find the cause", []),
        ("The service restarted by itself", []),
        ("Ran rados df and used etcdctl version.", ["rados df", "etcdctl version"]),
        ("Used our-tool --heal web-1 on it", ["our-tool --heal web-1"]),
        (
            "Then LANG=C sudo -n env A=1 systemctl stop x.",
            ["LANG=C sudo -n env A=1 systemctl stop x"],
        ),
        ("Then VACUUM ANALYZE orders; and SELECT the best", ["VACUUM ANALYZE orders;"]),
        ("helm rollback web 4 afterwards", ["helm rollback web 4"]),
        ("with kubectl logs we saw nothing in the last 10 minutes", []),
    ],
)
def test_commands_are_found_in_running_prose(text, commands):
    assert _found(text) == commands


@given(st.text(alphabet=st.sampled_from("sudo df -h`\"'.,;()$ kubectl get\n"), max_size=200))
def test_commands_stand_in_the_text_one_after_another(text):
    spans = list(in_prose(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@given(st.text())
def test_no_text_is_too_odd(text):
    assert is_command(text) in (True, False)
    assert is_command_line(text) in (True, False)
    assert without_prompt(text) in text


@pytest.mark.parametrize(
    "piece", ["sudo ", "kubectl ", '"', "a@", "SHOW a ", "$ ", 'x "\\', "A=1 ", "for a in "]
)
def test_long_texts_are_read_in_one_go(piece):
    text = piece * (20_000 // len(piece))
    assert all(end <= len(text) for _, end in in_prose(text))
    assert is_command(text) == is_command(text.strip())


@pytest.mark.parametrize(
    "line",
    [
        "etcdctl defrag",
        "$ our-tool now",
        "# systemctl restart nginx",
        "ovs-appctl -t /var/run/x.ctl cluster/status x",
        "ps aux | grep java | while read line; do echo $line; done",
        "NODE=$(kubectl get nodes -o name | head -n 1)",
        "export NAMESPACE=prod",
        "for pod in $pods; do kubectl delete pod $pod; done",
        "ceph osd set noout # so that nothing moves",
        "vacuum full orders;",
    ],
)
def test_a_line_of_its_own_is_a_command_by_its_program_or_by_its_shape(line):
    assert is_command_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "nginx restarted",
        "git history",
        "last 10 minutes",
        "docker was not running on the node",
        "# look at the logs first",
        "level=error msg=timeout",
        "kubectl get pods showed that all were down",
        "Selected another server",
        "for the third time in a week",
        "",
    ],
)
def test_a_phrase_a_comment_or_a_line_of_a_log_is_no_command(line):
    assert not is_command_line(line)


def test_only_a_dollar_and_a_host_make_a_sure_prompt():
    assert has_sure_prompt("$ ls")
    assert has_sure_prompt("[root@db-1 ~]# ls")
    assert not has_sure_prompt("# a comment")
    assert not has_sure_prompt("> quoted")


def test_variables_and_loops_of_the_shell_are_known():
    assert sets_variable("POD=web-1")
    assert sets_variable("pod=$(oc get pods -o name)")
    assert not sets_variable("status=500")
    assert begins_block("while true; do")
    assert not begins_block("while we waited")
