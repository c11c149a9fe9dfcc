"""Strict reading by a confirmed mapping: each good row a payment, each bad one told with line, field and reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spean.core.errors import InvalidInput
from spean.entities.values.account import account_name, bank_code
from spean.entities.values.chains import BY_ID
from spean.entities.values.wallet import WALLET
from spean.formats.bank_csv.mapping import Mapping, fingerprint
from spean.formats.bank_csv.records import Row, rows
from spean.formats.bank_csv.values import ascii_digits, clock, day, number, zoned
from spean.formats.bank_csv.words import CURRENCIES, IN, OUT, plain
from spean.formats.chain.tokens import named_token
from spean.formats.identity import Names, given, uetr
from spean.formats.model import Item, Kind, Money, Party, Payment, References, Rejected, Source
from spean.formats.money import EXPONENTS, minor_units, scaled

DOCUMENT = "bank-csv"
_TRANSACTION = re.compile(r"[0-9a-f]{64}")


def read(chunks: Iterable[bytes], mapping: Mapping) -> Iterator[Item]:
    """Payments and rejected rows, in order. Raises ``InvalidInput`` when the header is not the one that was confirmed."""
    mapping.checked()
    reader = _Reader(mapping)
    seen = 0
    for row in rows(chunks, mapping.encoding, mapping.delimiter):
        seen += 1
        if seen < mapping.header_line:
            continue
        if seen == mapping.header_line:
            _confirmed(row, mapping)
            continue
        yield reader.item(row)
    if seen < mapping.header_line:
        _confirmed(Row(seen, []), mapping)


def _confirmed(row: Row, mapping: Mapping) -> None:
    if fingerprint(row.cells) != mapping.fingerprint:
        raise InvalidInput(
            f"line {row.line}", "the header is not the one that was confirmed", rule="csv-header",
            remedy="have the table recognised and confirm its mapping",
        )  # fmt: skip


class _Reader:
    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._at = dict(mapping.columns)
        self._least = max(self._at.values()) + 1
        self._names = Names()
        self._own = account_name("", mapping.account, mapping.keeper) if mapping.account else ""

    def item(self, row: Row) -> Item:
        """One record."""
        if row.fault:
            return Rejected(row.line, "row", "csv-row", row.fault, "correct the line and load the file again")
        if len(row.cells) < self._least:
            why = f"{len(row.cells)} columns where {self._least} are needed"
            return Rejected(row.line, "row", "csv-row", why, "correct the line and load the file again")
        try:
            return self._payment(row)
        except InvalidInput as error:
            return Rejected(row.line, error.field, error.rule, error.why, error.remedy)

    def _cell(self, row: Row, field: str) -> str:
        at = self._at.get(field)
        return "" if at is None else row.cells[at].strip()

    def _payment(self, row: Row) -> Payment:
        time, exact = self._time(row)
        currency = self._currency(row)
        text, outward = self._amount(row)
        minor = minor_units(text, currency, "amount")
        if minor == 0:
            raise InvalidInput("amount", "the amount is zero", remedy="nothing moved; nothing to do", rule="amount")
        payer, payee = self._sides(row, outward)
        paid, booked = Money(abs(minor), currency), self._received(row, payee.account)
        if booked is not None and not outward and self._mapping.style != "two-parties":
            why = "money that came in has one amount, and this row has two"
            raise InvalidInput("received", why, remedy="leave the second one empty", rule="csv-amount")
        booked = booked or paid
        if not payer.account and not payee.account:
            raise InvalidInput(
                "account", "neither account is named", remedy="correct the row or the mapping", rule="csv-account"
            )
        reference, words = given(self._cell(row, "reference")), self._cell(row, "text")
        known = References(
            uetr=uetr(reference), servicer=reference, hash=_hash(reference) if payee.account.count(":") == 2 else ""
        )
        kind: Kind = "transfer"
        name = self._names.of(
            References(uetr=known.uetr, hash=known.hash), kind, payer.account, payee.account, time, *booked, reference, words,
            payer.name, payee.name, self._cell(row, "balance"),
        )  # fmt: skip
        return Payment(
            name, time, payer.account, payee.account, *booked, reference, Source(DOCUMENT, row.line), kind, exact, True,
            payer.name, payee.name, payer.agent, payee.agent, words, known, paid if paid != booked else None,
        )  # fmt: skip

    def _received(self, row: Row, account: str) -> Money | None:
        """What it became in another currency or token, where columns say so: a conversion at the rate that the table states."""
        told = self._cell(row, "received_currency")
        text = number(self._cell(row, "received"), self._mapping.decimal, "received")
        if not told and not text:
            return None
        code = CURRENCIES.get(told.casefold(), told.upper())
        if not text or not code:
            raise InvalidInput(
                "received", "an amount without currency, or the reverse", remedy="give both", rule="csv-amount"
            )
        if code in EXPONENTS or account.count(":") != 2:
            return Money(minor_units(text, code, "received"), code)
        unit, decimals = named_token(BY_ID[account.rpartition(":")[0]].name, code)
        return Money(scaled(text, decimals, "received", unit), unit)

    def _time(self, row: Row) -> tuple[int, bool]:
        start, rest = day(self._cell(row, "date"), self._mapping.date_order, self._mapping.buddhist)
        told, offset = zoned(self._cell(row, "time") or rest)
        since = clock(told)
        return start + (since or 0) - (self._mapping.offset if offset is None else offset) * 60_000, since is not None

    def _currency(self, row: Row) -> str:
        if "currency" not in self._at:
            return self._mapping.currency
        told = self._cell(row, "currency")
        return CURRENCIES.get(told.casefold(), told.upper())

    def _amount(self, row: Row) -> tuple[str, bool]:
        """Plain decimal text, and whether money leaves the statement's account."""
        style, decimal = self._mapping.style, self._mapping.decimal
        if style == "debit-credit":
            out, into = (number(self._cell(row, field), decimal, field) for field in ("debit", "credit"))
            moved = [(text.lstrip("-"), away) for text, away in ((out, True), (into, False)) if text.strip("-0.")]
            if len(moved) != 1:
                why = "both columns are filled" if moved else "neither debit nor credit is filled"
                raise InvalidInput(
                    "debit, credit", why, remedy="correct the row: one movement in one column", rule="csv-amount"
                )
            return moved[0]
        text = number(self._cell(row, "amount"), decimal, "amount")
        if not text:
            raise InvalidInput("amount", "it is empty", remedy="give the amount", rule="csv-amount")
        if style == "indicator":
            return text.lstrip("-"), self._outward(row)
        if style == "two-parties" and text.startswith("-"):
            raise InvalidInput(
                "amount",
                "it is below zero",
                remedy="exchange payer and payee, or correct the mapping",
                rule="csv-amount",
            )
        return text, text.startswith("-")

    def _outward(self, row: Row) -> bool:
        told = plain(self._cell(row, "indicator")) or self._cell(row, "indicator")
        if told in OUT or told in IN:
            return told in OUT
        raise InvalidInput(
            "indicator", f"{told[:20]!r} says neither in nor out", remedy="use DR or CR", rule="csv-indicator"
        )

    def _sides(self, row: Row, outward: bool) -> tuple[Party, Party]:
        if self._mapping.style == "two-parties":
            return self._party(row, "payer"), self._party(row, "payee")
        own = self._cell(row, "account")
        keeper = self._mapping.keeper
        mine = Party(_account(own, keeper) if own else self._own, "", keeper)
        bank = bank_code(self._cell(row, "counterparty_bank"))
        other = Party(_account(self._cell(row, "counterparty"), bank), self._cell(row, "counterparty_name"), bank)
        return (mine, other) if outward else (other, mine)

    def _party(self, row: Row, field: str) -> Party:
        account, keeper = _account(self._cell(row, field), self._mapping.keeper), self._mapping.keeper
        return Party(account, "", "" if ":" in account else account.partition("/")[0] if "/" in account else keeper)


def _hash(reference: str) -> str:
    """A transaction of a chain, when the table refers to one."""
    found = reference.lower().removeprefix("0x")
    return found if _TRANSACTION.fullmatch(found) else ""


def _account(text: str, keeper: str) -> str:
    """A cell that names its bank itself (``MKBAKHPP/0071``) keeps it; one with a chain (``tron:T…``) is a wallet."""
    if ":" in text:
        return WALLET.clean(text)
    text = ascii_digits(text)
    bank, slash, rest = text.rpartition("/")
    return account_name("", rest, bank_code(bank)) if slash and bank and rest else account_name("", text, keeper)
