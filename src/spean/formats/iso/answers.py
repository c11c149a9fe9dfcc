"""What banks answer: camt.029 and pacs.002 to a cancellation request or payment; a request for information is answered in ``information``.

A bank's code becomes one named outcome (DOMAIN 4.1, states of a stop request). The codes are those of the external code sets
``ExternalPaymentCancellationRejection1Code``, ``ExternalInvestigationExecutionConfirmation1Code`` and ``ExternalPaymentTransactionStatus1Code``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spean.core.errors import InvalidInput
from spean.formats.iso.fields import Fields, best, first, flat, money, references, repeated
from spean.formats.iso.information import Information, change, response
from spean.formats.iso.transfers import line_of
from spean.formats.iso.versions import Message
from spean.formats.model import Item, Money, References, Rejected, Source


class Outcome(StrEnum):
    """What an answer means for the money. Only ``PENDING`` and ``STATUS`` leave a hop open."""

    HELD = "held"
    """The amount is held for us (our own agreed code ``HELD``; ISO 20022 has none)."""
    RETURNED = "returned"
    """The money goes back, or went back before the request came."""
    TOO_LATE = "too-late"
    """It has left the account, or the account is closed."""
    PASSED_ON = "passed-on"
    """Too late here: it went to the next institution, who is to be asked now."""
    NOT_FOUND = "not-found"
    REFUSED = "refused"
    """A decision: of the customer, of law, of the institution, or no answer of the customer."""
    PENDING = "pending"
    STATUS = "status"
    """No answer about the money, e.g. that a payment was accepted."""

    @property
    def state(self) -> str:
        """The state of DOMAIN 4.1 to which it leads; empty when the hop stays open."""
        if self in (Outcome.PENDING, Outcome.STATUS):
            return ""
        return "too-late" if self is Outcome.PASSED_ON else self.value


REJECTIONS: dict[str, tuple[Outcome, str]] = {
    "AC04": (Outcome.TOO_LATE, "the account is closed"),
    "ADAC": (Outcome.PENDING, "the customer has not yet allowed the debit"),
    "AGNT": (Outcome.REFUSED, "the institution refuses"),
    "AM04": (Outcome.TOO_LATE, "not enough money is left in the account"),
    "ARDT": (Outcome.RETURNED, "the payment was returned already"),
    "ARPL": (Outcome.PENDING, "the next institution has not answered yet"),
    "CUST": (Outcome.REFUSED, "the customer refuses"),
    "FOCR": (Outcome.RETURNED, "returned following the request"),
    "HELD": (Outcome.HELD, "the amount is held"),
    "IDMN": (Outcome.PENDING, "an indemnity is asked for first"),
    "INDM": (Outcome.PENDING, "an indemnity is asked for first"),
    "LEGL": (Outcome.REFUSED, "a legal or regulatory rule forbids it"),
    "NARR": (Outcome.REFUSED, "see the institution's words"),
    "NOAS": (Outcome.REFUSED, "the customer does not answer"),
    "NOOR": (Outcome.NOT_FOUND, "the payment was never received"),
    "PTNA": (Outcome.PASSED_ON, "the payment went on to the next institution"),
    "RQDA": (Outcome.PENDING, "the customer must allow the debit first"),
    "WSEQ": (Outcome.NOT_FOUND, "the named sequence is not valid"),
}
"""Reason of a cancellation's status → outcome, and why in plain words."""
CONFIRMATIONS: dict[str, tuple[Outcome, str]] = {
    "ACNR": (Outcome.RETURNED, "the cancellation is accepted and the money returned"),
    "CNCL": (Outcome.RETURNED, "cancelled as asked; the money comes back"),
    "CWFW": (Outcome.PENDING, "the cancellation will follow"),
    "PDCR": (Outcome.PENDING, "the institution still examines the request"),
    "PECR": (Outcome.RETURNED, "partly executed; see the amount"),
    "RJCR": (Outcome.REFUSED, "the request is rejected"),
    "UWFW": (Outcome.NOT_FOUND, "the institution cannot apply the request"),
}
"""Status of an investigation → outcome, where no reason says more."""
STATUSES = {"RJCR": Outcome.REFUSED, "ACCR": Outcome.RETURNED, "PDCR": Outcome.PENDING}
"""Status of one cancellation (``CancellationIndividualStatus1Code``)."""
PAYMENT_STATUSES: dict[str, tuple[Outcome, str]] = {
    "RJCT": (Outcome.RETURNED, "the payment was rejected; it never arrived"),
    "BLCK": (Outcome.HELD, "the payment is blocked at the institution"),
    "CANC": (Outcome.RETURNED, "the payment was cancelled"),
    "PDNG": (Outcome.PENDING, "the payment is pending"),
}
"""pacs.002: status of a payment → outcome; all others are mere status."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One transaction's answer. ``outcome`` follows from ``reason`` (or, without one, from ``status``)."""

    outcome: Outcome
    why: str
    status: str
    reason: str
    references: References
    reference: str
    case: str
    """The assigner's case or request that it answers."""
    amount: Money | None
    """The amount that it concerns; of a partial return what is returned."""
    text: str
    """The institution's own words."""
    source: Source


Reply = Answer | Information


class Replies:
    """Reads one whole message."""

    def __init__(self, message: Message, offset: int) -> None:
        self._message = message
        self._offset = offset

    def ended(self, name: str, element: Any) -> Iterator[Item | Reply]:
        """The end of ``Document`` brings everything."""
        if name != "Document" or not len(element):
            return
        source = Source(self._message.name, line_of(element), "")
        kind, body = self._message.kind, element[0]
        try:
            if kind == "auth.002":
                yield from response(body, source, self._offset)
            elif kind == "auth.003":
                yield from change(body, source, self._offset)
            else:
                yield from (_resolution if kind == "camt.029" else _status_report)(body, source)
        except InvalidInput as error:
            yield Rejected(source.line, error.field, error.rule, error.why, error.remedy)


def _children(element: Any, name: str) -> list[Any]:
    return list(element.iterchildren(f"{{*}}{name}"))


def _table(element: Any, *without: str) -> Fields:
    """An element's fields, without children that are read on their own."""
    table: dict[str, str] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name in without:
            continue
        if len(child):
            table.update({f"{name}/{path}": text for path, text in flat(child).items()})
        else:
            table.setdefault(name, (child.text or "").strip())
    return table


def _resolution(body: Any, source: Source) -> Iterator[Reply]:
    """camt.029. Each transaction answers; where none is listed, the group or the whole case does."""
    top = _table(body, "CxlDtls")
    case = first(top, "RslvdCase/Id", "Case/Id", "Assgnmt/Id")
    confirmed = first(top, "Sts/Conf", "Sts/Prtry/Conf")
    found = False
    for number, details in enumerate(_children(body, "CxlDtls"), 1):
        group = _table(details, "TxInfAndSts", "OrgnlPmtInfAndSts")
        for at, record in enumerate(_children(details, "TxInfAndSts"), 1):
            fields = flat(record)
            here = source._replace(line=line_of(record), element=f"CxlDtls[{number}]/TxInfAndSts[{at}]")
            known = references(fields, "", first(fields, "OrgnlGrpInf/OrgnlMsgId"), "Orgnl")
            status = first(fields, "TxCxlSts")
            amount = money(fields, "RsltnRltdInf/IntrBkSttlmAmt") or money(fields, "OrgnlIntrBkSttlmAmt")
            yield _answer(fields, "", status, confirmed, known, first(fields, "RslvdCase/Id") or case, amount, here)
            found = True
        if not found and "OrgnlGrpInfAndSts/OrgnlMsgId" in group:
            at_group = "OrgnlGrpInfAndSts/"
            known = References(message=group[at_group + "OrgnlMsgId"])
            here = source._replace(element=f"CxlDtls[{number}]")
            yield _answer(group, at_group, first(group, at_group + "GrpCxlSts"), confirmed, known, case, None, here)
            found = True
    if not found:
        if not confirmed:
            raise InvalidInput(
                "Sts", "it answers nothing", remedy="ask the institution for its answer", rule="iso20022-field"
            )
        yield _answer({}, "", "", confirmed, References(), case, None, source)


def _answer(
    fields: Fields,
    at: str,
    status: str,
    confirmed: str,
    known: References,
    case: str,
    amount: Money | None,
    source: Source,
) -> Answer:
    reason = first(fields, f"{at}CxlStsRsnInf/Rsn/Cd", f"{at}CxlStsRsnInf/Rsn/Prtry").upper()
    outcome, why = _meaning(reason, status, confirmed)
    text = " ".join(repeated(fields, f"{at}CxlStsRsnInf/AddtlInf"))
    return Answer(
        outcome, why, status or confirmed, reason, known, best(known) or known.message, case, amount, text, source
    )


def _meaning(reason: str, status: str, confirmed: str) -> tuple[Outcome, str]:
    """A reason says most. But an accepted cancellation returns the money, whatever reason stands beside it."""
    if (status == "ACCR" or (not status and confirmed == "CNCL")) and reason != "HELD":
        return CONFIRMATIONS["CNCL"]
    if reason in REJECTIONS:
        return REJECTIONS[reason]
    if status in STATUSES:
        return STATUSES[status], f"reason {reason[:35]!r} is not in the code set" if reason else "no reason is given"
    if confirmed in CONFIRMATIONS:
        return CONFIRMATIONS[confirmed]
    told = reason or status or confirmed
    return Outcome.PENDING, f"{told[:35]!r} is no known answer; a person must read it"


def _status_report(body: Any, source: Source) -> Iterator[Reply]:
    """pacs.002. Where no transaction is listed, the group's status stands for all."""
    groups = _children(body, "OrgnlGrpInfAndSts")
    message = first(flat(groups[0]), "OrgnlMsgId") if groups else ""
    records = _children(body, "TxInfAndSts")
    for number, record in enumerate(records, 1):
        fields = flat(record)
        known = references(fields, "", first(fields, "OrgnlGrpInf/OrgnlMsgId") or message, "Orgnl")
        here = source._replace(line=line_of(record), element=f"TxInfAndSts[{number}]")
        yield _status(fields, first(fields, "TxSts"), known, money(fields, "OrgnlTxRef/IntrBkSttlmAmt"), here)
    if not records:
        for number, group in enumerate(groups, 1):
            fields = flat(group)
            known = References(message=first(fields, "OrgnlMsgId"))
            yield _status(
                fields, first(fields, "GrpSts"), known, None, source._replace(element=f"OrgnlGrpInfAndSts[{number}]")
            )


def _status(fields: Fields, status: str, known: References, amount: Money | None, source: Source) -> Answer:
    reason = first(fields, "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry").upper()
    outcome, why = PAYMENT_STATUSES.get(status, (Outcome.STATUS, "a status of the payment"))
    text = " ".join(repeated(fields, "StsRsnInf/AddtlInf"))
    return Answer(outcome, why, status, reason, known, best(known) or known.message, "", amount, text, source)
