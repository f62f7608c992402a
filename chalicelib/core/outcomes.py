"""Whether what was done solved an incident, from its status and from what its resolution says."""

import re

from chalicelib.core.incidents import Incident

_NEGATED = r"(?:(?:did|does|do|could|can|was|were|is|has|have)(?:\s+not|n['’]t)|cannot|never|not)"
_CURE = r"(?:help|fix|solve|resolve|work|improve|recover|change anything|make (?:a|any) difference)"

_FAILURE = re.compile(
    rf"""\b(?:
      {_NEGATED}\s+(?:\w+\s+){{0,2}}?{_CURE}(?:ed|d|ing)?\b
    | (?:no|without(?:\ any)?|little)\s+
      (?:success|effect|luck|improvement|solution|fix|resolution|avail)\b
    | to\ no\ avail | in\ vain
    | still\s+(?:\w+\s+)?(?:fail(?:s|ing)?|broken|down|happen(?:s|ing)?|occur(?:s|ring)?|open
        |slow|unresponsive|unresolved|unavailable|crash(?:es|ing)?|an?\ (?:issue|problem))\b
    | (?:issue|problem|error|errors|symptoms?|trouble|outage|it)\s+(?:still\s+)?
      (?:persist(?:s|ed)?|remain(?:s|ed)?|continue(?:s|d)?|recur(?:s|red)?|came\ back
        |returned(?!\s+to\b))\b
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
    r"|will|handed|investigat\w+|post-?mortem|todo|unclear|unknown)\b",
    re.IGNORECASE,
)


def solved(incident: Incident) -> bool:
    """Whether an incident was solved: it counts as resolved, and its resolution does not deny it.

    A resolution denies it where the last outcome that it tells is a failure ("did not help",
    "still failing", "no fix found") and no further attempt follows. So "X did not help, then Y
    fixed it" is solved, and "X fixed it for an hour, but the problem came back" is not.
    """
    return incident.resolved and not _ends_in_failure(incident.resolution)


def _ends_in_failure(resolution: str) -> bool:
    failed = False
    for clause in filter(None, map(str.strip, _CLAUSE.split(_ASIDE.sub(" ", resolution)))):
        outcome = _outcome(clause)
        if outcome is not None:
            failed = not outcome
        elif not _NO_ATTEMPT.search(clause):
            failed = False
    return failed


def _outcome(clause: str) -> bool | None:
    """True for success, False for failure, None where a clause tells of neither."""
    failures = list(_FAILURE.finditer(clause))
    successes = [
        match.start()
        for match in _SUCCESS.finditer(clause)
        if not any(failure.start() <= match.start() < failure.end() for failure in failures)
    ]
    if not failures and not successes:
        return None
    return max(successes, default=-1) > max((failure.start() for failure in failures), default=-1)
