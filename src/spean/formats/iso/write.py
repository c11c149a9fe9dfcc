"""Messages out: camt.056 (cancellation request, reason FRAD), camt.029 (a bank's answer, for the file drop), auth.001 (request for information)
and auth.003 (whether it is still secret).

Nothing leaves that the published schema refuses (``schemas/``); a refusal names the field. Texts are never cut to fit: what is too long
for its field is refused, since a cut name or reference would be another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from lxml import etree

from spean.core.errors import InvalidInput
from spean.formats.model import Money, References
from spean.formats.moments import iso_day, iso_time
from spean.formats.money import decimal_text, exponent
from spean.formats.xml import put_text

CAMT_056 = ("camt.056.001.08", "camt.056.001.11")
"""Versions that can be written; the first is what cross-border payments (CBPR+) use today."""


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank or authority: a BIC, else the code or name by which the receiver knows it."""

    bic: str = ""
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """One payment whose money is to be stopped (DOMAIN 4.2: stop request)."""

    id: str
    """Of the message; at most 35 characters, as is ``case``."""
    case: str
    assigner: Institution
    assignee: Institution
    made_ms: int
    original: References
    """``message`` and at least one of UETR, end-to-end, transaction or instruction id."""
    amount: Money
    """As settled between the institutions, in full: what camt.056 names is the payment."""
    settled_ms: int | None = None
    original_message: str = "pacs.008.001.08"
    reason: str = "FRAD"
    text: Sequence[str] = ()
    """At most 105 characters each: amount asked to be held, basis, expiry, desk's phone."""


@dataclass(frozen=True, slots=True)
class CancellationAnswer:
    """A bank's answer to one cancellation request, as camt.029."""

    id: str
    case: str
    assigner: Institution
    assignee: Institution
    made_ms: int
    original: References
    status: Literal["ACCR", "RJCR", "PDCR"]
    reason: str = ""
    """A code of the external set; ``HELD`` with ``PDCR`` says that the amount is held."""
    amount: Money | None = None
    text: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class InformationRequest:
    """A request to an institution about one account (auth.001)."""

    investigation: str
    paragraph: str
    """The legal provision; at most 35 characters."""
    confidential: bool
    from_ms: int
    to_ms: int
    account: str
    """An IBAN, or another number."""
    is_iban: bool
    servicer: Institution
    questions: Sequence[tuple[str, str]]
    """Name and description of each piece of information asked for, at least one."""
    disclaimer: str = ""
    due_ms: int | None = None
    owner_only: bool = False


def camt_056(request: CancellationRequest, version: str = CAMT_056[0]) -> bytes:
    """The request as a validated document. Raises ``InvalidInput`` naming the field that the schema refuses."""
    if version not in CAMT_056:
        raise InvalidInput(
            "version", f"{version[:30]!r} is not written here", remedy=f"use {' or '.join(CAMT_056)}", rule="iso20022"
        )
    known = request.original
    if not (known.uetr or known.end_to_end or known.transaction or known.instruction):
        raise InvalidInput(
            "original", "nothing names the payment", remedy="give UETR or EndToEndId", rule="two-identifiers"
        )
    root, body = _document(version, "FIToFIPmtCxlReq")
    _assignment(body, request.id, request.assigner, request.assignee, request.made_ms)
    _case(_add(body, "Case"), request.case, request.assigner)
    control = _add(body, "CtrlData")
    _add(control, "NbOfTxs", "1")
    entry = _add(_add(body, "Undrlyg"), "TxInf")
    _add(entry, "CxlId", request.id)
    if known.message:
        group = _add(entry, "OrgnlGrpInf")
        _add(group, "OrgnlMsgId", known.message)
        _add(group, "OrgnlMsgNmId", request.original_message)
    _original(entry, known, "OrgnlUETR")
    _amount(entry, "OrgnlIntrBkSttlmAmt", request.amount)
    if request.settled_ms is not None:
        _add(entry, "OrgnlIntrBkSttlmDt", iso_day(request.settled_ms))
    _reason(entry, "CxlRsnInf", request.reason, request.text)
    return _finished(root, version)


def camt_029(answer: CancellationAnswer) -> bytes:
    """The answer as a validated document (version 09). Raises ``InvalidInput`` naming the field that the schema refuses."""
    root, body = _document("camt.029.001.09", "RsltnOfInvstgtn")
    _assignment(body, answer.id, answer.assigner, answer.assignee, answer.made_ms)
    _add(_add(body, "Sts"), "Conf", {"ACCR": "CNCL", "RJCR": "RJCR", "PDCR": "PDCR"}[answer.status])
    entry = _add(_add(body, "CxlDtls"), "TxInfAndSts")
    _add(entry, "CxlStsId", answer.id)
    _case(_add(entry, "RslvdCase"), answer.case, answer.assignee)
    if answer.original.message:
        group = _add(entry, "OrgnlGrpInf")
        _add(group, "OrgnlMsgId", answer.original.message)
        _add(group, "OrgnlMsgNmId", "pacs.008")
    _original(entry, answer.original, "OrgnlUETR")
    _add(entry, "TxCxlSts", answer.status)
    if answer.reason or answer.text:
        _reason(entry, "CxlStsRsnInf", answer.reason, answer.text, coded=answer.reason != "HELD")
    if answer.amount is not None:
        _amount(_add(entry, "RsltnRltdInf"), "IntrBkSttlmAmt", answer.amount)
    return _finished(root, "camt.029.001.09")


def auth_001(request: InformationRequest) -> bytes:
    """The request as a validated document. Raises ``InvalidInput`` naming the field that the schema refuses."""
    root, body = _document("auth.001.001.01", "InfReqOpng")
    _add(body, "InvstgtnId", request.investigation)
    basis = _add(body, "LglMndtBsis")
    _add(basis, "Prgrph", request.paragraph)
    if request.disclaimer:
        _add(basis, "Dsclmr", request.disclaimer)
    _add(body, "CnfdtltySts", "true" if request.confidential else "false")
    if request.due_ms is not None:
        _add(_add(body, "DueDt"), "DueDt", iso_day(request.due_ms))
    if request.to_ms < request.from_ms:
        raise InvalidInput("to", "the period ends before it begins", remedy="exchange the two times", rule="period")
    period = _add(_add(body, "InvstgtnPrd"), "DtTm")
    _add(period, "FrDtTm", iso_time(request.from_ms))
    _add(period, "ToDtTm", iso_time(request.to_ms))
    searched = _add(_add(body, "SchCrit"), "Acct")
    account = _add(searched, "Id")
    identity = _add(account, "Id")
    if request.is_iban:
        _add(identity, "IBAN", request.account)
    else:
        _add(_add(identity, "Othr"), "Id", request.account)
    _institution(_add(account, "Svcr"), request.servicer)
    _add(_add(searched, "InvstgtdPties"), "Cd", "OWNE" if request.owner_only else "ALLP")
    for name, description in request.questions:
        question = _add(searched, "AuthrtyReqTp")
        _add(question, "MsgNmId", name)
        if description:
            _add(question, "MsgNm", description)
    return _finished(root, "auth.001.001.01")


def auth_003(investigation: str, *, confidential: bool) -> bytes:
    """Whether a request is to be kept secret from now on, as a validated document. Raises ``InvalidInput`` naming the field."""
    root, body = _document("auth.003.001.01", "InfReqStsChngNtfctn")
    _add(body, "OrgnlBizQry", investigation)
    _add(body, "CnfdtltySts", "true" if confidential else "false")
    return _finished(root, "auth.003.001.01")


# parts ----------------------------------------------------------------------------------------------------------


def _document(version: str, name: str) -> tuple[Any, Any]:
    space = f"urn:iso:std:iso:20022:tech:xsd:{version}"
    root = etree.Element(f"{{{space}}}Document", nsmap={None: space})  # type: ignore[dict-item]  # the stub forgets the default
    return root, etree.SubElement(root, f"{{{space}}}{name}")


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    tag: str = parent.tag
    child = etree.SubElement(parent, tag[: tag.index("}") + 1] + name)
    if text is not None:
        put_text(child, name, text)
    return child


def _assignment(body: Any, name: str, assigner: Institution, assignee: Institution, made_ms: int) -> None:
    assignment = _add(body, "Assgnmt")
    _add(assignment, "Id", name)
    _institution(_add(_add(assignment, "Assgnr"), "Agt"), assigner)
    _institution(_add(_add(assignment, "Assgne"), "Agt"), assignee)
    _add(assignment, "CreDtTm", iso_time(made_ms))


def _case(case: Any, name: str, creator: Institution) -> None:
    _add(case, "Id", name)
    _institution(_add(_add(case, "Cretr"), "Agt"), creator)


def _institution(parent: Any, found: Institution) -> None:
    if not (found.bic or found.code or found.name):
        raise InvalidInput(
            "institution", "neither BIC nor code nor name is given", remedy="give one", rule="iso20022-field"
        )
    named = _add(parent, "FinInstnId")
    if found.bic:
        _add(named, "BICFI", found.bic)
    if found.name:
        _add(named, "Nm", found.name)
    if found.code:
        _add(_add(named, "Othr"), "Id", found.code)


def _original(entry: Any, known: References, uetr: str) -> None:
    for name, text in (
        ("OrgnlInstrId", known.instruction),
        ("OrgnlEndToEndId", known.end_to_end),
        ("OrgnlTxId", known.transaction),
    ):
        if text:
            _add(entry, name, text)
    if known.uetr:
        _add(entry, uetr, known.uetr)


def _amount(parent: Any, name: str, amount: Money) -> None:
    if amount.minor <= 0:
        raise InvalidInput(name, "the amount is not above zero", remedy="give what was paid", rule="amount")
    _add(parent, name, decimal_text(amount.minor, exponent(amount.currency, name))).set("Ccy", amount.currency)


def _reason(entry: Any, name: str, reason: str, texts: Sequence[str], *, coded: bool = True) -> None:
    told = _add(entry, name)
    if reason:
        _add(_add(told, "Rsn"), "Cd" if coded else "Prtry", reason)
    for text in texts:
        _add(told, "AddtlInf", text)


# validation -----------------------------------------------------------------------------------------------------


@cache
def _schema(version: str) -> Any:
    """The compiled schema; it ships with the package and is constant."""
    text = files(__package__).joinpath("schemas").joinpath(f"{version}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(text, etree.XMLParser(no_network=True, resolve_entities=False)))


def _finished(root: Any, version: str) -> bytes:
    schema = _schema(version)
    if not schema.validate(root):
        fault = schema.error_log[0]
        blamed = root.xpath(str(fault.path)) if fault.path else []
        field = blamed[0].tag.rpartition("}")[2] if blamed else "document"
        why = str(fault.message).replace(f"{{{root.nsmap[None]}}}", "")
        raise InvalidInput(field, why[:300], remedy=f"see {version} for what the field may hold", rule=version)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
