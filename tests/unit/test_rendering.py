"""Values in steps: encoded for the place where they stand, and never more than a value there."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.arguments import arguments
from chalicelib.core.playbooks import Parameter, Step, Validation
from chalicelib.core.rendering import RenderedStep, render, render_validation

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
_FORM = {"content-type": "application/x-www-form-urlencoded"}


def _rendered(action: str, args: dict[str, Any], **values: Any) -> RenderedStep:
    secure = values.pop("secure", {})
    parameters = [Parameter(name=name) for name in values]
    parameters += [Parameter(name=name, type="secure_string") for name in secure]
    step = Step(id="s", name="Do ${v}", action=action, args=args)
    return render(step, arguments(parameters, values | secure))


def test_a_message_and_a_name_hold_the_value_as_it_is() -> None:
    step = _rendered("noop", {"message": "Tell ${v}", "n": 1, "to": ["${v}"]}, v="<b>Ann & Bob</b>")
    assert step.name == "Do <b>Ann & Bob</b>"
    assert step.args == {
        "message": "Tell <b>Ann & Bob</b>",
        "n": 1,
        "to": ["<b>Ann & Bob</b>"],
    }


def test_what_has_no_value_is_named_and_left() -> None:
    step = _rendered("shell", {"command": "ping ${h} ${v} ${h}"}, v="x")
    assert (step.args["command"], step.missing) == ("ping ${h} x ${h}", ["h"])


def test_what_a_command_cannot_take_is_refused_with_its_step() -> None:
    step = _rendered("shell", {"command": "ssh ${v} uptime"}, v="db; reboot")
    assert (step.args["command"], step.missing) == ("ssh ${v} uptime", ["v"])
    [refusal] = step.refused
    assert refusal.field == "parameters.v"
    assert refusal.message.endswith("(step s)")


@given(_TEXT, _TEXT)
def test_a_value_in_a_url_is_one_part_of_it(one: str, two: str) -> None:
    url = "https://api.example/a/${v}/b?x=${w}&y=1"
    parts = urlsplit(_rendered("http_request", {"url": url}, v=one, w=two).args["url"])
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "api.example", "")
    assert unquote(parts.path) == f"/a/{one}/b"
    assert parts.path.count("/") == 3
    assert parse_qs(parts.query, keep_blank_values=True) == {"x": [two], "y": ["1"]}


@given(_TEXT)
def test_a_value_in_a_body_stays_one_value(value: str) -> None:
    body = '{"a": "<${v}>", "${v}": [1, "\\"${v}"]}'
    read = json.loads(
        _rendered("http_request", {"url": "https://x", "body": body}, v=value).args["body"]
    )
    assert read == {"a": f"<{value}>", value: [1, f'"{value}']}
    args = {"url": "https://x", "headers": _FORM, "body": "a=${v}&b=2"}
    form = _rendered("http_request", args, v=value).args["body"]
    assert parse_qs(form, keep_blank_values=True) == {"a": [value], "b": ["2"]}
    structure = {"url": "https://x", "json": {"a": ["${v}"]}}
    assert _rendered("http_request", structure, v=value).args["json"] == {"a": [value]}


@pytest.mark.parametrize(
    ("args", "value", "said"),
    [
        ({"url": "https://${v}.example/"}, "evil.example/x?", "host or a port"),
        ({"url": "https://${v}/"}, "user@host", "host or a port"),
        ({"url": "${v}/status"}, "file:///etc/passwd", "begins with http"),
        ({"url": "https://x", "headers": {"X-A": "${v}"}}, "a\nX-B: c", "one line"),
        ({"url": "https://x", "body": '{"n": ${v}}'}, '1, "admin": true', "unquoted"),
    ],
)
def test_what_a_request_cannot_take_is_refused(args: dict[str, Any], value: str, said: str) -> None:
    step = _rendered("http_request", args, v=value)
    assert said in step.refused[0].message
    assert step.args == args


def test_a_request_takes_what_fits_its_place() -> None:
    args = {"url": "${base}/v1/${v}", "headers": {"A": "b ${v}"}, "body": '{"n": ${n}}'}
    step = _rendered("http_request", args, base="https://a.example:8443", v="x y", n="5")
    assert step.args == {
        "url": "https://a.example:8443/v1/x%20y",
        "headers": {"A": "b x y"},
        "body": '{"n": 5}',
    }


def test_a_secret_stays_a_mark_wherever_it_stands() -> None:
    secret = {"pw": "tr0ub4dor"}
    for action, args in (
        ("shell", {"command": "mysql -p${pw} -e 'show status'"}),
        ("noop", {"message": "Log in with ${pw}"}),
        ("http_request", {"url": "https://u:${pw}@x/${pw}", "body": '{"p": "${pw}"}'}),
    ):
        step = _rendered(action, args, secure=secret)
        assert "tr0ub4dor" not in step.model_dump_json()
        assert "<secure:pw>" in json.dumps(step.args)
        assert (step.refused, step.missing) == ([], [])


def test_in_a_regular_expression_a_value_stands_for_itself() -> None:
    told = arguments([Parameter(name="v")], {"v": "a.b"})
    matches = Validation(type="matches", value="^${v}+$")
    assert render_validation(matches, told).value == "^a\\.b+$"
    contains = Validation(type="contains", value="is ${v}")
    assert render_validation(contains, told).value == "is a.b"
