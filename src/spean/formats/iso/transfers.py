"""pacs.008 (customer credit transfer) and pacs.004 (payment return): each transaction is one payment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spean.core.errors import InvalidInput
from spean.formats.identity import Names
from spean.formats.iso.fields import Fields, best, first, flat, money, needed, party, references, text_of
from spean.formats.iso.versions import Message
from spean.formats.model import Item, Money, Party, Payment, References, Rejected, Source
from spean.formats.moments import moment
from spean.formats.xml import drop


class Transfers:
    """Reads one message. ``offset``: minutes east of UTC for times that name no zone."""

    def __init__(self, message: Message, offset: int) -> None:
        self._message = message
        self._offset = offset
        self._group: Fields = {}
        self._names = Names()
        self._count = 0

    def ended(self, name: str, element: Any) -> Iterator[Item]:
        """What the end of an element brings."""
        if name == "GrpHdr":
            self._group = flat(element)
        elif name in ("CdtTrfTxInf", "TxInf") and element.getparent().getparent().tag.endswith("Document"):
            self._count += 1
            source = Source(self._message.name, line_of(element), f"{name}[{self._count}]")
            try:
                fields = flat(element)
                yield (
                    self._return(fields, source) if self._message.kind == "pacs.004" else self._transfer(fields, source)
                )
            except InvalidInput as error:
                yield rejected(error, source)
            drop(element)

    def _transfer(self, fields: Fields, source: Source) -> Payment:
        amount = needed(fields, "IntrBkSttlmAmt")
        known = references(fields, "PmtId/", self._group.get("MsgId", ""))
        instructed = money(fields, "InstdAmt")
        sides = party(fields, "Dbtr"), party(fields, "Cdtr")
        return self._payment(fields, source, sides, amount, known, instructed, text_of(fields))

    def _return(self, fields: Fields, source: Source) -> Payment:
        """Money goes back: the original creditor pays. A return's own chain, where stated, says who really pays whom."""
        amount = needed(fields, "RtrdIntrBkSttlmAmt")
        known = references(fields, "", self._group.get("MsgId", ""), "Orgnl")
        original = "OrgnlTxRef/"
        back = party(fields, "Cdtr", original, original), party(fields, "Dbtr", original, original)
        stated = party(fields, "Dbtr", "RtrChain/", "RtrChain/"), party(fields, "Cdtr", "RtrChain/", "RtrChain/")
        payer, payee = (
            Party(told.account or old.account, told.name or old.name, told.agent or old.agent)
            for told, old in zip(stated, back, strict=True)
        )
        reason = first(fields, "RtrRsnInf/Rsn/Cd", "RtrRsnInf/Rsn/Prtry")
        instructed = money(fields, "RtrdInstdAmt")
        return self._payment(fields, source, (payer, payee), amount, known, instructed, reason, "return")

    def _payment(
        self, fields: Fields, source: Source, sides: tuple[Party, Party], amount: Money, known: References,
        instructed: Money | None, text: str, kind: Any = "transfer",
    ) -> Payment:  # fmt: skip
        payer, payee = sides
        if not payer.account and not payee.account:
            raise InvalidInput(
                "DbtrAcct, CdtrAcct",
                "neither account is named",
                remedy="ask the sender for the accounts",
                rule="iso20022-field",
            )
        time, exact = self._time(fields)
        if amount.minor == 0:
            raise InvalidInput(
                "IntrBkSttlmAmt", "the amount is zero", remedy="nothing moved; nothing to do", rule="amount"
            )
        return Payment(
            self._names.of(known, kind, payer.account, payee.account, time, *amount, *known), time, payer.account, payee.account,
            amount.minor, amount.currency, best(known), source, kind, exact, True, payer.name, payee.name, payer.agent, payee.agent,
            text, known, instructed if instructed != amount else None, _charges(fields),
        )  # fmt: skip

    def _time(self, fields: Fields) -> tuple[int, bool]:
        paths = ("AccptncDtTm", "AddtlDtTm/AccptncDtTm", "SttlmTmIndctn/DbtDtTm", "SttlmTmIndctn/CdtDtTm")
        for path in paths:
            if path in fields:
                return moment(fields[path], path, self._offset)
        day = first(fields, "IntrBkSttlmDt") or self._group.get("IntrBkSttlmDt", "")
        made = self._group.get("CreDtTm", "")
        if made and (not day or made.startswith(day[:10])):
            return moment(made, "GrpHdr/CreDtTm", self._offset)
        return moment(day, "IntrBkSttlmDt", self._offset)


def _charges(fields: Fields) -> tuple[Money, ...]:
    found: list[Money] = []
    while True:
        path = "ChrgsInf" if not found else f"ChrgsInf#{len(found) + 1}"
        charge = money(fields, f"{path}/Amt")
        if charge is None:
            return tuple(found)
        found.append(charge)


def rejected(error: InvalidInput, source: Source) -> Rejected:
    """A fault of one record as the row that a person reads."""
    return Rejected(source.line, error.field, error.rule, error.why, error.remedy, source.element)


def line_of(element: Any) -> int:
    """libxml2 counts lines in 16 bits; beyond that the ordinal in the path says where."""
    line = element.sourceline or 0
    return line if line < 65_535 else 0
