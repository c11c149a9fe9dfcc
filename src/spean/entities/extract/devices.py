"""Telephones, devices and files in text: phone numbers, IMEI, hashes, ships' numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from spean.core.errors import InvalidInput
from spean.entities.extract.model import Found, Seen
from spean.entities.extract.words import PHONE
from spean.entities.values.device import HASH, IMEI, IMO

_IMEI = re.compile(r"(?<![\d-])(?:\d{15}|\d{2}[- ]\d{6}[- ]\d{6}[- ]\d|\d{8}[- ]\d{6}[- ]\d)(?![\d]|[- ]\d)")
_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9A-Za-z])"
)
_IMO = re.compile(r"\bIMO[ :.#no]{0,6}(\d{7})(?!\d)", re.IGNORECASE)
_TACS = ("01", "35", "86", "99", "98", "91", "45", "49", "33", "44")
"""How numbers of the bodies that give them out begin (GSMA TS.06)."""
_PHONE = re.compile(
    r"(?<![0-9A-Za-z.,/+@#_-])(?<![0-9]:)(?:\+|00|011 ?)?\(?\+?\d(?:[ .()-]{0,2}\d){6,16}(?![0-9A-Za-z]|[.,:/]\d|[-]\d)"
)
_CODES = (
    "855",
    "856",
    "95",
    "84",
    "86",
    "82",
    "66",
    "60",
    "62",
    "63",
    "65",
    "673",
    "670",
    "852",
    "853",
    "886",
    "81",
    "91",
    "1",
    "44",
    "61",
)
_DATE = re.compile(r"(?:19|20|25)\d\d[-./ ][01]?\d[-./ ][0-3]?\d|[0-3]?\d[-./ ][01]?\d[-./ ](?:19|20|25)\d\d")
NEAR = 28
"""Characters before a number in which a word says that it is a telephone."""


def imeis(seen: Seen) -> Iterator[Found]:
    """Fifteen digits by themselves whose check digit holds; beside the word, or as the bodies give them out."""
    for found in _IMEI.finditer(seen.shadow):
        told = "imei" in seen.low[max(0, found.start() - 40) : found.start()]
        digits = re.sub(r"\D", "", found[0])
        if not told and not digits.startswith(_TACS):
            continue
        try:
            yield seen.found("imei", IMEI.clean(digits), found.start(), found.end())
        except InvalidInput:
            continue


def hashes(seen: Seen) -> Iterator[Found]:
    """Of files, by their length in hex; mixed with letters, so that a long number is none."""
    for found in _HEX.finditer(seen.shadow):
        if len(set(found[0].lower())) > 5 and not found[0].isdigit() and any(map(str.isdigit, found[0])):
            yield seen.found("hash", HASH.clean(found[0]), found.start(), found.end())


def ships(seen: Seen) -> Iterator[Found]:
    """IMO numbers beside their letters."""
    for found in _IMO.finditer(seen.shadow):
        try:
            yield seen.found("imo", IMO.clean(found[1]), found.start(), found.end())
        except InvalidInput:
            continue


def phones(seen: Seen) -> Iterator[Found]:
    """Numbers that libphonenumber takes for valid: with a country code; or of ``seen.country`` with its trunk prefix or beside a word."""
    numbers: Any = None
    for found in _PHONE.finditer(seen.shadow):
        text = found[0]
        digits = re.sub(r"\D", "", text)
        if not 7 <= len(digits) <= 16 or _DATE.fullmatch(text.strip()):
            continue
        near = seen.low[max(0, found.start() - NEAR) : found.start()]
        told = [country for word, country in PHONE.items() if word in near]
        tries = list(_tries(text, digits, seen.country, told))
        if not tries:
            continue
        if numbers is None:
            import phonenumbers as numbers
        for number, region in tries:
            if (clean := _valid(numbers, number, region)) is not None:
                yield seen.found("phone", clean, found.start(), found.end())
                break


def _tries(text: str, digits: str, country: str, told: list[str]) -> Iterator[tuple[str, str | None]]:
    """How the number may be meant, the likeliest first."""
    if text.lstrip("(").startswith("+"):
        yield "+" + digits, None
        return
    if digits.startswith("00") and len(digits) > 10:
        yield "+" + digits[2:], None
    if digits.startswith("011") and len(digits) > 12:
        yield "+" + digits[3:], None
    separated = bool(re.search(r"[ .()-]", text))
    yield from ((digits, each) for each in told if each and each != country and digits[0] == "0")
    if country and (digits.startswith("0") or told):
        yield digits, country
    if country == "CN" and re.fullmatch(r"1[3-9]\d{9}", digits):
        yield digits, country
    if (
        digits.startswith(_CODES)
        and len(digits) >= 10
        and (told or (separated and digits[:2] not in ("19", "20")))
        and digits[0] != "1"
    ):
        yield "+" + digits, None


def _valid(numbers: Any, text: str, region: str | None) -> str | None:
    try:
        parsed = numbers.parse(text, region)
    except numbers.NumberParseException:
        return None
    if not numbers.is_valid_number(parsed):
        return None
    found: str = numbers.format_number(parsed, numbers.PhoneNumberFormat.E164)
    return found
