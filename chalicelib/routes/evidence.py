"""What a suggestion's page shows for it: its steps drawn, its incidents, playbooks like it."""

from datetime import datetime
from typing import Any

from chalicelib.core.confidence import WEIGHTS
from chalicelib.core.patterns import Pattern
from chalicelib.core.suggestions import Suggestion
from chalicelib.routes.charts import Happening, timeline
from chalicelib.routes.flow import flow
from chalicelib.services import evidence

_LISTED = 40  # incidents in the table; the picture has all


def evidence_shown(
    suggestion: Suggestion, pattern: Pattern | None, now: datetime
) -> dict[str, Any]:
    """What the reading parts of the page are told, beside the suggestion and its pattern."""
    incidents = evidence.incidents_behind(suggestion)
    happened = [
        Happening(each.opened_at, each.status, each.seconds_to_resolve) for each in incidents
    ]
    return {
        "weights": WEIGHTS,
        "flow": flow(suggestion.playbook_spec.steps),
        "incidents": incidents[:_LISTED],
        "timeline": timeline(happened) if happened else None,
        "statuses": sorted({each.status for each in incidents}),
        "similar": evidence.similar_playbooks(suggestion, pattern.symptoms if pattern else [], now),
    }
