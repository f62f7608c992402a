"""What a playbook is: its specification, and what makes a specification sound."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from chalicelib.core.fields import Value

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
Line = Annotated[str, Field(max_length=2_000)]


class Risk(StrEnum):
    """What a step does to the systems it touches, mildest first."""

    READ_ONLY = "read_only"
    CHANGES = "changes"
    UNKNOWN = "unknown"
    DESTROYS = "destroys"


#: What a step is for.
Kind = Literal["check", "change", "wait", "verify", "escalate", "communicate"]


class Parameter(Value):
    """A value that a playbook is told when it runs; `${name}` in a step stands for it."""

    name: Name
    required: bool = True
    description: Line = ""
    type: Annotated[str, Field(max_length=60)] = "string"
    default: Any = None
    examples: Annotated[list[Any], Field(max_length=1_000)] = []
    pattern: Annotated[str, Field(max_length=10_000)] | None = None


class Prerequisite(Value):
    """What must hold before the first step."""

    type: Literal["non_empty"]
    param: Name


class Condition(Value):
    """What must hold for a step to be taken, of a parameter that whoever runs the playbook sets.

    A question to a person ("is the disk full?") is a boolean parameter; `text` has its words.
    """

    type: Literal["equals", "not_equals", "non_empty"]
    param: Name
    value: Annotated[str, Field(max_length=10_000)] | int | float | bool | None = None
    text: Line = ""


class Output(Value):
    """What a step tells that later steps, or whoever runs them, go by."""

    name: Name
    description: Line = ""


class Validation(Value):
    """What a step's output must, or must not, hold for the step to have gone well.

    `matches` takes a regular expression; `text` has the words that ask for it.
    """

    type: Literal["contains", "not_contains", "matches"]
    value: Annotated[str, Field(min_length=1, max_length=2_000)]
    text: Line = ""


class Evidence(Value):
    """The incidents that a step was learned from: how many, which, and in whose words."""

    support: Annotated[int, Field(ge=0)] = 0
    incident_ids: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(max_length=100_000)
    ] = []
    quotes: Annotated[list[Annotated[str, Field(max_length=100_000)]], Field(max_length=1_000)] = []


class Step(Value):
    """One thing to do, where all conditions of `when` hold.

    An optional step is one that fewer than half of the incidents tell of; `alternatives` are the
    commands that some of them ran in its place.
    """

    id: Annotated[str, Field(min_length=1, max_length=100)]
    name: Annotated[str, Field(min_length=1, max_length=300)]
    action: Literal["shell", "http_request", "wait", "noop"]
    args: dict[str, Any] = {}
    when: Annotated[list[Condition], Field(max_length=20)] = []
    outputs: Annotated[list[Output], Field(max_length=20)] = []
    validations: Annotated[list[Validation], Field(max_length=20)] = []
    risk: Risk = Risk.READ_ONLY
    kind: Kind | None = None
    optional: bool = False
    alternatives: Annotated[list[Line], Field(max_length=20)] = []
    evidence: Evidence = Evidence()

    @model_validator(mode="after")
    def _args_fit_the_action(self) -> Self:
        needed = {"shell": "command", "noop": "message"}.get(self.action)
        if needed:
            text = self.args.get(needed)
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"args: a {self.action} step needs a text in args.{needed}")
        return self

    @property
    def text(self) -> str:
        """What the step runs or says, for comparing and for searching."""
        return str(self.args.get("command") or self.args.get("message") or self.name)


class PlaybookSpec(Value):
    """A playbook's specification, in the shape that the contract fixes."""

    version: Literal[1] = 1
    name: Annotated[str, Field(min_length=1, max_length=300)]
    category: Annotated[str, Field(max_length=100)] = "general"
    description: Annotated[str, Field(max_length=20_000)] = ""
    parameters: Annotated[list[Parameter], Field(max_length=100)] = []
    prerequisites: Annotated[list[Prerequisite], Field(max_length=100)] = []
    steps: Annotated[list[Step], Field(min_length=1, max_length=200)]
    metadata: dict[str, Any] = {}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for problem in problems(self):
            raise ValueError(problem)
        return self

    @property
    def text(self) -> str:
        """All that the playbook says, for searching."""
        said = [self.name, self.category, self.description]
        for step in self.steps:
            said += [step.name, step.text]
        return "\n".join(said)


def problems(spec: PlaybookSpec) -> Iterator[str]:
    """What keeps a specification from being run, each problem beginning with its field."""
    declared = [parameter.name for parameter in spec.parameters]
    if len(set(declared)) < len(declared):
        yield "parameters: every parameter needs a name of its own"
    ids = [step.id for step in spec.steps]
    if len(set(ids)) < len(ids):
        yield "steps: every step needs an id of its own"
    for prerequisite in spec.prerequisites:
        if prerequisite.param not in declared:
            yield f"prerequisites: {prerequisite.param} is not among the parameters"
    for step in spec.steps:
        for condition in step.when:
            if condition.param not in declared:
                yield f"steps: {step.id} waits for {condition.param}, which is no parameter"


def placeholders(text: str) -> list[str]:
    """The names of the parameters that `${name}` stands for in a text, in order, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))
