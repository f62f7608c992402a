"""A playbook written for other tools: one module a format, all of them listed here."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats import as_json, as_yaml


@dataclass(frozen=True)
class Format:
    """How to write a specification, and what the file is then."""

    write: Callable[[PlaybookSpec], str]
    extension: str
    content_type: str


FORMATS = {
    "json": Format(as_json.write, "json", "application/json"),
    "yaml": Format(as_yaml.write, "yaml", "application/yaml"),
}
