"""Decimal text to integer minor units and back, exactly (ISO 4217).

No float and no rounding anywhere: a digit too many that is not a zero refuses the row, since it would change the amount.
"""

from __future__ import annotations

import re

from spean.core.errors import InvalidInput

_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_TWO = """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS
KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ANG CUC HRK SLL ZWL"""
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_ZERO.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Currency → digits after the point (ISO 4217, list one, with five codes withdrawn since 2023 that old statements still hold)."""

_DECIMAL = re.compile(r"([+-]?)([0-9]{0,90})(?:\.([0-9]{0,90}))?")
MOST_DIGITS = 18
"""Of an amount of money, as in ISO 20022 (``totalDigits``)."""


def exponent(currency: str, field: str = "currency") -> int:
    """Digits after the point; raises ``InvalidInput`` for a code that ISO 4217 does not know."""
    found = EXPONENTS.get(currency)
    if found is None:
        raise InvalidInput(
            field,
            f"{currency[:12]!r} is no currency of ISO 4217",
            remedy="give the three capital letters",
            rule="iso4217",
        )
    return found


def minor_units(text: str, currency: str, field: str = "amount") -> int:
    """``text`` (point as decimal sign, no grouping) as integer minor units of ``currency``."""
    return scaled(text, exponent(currency, field), field, currency, most=MOST_DIGITS)


def scaled(text: str, digits: int, field: str, unit: str, most: int = 78) -> int:
    """``text`` times 10 to the power of ``digits``, exactly. ``most``: digits of the number at most (78: a uint256)."""
    found = _DECIMAL.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):
        raise InvalidInput(
            field,
            f"{text[:40]!r} is no decimal number",
            remedy="write digits with one point, e.g. 125400.00",
            rule="amount",
        )
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > digits:
        raise InvalidInput(
            field,
            f"decimals given: {len(fraction)}; {unit} has {digits}",
            remedy="ask the sender for the exact amount; nothing is rounded here",
            rule="iso4217-digits",
        )
    number = found[2].lstrip("0") + fraction.ljust(digits, "0")
    if len(number) > most:
        raise InvalidInput(field, f"more than {most} digits", remedy="check the amount with the sender", rule="amount")
    value = int(number or "0")
    return -value if found[1] == "-" else value


def decimal_text(minor: int, digits: int) -> str:
    """Minor units as decimal text with exactly ``digits`` after the point; the inverse of ``scaled``."""
    sign, number = ("-", -minor) if minor < 0 else ("", minor)
    if digits == 0:
        return f"{sign}{number}"
    whole, fraction = divmod(number, 10**digits)
    return f"{sign}{whole}.{fraction:0{digits}d}"
