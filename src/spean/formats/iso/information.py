"""auth.002 and auth.003: what an institution answers to a request for information (auth.001), and that it need not be kept secret any more.

A result is an envelope that may hold anything. Read are: a statement (camt.053, camt.054), whose payments and balances are given out as
anywhere; and parties in the shape of ISO 20022 (``Nm``, ``Id``). Anything else is named, so that a person looks at the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree

from spean.core.errors import InvalidInput
from spean.formats.iso.fields import account, agent, first, flat, local
from spean.formats.iso.statements import Statements
from spean.formats.iso.versions import Message, message_of
from spean.formats.model import Balance, Payment, Rejected, Source

_STATEMENT = ("Acct", "Bal", "TxDtls", "Ntry")
_PARTIES = ("Ownr", "Pty", "Prxy", "Hldr", "Sgntry")
"""Elements of account messages that hold a party (acmt, camt, auth)."""


class Told(NamedTuple):
    """A party as an institution names it."""

    name: str
    entity: bool | None
    birth: str
    document: str


@dataclass(frozen=True, slots=True)
class Result:
    """What is said to one of the questions."""

    question: str
    status: str
    """``FOUN``, ``NFOU``, ``NOAP``; empty where the result itself is there."""
    parties: tuple[Told, ...] = ()
    payments: tuple[Payment, ...] = ()
    balances: tuple[Balance, ...] = ()
    unread: tuple[str, ...] = ()
    """What else the envelope holds, by name, and rows that could not be read."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Information:
    """An institution's answer to a request for information (auth.002), or the change of its confidentiality (auth.003)."""

    investigation: str
    response: str
    status: str
    """``COMP`` (complete), ``PART``, ``NRES`` (nothing); empty for auth.003."""
    confidential: bool | None
    account: str
    owner: Told | None
    """Whose account it is, as the answer's own search criteria name it."""
    results: tuple[Result, ...]
    source: Source


def response(body: Any, source: Source, offset: int) -> Iterator[Information]:
    """auth.002: the answer to a request for information."""
    head = {local(each.tag): each for each in body if local(each.tag) != "RtrInd"}
    fields = flat(head["SchCrit"]) if "SchCrit" in head else {}
    results = [_result(each, offset) for each in body.iterchildren("{*}RtrInd")]
    keeper = agent(fields, "Acct/Id/Svcr")
    owner = next((_told(each) for each in body.iterfind("{*}SchCrit/{*}Acct/{*}Id/{*}Ownr")), None)
    yield Information(
        _must(body, "InvstgtnId"), _must(body, "RspnId"), _must(body, "RspnSts"), None, account(fields, "Acct/Id", keeper), owner,
        tuple(results), source,
    )  # fmt: skip


def change(body: Any, source: Source, offset: int) -> Iterator[Information]:
    """auth.003: the confidentiality of a request has changed."""
    del offset
    told = _must(body, "CnfdtltySts").lower()
    if told not in ("true", "false", "1", "0"):
        raise InvalidInput(
            "CnfdtltySts", f"{told[:12]!r} is neither true nor false", remedy="ask the sender", rule="iso20022-field"
        )
    yield Information(_must(body, "OrgnlBizQry"), "", "", told in ("true", "1"), "", None, (), source)


def _must(body: Any, name: str) -> str:
    for each in body.iterchildren(f"{{*}}{name}"):
        if found := (each.text or "").strip():
            return found
    raise InvalidInput(name, "it is missing", remedy="ask the sender for the whole message", rule="iso20022-field")


def _result(element: Any, offset: int) -> Result:
    fields = flat_of(element, "AuthrtyReqTp")
    question, text = first(fields, "MsgNmId"), first(flat_of(element, ""), "AddtlInf")
    for status in element.iterfind("{*}InvstgtnRslt/{*}InvstgtnSts"):
        return Result(question, (status.text or "").strip(), text=text)
    found = Result(question, "", text=text)
    for envelope in element.iterfind("{*}InvstgtnRslt/{*}Rslt"):
        found = _enveloped(envelope, found, offset)
    return found


def flat_of(element: Any, name: str) -> dict[str, str]:
    """The leaves of a child, or (for no name) those that are children themselves."""
    if not name:
        return {local(each.tag): (each.text or "").strip() for each in element if not len(each)}
    return next((flat(each) for each in element.iterchildren(f"{{*}}{name}")), {})


def _enveloped(envelope: Any, found: Result, offset: int) -> Result:
    parties: list[Told] = []
    payments: list[Payment] = []
    balances: list[Balance] = []
    unread: list[str] = []
    for each in envelope:
        if local(each.tag) == "Document":
            for item in _statement(each, offset):
                if isinstance(item, Payment):
                    payments.append(item)
                elif isinstance(item, Balance):
                    balances.append(item)
                else:
                    unread.append(f"{item.element}: {item.reason}")
            continue
        told = [_told(party) for party in each.iter() if local(party.tag) in _PARTIES]
        parties += [party for party in told if party.name]
        if not told:
            unread.append(local(each.tag)[:60])
    return Result(
        found.question, found.status, tuple(parties), tuple(payments), tuple(balances), tuple(unread[:20]), found.text
    )


def _statement(document: Any, offset: int) -> Iterator[Payment | Balance | Rejected]:
    """A statement inside an answer, element by element as if it stood alone."""
    try:
        message = message_of(document.tag)
    except InvalidInput as error:
        message = Message("", error.why, False)
    if message.kind not in ("camt.053", "camt.054"):
        yield Rejected(0, "Document", "iso20022-message", "it is no statement", "", message.name[:60])
        return
    reader = Statements(message, offset)
    ends = [each for _, each in etree.iterwalk(document, events=("end",), tag=[f"{{*}}{name}" for name in _STATEMENT])]
    for element in ends:
        for item in reader.ended(local(element.tag), element):
            if isinstance(item, Payment | Balance | Rejected):
                yield item


def _told(party: Any) -> Told:
    """``PartyIdentification``: a name, and what of a person or organisation stands under ``Id``."""
    fields = flat(party)
    person = any(path.startswith("Id/PrvtId/") for path in fields)
    firm = any(path.startswith("Id/OrgId/") for path in fields)
    return Told(
        first(fields, "Nm", "Pty/Nm"), firm if person or firm else None, first(fields, "Id/PrvtId/DtAndPlcOfBirth/BirthDt"),
        first(fields, "Id/PrvtId/Othr/Id", "Id/OrgId/Othr/Id", "Id/OrgId/LEI"),
    )  # fmt: skip
