"""A step as it would run: its placeholders replaced by values, each written for its place."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from chalicelib.core.arguments import Arguments, Refusal
from chalicelib.core.fields import Value
from chalicelib.core.playbooks import Step, Validation, placeholders
from chalicelib.core.shell import fill

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^/?#]*", re.IGNORECASE)
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}]+", re.IGNORECASE)
_JSON_VALUE = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?|true|false|null", re.ASCII)
_FORM = "application/x-www-form-urlencoded"

#: Writes a value for its place, or raises ValueError where it cannot stand there.
_Writer = Callable[[str], str]


class RenderedStep(Value):
    """A step with values in it.

    Attributes:
        name, args: the step's, with the values in the place of the placeholders.
        missing: the parameters without a value that could be taken; their placeholders are left.
        refused: values that cannot stand safely in their place.
    """

    name: str
    args: dict[str, Any]
    missing: list[str]
    refused: list[Refusal]


def render(step: Step, arguments: Arguments) -> RenderedStep:
    """A step as it would run with these arguments. Secrets stay marks such as `<secure:name>`."""
    rendering = _Rendering(arguments)
    if step.action == "shell":
        args = {
            key: rendering.command(value) if key == "command" else rendering.anything(value)
            for key, value in step.args.items()
        }
    elif step.action == "http_request":
        args = rendering.request(step.args)
    else:
        args = rendering.anything(step.args)
    used = placeholders(json.dumps(step.args))
    return RenderedStep(
        name=rendering.text(step.name),
        args=args,
        missing=[
            name for name in used if name not in arguments.values or name in rendering.refused
        ],
        refused=[
            Refusal(field=f"parameters.{name}", message=f"{reason} (step {step.id})")
            for name, reason in rendering.refused.items()
        ],
    )


def render_validation(validation: Validation, arguments: Arguments) -> Validation:
    """A validation with values in it; in a regular expression they stand for themselves."""
    rendering = _Rendering(arguments)
    if validation.type == "matches":
        value = rendering.expression(validation.value)
    else:
        value = rendering.text(validation.value)
    return validation.model_copy(update={"value": value})


class _Rendering:
    """Writes the values of one step and keeps what could not be written."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        self.refused: dict[str, str] = {}

    def command(self, template: str) -> str:
        filled = fill(template, self._arguments.values, self._arguments.secure)
        self.refused |= filled.refused
        return filled.text

    def text(self, template: str) -> str:
        """For people, and for whatever takes the text as it is."""
        return self._written(template, lambda value: value)

    def expression(self, template: str) -> str:
        return self._written(template, re.escape)

    def anything(self, value: Any) -> Any:
        """A JSON value with the texts in it rendered; what they hold stays one text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.anything(each) for each in value]
        if isinstance(value, dict):
            return {key: self.anything(each) for key, each in value.items()}
        return value

    def request(self, args: Mapping[str, Any]) -> dict[str, Any]:
        headers = args.get("headers")
        rendered = {key: self.anything(value) for key, value in args.items()}
        if isinstance(args.get("url"), str):
            rendered["url"] = self._url(args["url"])
        if isinstance(headers, dict):
            rendered["headers"] = {
                key: self._written(value, _in_header) if isinstance(value, str) else value
                for key, value in headers.items()
            }
        if isinstance(args.get("body"), str):
            rendered["body"] = self._body(args["body"], headers)
        return rendered

    def _url(self, template: str) -> str:
        whole = _PLACEHOLDER.match(template)
        if whole:
            own = self._written(whole[0], _as_url)
            return own + self._written(template[whole.end() :], _in_url)
        authority = _AUTHORITY.match(template)
        split = authority.end() if authority else 0
        return self._written(template[:split], _in_authority) + self._written(
            template[split:], _in_url
        )

    def _body(self, template: str, headers: Any) -> str:
        told = headers.items() if isinstance(headers, dict) else ()
        kind = next((str(v) for k, v in told if k.lower() == "content-type"), "")
        if kind.startswith(_FORM):
            return self._written(template, quote_plus)
        if "json" in kind or template.lstrip().startswith(("{", "[")):
            return self._json(template)
        return self.text(template)

    def _json(self, template: str) -> str:
        """JSON: within a string a value is escaped, elsewhere it has to be a value of its own."""
        parts = re.split(r'("(?:[^"\\]|\\.)*")', template)
        return "".join(
            self._written(part, _in_json_string if part.startswith('"') else _json_value)
            for part in parts
        )

    def _written(self, template: str, write: _Writer) -> str:
        def one(match: re.Match[str]) -> str:
            name = match[1]
            value = self._arguments.values.get(name)
            if value is None:
                return match[0]
            if name in self._arguments.secure:
                return value
            try:
                return write(value)
            except ValueError as reason:
                self.refused[name] = str(reason)
                return match[0]

        return _PLACEHOLDER.sub(one, template)


def _in_url(value: str) -> str:
    return quote(value, safe="")


def _in_authority(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("must be a host or a port, as it stands in that part of a URL")
    return value


def _as_url(value: str) -> str:
    if not _URL.fullmatch(value):
        raise ValueError("must be a URL that begins with http:// or https://")
    return value


def _in_header(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ValueError("must be one line, as it stands in a header")
    return value


def _in_json_string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _json_value(value: str) -> str:
    if not _JSON_VALUE.fullmatch(value):
        raise ValueError("must be a number, true, false or null, as it stands in JSON unquoted")
    return value
