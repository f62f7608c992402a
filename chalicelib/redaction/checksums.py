"""The check digits of numbers that people have, each by the rule of who gives the number out."""

import hashlib
import re

_IBAN_LENGTHS = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
    DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23
    IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31
    MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24
    SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
"""
_IBAN = {each[:2]: int(each[2:]) for each in _IBAN_LENGTHS.split()}
_ISSUERS = re.compile(
    r"4|5[1-5]|2[2-7]|3[47]|3[0689]|6(?:011|4[4-9]|5|2|7|3)|50|5[6-8]|35|1800|2131"
)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def digits(text: str) -> list[int]:
    """The decimal digits in a text."""
    return [int(c) for c in text if c in "0123456789"]


def luhn(text: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, the sum divides by 10."""
    total = 0
    for place, digit in enumerate(reversed(digits(text))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0


def card(text: str) -> bool:
    """A payment card's number: an issuer's first digits, 12 to 19 of them, and Luhn's check."""
    number = re.sub(r"\D", "", text)
    return (
        12 <= len(number) <= 19
        and _ISSUERS.match(number) is not None
        and len(set(number)) > 1
        and luhn(number)
    )


def iban(text: str) -> bool:
    """ISO 13616: the country's length, and 1 as what remains modulo 97."""
    number = re.sub(r"[\s-]", "", text).upper()
    if _IBAN.get(number[:2]) != len(number):
        return False
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def us_ssn(text: str) -> bool:
    """The Social Security Administration's rules: no area 000, 666 or 9xx, no group or serial 0."""
    number = re.sub(r"\D", "", text)
    area, group, serial = number[:3], number[3:5], number[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def us_itin(text: str) -> bool:
    """The IRS's rules: 9xx, and groups 50 to 65, 70 to 88, 90 to 92, 94 to 99."""
    number = re.sub(r"\D", "", text)
    group = int(number[3:5])
    return number[0] == "9" and (50 <= group <= 65 or 70 <= group <= 99) and group not in (89, 93)


def nino(text: str) -> bool:
    """HMRC's rules for the prefix of a National Insurance number."""
    prefix = text[:2].upper()
    return prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ") and prefix[1] != "O"


def weighted(text: str, weights: list[int]) -> int:
    """The sum of the digits, each by its weight."""
    return sum(digit * weight for digit, weight in zip(digits(text), weights, strict=False))


def nhs(text: str) -> bool:
    """NHS number: modulus 11."""
    check = 11 - weighted(text, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11
    return check % 11 == digits(text)[-1] and check != 10


def spanish(text: str) -> bool:
    """Spain's NIF and NIE: the letter is the number modulo 23."""
    number = re.sub(r"[\s-]", "", text).upper()
    value = number[:-1].translate(str.maketrans("XYZ", "012"))
    return value.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(value) % 23] == number[-1]


def italian(text: str) -> bool:
    """Italy's codice fiscale: the last letter checks the others."""
    odd = [
        1,
        0,
        5,
        7,
        9,
        13,
        15,
        17,
        19,
        21,
        2,
        4,
        18,
        20,
        11,
        3,
        6,
        8,
        12,
        14,
        16,
        10,
        22,
        25,
        24,
        23,
    ]
    total = 0
    code = text.upper()
    for place, c in enumerate(code[:15]):
        value = int(c) if c.isdigit() else ord(c) - 65
        total += odd[value] if place % 2 == 0 else value
    return chr(65 + total % 26) == code[15]


def finnish(text: str) -> bool:
    """Finland's personal identity code: the date and serial modulo 31."""
    number = int(text[:6] + text[7:10])
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == text[-1].upper()


def singapore(text: str) -> bool:
    """Singapore's NRIC and FIN."""
    code = text.upper()
    total = weighted(code, [2, 7, 6, 5, 4, 3, 2]) + (
        4 if code[0] in "TG" else 3 if code[0] == "M" else 0
    )
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK"}
    if code[0] == "M":
        return "KLJNPQRTUWX"[10 - total % 11] == code[-1]
    return letters[code[0]][total % 11] == code[-1]


def german_pension(text: str) -> bool:
    """Germany's pension insurance number: its letter as two digits, sums of digits modulo 10."""
    code = re.sub(r"\s", "", text).upper()
    plain = code[:8] + f"{ord(code[8]) - 64:02}" + code[9:]
    weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]
    total = sum(sum(divmod(int(d) * w, 10)) for d, w in zip(plain[:12], weights, strict=True))
    return total % 10 == int(plain[12])


def icao(text: str) -> bool:
    """The check digit of a passport or identity card (ICAO 9303), weights 7, 3, 1."""
    values = [int(c, 36) for c in text.upper()]
    total = sum(v * w for v, w in zip(values[:-1], [7, 3, 1] * 4, strict=False))
    return total % 10 == values[-1]


def brazilian(text: str) -> bool:
    """Brazil's CPF: two check digits modulo 11."""
    number = digits(text)
    for length in (9, 10):
        total = sum(d * (length + 1 - i) for i, d in enumerate(number[:length]))
        if total * 10 % 11 % 10 != number[length]:
            return False
    return len(set(number)) > 1


def korean(text: str) -> bool:
    """Korea's resident registration number: a date and a sex; since 2020 nothing is checked."""
    number = re.sub(r"\D", "", text)
    return 1 <= int(number[2:4]) <= 12 and 1 <= int(number[4:6]) <= 31 and number[6] != "0"


def verhoeff(text: str) -> bool:
    """India's Aadhaar: Verhoeff's check, in the dihedral group of ten elements."""
    check = 0
    for place, digit in enumerate(reversed(digits(text))):
        for _ in range(place % 8):
            digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
        check = _dihedral(check, digit)
    return check == 0 and text[0] not in "01"


def _dihedral(a: int, b: int) -> int:
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def bitcoin(text: str) -> bool:
    """Base58Check: the last four bytes are of the double SHA-256 of the others."""
    number = 0
    for c in text:
        number = number * 58 + _BASE58.index(c)
    raw = number.to_bytes(25, "big") if number.bit_length() <= 200 else b""
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:] != b""
