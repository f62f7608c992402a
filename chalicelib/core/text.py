"""Texts as terms: what varies from one incident to the next masked, the rest split into words."""

import re
from functools import lru_cache

_UNIT = r"(?:%|[kmgt]i?b?|b|ns|us|ms|s|sec|secs|m|min|mins|h|hrs?|d|x)"

#: What varies, most specific first: the mask's name, and what it stands for. Repeats that could be
#: tried from every place of a long text are bounded, so that masking takes linear time.
_VARYING = [
    ("url", r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"')\]]+"),
    ("email", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}"),
    ("id", r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    (
        "time",
        r"\b\d{4}[-/]\d\d[-/]\d\d(?:[t ,]+\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:z|[+-]\d\d:?\d\d)?\b"
        r"|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\s?(?:[ap]m|utc|gmt|z)?\b",
    ),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2}|:\d{1,5})?\b"),
    ("ip", r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}(?![\w:])"),
    ("path", r"(?<![\w<>/.])(?:[a-z]:\\|~?/)[\w.@+-]+(?:[/\\][\w.@+*-]*)+"),
    (
        "host",
        r"(?<![\w.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,9}"
        r"(?:com|net|org|edu|io|dev|local|internal|lan|corp|cloud|svc)(?::\d{1,5})?\b(?![.\w])",
    ),
    ("hex", r"\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b"),
    ("id", r"\b(?=[a-z\d]{5,}\b)[a-z]{0,2}\d+[a-z]+\d[a-z\d]*\b"),
    ("number", r"(?<=[a-z]{3})\d+\b"),
]
#: A number that stands for itself. An HTTP error's status says what happened, so it stays.
_NUMBER = re.compile(
    rf"(?<![a-z\d.])(?<!<number>)(?![45]\d\d(?![\w.,%]|\s?{_UNIT}(?![a-z\d])))"
    rf"[+-]?\d+(?:[.,]\d+)*(?:\s?{_UNIT}(?![a-z\d]))?",
    re.IGNORECASE,
)
_MASKS = "|".join(sorted({name for name, _ in _VARYING}))
_ANY_PLACEHOLDER = re.compile(r"<[A-Z_]+(?::[0-9a-z_]+){1,2}>")
_KEPT_MASK = re.compile(rf"<(?:{_MASKS})>")
#: What stands in the place of a redacted value: its kind, and a fingerprint of it.
PLACEHOLDER = re.compile(r"<REDACTED(?::([a-z][a-z0-9_]{0,60})(?::[0-9a-f]{6})?)?>")

#: What a text must hold for a mask to find anything in it. Looking for one character is quick.
_NEEDED = {"url": ":", "email": "@", "path": r"[/\\]", "host": r"\.", "ip": "[.:]"}
_RULES = [
    (re.compile(_NEEDED.get(name, r"\d")), f"<{name}>", re.compile(rule, re.IGNORECASE))
    for name, rule in _VARYING
]

_WORD = re.compile(r"[^\W_]+(?:[_'’][^\W_]+)*")
#: The words that a `CamelCase` or `snake_case` name is put together of.
WORD_IN_A_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+")
_LONGEST_TERM = 60

_STOP_WORDS = frozenset(
    _WORD.findall(
        """a about after again all also am an and any are as at be because been before being both
        but by can cannot could did do does doing done for from get gets getting got had
        has have having he her here his how i if in into is it its just me more most my
        no nor not now of off on once only or other our out over please same she should
        since so some still such than that the their them then there these they this
        those through to too until up upon very via was we were what when where which
        while who why will with would you your"""
    )
)

#: No plurals, whatever they look like.
_ENDING_IN_S = frozenset(
    ("across", "always", "jenkins", "kubernetes", "perhaps", "postgres", "series", "windows")
)


def mask(text: str) -> str:
    """The text with what varies between two reports of one trouble replaced by what it is.

    Addresses, hosts, paths, times, ids, hexadecimal and other numbers become `<url>`, `<host>`,
    `<number>` and so on; placeholders of redacted values lose their fingerprint.
    """
    return _NUMBER.sub("<number>", mask_names(text))


def mask_names(text: str) -> str:
    """The text with all masked that `mask` does, but for numbers that stand for themselves."""
    text = _ANY_PLACEHOLDER.sub("<id>", text)
    for needed, name, rule in _RULES:
        if needed.search(text):
            text = rule.sub(name, text)
    return text


def without_fingerprints(text: str) -> str:
    """The text with placeholders of redacted values that only name the kind.

    Two incidents that used the same command with different passwords did the same.
    """
    return PLACEHOLDER.sub(lambda found: f"<REDACTED:{found[1] or 'secret'}>", text)


def terms(text: str) -> list[str]:
    """The words of a text in order: lower case, singular, without stop words and masks.

    `CamelCase` and `snake_case` names give the whole and each part.
    """
    return [term for word in _WORD.findall(_KEPT_MASK.sub(" ", text)) for term in _terms_of(word)]


@lru_cache(maxsize=1 << 16)
def _terms_of(word: str) -> tuple[str, ...]:
    """The terms of one word; kept, as people use few words and repeat them."""
    parts = WORD_IN_A_NAME.findall(word)
    whole = word.replace("’", "'").removesuffix("'s").lower()
    candidates = [whole, *(part.lower() for part in parts)] if len(parts) > 1 else [whole]
    normals = {each: normal(each) for each in candidates if each not in _STOP_WORDS}
    return tuple(term for term in normals.values() if 1 < len(term) <= _LONGEST_TERM)


def normal(word: str) -> str:
    """A lower-cased word in the singular: `queries` and `query` are one."""
    if len(word) < 4 or not word.isalpha() or word in _ENDING_IN_S:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "tches", "nches", "rches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
