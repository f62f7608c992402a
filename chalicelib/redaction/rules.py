"""Secrets that are known by what stands beside them, and the removal of all secrets from a text.

Where a rule must repeat, it does so possessively (`++`) or within bounds, so that no text can make
it go back and forth.
"""

import re
from collections.abc import Callable
from typing import Any

from chalicelib.redaction.shapes import placeholder, remove_shapes

_NAME = (
    r"(?:pass(?:word|wd|phrase|code)|(?<![a-z])(?:pwd|pass|pw)"
    r"|(?:aws[_-]?)?secret[_. -]?access[_. -]?key|secret[_. -]?key|secret|token|credentials?"
    r"|(?:api|access|auth|private|account|signing|encryption|master|role|openai|license)"
    r"[_. -]?key)"
)
_KINDS = (
    (re.compile(r"secret.?access.?key", re.I), "aws_secret_key"),
    (re.compile(r"private.?key", re.I), "private_key"),
    (re.compile(r"key$", re.I), "api_key"),
    (re.compile(r"token", re.I), "token"),
    (re.compile(r"secret|credential", re.I), "secret"),
)

# A value ends at a blank, a quote or a bracket; at , ; & only where another name follows.
_VALUE = (
    r"(?:\\\"(?P<escaped>[^\"\\\n]++)|\"(?P<double>(?:[^\"\\\n]|\\.)++)|'(?P<single>[^'\n]++)"
    r"|`(?P<ticked>[^`\n]++)"
    r"|(?P<bare>[^\s\"'`,;&<>|](?:[^\s\"'`,;&<>]|[,;&](?!\s|$|&|[\w.-]{1,40}[=:])"
    r"|<(?!REDACTED:|/))*+))"
)
_FORMS = ("escaped", "double", "single", "ticked", "bare")

_ASSIGNMENT = re.compile(
    rf"(?i)(?P<name>{_NAME})"
    r"(?P<sign>\\?[\"'`\]]{0,2}(?:[ \t]{1,4}string)?[ \t]{0,8}(?:[:?.+]{0,3}=|=>|:)(?!=)[ \t]{0,8}"
    r"|[ \t]{0,4}[!=]==?[ \t]{0,4}(?=[\"'])"
    r"|[\"'],[ \t]{0,8}(?=[\"'])|[>]\s{0,40}(?=[^\s<>]{1,400}\s{0,40}</))" + _VALUE
)
_NAMED_ENTRY = re.compile(
    rf"(?i)\b(?:name|key)\\?[\"']?[:=]\s{{0,4}}\\?[\"']?[\w.-]{{0,60}}(?P<name>{_NAME})"
    r"(?P<sign>\\?[\"']?,?\s{1,40}(?:-\s)?\\?[\"']?value\\?[\"']?[:=]\s{0,4})" + _VALUE
)
_FLAG = re.compile(
    rf"(?i)(?<![\w-])--?(?:[a-z][\w-]{{0,40}}-)?(?P<name>{_NAME})(?P<sign>[ \t]{{1,8}})(?!-)"
    + _VALUE
)
_SAID = re.compile(rf"(?i)(?P<name>{_NAME})(?P<sign>[ \t](?:is|was|to)[ \t:]{{1,4}})" + _VALUE)

#: Commands and statements that take a password without naming it, each up to the password.
_COMMANDS = {
    "mysql": r"\bmysql[\w-]{0,20}\b[^\n|;&]{0,200}?\s-p(?=[^\s-])",
    "mariadb": r"\bmariadb[\w-]{0,20}\b[^\n|;&]{0,200}?\s-p(?=[^\s-])",
    "sshpass": r"\bsshpass\s{1,4}-p\s{0,4}",
    "redis-cli": r"\bredis-cli\b[^\n|;&]{0,200}?\s-a\s{1,4}",
    " login ": r"\b(?:docker|podman|registry|az)\s{1,4}login\b[^\n|;&]{0,200}?\s-p\s{1,4}",
    "requirepass": r"\brequirepass\s{1,4}",
    "masterauth": r"\bmasterauth\s{1,4}",
    "login": r"\blogin\s{1,4}\S{1,100}\s{1,4}password\s{1,4}",
    "identified": r"(?i:\bidentified\s{1,4}by\s{1,4})(?=')",
    "password '": r"(?i:\bpassword\s{1,4})(?=')",
}
_CURL_USER = re.compile(
    r"(?P<head>\bcurl\b[^|;]{0,300}?\s(?:-u|--user)[\s=]{1,4}[\"']?[^\s\"':$<]{1,100}:[\"']?)"
    r"(?P<bare>[^\s\"'$<]++)"
)
_URL_PASSWORD = re.compile(r"(://[^\s/:@\"'`<>]{0,128}:)([^\s/\"'`<>]{1,256})@(?!\d{1,5}\b(?!\.))")
_HEADER = re.compile(
    r"(?i)(?P<head>\bauthorization[\"'\\]{0,2}\s{0,4}[:=]\s{0,4}[\"'\\]{0,2}"
    r"(?:(?:bearer|basic|token|digest|apikey|negotiate)\s{1,4})?)"
    r"(?P<bare>(?!(?:bearer|basic|token|digest|apikey|negotiate)\b)[^\s\"'`,;\\${<][^\s\"'`\\]*+)"
)
_BEARER = re.compile(r"(?i)(?P<head>\bbearer\s{1,4})(?P<bare>(?=\S{0,80}\d)[\w.~+/=-]{16,}+)")
_COOKIE = re.compile(
    r"(?i)(?P<head>\b(?:set-)?cookie: ?)(?P<bare>[\w.-]{1,80}=[^\s\"'<][^\"'\n]*+)"
)

_MANIFEST_DATA = re.compile(
    r"(?m)^(?P<head>(?P<indent>[ \t]*+)(?:data|stringData):[ \t]*\n)"
    r"(?P<entries>(?:(?P=indent)[ \t]++\S[^\n]*+\n?)++)"
)
_MANIFEST = re.compile(r"(?im)^[ \t]{0,20}kind: *[\"']?secret[\"']?\s*$")

_REFERENCE = re.compile(
    r"\$|%\w+%|\{\{|\{\w*\}|<|\[?(?:redacted|masked|hidden)\b|(?:process\.|os\.)?env\b|secrets?\."
    r"|(.)\1*$|\W*$|[a-z_][\w.>-]*[(\[]|(?:~|\.{1,2})?/[a-z0-9_./-]+$",
    re.I,
)
_CODE_PATH = re.compile(r"[a-z_]\w*(?:\.[a-z_]\w*)+$", re.I)
_SECRET_NAME = re.compile(r"[a-z]+(?:[-/][a-z]+)+$")
#: With which words a sentence about a secret, or its state, goes on.
_STATES = """
    a absent and argument auth bad blank by can changed correct denied disabled does empty enabled
    error exceeded exists expired expires expiry failed failure false field flag for forbidden
    from generated generation has header if in incorrect invalid is issued leaked lost mismatch
    missing must n/a needed new nil no none not null of ok old on option or parameter refresh
    rejected renewed required reset revoked rotate rotated rotation set should string string. that
    the to true unauthorized undefined unknown unset update updated valid validation via was were
    when with wrong yes your
"""
_WORDS = frozenset(_STATES.split())
_PARSING = re.compile(r"(?i)\b(?:unexpected|unknown|illegal|bad)\s$")
_NAME_AT_END = re.compile(rf"(?i)(?:{_NAME}|authorization|cookie)$")
_LINE_START = re.compile(r"(?:^|[\n{,;(\[])[ \t\"'*-]{0,20}[\w.-]{0,60}$")


def redact(text: str) -> str:
    """The text with every secret that we know replaced by a placeholder that names its kind.

    What only speaks of secrets, or refers to one (`password=$DB_PASSWORD`), stays as it is.
    Redacting twice changes nothing more. Time grows with the length of the text.
    """
    text = remove_shapes(text)
    if _MANIFEST.search(text):
        text = _MANIFEST_DATA.sub(rf"\g<head>\g<indent>  {placeholder('secret')}\n", text)
    lowered = text.lower()
    for hints, pattern, remove in _RULES:
        if any(hint in lowered for hint in hints):
            text = pattern.sub(remove, text)
    return text


def redact_value(value: Any) -> Any:
    """The JSON value with every text in it redacted; keys are kept.

    What a key that names a secret holds is removed whole, be it a text or an object.

    Raises:
        RecursionError: it is nested deeper than Python can follow.
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redact_value(entry) for entry in value]
    if isinstance(value, dict):
        named = names_secret(value.get("name"))
        return {
            key: _redact_entry(
                value["name"] if named and key in ("value", "default") else key, entry
            )
            for key, entry in value.items()
        }
    return value


def names_secret(name: Any) -> bool:
    """Whether something of that name, such as `DB_PASSWORD` or `clientSecret`, is a secret."""
    return isinstance(name, str) and _NAME_AT_END.search(name) is not None


def _redact_entry(name: str, value: Any) -> Any:
    if not names_secret(name) or value is None or isinstance(value, bool):
        return redact_value(value)
    if not value or (isinstance(value, str) and (_REFERENCE.match(value) or _is_word(value))):
        return value
    return placeholder(_kind_of(name))


def _kind_of(name: str) -> str:
    return next((kind for pattern, kind in _KINDS if pattern.search(name)), "password")


def _remove_url_password(match: re.Match[str]) -> str:
    head, password = match.groups()
    return match[0] if _REFERENCE.match(password) else f"{head}{placeholder('password')}@"


def _remove_after_head(kind: str) -> Callable[[re.Match[str]], str]:
    def remove(match: re.Match[str]) -> str:
        harmless = _REFERENCE.match(match["bare"]) or _is_word(match["bare"])
        return match[0] if harmless else match["head"] + placeholder(kind)

    return remove


def _remove_value(match: re.Match[str]) -> str:
    form = next(name for name in _FORMS if match[name])
    value = match[form]
    kept = ""
    if form == "bare":
        value = value.rstrip(")]}.,:;") or value
        kept = match["bare"][len(value) :]
    if _REFERENCE.match(match[form]) or _is_word(value):
        return match[0]
    if form == "bare" and "name" in match.re.groupindex and not _is_bare_secret(match, value):
        return match[0]
    before = match[0][: match.start(form) - match.start()]
    after = match[0][match.end(form) - match.start() :]
    name = match["name"] if "name" in match.re.groupindex else "password"
    return f"{before}{placeholder(_kind_of(name))}{kept}{after}"


def _is_word(value: str) -> bool:
    """Whether the value only says how a secret fares: `expired`, `not set`."""
    return value.lower().split()[:1] != [] and value.lower().split()[0].rstrip(".:,") in _WORDS


def _is_bare_secret(match: re.Match[str], value: str) -> bool:
    """Whether an unquoted value beside a secret's name is one, not the next word of a sentence."""
    name, sign, text = match["name"].lower(), match["sign"], match.string
    if name == "secret" and _SECRET_NAME.match(value):
        return False  # the name that a cluster keeps a secret by
    if value.lower() == name and sign != sign.strip():
        return False
    if sign.strip() in ("=", ":=") and sign != sign.strip() and _CODE_PATH.match(value):
        return False
    if re.match(r"\s(?:is|was|to)", sign, re.I):
        return len(value) > 5 and _is_mixed(value)
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
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


#: What a text must hold, in lower case, for a rule to be worth trying; the rule; what it does.
_RULES: list[tuple[list[str], re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (["://"], _URL_PASSWORD, _remove_url_password),
    (["authorization"], _HEADER, _remove_after_head("token")),
    (["bearer"], _BEARER, _remove_after_head("token")),
    (["cookie"], _COOKIE, _remove_after_head("cookie")),
    (["curl"], _CURL_USER, _remove_after_head("password")),
    (["value"], _NAMED_ENTRY, _remove_value),
    (["pass", "pw", "secret", "token", "key", "credential"], _ASSIGNMENT, _remove_value),
    ([" -", "\n-"], _FLAG, _remove_value),
    ([" is", " was", " to"], _SAID, _remove_value),
    *(
        ([hint], re.compile(f"(?P<sign>{head}){_VALUE}"), _remove_value)
        for hint, head in _COMMANDS.items()
    ),
]
