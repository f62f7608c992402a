"""How an incident ended, from its status, its reopenings and what its resolution says."""

import re
from enum import StrEnum

from chalicelib.core.incidents import Incident


class Outcome(StrEnum):
    """How an incident ended: by what was done, in spite of it, or without anybody's doing."""

    SOLVED = "solved"
    FAILED = "failed"
    BY_ITSELF = "by_itself"


_NEGATED = (
    r"(?:(?:did|does|do|could|can|was|were|is|has|have)(?:\s+not|n['’]?t)|can['’]?t|cannot|never"
    r"|not)"
)
_CURE = r"(?:help|fix|solve|resolve|work|improve|recover|change anything|make (?:a|any) difference)"

_FAILURE = re.compile(
    rf"""\b(?:
      {_NEGATED}\s+(?:\w+\s+){{0,2}}?{_CURE}(?:ed|d|ing)?\b
    | (?:no|without(?:\ any)?|little)\s+
      (?:success|effect|luck|improvement|solution|fix|resolution|avail)\b
    | to\ no\ avail | in\ vain
    | still\s+(?:\w+\s+)?(?:fail(?:s|ing)?|broken|down|happen(?:s|ing)?|occur(?:s|ring)?|open
        |slow|unresponsive|unresolved|unavailable|crash(?:es|ing)?|an?\ (?:issue|problem))\b
    | (?:issue|problem|errors?|symptoms?|trouble|outage|alerts?|incident|it)\s+
      (?:(?:still|then|soon|has|have|had)\s+){{0,2}}
      (?:persist(?:s|ed)?|remain(?:s|ed)?|continue(?:s|d)?|recur(?:s|red)?|came\ back|come\ back
        |re-?occurred|reappeared|returned(?!\s+to\b)|(?:fired|happened)\ again)\b
    | (?:came|comes)\ back\ (?:after|an?|the|again|within|\d) | (?:was|had\ to\ be|got)\ re-?opened
    | re-?opened\b(?=\s*(?:$|[.;,]|after|because|by
      |(?:an?|the)\ (?:few|hour|day|week|incident|ticket|issue)))
    | gave\ up | given\ up | unresolved | unsolved | unsuccessful(?:ly)?
    | unable\ to\ (?:fix|solve|resolve)
    | (?:fix|workaround|attempt|restart|rollback)\s+(?:has\s+)?failed
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SUCCESS = re.compile(
    r"""\b(?:
      (?:fixed|solved|resolved|cured|helped|recovered|cleared)(?!\s+versions?\b)
    | back\ to\ (?:normal|green) | (?:works|working|healthy|stable|available|up)\ again
    | (?:did|does)\ (?:help|the\ trick) | successful(?:ly)? | (?:is|was|were)\ restored
    | service\ restored | returned\ to\ normal
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)

_BY_ITSELF = re.compile(
    r"""\b(?:
      (?:resolv|recover|clear|heal|fix|correct|restor|stabili[sz]|went\ away|go(?:es|ne)\ away
        |disappear|subsid|stopp|end)\w*\s+(?:again\s+)?
      (?:itself|themselves|by\ (?:itself|themselves)|(?:all\ )?on\ (?:its|their)\ own
        |(?:spontaneously|automatically)\ before|without\ (?:any\ |our\ |human\ |manual\ )?
        (?:action|intervention|doing))
    | self[- ](?:resolved|healed|recovered|cleared|corrected|resolving)
    | auto[- ]?(?:resolved|cleared|recovered|closed)
    | (?:no|without)\ (?:further\ |manual\ |human\ )?(?:action|intervention)\s+
      (?:(?:was|were|is)\s+)?(?:taken|needed|required|necessary)
    | nothing\ (?:was\ )?(?:done|had\ to\ be\ done)
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_TELLING = (
    (_FAILURE, Outcome.FAILED),
    (_BY_ITSELF, Outcome.BY_ITSELF),
    (_SUCCESS, Outcome.SOLVED),
)

#: What sets the outcome of an earlier attempt beside the main clause: "after X did not help".
_ASIDE = re.compile(
    r"\b(?:after|when|since|because|as|although|though|once|where)\b[^,;.\n]*", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"(?<=[.!?;])\s+|\n+|,?\s+(?:and\s+)?(?:so(?!\s+far)|then|but|until|therefore)\b,?",
    re.IGNORECASE,
)

#: What is said after the last attempt, and is not one.
_NO_ATTEMPT = re.compile(
    r"\b(?:escalat\w+|clos(?:ed|ing)|monitor(?:ed|ing)|wait(?:ed|ing)|ticket|vendor|follow[- ]?up"
    r"|went (?:back|down|away)|dropped (?:back|to)|subsided|will|handed|investigat\w+|post-?mortem"
    r"|todo|unclear|unknown)\b",
    re.IGNORECASE,
)


def outcome(incident: Incident) -> Outcome | None:
    """How an incident ended; None while it is open.

    What is resolved was solved, unless its resolution denies it: it does where the last outcome
    that it tells is a failure ("did not help", "still failing", "it came back") and no further
    attempt follows. So "X did not help, then Y fixed it" is solved, and "X fixed it for an hour,
    but the problem came back" is not. Where the last outcome came about without anybody's doing
    ("resolved itself", "no action was needed"), nothing that was done before it has been proved
    either good or bad. An incident that is open again after it was resolved has failed.
    """
    if not incident.closed:
        return None
    if not incident.resolved:
        return Outcome.FAILED
    return _last_told(incident.resolution)


def solved(incident: Incident) -> bool:
    """Whether what was done solved an incident (see `outcome`)."""
    return outcome(incident) is Outcome.SOLVED


def _last_told(resolution: str) -> Outcome:
    last = Outcome.SOLVED
    # A rule that begins with white space would go through a long run of it from each of its places.
    lines = (" ".join(line.split()) for line in resolution.split("\n"))
    text = "\n".join(filter(None, lines))
    for clause in filter(None, map(str.strip, _CLAUSE.split(_ASIDE.sub(" ", text)))):
        told = _told(clause)
        if told is not None:
            last = told
        elif not _NO_ATTEMPT.search(clause):
            last = Outcome.SOLVED
    return last


def _told(clause: str) -> Outcome | None:
    """The last outcome that a clause tells of, if any; the longer reading of a place counts."""
    places: list[tuple[int, int, Outcome]] = []
    for rule, told in _TELLING:
        for match in rule.finditer(clause):
            if not any(start <= match.start() < end for start, end, _ in places):
                places.append((match.start(), match.end(), told))
    return max(places)[2] if places else None
