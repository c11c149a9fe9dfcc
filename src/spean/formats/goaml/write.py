"""A report out: a case's transfers, or the accounts that it names, for the national financial intelligence unit.

A node reports as an authority, not as a bank: no side is "my client", nobody's birth date or address is made up for a field that a bank
would have to fill, and holders are named as documents name them. Texts are never cut. What is written is checked against
``structure`` before it leaves; the unit's own schema may still want more (codes, letters, fields), so the unit's answer counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lxml import etree

from spean.core.errors import InvalidInput
from spean.entities.values.chains import BY_ID
from spean.formats.goaml.structure import VERSIONS, check
from spean.formats.model import Money
from spean.formats.moments import iso_time
from spean.formats.money import decimal_text, exponent
from spean.formats.xml import put_text

UNKNOWN = "UNKNOWN"
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_RATE = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Who pays or is paid. An empty ``account``: the document names none (cash, a fee)."""

    account: str
    """As one word: an IBAN, ``KEEPER/number`` or a CAIP-10 wallet."""
    money: Money
    """What left or reached it."""
    name: str = ""
    institution: str = ""
    """Name of its institution, where known."""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One payment."""

    number: str
    """Unique among those of the reporting entity, for ever."""
    at_ms: int
    payer: Side
    payee: Side
    description: str
    reference: str = ""
    location: str = UNKNOWN
    comments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An account that a report without transfers is about."""

    account: str
    reason: str
    name: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report. Codes are those of the unit that receives it; each unit has its own lists."""

    entity: str
    """Number under which the unit knows the reporting authority (``rentity_id``)."""
    code: str
    """Kind of report: STR; AIF or another for an answer to the unit's question."""
    reference: str
    made_ms: int
    currency: str
    """The country's own, in which goAML wants each value."""
    mode: str
    """How the transactions were made (``transmode_code``)."""
    mode_comment: str = ""
    """What some units want beside it."""
    funds: str
    """Kind of money (``from_funds_code``, ``to_funds_code``)."""
    transfers: Sequence[Transfer] = ()
    subjects: Sequence[Subject] = ()
    branch: str = ""
    submission: str = "E"
    """``E``: electronically."""
    answers: str = ""
    """The unit's own number of the question that it answers (``fiu_ref_number``)."""
    reason: str = ""
    action: str = ""
    indicators: Sequence[str] = ()
    rates: Mapping[str, str] | None = None
    """Currency → how much of the country's own one unit of it is, as decimal text."""
    version: str = VERSIONS[-1]
    offset: int = 0
    """Minutes east of UTC in which times are written; each says its zone."""


def write(report: Report) -> bytes:
    """The report as a checked document in UTF-8. Raises ``InvalidInput`` naming the field."""
    root = etree.Element("report")
    if report.version.startswith("5"):
        _add(root, "schema_version", report.version)
    for name, text in (("rentity_id", report.entity), ("rentity_branch", report.branch), ("submission_code", report.submission),
                       ("report_code", report.code), ("entity_reference", report.reference), ("fiu_ref_number", report.answers),
                       ("submission_date", iso_time(report.made_ms, report.offset)), ("currency_code_local", report.currency),
                       ("reason", report.reason), ("action", report.action)):  # fmt: skip
        _given(root, name, text)
    for transfer in report.transfers:
        _transaction(_add(root, "transaction"), transfer, report)
    if report.subjects:
        parties = _add(_add(root, "activity"), "report_parties")
        for subject in report.subjects:
            party = _add(parties, "report_party")
            _account(_add(party, "account"), Side(account=subject.account, money=Money(0, ""), name=subject.name,
                                                  institution=subject.institution), report)  # fmt: skip
            _add(party, "reason", subject.reason)
    if report.indicators:
        signs = _add(root, "report_indicators")
        for code in report.indicators:
            _add(signs, "indicator", code)
    check(root, report.version)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def local_value(money: Money, currency: str, rates: Mapping[str, str]) -> Money:
    """What an amount is in the country's own currency, rounded half up: a value for statistics, never an amount that moved.

    Raises ``InvalidInput`` for a currency without a rate.
    """
    if money.currency == currency:
        return money
    rate = rate_of(money.currency, rates)
    exact = (
        Fraction(rate) * money.minor * 10 ** exponent(currency, "currency") / 10 ** exponent(money.currency, "currency")
    )
    return Money(int(exact + Fraction(1, 2)), currency)


def rate_of(currency: str, rates: Mapping[str, str]) -> str:
    """The stated rate. Raises ``InvalidInput`` when there is none."""
    rate = rates.get(currency, "").strip()
    if not _RATE.fullmatch(rate) or not Fraction(rate):
        raise InvalidInput(
            "rates", f"no rate for {currency}: goAML wants each value in the country's own currency, too",
            remedy=f"state what one {currency} is worth, e.g. {currency}=35.20", rule="goaml",
        )  # fmt: skip
    return rate


def _transaction(element: Any, transfer: Transfer, report: Report) -> None:
    rates = report.rates or {}
    value = local_value(transfer.payee.money, report.currency, rates)
    if transfer.payer.money.currency == report.currency:
        value = transfer.payer.money  # exact where one side moved the country's own currency
    if transfer.payee.money.currency == report.currency:
        value = transfer.payee.money
    for name, text in (("transactionnumber", transfer.number), ("internal_ref_number", transfer.reference),
                       ("transaction_location", transfer.location), ("transaction_description", transfer.description),
                       ("date_transaction", iso_time(transfer.at_ms, report.offset)), ("transmode_code", report.mode),
                       ("transmode_comment", report.mode_comment),
                       ("amount_local", _decimal(value))):  # fmt: skip
        _given(element, name, text)
    for word, side in (("from", transfer.payer), ("to", transfer.payee)):
        _side(_add(element, f"t_{word}"), word, side, value, report)
    _given(element, "comments", transfer.comments)


def _side(element: Any, word: str, side: Side, value: Money, report: Report) -> None:
    _add(element, f"{word}_funds_code", report.funds)
    if side.money != value:
        foreign = _add(element, f"{word}_foreign_currency")
        _add(foreign, "foreign_currency_code", side.money.currency)
        _add(foreign, "foreign_amount", _decimal(side.money))
        same = side.money.currency == report.currency
        _add(foreign, "foreign_exchange_rate", "1" if same else rate_of(side.money.currency, report.rates or {}))
    if side.account:
        _account(_add(element, f"{word}_account"), side, report)
    else:
        first, _, last = (side.name or UNKNOWN).strip().rpartition(" ")
        person = _add(element, f"{word}_person")
        _add(person, "first_name", first or UNKNOWN)
        _add(person, "last_name", last)
    _add(element, f"{word}_country", side.country or "-")


def _account(element: Any, side: Side, report: Report) -> None:
    """An account, or a wallet with its chain in the place of the institution."""
    chain, _, address = side.account.rpartition(":")
    keeper, slash, number = side.account.rpartition("/") if chain not in BY_ID else ("", "", address)
    keeper = keeper if slash else chain
    _add(element, "institution_name", side.institution or keeper or UNKNOWN)
    _add(element, "swift" if _BIC.fullmatch(keeper) else "institution_code", keeper or UNKNOWN)
    if report.version.startswith("5") and side.country:
        _add(element, "institution_country", side.country)
    _add(element, "account", number)
    _given(element, "currency_code", side.money.currency)
    _given(element, "account_name", side.name)
    if not keeper and _IBAN.fullmatch(number):
        _add(element, "iban", number)


def _decimal(money: Money) -> str:
    if money.minor <= 0:
        raise InvalidInput(
            "amount_local", "the amount is not above zero", remedy="leave the transfer out", rule="amount"
        )
    return decimal_text(money.minor, exponent(money.currency))


def _given(parent: Any, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, name)
    if text is not None:
        put_text(child, name, text)
    return child
