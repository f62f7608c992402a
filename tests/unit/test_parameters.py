"""What varies between commands is a parameter; put back in, it gives the commands again."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.parameters import SAFE_PATTERN, Naming, by_build
from chalicelib.core.playbooks import placeholders


def _generalised(*commands):
    """The command for these of incidents a, b, c, ..., and its parameters by their names."""
    naming = Naming()
    command = naming.generalise([(chr(97 + at), each) for at, each in enumerate(commands)])
    return command, {parameter.name: parameter for parameter in naming.parameters}


def _is_instance(command, told):
    """Whether a told command is what the general one becomes with some values."""
    pieces = re.split(r"\$\{(\w+)\}", command)
    pattern, seen = "", set()
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pattern += re.escape(piece)
        else:
            pattern += f"(?P={piece})" if piece in seen else rf"(?P<{piece}>\S+?)"
            seen.add(piece)
    return re.fullmatch(pattern, " ".join(told.split())) is not None


def test_what_all_say_stays_and_needs_no_parameter():
    assert _generalised("df -h", "df  -h") == ("df -h", {})


def test_a_parameter_is_named_by_the_option_or_the_word_before_it():
    command, parameters = _generalised(
        "kubectl -n prod delete pod web-1", "kubectl -n dev delete pod api-7"
    )
    assert command == "kubectl -n ${namespace} delete pod ${pod}"
    assert parameters["pod"].examples == ["api-7", "web-1"]
    assert parameters["pod"].pattern == SAFE_PATTERN


def test_what_find_looks_for_is_named_and_how_old_it_is_may_be_as_it_mostly_is():
    command, parameters = _generalised(
        *["find /x -name a.log -mtime +14 -delete"] * 2, "find /x -name b.log -mtime +7 -delete"
    )
    assert command == "find /x -name ${file_name} -mtime ${age_in_days} -delete"
    assert parameters["age_in_days"].default == "+14"
    assert parameters["file_name"].required


def test_a_parameter_is_named_by_its_own_form_where_nothing_else_tells():
    assert _generalised("x 1", "x 2")[1]["number"].type == "integer"
    assert _generalised("x 10.0.0.1", "x 10.0.0.2")[1]["address"].type == "ip_address"
    assert _generalised("x /a", "x /b")[1]["path"].type == "path"
    assert _generalised("x db.a.org", "x db.b.org")[1]["host"].type == "hostname"
    assert _generalised("x https://a", "x https://b")[1]["url"].type == "url"
    assert list(_generalised("x y", "x z")[1]) == ["name"]


def test_only_the_part_of_a_word_that_differs_varies():
    assert _generalised("scale --replicas=3", "scale --replicas=5")[0] == (
        "scale --replicas=${replicas}"
    )
    assert _generalised("rollout undo deployment/web", "rollout undo deployment/api")[0] == (
        "rollout undo deployment/${deployment}"
    )


def test_the_default_is_what_most_say_and_otherwise_none():
    usual = _generalised("x -p 1", "x -p 1", "x -p 2")[1]["port"]
    assert (usual.default, usual.required) == ("1", False)
    split = _generalised("x -p 1", "x -p 2")[1]["port"]
    assert (split.default, split.required) == (None, True)


def test_what_a_step_is_done_to_has_a_default_only_where_nearly_all_say_the_same():
    assert _generalised("x -n a", "x -n a", "x -n b")[1]["namespace"].default is None
    assert _generalised(*["x -n a"] * 4, "x -n b")[1]["namespace"].default == "a"


def test_the_same_values_have_one_name_in_all_steps_and_others_have_their_own():
    naming = Naming()
    first = naming.generalise([("a", "systemctl stop nginx"), ("b", "systemctl stop redis")])
    second = naming.generalise([("a", "systemctl start nginx"), ("b", "systemctl start redis")])
    third = naming.generalise([("a", "systemctl reload web"), ("b", "systemctl reload app")])
    assert first == "systemctl stop ${service}"
    assert second == "systemctl start ${service}"
    assert third == "systemctl reload ${service_2}"
    assert [parameter.name for parameter in naming.parameters] == ["service", "service_2"]


def test_what_differs_in_brackets_or_quotes_varies_inside_of_them():
    assert _generalised("SELECT stop(4711);", "SELECT stop(991);")[0] == "SELECT stop(${number});"
    assert _generalised('oc drain "a-1"', 'oc drain "b-2"')[0] == 'oc drain "${node}"'
    assert _generalised("""x '{"n":1}'""", """x '{"n":2}'""")[0] == """x '{"n":${number}}'"""


def test_what_is_of_one_incident_alone_is_a_parameter_though_only_one_tells_of_it():
    naming = Naming(incidents=3)
    assert naming.generalise([("a", "ssh 10.0.0.7")]) == "ssh ${host}"
    assert naming.generalise([("a", "kill -9 4711")]) == "kill -9 ${process_id}"
    assert naming.generalise([("a", "df -h")]) == "df -h"
    assert Naming().generalise([("a", "ssh 10.0.0.7")]) == "ssh 10.0.0.7"


def test_a_command_of_another_build_is_left_out():
    assert _generalised("df -h", "df -h", "df -h /var") == ("df -h", {})


def test_secrets_that_were_removed_are_asked_for_and_never_shown():
    command, parameters = _generalised("mysql -p<REDACTED:password> -e x")
    assert command == "mysql -p${password} -e x"
    assert parameters["password"].type == "secure_string"
    assert parameters["password"].default is None
    assert parameters["password"].examples == []


def test_a_variable_of_the_shell_is_no_parameter_of_the_playbook():
    assert _generalised("echo ${HOME}") == ("echo $HOME", {})


WORDS = st.sampled_from(
    [
        "kubectl",
        "get",
        "pod",
        "-n",
        "prod",
        "dev",
        "web-1",
        "deployment/web",
        "deployment/api",
        "--replicas=3",
        "--replicas=5",
        "/var/log",
        "https://a.org/x",
        "restart",
        "10.0.0.1",
        "42",
    ]
)
COMMANDS = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=5)
ODD = st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4)


@given(COMMANDS)
def test_every_told_command_of_the_usual_build_is_an_instance(told):
    usual, others = by_build([(str(at), each) for at, each in enumerate(told)])
    command, _ = _generalised(*told)
    assert all(_is_instance(command, each) for _, each in usual)
    assert len(usual) + len(others) == len(told)


@given(COMMANDS)
def test_every_placeholder_is_declared_and_its_examples_are_values_that_were_told(told):
    command, parameters = _generalised(*told)
    assert set(placeholders(command)) == parameters.keys()
    for parameter in parameters.values():
        assert len(parameter.examples) == len(set(parameter.examples)) > 1
        assert all(any(value in each for each in told) for value in parameter.examples)


@given(ODD)
def test_no_command_is_too_odd(told):
    command, parameters = _generalised(*told)
    assert set(placeholders(command)) >= parameters.keys()
