"""What a reviewer looks at first: the queue, and how past decisions went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.core.calibration import Band, calibration
from chalicelib.core.fields import DEFAULT_SCOPE, Scope, Value
from chalicelib.core.suggestions import Listed, SuggestionStatus
from chalicelib.services.access import Caller, check_scope
from chalicelib.services.listing import Listing, Wanted, listing
from chalicelib.store import suggestions as store

_DECISIONS = 100  # of either kind that the calibration looks back at


class Sought(Value):
    """What of a scope's suggestions is looked for (see `Listed.is_about`)."""

    scope: Scope = DEFAULT_SCOPE
    status: SuggestionStatus = SuggestionStatus.PENDING
    system: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=200)] = ""


@dataclass(frozen=True)
class Calibration:
    """How many suggestions people approved, by how sure we were of them.

    Attributes:
        since: the earliest decision that may be in it; None where it reaches back to the first.
    """

    bands: list[Band]
    since: datetime | None

    @property
    def decided(self) -> int:
        """How many decisions are in it."""
        return sum(band.decided for band in self.bands)


def queue(sought: Sought, wanted: Wanted, caller: Caller) -> Listing[Listed]:
    """A scope's suggestions of one status in the order of `store.queue`, those that fit.

    An answer may hold fewer than wanted, or none, and yet have a cursor: so many had to be looked
    at that the rest comes with the next.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, sought.scope)
    name = f"queue {sought.model_dump_json()}"

    def fits(row: Listed) -> bool:
        return row.is_about(sought.system, sought.text)

    narrowed = fits if sought.system.strip() or sought.text.strip() else None
    return listing(
        name,
        wanted,
        lambda limit, at: store.queue(sought.scope, sought.status, limit, at, narrowed),
    )


def calibrated(scope: str, caller: Caller) -> Calibration:
    """Whether confidence means what it says, by the scope's latest decisions.

    What the settings approved, without a person, is left out: it tells of nobody's opinion. Of
    approvals and of rejections only so many are looked at. Where there are more of the one, the
    other is looked at no further back than they reach, as the share would else be wrong.

    Raises:
        Forbidden: the scope is not the caller's.
    """
    check_scope(caller, scope)
    since = None
    decided: list[tuple[Listed, bool]] = []
    for status in (SuggestionStatus.APPROVED, SuggestionStatus.REJECTED):
        page = store.queue(scope, status, _DECISIONS, None)
        decided += [(row, status is SuggestionStatus.APPROVED) for row in page.items]
        if page.position is not None:
            earliest = min(row.updated_at for row in page.items)
            since = max(since, earliest) if since else earliest
    counted = [
        (row, approved)
        for row, approved in decided
        if not row.by_itself and (not since or row.updated_at >= since)
    ]
    return Calibration(calibration((row.confidence_score, yes) for row, yes in counted), since)
