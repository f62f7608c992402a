"""YAML that reads back to the same values in a YAML 1.1 and in a 1.2 parser.

The two disagree on plain scalars: 1.1 reads `no`, `0o17`, `1:30` and `2026-01-01` as something
else than text. So every text is double-quoted, keys too, and numbers are written as JSON does.
"""

import json
from typing import Any

import yaml

from chalicelib.core.playbooks import PlaybookSpec


class _Dumper(yaml.SafeDumper):
    """Quotes every text, and repeats values rather than pointing at them."""

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


def write(spec: PlaybookSpec) -> str:
    """The specification as YAML, its fields in the order of the contract."""
    values = spec.model_dump(mode="json")
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
