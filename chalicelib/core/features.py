"""What an incident is compared by: its terms, by the part of the report that they stand in."""

from typing import NamedTuple

from chalicelib.core.incidents import Incident
from chalicelib.core.text import mask, terms

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


class Features(NamedTuple):
    """The terms of each part of a report that makes incidents alike, each once, in order.

    How often a part repeats a term says nothing of the trouble: a log pasted into a description
    repeats the word of its author's choice a hundred times. The resolution is no such part: the
    same cure ("restarted it") is written for very different troubles.
    """

    title: tuple[str, ...]
    symptoms: tuple[str, ...]
    errors: tuple[str, ...]
    systems: tuple[str, ...]
    description: tuple[str, ...]


def features(incident: Incident) -> Features:
    """What an incident is compared by, what varies from report to report left out."""
    return Features(
        title=_terms(incident.title),
        symptoms=_terms("\n".join(incident.symptoms)),
        errors=_terms("\n".join(incident.error_messages)),
        systems=_terms("\n".join(incident.affected_systems)),
        description=_terms(incident.description),
    )


def _terms(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(terms(mask(text))))) if text else ()
