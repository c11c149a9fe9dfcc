"""The one door for ISO 20022 documents: bytes in, payments, balances and answers out, a record at a time.

A document may hold several messages in an envelope of its own (business header and document). Each good record is given out; a bad one
comes as ``Rejected``. Damage of the file itself raises after everything before it was given out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spean.core.errors import InvalidInput
from spean.formats.iso.answers import Replies, Reply
from spean.formats.iso.cancellations import Cancellation, Cancellations
from spean.formats.iso.statements import Statements
from spean.formats.iso.transfers import Transfers
from spean.formats.iso.versions import Message, message_of
from spean.formats.model import Item
from spean.formats.xml import LIMITS, Element, Limits, Stream, drop

_RECORDS = ("GrpHdr", "CdtTrfTxInf", "TxInf", "Acct", "Bal", "Ntry", "TxDtls")


def read(chunks: Iterable[bytes], *, offset: int = 0, limits: Limits = LIMITS) -> Iterator[Item | Reply | Cancellation]:
    """Everything that a document tells. ``offset``: minutes east of UTC for times that name no zone (banks leave it out).

    Raises ``InvalidInput`` (not well formed, a declaration, another encoding, no message of ours) and ``TooMuch``.
    """
    stream = Stream(chunks, _RECORDS, limits)
    reader: Transfers | Statements | Replies | Cancellations | None = None
    found = False
    for event in stream:
        if (
            isinstance(reader, Replies | Cancellations)
            and event.element.getparent() is not None
            and _inside(event.element)
        ):
            continue  # what an answer encloses is read with it, when all of it is there
        if event.starts:
            message = message_of(event.element.tag)
            notice = message.notice()
            if notice is not None:
                yield notice
            reader, found = _reader(message, offset), True
        elif reader is not None:
            yield from reader.ended(event.name, event.element)
            if event.name == "Document":
                reader = None
                drop(event.element)
    if not found:
        raise InvalidInput(
            "Document", "no ISO 20022 message is in it", remedy="send the message itself", rule="iso20022-message"
        )


def _inside(element: Element) -> bool:
    """Whether an element lies in a document: what another document encloses is that one's."""
    return any(each.tag.rpartition("}")[2] == "Document" for each in element.iterancestors())


def _reader(message: Message, offset: int) -> Transfers | Statements | Replies | Cancellations:
    if message.kind in ("pacs.008", "pacs.004"):
        return Transfers(message, offset)
    if message.kind in ("camt.053", "camt.054"):
        return Statements(message, offset)
    return Cancellations(message, offset) if message.kind == "camt.056" else Replies(message, offset)
