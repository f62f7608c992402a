"""The verbs of people who solve incidents, and how to turn what they did into what to do."""

import re

#: Verbs of actions, in the imperative. What is in no such verb is an observation, and no step.
_VERBS = """
    add adjust allow apply archive attach bind block bounce bump bypass cancel change check clean
    clear close compact compare configure confirm connect copy cordon correct create cut deactivate
    debug decrease delete deploy describe detach disable disconnect downgrade drain drop dump edit
    enable ensure establish evict examine execute expand expire export extend fail failover fix
    flush force free grant identify import increase inspect install invalidate investigate isolate
    issue kick kill launch limit list load log look lower migrate mitigate monitor mount move mute
    open optimise optimize patch pause pin point promote prune pull purge push query raise re-add
    re-run reassign rebalance reboot rebuild recover recreate recycle redeploy redirect reduce
    reenable refresh regenerate register reindex reinstall reissue reload remount remove rename
    renew repair replace replay reprocess rerun reroute reschedule reset resize resolve restart
    restore resume retry return revert review revoke roll rotate route run scale schedule search
    set shift show shut silence skip snapshot start stop suspend swap switch sync take tail tell
    terminate test throttle toggle trace trigger truncate try tune turn unblock uncordon uninstall
    unlock unmount update upgrade use validate verify wait warm widen wipe
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
    "escalated": "escalate",
    "paged": "page",
    "notified": "notify",
    "informed": "inform",
    "announced": "announce",
    "emailed": "email",
    "contacted": "contact",
    "asked": "ask",
    "called": "call",
    "posted": "post",
    "handed": "hand",
}
#: What is a noun, or the trouble, more often than a deed unless it is in the past.
_DEEDS_IN_THE_PAST = frozenset({"page", "email", "contact", "call", "post", "hand", "ask"})


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
    "check": """check confirm describe ensure examine identify inspect look monitor review test
        validate verify investigate show list query debug watch search""",
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
    r"^(?:[\s,.:*_\-–—>()]+|(?:first|then|next|finally|afterwards?|also|so|and|now|again|lastly"
    r"|secondly|we|i|they|he|she|ops|team|the team|someone|on-call|please|just|to|had to|have to"
    r"|(?:tried|attempted|decided|managed|proceeded) to"
    r"|needed to|after that|after this|(?:after|by)(?=\s+[\w-]+ing\s)|once|manually|immediately"
    r"|quickly|simply|temporarily|solution|fix|resolution|action|actions taken|steps taken|steps"
    r"|workaround|mitigation)\b[:,]?)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:it\s+was\s+|was\s+|issue\s+|problem\s+)?(?:fixed|solved|resolved|mitigated|cured)\b"
    r"(?:\s+(?:it|this|the\s+\w+))?\s+(?:by|with|through|via|after)\s+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:\s+(?:with|w/|using|via|by|running|through|in|on|at|of|for|and|then|to|from|it by|command)"
    r"|[\s:,;.(\-–—`]+)+$",
    re.IGNORECASE,
)
#: "Load dropped", "Restart helped": a noun, with what became of it.
_OBSERVED = re.compile(
    r"^[a-z-]+(?:\s+(?:was|were|is|are|has|had|did|does|went|came|seems?|looks?)\b|\s+[a-z]{3,}ed\b)",
    re.IGNORECASE,
)
#: Verbs that need nobody to say what is meant: "and rebooted".
_ALONE = frozenset({"restart", "reboot", "redeploy"})
#: "Heap size raised", "The caches were cleared": what was done to something, not by it.
_DELIBERATE = frozenset(
    """add check clear delete disable drain enable flush free increase kill lower reboot rebuild
    recreate redeploy reduce reload remove renew replace raise reset restart restore revert rotate
    scale truncate update upgrade verify""".split()
)
_PARTICIPLES = "|".join(
    [
        form
        for form, verb in _IMPERATIVE.items()
        if verb in _DELIBERATE and form[-2:] in ("ed", "lt")
    ]
    + [r"reset", r"rolled(?=\s+back\b)"]
)
_OBJECT_FOLLOWS = r"(?!\s+(?:the|our|its|their|his|her|an?)\b)"
_THING = r"(?:(?:the|all|both|its|our)\s+)?[\w./-]+(?:\s+[\w./-]+){0,3}?"
#: A regular expression for the beginning of an action that is told in the passive voice.
PASSIVE_START = (
    rf"{_THING}\s+(?:(?:was|were|has\s+been|have\s+been|got)\s+(?:then\s+|also\s+)?)?"
    rf"(?:{_PARTICIPLES})\b{_OBJECT_FOLLOWS}"
)
_PASSIVE = re.compile(
    rf"^(?P<what>{_THING})\s+(?:(?:was|were|has\s+been|have\s+been|got)\s+(?:then\s+|also\s+)?)?"
    rf"(?P<verb>{_PARTICIPLES})\b{_OBJECT_FOLLOWS}(?P<rest>.*)$",
    re.IGNORECASE,
)
#: "Ann checked with `df -h`" tells who did it, and "Disk checked" what it was done to.
_SOMEBODY = re.compile(
    r"^[A-Z][a-z]+\s+(?=(?:checked|verified)\s+(?:with|w/|that|if|whether|via|using)(?!\w))"
)
#: What rises and falls by itself, and what people say of the trouble and not of the cure.
_BY_ITSELF = re.compile(
    r"\b(?:cpu|load|latency|usage|errors?|traffic|lag|times?|rate|temperature|issue|problem|incident"
    r"|alerts?|it|they|this|that|which|we|and|nothing|everything|not|never)\b",
    re.IGNORECASE,
)
#: What came of it, behind the action: "and it recovered", "which fixed it".
_RESULT = re.compile(
    r",?\s+(?:which\b|who\b|all\s+(?:good|fine|ok|well|green|clear)\b|(?:and\s+)?everything\b|and\s+(?:(?:the|its|our|all)\s+)?[\w-]+(?:\s+[\w-]+)?\s+(?:went|came|recovered|is"
    r"|are|was|were|helped|returned|dropped|fell|started|works?|worked|improved|stopped|fixed"
    r"|solved|resolved)\b).*$",
    re.IGNORECASE,
)
_GAVE_UP = re.compile(r"(?:gave|giv(?:e|ing))\s+up\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)?", re.IGNORECASE)
_LONGEST = 120
_FORMS = "|".join(
    sorted(
        map(re.escape, _IMPERATIVE.keys() - _DEEDS_IN_THE_PAST), key=lambda form: (-len(form), form)
    )
)

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
        shorter = _BY.sub("", _SOMEBODY.sub("", _LEADING.sub("", text)))
        if shorter == text:
            break
        text = shorter
    text = _RESULT.sub("", text)
    verb = verb_of(text)
    if _GAVE_UP.match(text) or (verb in _DEEDS_IN_THE_PAST and text.lower().startswith(verb + " ")):
        return ""
    if verb and not _OBSERVED.match(text):
        rest = text[_WORD.match(text).end() :]  # type: ignore[union-attr]
    elif (passive := _PASSIVE.match(text)) and not _BY_ITSELF.search(passive["what"]):
        verb, what = verb_of(passive["verb"]), passive["what"]
        rest = f" {what[0].lower() if what[1:].islower() else what[0]}{what[1:]}{passive['rest']}"
    else:
        return ""
    said = _TRAILING.sub("", verb.capitalize() + rest)
    if said.count("`") % 2:  # the one that closes code is no punctuation
        said += "`"
    if " " not in said:
        return f"{said} it" if verb in _ALONE else ""
    if len(said) > _LONGEST:
        said = said[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
    return said
