"""YAML that reads back to the same values in a YAML 1.1 and in a 1.2 parser.

The two disagree on plain scalars: 1.1 reads `no`, `0o17`, `1:30` and `2026-01-01` as something
else than text. So every text is double-quoted, keys too, and numbers are written as JSON does.
"""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from chalicelib.formats.document import Source, Written, one_line


class _Dumper(yaml.SafeDumper):
    """Quotes every text, and repeats values rather than pointing at them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists within what they are of, as most linters want it."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Anchors and aliases help nobody who reads or edits a playbook."""
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')


def _number(dumper: _Dumper, value: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", _json_number(value))


def _json_number(value: float) -> str:
    """As JSON writes it, with the point that YAML 1.1 wants in front of an exponent."""
    mantissa, exponent, power = json.dumps(value).partition("e")
    if not exponent:
        return mantissa
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}e{power if power[0] in '+-' else '+' + power}"


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)


def write(source: Source) -> Written:
    """The specification as YAML, its fields in the order of the contract."""
    return Written(dump(source.spec.model_dump(mode="json")))


def dump(values: Any) -> str:
    """JSON values as YAML, the fields in the order that they come in."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def commented(values: Any, title: str, not_carried: Sequence[str]) -> str:
    """YAML under a comment that says what it is and what it does not hold."""
    lines = [title]
    if not_carried:
        lines += ["Not carried over:", *(f"- {each}" for each in not_carried)]
    head = "".join(f"# {one_line(line, 400)}\n" for line in lines)
    return f"{head}---\n{dump(values)}"
