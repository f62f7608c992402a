"""The verbs of people who solve incidents, and how to turn what they did into what to do."""

import re

#: Verbs of actions, in the imperative. What is in no such verb is an observation, and no step.
_VERBS = """
    add adjust allow apply archive attach bind block bounce bump bypass cancel change check clean
    clear close compact compare configure confirm connect copy cordon correct create cut
    deactivate debug decrease delete deploy detach disable disconnect downgrade drain drop dump
    edit enable ensure establish evict examine execute expand expire export extend fail failover
    fix flush force free grant identify import increase inspect install invalidate investigate
    isolate issue kick kill launch limit list load log look lower migrate mitigate monitor mount
    move mute open optimise optimize patch pause pin point promote prune pull purge push query
    raise re-add re-run reassign rebalance reboot rebuild recover recreate recycle redeploy
    redirect reduce reenable refresh regenerate register reindex reinstall reissue reload remount
    remove rename renew repair replace replay reprocess rerun reroute reschedule reset resize
    resolve restart restore resume retry return revert review revoke roll rotate route run scale
    schedule search set shift show shut silence skip snapshot start stop suspend swap switch sync
    take tail tell terminate test throttle toggle trace trigger truncate try tune turn unblock
    uncordon uninstall unlock unmount update upgrade use validate verify wait warm widen wipe
""".split()

_IRREGULAR = {
    "ran": "run",
    "rebuilt": "rebuild",
    "reran": "rerun",
    "re-ran": "re-run",
    "cut": "cut",
    "set": "set",
    "reset": "reset",
    "shut": "shut",
    "took": "take",
    "told": "tell",
    "freed": "free",
    "made": "make",
    "put": "put",
    "brought": "bring",
    "gave": "give",
    "sent": "send",
    "wrote": "write",
    "threw": "throw",
    "shown": "show",
    "held": "hold",
}


def _past(verb: str) -> list[str]:
    """The past and the -ing form of a regular verb, in both spellings where there are two."""
    if verb.endswith("e"):
        return [verb + "d", verb[:-1] + "ing"]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [verb[:-1] + "ied", verb + "ing"]
    forms = [verb + "ed", verb + "ing"]
    if re.search(r"[^aeiou][aeiou][bdgklmnprt]$", verb):
        forms += [verb + verb[-1] + "ed", verb + verb[-1] + "ing"]
    return forms


_IMPERATIVE = {form: verb for verb in _VERBS for form in _past(verb)}
_IMPERATIVE |= {verb: verb for verb in _VERBS}
_IMPERATIVE |= _IRREGULAR
_IMPERATIVE |= {verb: verb for verb in _IRREGULAR.values()}
_IMPERATIVE |= {form: verb for verb in _IRREGULAR.values() for form in _past(verb)[1:]}

#: Verbs that say the same to whoever follows the playbook.
_KIN = {
    "check": """check confirm ensure examine inspect look monitor review test validate verify
        investigate show list query debug watch search""",
    "restart": "restart bounce reboot recycle start relaunch",
    "clear": "clear flush purge invalidate",
    "remove": "remove delete clean prune wipe drop archive rotate truncate",
    "raise": "raise increase bump extend expand widen resize scale",
    "lower": "lower reduce decrease limit throttle cut",
    "undo": "undo revert restore back downgrade",
    "renew": "renew reissue regenerate refresh replace",
    "use": "use run execute rerun try",
}
KIN_OF = {verb: kin for kin, verbs in _KIN.items() for verb in verbs.split()}

_LEADING = re.compile(
    r"^(?:[\s,.:*_\-–—>()]+|(?:first|then|next|finally|afterwards?|also|so|and|now|again|lastly|secondly"
    r"|we|i|they|he|she|ops|team|the team|someone|on-call|please|just|to|had to|have to|needed to"
    r"|after that|after this|once|manually|immediately|quickly|simply|temporarily|solution|fix"
    r"|resolution|action|actions taken|steps taken|steps|workaround|mitigation)\b[:,]?)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:it\s+was\s+|was\s+|issue\s+|problem\s+)?(?:fixed|solved|resolved|mitigated|cured)\b"
    r"(?:\s+(?:it|this|the\s+\w+))?\s+(?:by|with|through|via|after)\s+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:\s+(?:with|using|via|by|running|through|in|on|at|of|for|and|then|to|from|it by|command)"
    r"|[\s:,;.(\-–—`]+)+$",
    re.IGNORECASE,
)
#: "Load dropped", "Restart helped": a noun, with what became of it.
_OBSERVED = re.compile(
    r"^[a-z-]+(?:\s+(?:was|were|is|are|has|had|did|does|went|came|seems?|looks?)\b|\s+[a-z]{3,}ed\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?", re.IGNORECASE)
_LONGEST = 120
_FORMS = "|".join(sorted((re.escape(form) for form in _IMPERATIVE), key=len, reverse=True))

#: A regular expression for the beginning of an action.
ACTION_START = rf"(?:{_FORMS})\b"


def verb_of(text: str) -> str:
    """The verb that a text begins with, in the imperative; empty if it is no action."""
    word = _WORD.match(text)
    return _IMPERATIVE.get(word.group().lower(), "") if word else ""


def imperative(text: str) -> str:
    """What a clause tells was done, as an instruction; empty where it tells of no action.

    >>> imperative("Then we restarted the service.")
    'Restart the service'
    >>> imperative("CPU was at 95%")
    ''
    """
    text = " ".join(text.split())
    while True:
        shorter = _BY.sub("", _LEADING.sub("", text))
        if shorter == text:
            break
        text = shorter
    verb = verb_of(text)
    if not verb or _OBSERVED.match(text):
        return ""
    rest = text[_WORD.match(text).end() :]  # type: ignore[union-attr]
    said = _TRAILING.sub("", verb.capitalize() + rest)
    if said.count("`") % 2:  # the one that closes code is no punctuation
        said += "`"
    if " " not in said:
        return ""
    if len(said) > _LONGEST:
        said = said[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
    return said
