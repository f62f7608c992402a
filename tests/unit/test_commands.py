"""What a command says: its program, what that is asked, and about what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.commands import deeds_of, is_sql, object_of, program_of, resource_of


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("sudo systemctl restart nginx", "systemctl"),
        ("LANG=C sudo -n /usr/bin/df -h", "df"),
        ("nohup ./clean.sh", "clean.sh"),
        ("sudo -u postgres psql -c x", "psql"),
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


def test_statements_for_a_database_are_known_by_their_beginning():
    assert is_sql("vacuum full orders")
    assert is_sql("KILL QUERY 12")
    assert not is_sql("Selected another server from the pool")
    assert not is_sql("Updated the setting")


@pytest.mark.parametrize(
    ("command", "thing"),
    [
        ("sudo systemctl restart nginx", "nginx"),
        ("kubectl rollout restart deployment/web -n prod", "deployment/web"),
        ("kubectl delete pod web-1 -n prod", "pod web-1"),
        ("kubectl get pods -n prod", "pods"),
        ("docker restart --time 5 web", ""),
        ("certbot renew", ""),
        ("", ""),
    ],
)
def test_what_it_is_done_to_follows_what_is_asked(command, thing):
    assert object_of(command) == thing


def test_things_in_a_cluster_are_known_by_all_their_spellings():
    assert {resource_of(f"kubectl get {word} x") for word in ("po", "pod", "pods")} == {"pod"}
    assert resource_of("kubectl rollout undo deploy/web") == "deployment"
    assert resource_of("df -h") == ""


@given(st.text())
def test_no_command_is_too_odd(text):
    assert program_of(text) == program_of(text.strip())
    assert deeds_of(text) <= set(text.split())
    assert object_of(text) in " ".join(text.split())
    assert isinstance(resource_of(text), str)
