"""Commands are told from the sentences that they stand in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.commands import deeds_of, is_sql, program_of
from chalicelib.core.recognition import has_prompt, in_prose, is_command, without_prompt


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
    ("command", "program"),
    [
        ("sudo systemctl restart nginx", "systemctl"),
        ("LANG=C sudo -n /usr/bin/df -h", "df"),
        ("nohup ./clean.sh", "clean.sh"),
        ("sudo", ""),
        ("", ""),
    ],
)
def test_the_program_is_what_is_run_in_the_end(command, program):
    assert program_of(command) == program


def test_deeds_are_what_is_asked_and_never_a_name():
    assert deeds_of("kubectl rollout undo deployment/web") == {"rollout", "undo"}
    assert deeds_of("kubectl -n debug get pods") == {"get"}
    assert deeds_of("kubectl --namespace stop logs web-1") == {"logs"}


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


def test_statements_for_a_database_are_known_by_their_beginning():
    assert is_sql("vacuum full orders")
    assert is_sql("KILL QUERY 12")
    assert not is_sql("Selected another server from the pool")
    assert not is_sql("Updated the setting")


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
    assert program_of(text) == program_of(text.strip())
    assert deeds_of(text) <= set(text.split())
    assert without_prompt(text) in text


@pytest.mark.parametrize("piece", ["sudo ", "kubectl ", '"', "a@", "SHOW a ", "$ "])
def test_long_texts_are_read_in_one_go(piece):
    text = piece * (20_000 // len(piece))
    assert all(end <= len(text) for _, end in in_prose(text))
    assert is_command(text) == is_command(text.strip())
