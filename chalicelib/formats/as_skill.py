"""An Agent Skill: `SKILL.md`, to be put into a directory of the skill's name."""

from collections.abc import Mapping

from chalicelib.core.playbooks import PlaybookSpec
from chalicelib.formats.as_markdown import body, escaped, unprintable
from chalicelib.formats.as_yaml import dump
from chalicelib.formats.document import Source, Written, left_out, one_line, slug

_CARRIED = {"category", "evidence", "examples", "more", "outputs", "prerequisites"}
_LONGEST_NAME, _LONGEST_DESCRIPTION = 64, 1024
_RULES = (
    "Follow the steps in order, each only if its conditions hold.",
    "Ask for the parameters without a default. Quote their values for the shell, and refuse one "
    "that does not match its pattern.",
    "Before a step with a warning, show the command and wait for a clear yes.",
    "Stop when a step fails, and say which one and what it printed.",
)


def write(source: Source) -> Written:
    """The playbook as instructions for an agent, under the front matter that skills have."""
    spec = source.spec
    lost = [*unprintable(spec), *left_out(spec, _CARRIED)]
    front = {
        "name": name_of(spec),
        "description": _description(spec),
        "metadata": {
            "playbook-id": source.playbook_id,
            "version": source.version,
            "category": one_line(spec.category),
        },
    }
    lines = ["---", _front_matter(front), "---", "", f"# {escaped(spec.name)}", ""]
    lines += [f"- {rule}" for rule in _RULES]
    lines += ["", *body(spec)]
    if lost:
        lines += ["", "## Not carried over", "", *(f"- {escaped(each)}" for each in lost)]
    return Written("\n".join(lines) + "\n", tuple(lost))


def name_of(spec: PlaybookSpec) -> str:
    """The skill's name, which its directory has to have too."""
    return slug(spec.name, _LONGEST_NAME) or "playbook"


def _description(spec: PlaybookSpec) -> str:
    said = f"{one_line(spec.name)}. {one_line(spec.description, 600)}"
    return f"{said} Use it when an incident of this kind comes up."[:_LONGEST_DESCRIPTION]


def _front_matter(front: Mapping[str, object]) -> str:
    """YAML without three hyphens in a row, which some readers take for its end."""
    return dump(front).rstrip().replace("---", "\\x2d\\x2d\\x2d")
