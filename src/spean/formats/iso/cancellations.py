"""camt.056 in: what a bank's side reads from the file drop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spean.core.errors import InvalidInput
from spean.formats.iso.fields import agent, best, first, flat, money, references, repeated
from spean.formats.iso.transfers import line_of, rejected
from spean.formats.iso.versions import Message
from spean.formats.model import Item, Money, References, Source


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A request to cancel one payment and return or hold its money."""

    message: str
    case: str
    assigner: str
    assignee: str
    references: References
    reference: str
    amount: Money | None
    reason: str
    text: str
    source: Source


class Cancellations:
    """Reads one whole camt.056."""

    def __init__(self, message: Message, offset: int) -> None:
        self._message = message

    def ended(self, name: str, element: Any) -> Iterator[Item | Cancellation]:
        """The end of ``Document`` brings every underlying transaction."""
        if name != "Document" or not len(element):
            return
        body = element[0]
        parts = {name: list(body.iterchildren(f"{{*}}{name}")) for name in ("Assgnmt", "Case")}
        if not parts["Assgnmt"]:
            error = InvalidInput("Assgnmt", "it is missing", remedy="ask the sender", rule="iso20022-field")
            yield rejected(error, Source(self._message.name, line_of(element)))
            return
        head = flat(parts["Assgnmt"][0])
        head["Case"] = flat(parts["Case"][0]).get("Id", "") if parts["Case"] else ""
        number = 0
        for group in body.iterchildren("{*}Undrlyg"):
            for record in group.iterchildren("{*}TxInf"):
                number += 1
                source = Source(self._message.name, line_of(record), f"TxInf[{number}]")
                try:
                    yield _cancellation(head, flat(record), source)
                except InvalidInput as error:
                    yield rejected(error, source)


def _cancellation(head: dict[str, str], fields: dict[str, str], source: Source) -> Cancellation:
    known = references(fields, "", first(fields, "OrgnlGrpInf/OrgnlMsgId"), "Orgnl")
    sides = (
        agent(head, f"{side}/Agt") or first(head, f"{side}/Pty/Nm", f"{side}/Pty/Id/OrgId/AnyBIC")
        for side in ("Assgnr", "Assgne")
    )
    reason = first(fields, "CxlRsnInf/Rsn/Cd", "CxlRsnInf/Rsn/Prtry")
    text = " ".join(repeated(fields, "CxlRsnInf/AddtlInf"))
    assigner, assignee = sides
    case = first(fields, "Case/Id") or head.get("Case", "")
    return Cancellation(
        head.get("Id", ""),
        case,
        assigner,
        assignee,
        known,
        best(known),
        money(fields, "OrgnlIntrBkSttlmAmt"),
        reason,
        text,
        source,
    )
