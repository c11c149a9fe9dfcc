"""Money in text: wallets by checksum, IBAN by check digits, accounts beside their word, amounts with their currency."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spean.core.errors import InvalidInput
from spean.entities.extract.model import Found, Seen
from spean.entities.extract.words import ACCOUNT, CURRENCIES, SOLANA
from spean.entities.values import base58
from spean.entities.values.wallet import WALLET

_EVM = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{40}(?![0-9A-Za-z])")
_HASH = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{64}(?![0-9A-Za-z])")
_58 = re.compile(r"(?<![0-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{25,110}(?![0-9A-Za-z])")
_32 = re.compile(
    r"(?<![0-9A-Za-z])(?:bc1|ltc1|addr1|stake1|bnb1|zs1|u1|btg1|bitcoincash:[qp]|BC1|LTC1)[0-9A-Za-z]{20,200}(?![0-9A-Za-z])"
)
_CAIP = re.compile(
    r"(?<![0-9A-Za-z:])(?:eip155|bip122|tron|solana|xrpl|cosmos|cip34|monero|btg|zcash|verge):[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{20,120}(?![0-9A-Za-z])"
)
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?=[ -]?[0-9A-Z])")
_ACCOUNT = re.compile(
    "("
    + "|".join(map(re.escape, sorted(ACCOUNT, key=len, reverse=True)))
    + r")([^\d\n]{0,40}?)(?<![\d.,])(\d[\d -]{4,26}\d)(?![\d]|[.,]\d)"
)
_SIGN = "|".join(map(re.escape, sorted(CURRENCIES, key=len, reverse=True)))
_NUMBER = r"\d{1,3}(?:[, ]\d{3}){1,5}(?:\.\d{1,8})?|\d{1,3}(?:\.\d{3}){2,5}(?:,\d{1,2})?|\d{1,15}(?:\.\d{1,8})?"
_BEFORE = re.compile(rf"(?<![a-z])({_SIGN})[ ]?({_NUMBER})(?![\d]|[.,]\d)( ?(?:million|mio|万|억|만|k|m)(?![a-z]))?")
_AFTER = re.compile(rf"(?<![\d.,])({_NUMBER})[ ]?(million |mio |万|억|만|k |m )?[ ]?({_SIGN})(?![a-z])")
_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "AX DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE GG IE IM JE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "AO CV GW LY MZ PT ST",
    26: "DZ IR IS TR",
    27: "BI BL CF CG CM DJ FR GA GF GP GQ GR IT KM MC MF MG MQ MR NC PF PM RE SM TD TF WF YT",
    28: "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
LENGTHS = {country: length for length, countries in _LENGTHS.items() for country in countries.split()}
"""Characters of an IBAN by country (the register of ISO 13616)."""
_FULL = re.compile(r"\d[ ]?(?:million|mio|万|억|만|k|m)?[ ]?\Z")
_TIMES = {"million": 10**6, "mio": 10**6, "m": 10**6, "k": 1000, "万": 10**4, "만": 10**4, "억": 10**8}


def wallets(seen: Seen) -> Iterator[Found]:
    """Addresses whose checksum holds. Solana's have none: they need its name nearby."""
    for found in _CAIP.finditer(seen.shadow):
        yield from _wallet(seen, found.start(), found.end())
    for found in _EVM.finditer(seen.shadow):
        yield from _wallet(seen, found.start(), found.end())
    for found in _32.finditer(seen.shadow):
        yield from _wallet(seen, found.start(), found.end())
    for found in _58.finditer(seen.shadow):
        if _promises(seen, found):
            yield from _wallet(seen, found.start(), found.end())
    for found in _HASH.finditer(seen.shadow):
        yield seen.found("reference", found[0].upper(), found.start(), found.end())


def _promises(seen: Seen, found: re.Match[str]) -> bool:
    """Whether a word of Base58 may be an address: one look at its checksum, so that hostile text costs little."""
    text = found[0]
    if len(text) in (95, 106) or text.startswith(("Ae2", "DdzFF")):
        return True
    for alphabet in (base58.BITCOIN, base58.RIPPLE):
        try:
            base58.check_decode(text, alphabet)
        except ValueError:
            continue
        return True
    return 32 <= len(text) <= 44 and any(
        word in seen.low[max(0, found.start() - 40) : found.start()] for word in SOLANA
    )


def _wallet(seen: Seen, start: int, end: int) -> Iterator[Found]:
    text = seen.shadow[start:end]
    try:
        chains = WALLET.chains(text) if ":" not in text or text.startswith("bitcoincash") else []
        clean = WALLET.on(chains[0].caip2, text) if chains else WALLET.clean(text)
    except InvalidInput:
        return
    yield seen.found("wallet", clean, start, end, tuple(chain.name for chain in chains[1:]))


def ibans(seen: Seen) -> Iterator[Found]:
    """As many characters as the country's IBAN has, with single spaces or dashes between, and check digits that hold."""
    for found in _IBAN.finditer(seen.shadow):
        most = LENGTHS.get(found[0][:2], 0)
        end, digits = _run(seen.shadow, found.start(), most)
        if most and len(digits) == most and not _goes_on(seen.shadow[end : end + 1]) and _mod97(digits):
            yield seen.found("iban", digits, found.start(), end)


def _goes_on(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _run(text: str, start: int, most: int) -> tuple[int, str]:
    digits, at = "", start
    while at < len(text) and len(digits) < most:
        if text[at].isascii() and text[at].isalnum():
            digits += text[at]
        elif text[at] not in " -" or text[at - 1] in " -":
            break
        at += 1
    return at, digits


def _mod97(iban: str) -> bool:
    if not iban.isupper():
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def accounts(seen: Seen) -> Iterator[Found]:
    """Numbers beside a word for an account."""
    for found in _ACCOUNT.finditer(seen.low):
        digits = re.sub(r"\D", "", found[3])
        if 6 <= len(digits) <= 20:
            yield seen.found("account", digits, found.start(3), found.end(3))


def amounts(seen: Seen) -> Iterator[Found]:
    """Numbers with a currency before or after them."""
    last = 0
    for found in _BEFORE.finditer(seen.low):
        number = _FULL.search(seen.low, max(0, found.start() - 30), found.start())
        if number is not None and number.start() >= last:
            continue  # the sign belongs to the number before it
        last = found.end()
        yield _amount(seen, found[2], found[1], (found[3] or "").strip(), found.start(), found.end())
    for found in _AFTER.finditer(seen.low):
        yield _amount(seen, found[1], found[3], (found[2] or "").strip(), found.start(), found.end())


def _amount(seen: Seen, number: str, sign: str, times: str, start: int, end: int) -> Found:
    number = number.replace(" ", "")
    if number.count(".") > 1:
        number = number.replace(".", "").replace(",", ".")
    whole, point, rest = number.replace(",", "").partition(".")
    scale = _TIMES.get(times, 1)
    if scale > 1:
        digits = len(str(scale)) - 1
        whole, rest = whole + rest[:digits].ljust(digits, "0"), rest[digits:]
    value = f"{int(whole)}{'.' + rest if rest else ''} {CURRENCIES[sign]}"
    del point
    return seen.found("amount", value, start, end)
