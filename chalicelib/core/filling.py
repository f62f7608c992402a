"""Values for a playbook's parameters, as far as an incident's own words tell them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from chalicelib.core.arguments import SECURE, arguments
from chalicelib.core.fields import Value
from chalicelib.core.playbooks import Parameter
from chalicelib.core.situations import Situation

_LONGEST_TEXT = 20_000
_TOKEN = re.compile(r"[A-Za-z0-9_/](?:[\w.:/@+-]{0,250}[A-Za-z0-9_/])?")
#: Parameters that stand for whatever system is affected.
_SYSTEMS = frozenset({"affected_system", "system", "service", "host", "hostname", "server", "unit"})
_SECRET = re.compile(r"pass(?:word|wd|phrase)?|secret|token|credential|(?:api|private|access)_?key")
#: Words that stand behind a parameter's name without being its value.
_NO_VALUE = frozenset(
    """a all an and are as at be been by for from has have in is it its no not of on or that the
    this to was were which will with failed failing down full""".split()
)


class ParameterValue(Value):
    """A value that the incident tells for a parameter; `source` says where it stands."""

    name: str
    value: str
    source: str


def filled_in(parameters: Sequence[Parameter], situation: Situation) -> list[ParameterValue]:
    """The values that a situation tells, for those parameters for which it tells one.

    In this order: what the text names by the parameter's own name (`namespace=payments`), an
    affected system for a parameter that takes one, a value that was seen before, and the one word
    that looks like those seen before, as `web-17` does like `web-03`. A value must be of the
    parameter's type and match its pattern. Nothing is ever told for a secret.
    """
    text = situation.text[:_LONGEST_TEXT]
    tokens = list(dict.fromkeys(_TOKEN.findall(text)))
    found = []
    for parameter in parameters:
        if parameter.type in (SECURE, "boolean") or _SECRET.search(parameter.name.lower()):
            continue
        for value, source in _told(parameter, situation, text, tokens):
            if arguments([parameter], {parameter.name: value}).values.get(parameter.name):
                found.append(ParameterValue(name=parameter.name, value=value, source=source))
                break
    return found


def _told(
    parameter: Parameter, situation: Situation, text: str, tokens: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for value in _named(parameter.name, text):
        yield value, "named in the text"
    if parameter.name in _SYSTEMS or parameter.type == "hostname":
        for system in situation.affected_systems:
            yield system, "affected_systems"
    examples = [str(example) for example in parameter.examples if str(example).strip()]
    for token in tokens:
        if token in examples:
            yield token, "seen before"
    alike = [token for token in tokens if token in _alike(examples, tokens)]
    if len(alike) == 1:
        yield alike[0], "looks like those seen before"


def _named(name: str, text: str) -> Iterator[str]:
    """What stands behind a parameter's name: `pod=web-1`, `"pod": "web-1"`, `pod web-1`."""
    words = re.escape(name).replace("_", "[ _-]?")
    signed = rf"(?<![\w-]){words}[\"'`]?\s{{0,3}}[:=]\s{{0,3}}[\"'`]?([\w./@+-]{{1,250}})"
    plain = rf"(?<![\w-]){words} [\"'`]?([\w./@+-]{{1,250}})"
    for form in (signed, plain):
        for said in re.findall(form, text, re.IGNORECASE):
            value = said.rstrip(".")
            telling = form is signed or re.search(r"[\d_/.-]", value)
            if value and telling and value.lower() not in _NO_VALUE:
                yield value


def _alike(examples: Iterable[str], tokens: Iterable[str]) -> set[str]:
    """The tokens of the same form as an example that has digits in it."""
    forms = {_form(example) for example in examples if re.search(r"\d", example)}
    return {token for token in tokens if _form(token) in forms}


def _form(text: str) -> str:
    """A text with its numbers taken out: two texts of one form differ in numbers alone."""
    return re.sub(r"\d+", "0", text)
