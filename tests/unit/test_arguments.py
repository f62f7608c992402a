"""What is taken for a parameter, what is not, and that secrets show nowhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.arguments import arguments
from chalicelib.core.parameters import SAFE_PATTERN
from chalicelib.core.playbooks import Parameter


def _given(value: Any, **parameter: Any) -> Any:
    return arguments([Parameter(name="p", **parameter)], {} if value is None else {"p": value})


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", "two words", "two words"),
        ("string", 5, "5"),
        ("integer", 5, "5"),
        ("integer", "-5", "-5"),
        ("number", 2.5, "2.5"),
        ("number", "1e3", "1e3"),
        ("boolean", True, "true"),
        ("boolean", "No", "false"),
        ("ip_address", "2001:db8::7", "2001:db8::7"),
        ("url", "https://a.example:8443/x?y=1", "https://a.example:8443/x?y=1"),
        ("some day invented", "x", "x"),
    ],
)
def test_a_value_of_its_type_is_taken_as_text(kind: str, value: Any, text: str) -> None:
    told = _given(value, type=kind)
    assert (told.values, told.refused) == ({"p": text}, [])


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("string", ["x"], "single value"),
        ("string", {"x": 1}, "single value"),
        ("string", True, "true or false"),
        ("string", "x" * 10_001, "at most 10,000"),
        ("string", "a\x1b[2J", "control characters"),
        ("string", "<REDACTED:password>", "looked like a secret"),
        ("integer", "5.0", "whole number"),
        ("integer", "٥", "whole number"),
        ("integer", True, "true or false"),
        ("number", "many", "number"),
        ("boolean", "perhaps", "true or false"),
        ("ip_address", "300.1.1.1", "IP address"),
        ("url", "ftp://a.example", "http"),
        ("url", "https://a.example/ x", "http"),
        ("url", "https://[", "http"),
        ("secure_string", "", "not empty"),
        ("secure_string", 7, "text"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_field(kind: str, value: Any, said: str) -> None:
    told = _given(value, type=kind)
    assert told.values == {}
    [refusal] = told.refused
    assert refusal.field == "parameters.p"
    assert said in refusal.message


def test_the_pattern_has_to_match_from_beginning_to_end() -> None:
    assert _given("web-1", pattern="[a-z]+-[0-9]").values == {"p": "web-1"}
    for value in ("web-1x", "web-1\n", "WEB-1"):
        assert _given(value, pattern="[a-z]+-[0-9]").refused[0].message.startswith("must match")


@pytest.mark.parametrize("pattern", ["(", "(?=a)", "a{2000}", "(a)\\1"])
def test_a_pattern_that_is_none_refuses_and_says_why(pattern: str) -> None:
    [refusal] = _given("a", pattern=pattern).refused
    assert "cannot be judged" in refusal.message


def test_a_pattern_takes_linear_time() -> None:
    assert _given("a" * 9_999 + "b", pattern="(a+)+$").values == {}


def test_what_is_not_given_has_its_default_which_is_checked_too() -> None:
    assert _given(None, default=3, type="integer").values == {"p": "3"}
    assert _given(None).values == {}
    assert arguments([Parameter(name="p", default="x")], {"p": None}).values == {"p": "x"}
    [refusal] = _given(None, default="Order Service", pattern=SAFE_PATTERN).refused
    assert refusal.message.startswith("its default must match")


def test_an_unknown_name_is_told_with_those_that_there_are() -> None:
    [refusal] = arguments([Parameter(name="host"), Parameter(name="n")], {"hots": "x"}).refused
    assert (refusal.field, refusal.message) == (
        "parameters.hots",
        "is no parameter; there are: host, n",
    )


@given(st.text(min_size=1))
def test_a_secret_is_taken_and_shows_nowhere(secret: str) -> None:
    told = _given(secret, type="secure_string", pattern="never")
    assert told.values == {"p": "<secure:p>"}
    assert told.secure == {"p"}
    assert told.refused == []


@given(st.text(), st.sampled_from(["string", "integer", "boolean", "url", "ip_address"]))
def test_a_refusal_holds_no_value(value: str, kind: str) -> None:
    marked = f"~{value}~"
    for refusal in _given(marked, type=kind, pattern=SAFE_PATTERN).refused:
        assert marked not in refusal.message
