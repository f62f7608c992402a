"""How a pattern has changed since a suggestion was made of it that nobody refreshes any more."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Rate, Time, Value

_MOST_LISTED = 50


class PatternChange(Value):
    """What is otherwise by now.

    Attributes:
        noticed_at: the time of the analysis that found it so.
        new_incidents: how many there are that the suggestion does not know; `examples` has some.
        gone_incidents: how many it was made of that are not in the pattern any more.
        success_rate_before, success_rate: of the pattern, then and now.
        steps_added: what would be mined by now that was not.
        steps_dropped: what was mined that would not be any more.
    """

    noticed_at: Time
    new_incidents: Annotated[int, Field(ge=0)] = 0
    examples: list[str] = []
    gone_incidents: Annotated[int, Field(ge=0)] = 0
    success_rate_before: Rate
    success_rate: Rate
    steps_added: list[str] = []
    steps_dropped: list[str] = []


def pattern_change(
    *,
    known: Sequence[str],
    members: Sequence[str],
    success_rate_before: float,
    success_rate: float,
    mined: Sequence[str],
    mined_now: Sequence[str],
    now: Time,
) -> PatternChange | None:
    """What has changed in a pattern; None if nothing has.

    Args:
        known: the incidents that the suggestion was made of.
        members: those of the pattern by now.
        success_rate_before, success_rate: the pattern's, then and now.
        mined: what the steps that were mined then run or say.
        mined_now: what those run or say that would be mined by now.
        now: the time of the analysis.
    """
    new = sorted(set(members) - set(known))
    gone = set(known) - set(members)
    added = [text for text in mined_now if text not in mined]
    dropped = [text for text in mined if text not in mined_now]
    if not (new or gone or added or dropped or success_rate != success_rate_before):
        return None
    return PatternChange(
        noticed_at=now,
        new_incidents=len(new),
        examples=new[:_MOST_LISTED],
        gone_incidents=len(gone),
        success_rate_before=success_rate_before,
        success_rate=success_rate,
        steps_added=added[:_MOST_LISTED],
        steps_dropped=dropped[:_MOST_LISTED],
    )
