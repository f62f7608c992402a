"""What an incident is compared by: its terms, by the part of the report that they stand in."""

from collections import Counter

from chalicelib.core.incidents import Incident
from chalicelib.core.text import mask, terms

#: The parts of a report that make incidents alike. The resolution is not among them: the same
#: cure ("restarted it") is written for very different troubles.
BLOCKS = ("title", "symptoms", "errors", "systems", "description")

#: Words that reports of any trouble use, so that sharing one says little of the kind of trouble.
ORDINARY_TERMS = frozenset(
    terms(
        """access alert alerting answer app application backend block blocked call caused cause
        check client cluster connect connecting connection crash crashed crashing critical customer
        data day degraded died down endpoint environment error event exception exhausted fail failed
        failing failure hanging high host hour impact incident increased instance issue job large
        latency level limit load log long lost low machine message minute monitoring morning network
        night node number observed outage page performance pod pool port problem process prod
        production reached read refused report reported request resource respond responding response
        restart restarted restarting return returned returning run running search second seen server
        service show site slow slowly spike staging start started starting stop stopped system task
        taking team threshold time timed timeout timing took traffic unable unavailable unresponsive
        usage use used user using wait waiting warning web work worker working write"""
    )
)


def features(incident: Incident) -> dict[str, Counter[str]]:
    """How often each term stands in each block of a report, what varies left out."""
    texts = {
        "title": [incident.title],
        "symptoms": incident.symptoms,
        "errors": incident.error_messages,
        "systems": incident.affected_systems,
        "description": [incident.description],
    }
    return {block: Counter(terms(mask("\n".join(texts[block])))) for block in BLOCKS}
