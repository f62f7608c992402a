"""The confirmation of steps that destroy something: of each by its id."""

from collections.abc import Collection, Sequence
from typing import Annotated

from pydantic import Field

from chalicelib.core.playbooks import Step
from chalicelib.services.errors import Unconfirmed

ConfirmedSteps = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=200)]


def check_confirmed(steps: Sequence[Step], confirmed: Collection[str]) -> list[str]:
    """The ids of the steps, each of which has been confirmed.

    Raises:
        Unconfirmed: some have not.
    """
    ids = [step.id for step in steps]
    missing = [step for step in steps if step.id not in confirmed]
    if missing:
        raise Unconfirmed(missing, ids)
    return ids
