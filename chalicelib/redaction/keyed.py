"""Secrets that are known by what stands beside them: a name, an option, a header, a command.

These rules have to look around themselves, which RE2 cannot. Where one must repeat, it does so
possessively (`++`) or within bounds, so that no text can make it go back and forth.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from chalicelib.redaction.commands import COMMANDS, CURL_USER, VALUE
from chalicelib.redaction.findings import PLACEHOLDER, Finding
from chalicelib.redaction.names import (
    NAME,
    is_plain,
    is_reference,
    is_word,
    kind_of,
    looks_random,
    may_name_secret,
)

_FORMS = ("escaped", "double", "single", "ticked", "bare")
_SIGN = (
    # As a language declares it with its type: `password: &str = "`, `password[] = "`.
    r"\??[ \t]{0,2}(?:: ?[&*]?[\w.<>\[\]]{1,40}|\[\d{0,4}\])[ \t]{0,4}=[ \t]{0,4}(?=[\"'])"
    r"|\\{0,3}[\"'`\]]{0,2}(?:[ \t]{1,4}string)?[ \t]{0,8}(?:[:?.+|]{0,3}=|=>|\??:|<-|->)(?!=)"
    r"[ \t]{0,8}(?:[(\[][ \t]{0,4}(?=[\"']))?"
    r"|[\"'`)\]]{0,2}[ \t]{0,4}(?:[!=]==?|\|\||\?\?|,)[ \t]{0,4}(?=[\"'])"
    r"|[\"'],[ \t]{0,8}(?=[\"'])|[\"']?[>]\s{0,40}(?=[^\s<>]{1,400}\s{0,40}</)"
    r"|[ \t]{1,4}(?:\.[ \t]|value[ \t]{0,2}=[ \t]{0,2})(?=[\"'])|\([ \t]{0,4}(?=[\"'])"
    r"|[\"'`]?[ \t]{0,4}[:=][ \t]{0,4}\r?\n[ \t]{1,40}"
    r"(?=(?=\S{0,80}[\d!@#$%^*])[^\s:=#-]\S{5,200}\s*$)"
)

_ASSIGNMENT = rf"(?im)(?P<name>{NAME})(?P<rest>s?(?:[_-]?\d{{1,3}})?)(?P<sign>{_SIGN})" + VALUE
#: What a secret is for may stand behind its name: `password_for_orders`, `secretKeyBase`.
_QUALIFIED = (
    r"(?m)(?P<name>(?i:pass(?:word|wd|phrase)|secret|api_?key)(?:[_-]\w[\w-]{0,40}|[A-Z]\w{0,40}"
    rf"|[a-z]{{2,12}}(?=[\"']?[ \t]{{0,4}}[:=])))(?P<sign>{_SIGN})" + VALUE
)
#: A password in a sentence, a table, or a line of a file without signs.
_SPOKEN = (
    r"(?i)(?P<name>(?<![a-z])(?:pass(?:word|wd|phrase|code)|pwd|pw|\w{1,40}_(?:passw(?:or)?d|pass))"
    r"\d{0,2})(?P<sign>[ \t]{1,8}(?:\|[ \t]{1,20})?)"
    r"(?P<bare>[^\s\"'`<>|=:&;,(\[{$][^\s\"'`<>|]{5,80}+)"
)
_QUOTED = (
    r"(?i)(?<![a-z])(?:pass(?:word|wd|phrase)|private_key|secret_key)[ \t]{1,4}"
    r"(?P<quote>[\"'])(?P<bare>[^\s\"']{4,200}+)(?P=quote)"
)
_COMPARED = (
    r"(?i)[\"'](?P<bare>[^\s\"']{4,100}+)[\"'][ \t]{0,4}[!=]==?[ \t]{0,4}"
    rf"[\w.$>\[\"'-]{{0,40}}?{NAME}(?![\w.])"
)
_NAMED_ENTRY = (
    rf"(?i)\b(?:name|key)\\?[\"']?[:=]\s{{0,4}}\\?[\"']?[\w.-]{{0,60}}(?P<name>{NAME})"
    r"(?P<sign>\\?[\"']?,?\s{1,40}(?:-\s)?\\?[\"']?value\\?[\"']?[:=]\s{0,4})" + VALUE
)
_FLAG = (
    rf"(?i)(?<![\w-])--?(?:[a-z][\w-]{{0,40}}-)?(?P<name>{NAME})(?P<sign>[ \t]{{1,8}})(?!-)" + VALUE
)
_SAID = (
    rf"(?i)(?P<name>{NAME})(?P<sign>[ \t](?:(?:is|was|be|been)[ \t](?:re)?set[ \t]to"
    r"|is|was|to|of|are|being)(?: now| still)?[ \t:]{1,4})" + VALUE
)
_BESIDE = rf"(?i)(?P<name>{NAME})(?P<sign>[ \t]{{1,4}}|[-_/])(?P<bare>[\w+/=~.-]{{20,200}}+)"
_CALL = (
    rf"(?i)(?:\b(?:set|with)[\w]{{0,40}}|\.)(?P<name>{NAME})(?P<sign>\(\s{{0,4}}(?=[\"']))" + VALUE
)
_CODE = (
    r"(?i)\b(?:otp|2fa|mfa|one.time|verification|security|pin)[ _-]?"
    r"(?:code|password|passcode|pin|number)?"
    r"[\"']?(?: is|:|=| was)[ \t]{0,4}[\"']?(?P<bare>\d{4,8}+)(?![\w.:-])"
)
#: Any name and its value; `names` says whether the pair is a secret.
_PAIR = (
    r"(?P<name>(?<![\w$.-])[\w$.-]{2,80}+)(?P<sign>" + _SIGN + r"|[ \t]{1,2}(?=[\"']))"
    r"(?:(?:new )?[\w.]{1,40}\(\s?(?=[\"']))?" + VALUE
)

_URL_PASSWORD = r"://[^\s/:@\"'`<>]{0,128}:(?P<bare>[^\s/\"'`<>]{1,256})@(?!\d{1,5}\b(?!\.))"
_URL_TOKEN = r"://(?P<bare>[\w~.+=-]{16,256}+)@(?=[\w.-]{1,100})"
_SCHEMES = r"(?:bearer|basic|token|digest|apikey|api-?key|negotiate|ntlm|key|splunk|genie(?:key)?)"
_HEADER = (
    r"(?i)\b(?:proxy-)?authorization[\"'\\]{0,3}\s{0,4}[:=,]\s{0,4}[\"'\\`]{0,3}"
    rf"(?:{_SCHEMES}\s{{1,4}}|[a-z-]{{2,24}}\s{{1,4}}(?=\S{{0,80}}\d)(?=\S{{12}}))?"
    rf"(?P<bare>(?!{_SCHEMES}\b)[^\s\"'`,;\\${{<][^\s\"'`\\]*+)(?!\s<REDACTED:)"
)
_BEARER = r"(?i)\bbearer[\s:]{1,4}(?P<bare>(?=\S{0,80}\d)[\w.~+/=-]{16,}+)"
_BASIC = r"(?i)\bbasic\s{1,4}(?P<bare>[A-Za-z0-9+/]{12,}+={0,2})(?![\w.-])"
_COOKIE = r"(?i)\b(?:set-)?cookie[\"']?: ?[\"']?(?P<bare>[\w.-]{1,80}=[^\s\"'<][^\"'\n]*+)"

_MANIFEST_DATA = re.compile(
    r"(?m)^(?P<indent>[ \t]*+)[\"']?(?:data|stringData)[\"']?:[ \t]*\n"
    r"(?P<entries>(?:(?P=indent)[ \t]++\S[^\n]*+\n?)++)"
)
_MANIFEST = re.compile(r"(?im)^[ \t-]{0,20}[\"']?kind[\"']?: *[\"']?secret[\"']?\s*$")
_MANIFEST_JSON = re.compile(r"\"kind\":\s{0,4}\"Secret\"")
_ENTRY = re.compile(
    r"(?m)^(?P<indent>[ \t]++)[\"']?[\w.-]{1,200}[\"']?:[ \t]*+(?:[|>][-+]?[ \t]*+\n)?"
    r"(?P<bare>[^\s|>#][^\n]*+|(?:(?P=indent)[ \t]++[^\n]++\n?)++)"
)
_ENTRY_JSON = re.compile(r"\"[\w.-]{1,200}\":\s{0,4}\"(?P<bare>[A-Za-z0-9+/]{4,}+={0,2})\"")

_LONG_WORD = 8  # letters that a password of nothing else has

_CODE_PATH = re.compile(r"[a-z_]\w*(?:\.[a-z_]\w*)+$", re.I)
_SECRET_NAME = re.compile(r"[a-z]+(?:[-/.][a-z]+)*(?:[-/][a-z]+|-[a-z0-9]{5})$")
_PARSING = re.compile(r"(?i)\b(?:unexpected|unknown|illegal|bad)\s$")
_LINE_START = re.compile(r"(?:^|[\n{,;(\[])[ \t\"'*-]{0,20}[\w.-]{0,60}$")


def keyed(text: str) -> Iterator[Finding]:
    """The secrets in a text that something beside them gives away.

    What only speaks of secrets, or refers to one (`password=$DB_PASSWORD`), is none.
    """
    if _MANIFEST.search(text):
        for block in _MANIFEST_DATA.finditer(text):
            yield from _values(_ENTRY.finditer(text, block.start("entries"), block.end()), "secret")
    if _MANIFEST_JSON.search(text):
        yield from _values(_ENTRY_JSON.finditer(text), "secret")
    lowered = PLACEHOLDER.sub("", text).lower()
    for hints, pattern, find in _RULES:
        if any(hint in lowered for hint in hints):
            for match in _compiled(pattern).finditer(text):
                finding = find(match)
                if finding is not None:
                    yield finding


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled when the first text wants it: most texts want few."""
    return re.compile(pattern)


def _values(matches: Iterator[re.Match[str]], kind: str) -> Iterator[Finding]:
    for match in matches:
        value = match["bare"].strip()
        if not is_reference(value.strip("\"'")):
            start = match.start("bare") + match["bare"].index(value)
            yield Finding(start, start + len(value), kind, value)


def _after(kind: str) -> Callable[[re.Match[str]], Finding | None]:
    """What finds the value behind a head that is always the same."""

    def find(match: re.Match[str]) -> Finding | None:
        value = match["bare"]
        if is_reference(value) or is_word(value):
            return None
        return Finding(*match.span("bare"), kind, value)

    return find


def _form_of(match: re.Match[str]) -> tuple[str, str]:
    """In which quotes the value is, and the value."""
    form = next(name for name in _FORMS if match[name])
    value = match[form]
    return form, (value.rstrip(")]}.,:;") or value) if form == "bare" else value


def _valued(match: re.Match[str]) -> Finding | None:
    """The value behind a secret's name, or behind a command that takes one."""
    form, value = _form_of(match)
    named = "name" in match.re.groupindex
    if is_reference(match[form]) or is_word(value):
        return None
    if form == "bare" and named and not _is_bare_secret(match, value):
        return None
    if (match.groupdict().get("rest") or "").startswith("s") and (
        not looks_random(value) or _SECRET_NAME.match(value)
    ):
        return None  # several of them are counted or listed, not told
    start = match.start(form)
    return Finding(
        start, start + len(value), kind_of(match["name"]) if named else "password", value
    )


def _paired(match: re.Match[str]) -> Finding | None:
    """The value behind any name, where the name may be a secret's and the value looks like one."""
    form, value = _form_of(match)
    value = value.split("\\")[0].strip()
    if not looks_random(value) or is_reference(value) or not may_name_secret(match["name"]):
        return None
    if "secret" in match["name"].lower() and _SECRET_NAME.match(value):
        return None
    start = match.start(form) + match[form].index(value)
    return Finding(start, start + len(value), kind_of(match["name"]), value)


def _qualified(match: re.Match[str]) -> Finding | None:
    """The value behind a secret's name that goes on, where it is no name or word itself."""
    form, value = _form_of(match)
    said = match["name"].lower().startswith("pass") and form != "bare" and value.isalpha()
    if not may_name_secret(match["name"]) or is_word(value):
        return None
    if not _is_password(value, match[form]) and not (said and len(value) >= _LONG_WORD):
        return None
    start = match.start(form)
    return Finding(start, start + len(value), kind_of(match["name"]), value)


def _spoken(match: re.Match[str]) -> Finding | None:
    """The password that a sentence tells, where no word could look like it."""
    value = match["bare"].rstrip(".,:;!?)]}")
    if not _is_password(value, match["bare"]):
        return None
    start = match.start("bare")
    return Finding(start, start + len(value), "password", value)


def _is_password(value: str, told: str) -> bool:
    """Whether a value is none of the words, names, numbers and paths that texts have."""
    return (
        len(value) > 5
        and " " not in value
        and any(c.isalpha() for c in value)
        and not value.isalpha()
        and not (is_reference(told) or is_word(value) or is_plain(value))
    )


def _beside(match: re.Match[str]) -> Finding | None:
    """What follows a secret's name without any sign, where it looks drawn by a machine."""
    value = match["bare"].rstrip(".-/=") if match["sign"].isspace() else match["bare"]
    if not looks_random(value) or is_reference(value):
        return None
    if not match["sign"].isspace() and not re.fullmatch(r"[0-9a-fA-F]{32,64}", value):
        return None
    return Finding(
        match.start("bare"), match.start("bare") + len(value), kind_of(match["name"]), value
    )


def _is_bare_secret(match: re.Match[str], value: str) -> bool:
    """Whether an unquoted value beside a secret's name is one, not the next word of a sentence."""
    name, sign, text = match["name"].lower(), match["sign"], match.string
    if name == "secret" and _SECRET_NAME.match(value):
        return False  # the name that a cluster keeps a secret by
    if value.lower() == name and sign != sign.strip():
        return False
    if sign.strip() in ("=", ":=") and sign != sign.strip() and _CODE_PATH.match(value):
        return False
    if re.match(r"\s(?:is|was|to|of|are|being)", sign, re.I):
        return len(value) > 5 and _is_mixed(value)
    if sign.strip() in ("->", "<-"):
        return _is_password(value, value)
    if ":" not in sign or sign.strip() != ":" or not sign.endswith((" ", "\t")):
        return True
    if name == "token" and _PARSING.search(text, max(0, match.start() - 20), match.start()):
        return False
    if value.isdigit() and "pass" not in name:
        return False
    if not value.isalpha():
        return True
    begins_line = _LINE_START.search(text, max(0, match.start() - 90), match.start())
    rest = text[match.end() : match.end() + 1]
    return bool(begins_line) and rest in ("", "\n", "\r", ",", "}", "]", '"')


def _is_mixed(value: str) -> bool:
    return any(not c.isalpha() for c in value) and any(c.isalpha() for c in value)


_NAMES = ["pass", "pw", "secret", "token", "key", "cred", "kennwort", "contrase", "senha", "mdp"]
#: What a text must hold, in lower case, for a rule to be worth trying; the rule; what it finds.
_RULES: list[tuple[list[str], str, Callable[[re.Match[str]], Finding | None]]] = [
    (["://"], _URL_PASSWORD, _after("password")),
    (["://"], _URL_TOKEN, _after("token")),
    (["authorization"], _HEADER, _after("token")),
    (["bearer"], _BEARER, _after("token")),
    (["basic "], _BASIC, _after("token")),
    (["cookie"], _COOKIE, _after("cookie")),
    (["curl", "wget", "http "], CURL_USER, _after("password")),
    (["value"], _NAMED_ENTRY, _valued),
    (_NAMES, _ASSIGNMENT, _valued),
    (["pass", "secret", "key"], _QUALIFIED, _qualified),
    (["pass", "pw"], _SPOKEN, _spoken),
    (["pass", "_key"], _QUOTED, _after("password")),
    (["==", "!="], _COMPARED, _after("secret")),
    (["-"], _FLAG, _valued),
    ([" is", " was", " to", " of"], _SAID, _valued),
    *(([hint], f"(?P<sign>{head}){VALUE}", _valued) for hint, head in COMMANDS.items()),
    (_NAMES, _CALL, _valued),
    (["otp", "2fa", "mfa", "one", "pin", "verif", "secur"], _CODE, _after("one_time_code")),
    (_NAMES, _BESIDE, _beside),
    (["=", ":", ",", '"'], _PAIR, _paired),
]
