"""camt.053 (statement) and camt.054 (notification): bookings of an account as payments, and its balances.

An entry with details is one payment for each detail; without, it is one itself. A detail that cannot be read is rejected alone. When the
details of a batch do not add up to the booked amount, a rejected row says so, since then money is missing in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spean.core.errors import InvalidInput
from spean.formats.identity import Names, given, uetr
from spean.formats.iso.fields import (
    Fields,
    account,
    agent,
    best,
    first,
    flat,
    local,
    money,
    needed,
    party,
    references,
    text_of,
)
from spean.formats.iso.transfers import line_of, rejected
from spean.formats.iso.versions import Message
from spean.formats.model import Balance, Item, Kind, Money, Party, Payment, References, Rejected, Source
from spean.formats.moments import moment
from spean.formats.money import decimal_text, exponent
from spean.formats.xml import drop

_BALANCES = {"OPBD": "opening", "PRCD": "opening", "CLBD": "closing"}
_FEES = frozenset({"CHRG", "FEES", "COMM", "BRKF", "COME", "COMI", "COMT"})
"""Sub-families of bank transaction codes (BkTxCd) that are charges."""
_DETAIL = "NtryDtls/TxDtls"


class Statements:
    """Reads one message of statements or notifications."""

    def __init__(self, message: Message, offset: int) -> None:
        self._message = message
        self._offset = offset
        self._names = Names()
        self._account = ""
        self._keeper = ""
        self._statement = self._entry = self._detail = 0
        self._header: Fields | None = None
        self._sum: Money | None = None
        self._same = True
        self._held: tuple[Fields, Source] | None = None

    def ended(self, name: str, element: Any) -> Iterator[Item]:
        """What the end of an element brings."""
        parent = element.getparent()
        inside = parent.tag.rpartition("}")[2] if parent is not None else ""
        if inside in ("Stmt", "Ntfctn"):
            if name == "Acct":
                self._owner(element)
            elif name == "Bal":
                yield from self._balance(element)
            elif name == "Ntry":
                yield from self._booking(element)
        elif name == "TxDtls" and inside == "NtryDtls":
            yield from self._one(element)

    def _owner(self, element: Any) -> None:
        fields = {f"Acct/{path}": text for path, text in flat(element).items()}
        self._statement += 1
        self._entry = self._detail = 0
        self._keeper = agent(fields, "Acct/Svcr")
        self._account = account(fields, "Acct", self._keeper)

    def _balance(self, element: Any) -> Iterator[Item]:
        fields = flat(element)
        source = Source(self._message.name, line_of(element), f"Stmt[{self._statement}]/Bal")
        try:
            code = first(fields, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
            amount = needed(fields, "Amt")
            time, _ = moment(first(fields, "Dt/DtTm", "Dt/Dt"), "Bal/Dt", self._offset)
            sign = -1 if _direction(fields, "CdtDbtInd") == "DBIT" else 1
            kind: Any = _BALANCES.get(code, "other")
            yield Balance(self._account, time, sign * amount.minor, amount.currency, kind, source)
        except InvalidInput as error:
            yield rejected(error, source)
        drop(element)

    # entries and their details ------------------------------------------------------------------------------------

    def _one(self, element: Any) -> Iterator[Item]:
        """A detail: its entry's own fields stand before it."""
        self._detail += 1
        source = self._source(element, f"/TxDtls[{self._detail}]")
        try:
            if self._header is None:
                self._header = _header(element.getparent().getparent())
            fields = flat(element)
            if self._detail == 1 and _stated(fields, needed(self._header, "Amt")) is None:
                self._held = fields, source
            else:
                yield from self._released(batch=True)
                payment = self._payment(self._header, fields, source, batch=True)
                self._add(payment.amount_minor, payment.currency)
                yield payment
        except InvalidInput as error:
            self._same = False
            yield rejected(error, source)
        drop(element)

    def _released(self, *, batch: bool) -> Iterator[Item]:
        """The first detail of an entry, when it names no amount: the entry's own if it stays alone, else nobody knows."""
        if self._held is None or self._header is None:
            return
        (fields, source), self._held = self._held, None
        try:
            payment = self._payment(self._header, fields, source, batch=batch)
            self._add(payment.amount_minor, payment.currency)
            yield payment
        except InvalidInput as error:
            self._same = False
            yield rejected(error, source)

    def _booking(self, element: Any) -> Iterator[Item]:
        """The end of an entry."""
        source = self._source(element)
        try:
            if self._detail == 0:
                fields = flat(element)
                yield self._payment(fields, {}, source, batch=False)
            else:
                yield from self._released(batch=_batch_count(self._header) > 1)
            if self._detail and self._same and self._header is not None:
                yield from self._reconciled(needed(self._header, "Amt"), source)
        except InvalidInput as error:
            yield rejected(error, source)
        self._entry += 1
        self._detail, self._header, self._sum, self._same = 0, None, None, True
        drop(element)

    def _source(self, element: Any, rest: str = "") -> Source:
        return Source(self._message.name, line_of(element), f"Stmt[{self._statement}]/Ntry[{self._entry + 1}]{rest}")

    def _add(self, minor: int, currency: str) -> None:
        if self._sum is None:
            self._sum = Money(minor, currency)
        elif self._sum.currency == currency:
            self._sum = Money(self._sum.minor + minor, currency)
        else:
            self._same = False

    def _reconciled(self, booked: Money, source: Source) -> Iterator[Item]:
        if self._sum is not None and self._sum.currency == booked.currency and self._sum != booked:
            told, said = (decimal_text(each.minor, exponent(each.currency)) for each in (self._sum, booked))
            why = f"details sum to {told} {booked.currency}, the entry books {said} {booked.currency}"
            yield Rejected(
                source.line,
                "Amt",
                "sum",
                why,
                "compare with the bank; the details are loaded, the difference is not",
                source.element,
            )

    def _payment(self, entry: Fields, detail: Fields, source: Source, *, batch: bool) -> Payment:
        booked = needed(entry, "Amt")
        amount = _amount(detail, booked, batch)
        credit = _direction(detail if "CdtDbtInd" in detail else entry, "CdtDbtInd") == "CRDT"
        status = first(entry, "Sts/Cd", "Sts")
        if status not in ("BOOK", "PDNG", "FUTR"):
            raise InvalidInput("Sts", f"{status[:12]!r} moves no money", remedy="nothing to do", rule="not-booked")
        kind = _kind(entry, detail)
        own = Party(self._account, "", self._keeper)
        other = _counterparty(detail, credit is not (kind == "reversal"))
        payer, payee = (other, own) if credit else (own, other)
        known = _references(entry, detail)
        time, exact = self._time(entry, detail)
        instructed = money(detail, "AmtDtls/InstdAmt/Amt") or money(entry, "AmtDtls/InstdAmt/Amt")
        return Payment(
            self._names.of(known, kind, self._account, payer.account, payee.account, time, *amount, *known, text_of(detail)), time,
            payer.account, payee.account, amount.minor, amount.currency, best(known), source, kind, exact, status == "BOOK",
            payer.name, payee.name, payer.agent, payee.agent, text_of(detail) or first(entry, "AddtlNtryInf"), known,
            instructed if instructed != amount else None,
        )  # fmt: skip

    def _time(self, entry: Fields, detail: Fields) -> tuple[int, bool]:
        for fields, path in (
            (detail, "RltdDts/AccptncDtTm"),
            (detail, "RltdDts/TxDtTm"),
            (entry, "BookgDt/DtTm"),
            (entry, "ValDt/DtTm"),
        ):
            if fields.get(path):
                return moment(fields[path], path, self._offset)
        return moment(first(entry, "BookgDt/Dt", "ValDt/Dt"), "BookgDt", self._offset)


def _header(entry: Any) -> Fields:
    """An entry's own fields; of its details only the batch."""
    table: dict[str, str] = {}
    for child in entry:
        name = local(child.tag)
        if name == "NtryDtls":
            for batch in child.iterchildren("{*}Btch"):
                table.update({f"NtryDtls/Btch/{path}": text for path, text in flat(batch).items()})
            continue
        if len(child):
            for path, text in flat(child).items():
                table[f"{name}/{path}"] = text
        else:
            table[name] = (child.text or "").strip()
        for key, value in child.items():
            table[f"{name}@{key}"] = value
    return table


def _batch_count(entry: Fields | None) -> int:
    """How many details the bank says the entry has; 0 when it does not say."""
    count = (entry or {}).get("NtryDtls/Btch/NbOfTxs", "")
    return int(count) if count.isascii() and count.isdecimal() and len(count) < 10 else 0


def _stated(detail: Fields, booked: Money) -> Money | None:
    """The detail's own amount in the currency of the account."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = money(detail, path)
        if found is not None and found.currency == booked.currency:
            return found
    return None


def _amount(detail: Fields, booked: Money, batch: bool) -> Money:
    stated = _stated(detail, booked)
    found = stated if stated is not None else (None if batch else booked)
    if found is None:
        raise InvalidInput(
            "Amt", "a detail of a batch has no amount", remedy="ask the bank for the details", rule="iso20022-field"
        )
    if found.minor == 0:
        raise InvalidInput("Amt", "the amount is zero", remedy="nothing moved; nothing to do", rule="amount")
    return found


def _direction(fields: Fields, path: str) -> str:
    found = fields.get(path, "")
    if found not in ("CRDT", "DBIT"):
        raise InvalidInput(
            path, f"{found[:12]!r} is neither CRDT nor DBIT", remedy="ask the bank", rule="iso20022-field"
        )
    return found


def _kind(entry: Fields, detail: Fields) -> Kind:
    if entry.get("RvslInd") in ("true", "1"):
        return "reversal"
    if first(detail, "BkTxCd/Domn/Fmly/SubFmlyCd") in _FEES or first(entry, "BkTxCd/Domn/Fmly/SubFmlyCd") in _FEES:
        return "fee"
    return "return" if any(path.startswith("RtrInf/") for path in detail) else "transfer"


def _counterparty(detail: Fields, credit: bool) -> Party:
    """Who stands opposite. A reversal names the parties of the original, so its sides are swapped by the caller."""
    return party(detail, "Dbtr" if credit else "Cdtr", "RltdPties/", "RltdAgts/")


def _references(entry: Fields, detail: Fields) -> References:
    known = references(detail, "Refs/", detail.get("Refs/MsgId", ""))
    servicer = known.servicer or given(first(entry, "AcctSvcrRef", "NtryRef"))
    return known._replace(servicer=servicer, uetr=known.uetr or uetr(first(entry, "Refs/UETR")))
