"""Values in commands: one literal part of a word each, for a parser and for a real shell."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.parameters import Naming
from chalicelib.core.playbooks import placeholders
from chalicelib.core.shell import Filled, fill

#: Templates of one printf, and the arguments that it then has, `V` where the value stands.
PLACES = {
    "printf '%s\\0' ${v}": ["V"],
    "printf '%s\\0' a${v}b": ["aVb"],
    "printf '%s\\0' --name=${v} end": ["--name=V", "end"],
    "printf '%s\\0' ${v}/${v}": ["V/V"],
    "printf '%s\\0' 'it is ${v}, yes'": ["it is V, yes"],
    'printf "%s\\0" "it is ${v}, yes"': ["it is V, yes"],
    "printf '%s\\0' \"a\"${v}'b'": ["aVb"],
    "printf '%s\\0' {${v},x}": ["V", "x"],
    "NAME=x printf '%s\\0' x # don't look at ${w}\nprintf '%s\\0' ${v}": ["x", "V"],
    "printf '%s\\0' \"$(printf '%s.' ${v})\"": ["V."],
    "printf '%s\\0' \"$(printf '%s.' \"<${v}>\")\"": ["<V>."],
    "(printf '%s\\0' ${v}) | cat": ["V"],
    "printf '%s\\0' \\\n  ${v}": ["V"],
    "printf '%s\\0' \"$HOME_OF_NOBODY${v}\"": ["V"],
    "printf '%s\\0' x$HOME_OF_NOBODY${v}": ["xV"],
    "cat <<< ${v}; printf '\\0'": ["V\n"],
}
DOCUMENTS = {
    "cat <<EOF; printf '\\0'\na ${v} b\nEOF\n": ["a V b\n"],
    "cat <<'EOF'; printf '\\0'\na ${v} b\nEOF\n": ["a V b\n"],
    "cat <<-EOF | tr x x; printf '\\0'\n\ta ${v}\n\tEOF\n": ["a V\n"],
}
NASTY = [
    "plain",
    "two words",
    " $(touch canary) ",
    "`touch canary`",
    "; touch canary;",
    "'; touch canary; '",
    '"; touch canary; "',
    "&& touch canary || touch canary",
    "$HOME ${HOME} $$ $((1+1))",
    "a\\",
    "\\'\\\"",
    "*",
    "{a,b}",
    "a,b",
    "~",
    "!!",
    "#not a comment",
    "> canary",
    "tab\tand é and 😀",
    "a=b",
    "if",
]
SEVERAL_LINES = ["one\ntouch canary\n", "EOF\ntouch canary\n", "'\n\"\n`touch canary`\n"]


def _printed(command: str, place: Path) -> list[str]:
    """What a shell prints, cut at NUL; nothing else may have happened in its directory."""
    run = subprocess.run(["bash", "-c", command], cwd=place, capture_output=True, check=True)
    assert list(place.iterdir()) == []
    return run.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("template", PLACES)
def test_a_shell_gets_each_value_as_one_literal_part_and_runs_nothing(
    template: str, tmp_path: Path
) -> None:
    for value in [*NASTY, ""]:
        filled = fill(template, {"v": value, "w": "$(touch canary) isn't"})
        assert filled.refused == {}
        expected = [part.replace("V", value) for part in PLACES[template]]
        assert _printed(filled.text, tmp_path) == expected


@pytest.mark.parametrize("template", DOCUMENTS)
def test_a_here_document_holds_the_value_as_it_is(template: str, tmp_path: Path) -> None:
    for value in NASTY:
        filled = fill(template, {"v": value})
        assert _printed(filled.text, tmp_path) == [
            part.replace("V", value) for part in DOCUMENTS[template]
        ]


@pytest.mark.parametrize("template", ["printf '%s\\0' \\)#${v}", "printf '%s\\0' \\ #${v}"])
def test_what_follows_an_escaped_end_of_a_word_is_no_comment(template: str, tmp_path: Path) -> None:
    filled = fill(template, {"v": "$(touch canary)"})
    if not filled.refused:
        assert _printed(filled.text, tmp_path)[0].endswith("#$(touch canary)")


@pytest.mark.parametrize(
    "template", ["cat \\<<<${v}", "cat `\\${v}`", "cat ${X:-\\${v}}", "cat \\${v}", 'cat "\\${v}"']
)
def test_no_placeholder_is_passed_over(template: str) -> None:
    filled = fill(template, {"v": "$(touch canary)"})
    assert filled.text == template
    assert set(filled.refused) == {"v"}


_FRAGMENTS = [
    *("${v}", "${v}", "${v}", "'", '"', "$(", ")", "(", "`", "#", " ", "\n", "\\", "$", "{", ","),
    *(
        "}",
        "[",
        "<<E\n",
        "<<'E'\n",
        "<<-E\n",
        "\nE\n",
        "<<<",
        "$((",
        "))",
        "((",
        "echo ",
        "printf ",
    ),
    *(
        "\\ ",
        "\\)",
        "\\;",
        "a=",
        "| cat",
        "&&",
        ";",
        "${X:-",
        "case x in x) ",
        ";; esac",
        "$'",
        "<(",
        "[[ ",
        " ]]",
        "E",
    ),
]
_ATTACKS = [
    *(each for each in NASTY + SEVERAL_LINES if "touch" in each),
    *("E\ntouch canary\nE", ")\ntouch canary\n", "');touch canary;'", '");touch canary;"'),
    *("a[$(touch canary)]", "}$(touch canary)", "\\$(touch canary)", "\\\ntouch canary\n"),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_FRAGMENTS), min_size=2, max_size=12), st.sampled_from(_ATTACKS))
def test_no_value_is_run_whatever_the_command_around_it(
    tmp_path_factory: pytest.TempPathFactory, fragments: list[str], attack: str
) -> None:
    """However odd or broken the command, a value that is not refused stays a value."""
    filled = fill("".join(fragments), {"v": attack})
    if "touch" not in filled.text:
        assert filled.refused or "${v}" not in fragments
        return
    place = tmp_path_factory.mktemp("run", numbered=True)
    subprocess.run(
        ["bash", "-c", filled.text],
        cwd=place,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=20,
    )
    assert not (place / "canary").exists()


_WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


@given(
    st.sampled_from(["${v}", "'${v}'", '"${v}"', "a'b ${v}'c", '-x"y ${v}"', "--x=${v}"]), _WORDS
)
def test_the_value_comes_back_out_of_the_command_by_its_template(place: str, value: str) -> None:
    """Nothing is lost: the words of the command, held against those of the template, tell it."""
    template = f"tool first {place} last"
    filled = fill(template, {"v": value})
    if filled.refused:
        assert value.startswith("-") or "\n" in value
        return
    [before, _, word, _] = shlex.split(template)
    [_, first, found, last] = shlex.split(filled.text)
    assert (before, first, last) == ("tool", "first", "last")
    head, _, tail = word.partition("${v}")
    match = re.fullmatch(f"{re.escape(head)}(.*){re.escape(tail)}", found, re.DOTALL)
    assert match
    assert match[1] == value


@pytest.mark.parametrize(
    "commands",
    [
        [
            "kubectl scale deploy/api -n shop --replicas=3",
            "kubectl scale deploy/web -n ops --replicas=5",
        ],
        [
            "sudo journalctl -u nginx --since '1 hour ago'",
            "sudo journalctl -u mysql --since '1 hour ago'",
        ],
        ["ssh ops@db-1 systemctl restart api", "ssh ops@db-2 systemctl restart web"],
        [
            "curl -s http://a-1:8080/health | jq .status",
            "curl -s http://b-2:9090/health | jq .status",
        ],
        [
            "tar czf /backup/a.tgz /srv/a && rm -r /srv/a",
            "tar czf /backup/b.tgz /srv/b && rm -r /srv/b",
        ],
    ],
)
def test_a_mined_command_comes_back_with_the_values_of_its_incident(commands: list[str]) -> None:
    naming = Naming()
    told = [(f"incident-{number}", command) for number, command in enumerate(commands)]
    template = naming.generalise(told)
    for command in commands:
        pattern = re.escape(template)
        seen: set[str] = set()
        for name in placeholders(template):
            pattern = pattern.replace(re.escape(f"${{{name}}}"), f"(?P<{name}>\\S+)", 1)
            pattern = pattern.replace(re.escape(f"${{{name}}}"), f"(?P={name})")
            seen.add(name)
        values = re.fullmatch(pattern, command)
        assert seen
        assert values
        assert fill(template, values.groupdict()) == Filled(command, {})


@given(st.dictionaries(st.sampled_from("abc"), _WORDS.filter(lambda v: not re.search(r"^-|\n", v))))
def test_what_has_no_value_stays_open_and_the_rest_of_the_command_as_it_was(
    values: dict[str, str],
) -> None:
    template = "tool ${a} '${b}' \"${c}\" $HOME"
    filled = fill(template, values)
    assert [f"${{{name}}}" in filled.text for name in "abc"] == [
        name not in values or f"${{{name}}}" in "".join(values.values()) for name in "abc"
    ]
    assert fill(template, {}).text == template


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("rm ${v}", "-rf", "option"),
        ("rm '${v}'", "-rf", "option"),
        ("rm \"\"'${v}'", "-rf", "option"),
        ("ssh db1 systemctl restart ${v}", "a; reboot", "reads it as part of its code"),
        ("kubectl exec p -- sh -c 'rm /tmp/${v}'", "$(reboot)", "reads it as part of its code"),
        ('psql -c "delete from jobs where id = ${v}"', "1 or 1=1", "reads it as part of its code"),
        ("DELETE FROM jobs WHERE id = ${v}", "1--", "reads it as part of its code"),
        ("echo ${v} | xargs rm", "a b", "reads it as part of its code"),
        ("echo `date ${v}`", "a b", "reads it as part of its code"),
        ("echo ${X:-${v}}", "a}b", "reads it as part of its code"),
        ("echo 'never closed ${v}", "a b", "reads it as part of its code"),
        ("cat <<${w}\n${v}", "a b", "reads it as part of its code"),
        ("cat <<E\n$(id ${v})\nE\n", "a b", "reads it as part of its code"),
        ("echo $((1 + ${v}))", "a[$(id)]", "whole number"),
        ("echo $${v}", "HOME", "behind $"),
        ("echo \\${v}", "a", "behind \\"),
        ("# ${v}\ndf", "a\nreboot", "one line"),
        ("cat <<E\n${v}\nE\n", "E", "end the here-document"),
        ("cat <<E\nE${v}\nE\n", "", "end the here-document"),
        ("cat <<E\n${v}\n", "a b", "reads it as part of its code"),
        ("echo $(cat <<E\n${v}\nE\n)", "a b", "reads it as part of its code"),
        ("x=(a ${v})", "a b", "reads it as part of its code"),
        ("echo '${v}'", "one\ntwo", "one line"),
        ("echo ${v}", "a\0b", "NUL"),
    ],
)
def test_what_no_quotes_can_make_literal_is_refused(template: str, value: str, said: str) -> None:
    filled = fill(template, {"v": value})
    assert said in filled.refused["v"]
    assert filled.text == template


def test_what_is_plain_stays_plain_to_read() -> None:
    template = "kubectl -n ${ns} scale deploy/${app} --replicas=${n} # for ${app}"
    filled = fill(template, {"ns": "shop", "app": "api-v2", "n": "5"})
    assert filled.text == "kubectl -n shop scale deploy/api-v2 --replicas=5 # for api-v2"
    assert fill("ssh ${h} uptime", {"h": "ops@db1.example"}).text == "ssh ops@db1.example uptime"
    assert fill("echo $((${n}+1))", {"n": "-5"}).text == "echo $((-5+1))"


def test_a_mark_for_a_secret_is_quoted_and_never_refused() -> None:
    mark = "<secure:pw>"
    for template in ("mysql -p${pw} -e status", "mysql -p'${pw}'", 'curl -u "ops:${pw}" x'):
        filled = fill(template, {"pw": mark}, frozenset({"pw"}))
        assert filled.refused == {}
        assert any(mark in word for word in shlex.split(filled.text))


def test_a_long_command_is_read_in_linear_time() -> None:
    """100,000 characters of what opens, closes or begins something."""
    for part in ("${v} ", "'${v}' ", "$( ", "<<E ", "\\", "{", "<<E\n${v}\n", "sed -i ", "$"):
        fill(part * (100_000 // len(part)), {"v": "x y"})
