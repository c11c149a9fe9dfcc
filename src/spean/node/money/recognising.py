"""What a file is, from its first bytes: ISO 20022, goAML, a bank's table, an explorer's export, AMLSim. Reading goes by what was recognised."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from spean.core.errors import InvalidInput
from spean.formats.bank_csv.mapping import Mapping

Kind = Literal["iso20022", "goaml", "bank-csv", "chain", "amlsim"]
SAMPLE = 1 << 16
_MESSAGE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3}\.\d{3}\.\d{2})")
_GOAML = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?rentity_id[\s/>]")
_GOAML_VERSION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?schema_version>\s*([0-9.]{1,12})\s*<")
_AMLSIM = (("sourcenodeid", "targetnodeid", "value"), ("nodeid", "initbalance"), ("origacct", "beneacct", "baseamt"),
           ("acctid", "initialdeposit"), ("senderaccountid", "receiveraccountid", "txamount"),
           ("accountid", "initbalance"))  # fmt: skip
_HASHES = ("hash", "txhash", "transactionhash", "transactionid", "txnhash", "txid", "txnid")
_UNSPENT = ("bitcoin", "bitcoin-cash", "litecoin", "dogecoin")
_ADDRESS = re.compile(r"[A-Za-z0-9:]{25,90}")
WHICH_CHAIN = "Of which chain is it?"


@dataclass(frozen=True, slots=True)
class Found:
    """What a file seems to be. ``questions`` is empty when nobody need be asked."""

    kind: Kind
    document: str
    confidence: float = 1.0
    questions: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    mapping: Mapping | None = None
    chain: str = ""
    chains: tuple[str, ...] = ()
    """Chains that fit, when it is an export of one of them."""
    samples: tuple[Any, ...] = field(default=(), compare=False)


def recognise(sample: bytes, hints: dict[str, Any]) -> Found:
    """``hints``: what the analyst knows already (``currency``, ``account``, ``keeper``, ``offset``, ``chain``).

    Raises ``InvalidInput`` when it is nothing that is read here.
    """
    start = sample.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1]
    if sample.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) and start == b"<":
        sample = sample.decode("utf-16", "ignore").encode()
    if start == b"<" and _GOAML.search(sample):
        version = _GOAML_VERSION.search(sample)
        return Found("goaml", f"goaml-{version[1].decode()}" if version else "goaml")
    if start == b"<":
        message = _MESSAGE.search(sample)
        return Found("iso20022", message[1].decode() if message else "iso20022")
    if start in (b"{", b"["):
        return _chain(sample, hints, "json")
    header = _header(sample)
    for names in _AMLSIM:
        if set(names) <= set(header):
            return Found("amlsim", "amlsim")
    if set(header) & set(_HASHES) and not {"date", "payer"} <= set(header):
        return _chain(sample, hints, "csv")
    return _table(sample, hints)


def _header(sample: bytes) -> list[str]:
    from spean.formats.bank_csv.words import plain

    line = sample.split(b"\n", 1)[0].decode("utf-8-sig", "replace")
    delimiter = max((",", "\t", ";"), key=line.count)
    return [plain(cell).replace("_", "").replace(" ", "") for cell in line.split(delimiter)]


def _chain(sample: bytes, hints: dict[str, Any], form: str) -> Found:
    from spean.entities.values.wallet import WALLET

    chain = str(hints.get("chain", ""))
    if chain:
        return Found("chain", f"{chain}-{form}", chain=chain)
    fits: dict[str, None] = {}
    for word in _ADDRESS.findall(sample.decode("utf-8", "replace"))[:2000]:
        if word.startswith("0x") and len(word) != 42:
            continue
        fits.update(dict.fromkeys(each.name for each in WALLET.chains(word)))
        if fits:
            break
    chains = tuple(fits)
    if len(chains) == 1:
        return Found("chain", f"{chains[0]}-{form}", chain=chains[0], chains=chains)
    return Found("chain", f"chain-{form}", 0.5, (WHICH_CHAIN,), chains=chains)


def _table(sample: bytes, hints: dict[str, Any]) -> Found:
    from spean.formats.bank_csv.recognise import recognise as propose

    known = {name: hints[name] for name in ("currency", "account", "keeper", "offset") if name in hints}
    found = propose(sample, **known)
    return Found(
        "bank-csv", "bank-csv", found.confidence, found.questions or ("Is everything read as the bank means it?",),
        found.header, found.mapping, samples=found.samples,
    )  # fmt: skip


def read(found: Found, chunks: Iterable[bytes], offset: int = 0) -> Iterator[Any]:
    """Everything that the file tells, as its format reads it."""
    if found.kind == "iso20022":
        from spean.formats.iso.read import read as iso

        return iter(iso(chunks, offset=offset))
    if found.kind == "goaml":
        from spean.formats.goaml.read import read as goaml

        return goaml(chunks, offset=offset)
    if found.kind == "chain":
        from spean.formats.chain.read import read as chain

        return chain(chunks, found.chain)
    if found.kind == "amlsim":
        from spean.formats.amlsim import read as amlsim

        return amlsim(chunks)
    if found.mapping is None:
        raise InvalidInput("mapping", "nobody has confirmed it", remedy="confirm how the table is read")
    from spean.formats.bank_csv.read import read as table

    return table(chunks, found.mapping)
