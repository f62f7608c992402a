"""Personal data: addresses and numbers that belong to a person, checked where they can be.

A number without a form of its own counts only where the text says what it is (`passport`).
Names of people are not looked for: without their context they cannot be told from other words.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import re2

from chalicelib.redaction import checksums
from chalicelib.redaction.findings import PLACEHOLDER, Finding

#: How far in front of a number the word may stand that says what it is.
_NEAR = 60


class _Rule(NamedTuple):
    kind: str
    hint: re.Pattern[str]
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]
    near: Any = None


def _rule(
    kind: str,
    pattern: str,
    valid: Callable[[str], bool] = lambda value: True,
    near: str | None = None,
    hint: str = r"\d",
) -> _Rule:
    return _Rule(
        kind,
        re.compile(hint),
        re.compile(pattern),
        valid,
        re2.compile(rf"(?i)(?:^|[^a-z])(?:{near})") if near else None,
    )


_NO_PEOPLE = re.compile(
    r"(?i)(?:^git|^hg|^root|^ec2-user|^ubuntu|^admin\d*$|^core$)$|\.(?:service|socket|timer|mount|slice"
    r"|target|scope|path|svc|local|localdomain|internal|cluster|lan|java|py|js|ts|go|rb|png|jpg|svg"
    r"|json|ya?ml|conf|log|txt|sh|so|jar)$"
)
_SHELLS = re.compile(
    r"\b(?:ssh|scp|sftp|rsync|mosh|sshfs|autossh|ssh-copy-id)(?:\s+-\w+(?:\s+[^\s-]\S{0,80})?){0,6}\s+$"
)


def _email(match: re.Match[str]) -> bool:
    text, address = match.string, match[0]
    local, _, domain = address.rpartition("@")
    if _NO_PEOPLE.search(local) or _NO_PEOPLE.search("." + domain.split(".")[-1]):
        return False
    before = text[max(0, match.start() - 120) : match.start()]
    after = text[match.end() : match.end() + 2]
    if re.search(r"://[^\s/]{0,120}$", before) and not before.endswith(("mailto://", "smtp://")):
        return False  # who signs in at a host
    if before.endswith("/") and domain.isupper():
        return False  # a service's Kerberos principal
    return not (_SHELLS.search(before) or re.match(r":[\w~/.]", after))


_EMAIL = re.compile(
    r"(?<![\w.+%-])\w[\w.+%-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}"
    r"(?:xn--[a-z0-9-]{1,59}|[a-z]{2,24}|[A-Z]{2,24}|[A-Z][a-z]{1,5})(?![A-Za-z])"
)

_PHONE_NEAR = (
    r"phone|tel(?:ephone|efon|éfono)?\b|mobile?|cell|fax|call(?:ed|back)?\b|dial|sms|whatsapp|contact"
    r"|handy|reach|number\b|hotline|pager|ring\b"
)
#: What documents and numbers of people are called.
_DOCUMENTS = (
    r"passport|reisepass|pasaporte|passeport|driv(?:er|ing).{0,3}s?.licen[cs]e|dvla"
    r"|licen[cs]e (?:no|number)|führerschein|\bni(?:no|n)?\b(?: number)?|national (?:id|insurance)"
    r"|identity card|id card|personalausweis|steuer|tax.?(?:id|number|file)|\btin\b|\btfn\b"
    r"|medicare|medicaid|\bnpi\b|insurance (?:no|number|id)|versicherten|krankenversicher"
    r"|aadhaa?r|\bpan\b (?:no|number|card)|voter|\bcpf\b|\bpesel\b|personnummer|\bbsn\b|\bnif\b"
    r"|\bnie\b|\bdni\b|\bsin\b (?:no|number)|social insurance|\bnhs\b|\bmrn\b|medical record"
    r"|\babn\b|\bacn\b|\bfin\b (?:no|number)|nric|residence permit|green card"
    r"|vat (?:no|number|id)"
)
_BANK = (
    r"(?:bank|routing|checking|savings|konto|aba|sort.code)[\w .#:]{0,30}"
    r"|account n(?:umber|o\b)"
)
_NANP = r"(?:\(\d{3}\)[ .-]{0,2}|[2-9]\d\d[.-])\d{3}[.-]\d{4}"

_RULES = [
    _rule(
        "credit_card",
        r"(?<![\w.:-])\d(?:[ -]?\d){11,18}(?![\w-]|[.:]\d)",
        lambda value: _card(value),
    ),
    _rule(
        "iban",
        r"(?<![A-Za-z0-9])[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])",
        checksums.iban,
    ),
    _rule("us_ssn", r"(?<![\d-])\d{3}-\d\d-\d{4}(?![\d-])", checksums.us_ssn),
    _rule(
        "us_ssn",
        r"(?<![\w.-])\d{3}[ .-]?\d\d[ .-]?\d{4}(?![\w-])",
        checksums.us_ssn,
        r"ssn|social.security|soc.?sec",
    ),
    _rule(
        "us_itin",
        r"(?<![\w-])9\d\d-?\d\d-?\d{4}(?![\w-])",
        lambda v: "-" in v and checksums.us_itin(v),
    ),
    _rule(
        "phone",
        r"(?<![\w+.-])(?:\+|\b00(?=[1-9]))[ ]?\(?\d{1,3}\)?(?:[ ./()-]{0,2}\d){6,13}"
        r"(?!\w|-\w|\.\d)",
        lambda value: _international(value),
        hint=r"\+\d|\+ ?\(|\b00\d",
    ),
    _rule("phone", rf"(?<![\w.-])(?:1[ .-])?{_NANP}(?:\s?(?:x|ext\.?)\s?\d{{1,5}})?(?![\w-]|\.\d)"),
    _rule(
        "phone",
        r"(?<![\w.:/-])(?:\(\d{2,5}\)|0?\d)(?:[ ./-]{0,2}\d){6,12}(?![\w-]|\.\d|:\d)",
        lambda value: _dialled(value),
        _PHONE_NEAR,
    ),
    _rule(
        "date_of_birth",
        r"(?<![\w-])(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}|[A-Z][a-z]{2,8} \d{1,2},? \d{4}"
        r"|\d{1,2}\.? [A-Z][a-z]{2,8} \d{4})(?![\w-])",
        near=r"dob\b|date.of.birth|birth.?da(?:y|te)|born\b|geb(?:oren|urtsdatum)",
    ),
    # Numbers that states give to people, with a form or a check digit of their own.
    _rule(
        "national_id",
        r"(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: \d\d){3} [A-D](?![A-Za-z0-9])"
        r"|(?<![A-Za-z0-9])[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z](?: \d\d){3} [a-d](?![A-Za-z0-9])"
        r"|(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
        r"(?: \d{3} \d{3} |-\d\d-\d\d-\d\d-|\d{6})[A-D](?![A-Za-z0-9])",
        checksums.nino,
    ),
    _rule(
        "driving_licence",
        r"(?<![A-Za-z0-9])[A-Z]{1,5}9{0,4} ?\d[0156]\d[0-3]\d\d ?[A-Z9]{2}[A-Z0-9]"
        r"[A-Z]{2}(?: ?\d\d)?(?![A-Za-z0-9])",
        lambda v: len(v.replace(" ", "")[:16]) == 16,
    ),
    _rule(
        "driving_licence",
        r"(?<![A-Za-z0-9])[A-Z]{5} ?\d[0156]\d[0-3]\d\d ?[A-Z9]{2}\d{2}[A-Z]"
        r"\d\d(?![A-Za-z0-9])",
    ),
    _rule(
        "driving_licence",
        r"(?<![\w-])(?:[A-Z]{2}\d{7}[A-Z]|U1[B-DF-HJ-NP-TV-Z0-9]{7}[A-Z])(?![\w-])",
    ),
    _rule(
        "national_id",
        r"(?<![A-Za-z0-9])[A-Za-z]{6}\d\d[A-EHLMPRSTa-ehlmprst]\d\d[A-Za-z]\d{3}[A-Za-z](?![A-Za-z0-9])",
        checksums.italian,
    ),
    _rule("national_id", r"(?<![\w-])[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z](?![\w-])", checksums.spanish),
    _rule(
        "national_id",
        r"(?<![\w-])[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?![\w-])",
        checksums.finnish,
    ),
    _rule("national_id", r"(?<![\w-])[STFGMstfgm]\d{7}[A-Za-z](?![\w-])", checksums.singapore),
    _rule(
        "national_id",
        r"(?<![\w-])\d{2}[0-3]\d[01]\d{3}[A-Z]\d{3}(?![\w-])",
        checksums.german_pension,
    ),
    _rule(
        "passport",
        r"(?<![\w-])[CFGHJKLTXY][CFGHJKLMNPRTVWXYZ0-9]{8}(?![\w-])",
        lambda v: len(checksums.digits(v)) >= 4 and checksums.icao(v),
    ),
    _rule("national_id", r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d\d(?![\w-])", checksums.brazilian),
    _rule("national_id", r"(?<![\w-])\d{6}-[1-8]\d{6}(?![\w-])", checksums.korean),
    _rule("national_id", r"(?<![\w-])[A-Z]{3}[ABCFGHLJPTK][A-Z]\d{4}[A-Z](?![\w-])"),
    _rule(
        "national_id", r"(?<![\w.-])(?<!\d )\d{4}[ -]\d{4}[ -]\d{4}(?![ -]?\w)", checksums.verhoeff
    ),
    _rule(
        "national_id",
        r"(?<![\w-])\d{3}[ -]\d{3}[ -]\d{4}(?![ -]?\w)",
        checksums.nhs,
        r"nhs|patient",
    ),
    _rule(
        "bank_account",
        r"(?<![\w-])\d{6,17}(?![\w-])",
        near=_BANK,
    ),
    _rule(
        "crypto_wallet",
        r"(?<![A-Za-z0-9])[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])",
        checksums.bitcoin,
    ),
    _rule(
        "crypto_wallet", r"(?<![A-Za-z0-9])bc1[02-9ac-hj-np-z]{25,87}(?![A-Za-z0-9])", hint="bc1"
    ),
    # Any number that the text calls a document of a person.
    _rule(
        "personal_number",
        r"(?<![\w-])(?=[A-Z -]{0,6}\d)[A-Z0-9](?:[ -]?[A-Z0-9]){5,18}(?![\w-])",
        lambda value: len(checksums.digits(value)) >= 5,
        _DOCUMENTS,
    ),
]


def personal(text: str) -> Iterator[Finding]:
    """The personal data in a text, the surest first."""
    # The word in a placeholder (`<REDACTED:phone>`) says nothing of the next number.
    text = PLACEHOLDER.sub(lambda match: " " * len(match[0]), text)
    if "@" in text:
        for match in _EMAIL.finditer(text):
            if _email(match):
                yield Finding(match.start(), match.end(), "email", match[0].lower())
    if not any(c in text for c in "0123456789"):
        return
    for rule in _RULES:
        words = [m.end() for m in rule.near.finditer(text)] if rule.near else None
        if words == [] or not rule.hint.search(text):
            continue
        for match in rule.pattern.finditer(text):
            if (words is None or _is_near(words, match)) and rule.valid(match[0]):
                yield Finding(match.start(), match.end(), rule.kind, _plain(match[0]))


def _is_near(words: list[int], match: re.Match[str]) -> bool:
    """Whether one of the words that end at these places stands before a number, in its line."""
    last = bisect_right(words, match.start()) - 1
    if last < 0 or match.start() - words[last] > _NEAR:
        return False
    return "\n" not in match.string[words[last] : match.start()]


def _card(value: str) -> bool:
    """Whether digits are a card's; long ones without gaps need its usual 15 or 16."""
    grouped = re.search(r"[ -]", value) is not None
    if grouped and not re.fullmatch(r"\d{4}(?:[ -]\d{3,6}){2,4}(?:[ -]?\d{1,3})?", value):
        return False
    return (grouped or len(value) in (14, 15, 16)) and checksums.card(value)


def _international(value: str) -> bool:
    number = re.sub(r"\D", "", value)
    if value.startswith("00"):
        return " " in value.strip() and 9 <= len(number) <= 15
    return 8 <= len(number) <= 15 and number[0] != "0"


def _dialled(value: str) -> bool:
    number = checksums.digits(value)
    return 7 <= len(number) <= 13 and len(set(number)) > 2 and not re.fullmatch(r"\d*\.\d+", value)


def _plain(value: str) -> str:
    return re.sub(r"[\s.()/-]", "", value).upper()
