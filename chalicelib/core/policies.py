"""What a scope wants redacted beyond what is redacted for everybody."""

from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Scope, Value

#: Each rule is tried on every text that comes in.
MAX_RULES = 50


class OwnRule(Value):
    """A rule of a scope's own.

    Attributes:
        kind: what the placeholder calls it, such as `customer_number`.
        pattern: an expression of RE2; where it has a group, only what the group holds is removed.
    """

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    pattern: Annotated[str, Field(min_length=1, max_length=500)]


class RedactionRules(Value):
    """How texts are to be redacted.

    Attributes:
        rules: in the order in which they are tried, before the rules that hold for all.
        anonymise: whether hosts, users and addresses get pseudonyms.
    """

    rules: Annotated[list[OwnRule], Field(max_length=MAX_RULES)] = []
    anonymise: bool = False


class RedactionPolicy(RedactionRules):
    """How a scope's texts are redacted."""

    scope: Scope
