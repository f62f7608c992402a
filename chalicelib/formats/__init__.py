"""A playbook written for other tools and read from them: one module a format, all listed here."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.formats import (
    as_ansible,
    as_cacao,
    as_confluence,
    as_json,
    as_markdown,
    as_rundeck,
    as_skill,
    as_ssm,
    as_yaml,
    from_cacao,
    from_confluence,
    from_text,
)
from chalicelib.formats.document import Source, Written
from chalicelib.formats.reading import Specification


@dataclass(frozen=True)
class Format:
    """How to write a playbook, what the file is then, and how to read one, where that can be.

    Attributes:
        file: the file's name, which no two formats share.
        read: takes a file's text; raises `reading.Unreadable`.
    """

    write: Callable[[Source], Written]
    file: str
    content_type: str
    read: Callable[[str], Specification] | None = None


FORMATS = {
    "json": Format(as_json.write, "playbook.json", "application/json", from_text.read_json),
    "yaml": Format(as_yaml.write, "playbook.yaml", "application/yaml", from_text.read_yaml),
    "markdown": Format(as_markdown.write, "playbook.md", "text/markdown; charset=utf-8"),
    "ssm": Format(as_ssm.write, "ssm-automation.yaml", "application/yaml"),
    "ansible": Format(as_ansible.write, "ansible-playbook.yml", "application/yaml"),
    "cacao": Format(as_cacao.write, "cacao.json", "application/json", from_cacao.read),
    "skill": Format(as_skill.write, "SKILL.md", "text/markdown; charset=utf-8"),
    "confluence": Format(
        as_confluence.write, "confluence.xml", "application/xml", from_confluence.read
    ),
    "rundeck": Format(as_rundeck.write, "rundeck-job.yaml", "application/yaml"),
}
