"""What an evidence file proves, in numbered steps; a step that fails raises and names its number.

    1  origin       the fact's header is well formed and names the origin that the file claims
    2  signature    the origin's key signed exactly this header
    3  content      salt and body, if present, are what the header commits to; an officer's signature in them holds
    4  checkpoint   the log signed this checkpoint as its own
    5  inclusion    the header stands in the log at this index
    6  witnesses    enough others saw the same checkpoint
    7  receipts     each receipt is signed and about this fact

Which keys are believed is said by whoever verifies. Without trusted keys only the inner consistency of the file is
shown: anybody can make a consistent file with keys of his own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from spean.core.canonical import canonical
from spean.core.errors import VerificationFailed
from spean.core.world import SECOND, iso
from spean.ledger import dsse
from spean.ledger.checkpoint import Checkpoint, open_checkpoint, verify_cosignature
from spean.ledger.evidence import Evidence, ReceiptEvidence, load_json
from spean.ledger.merkle import leaf_hash
from spean.ledger.note import COSIGNATURE, Verifier, format_vkey, parse_note, parse_vkey
from spean.ledger.officer import Signed, challenge, check_alone, detach
from spean.ledger.verify import verify_inclusion

_HEX_KEY = re.compile(r"(?:([A-Z][A-Z0-9]{1,7})=)?([0-9a-fA-F]{64})")
_FACT = re.compile(r"[0-9a-f]{64}")
_COMMIT = b"spean/commit/1"
STEPS = ("origin", "signature", "content", "checkpoint", "inclusion", "witnesses", "receipts")


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """The keys that the verifying person believes, each bound to a name.

    ``signers`` are (node, public key) of nodes that sign facts and receipts; an empty node binds the key to no name.
    ``logs`` are keys of logs (type 0x01), ``witnesses`` those of witnesses (type 0x04): neither stands for the other,
    and a name that a file merely claims is never enough.
    """

    signers: frozenset[tuple[str, bytes]] = frozenset()
    logs: frozenset[Verifier] = frozenset()
    witnesses: frozenset[Verifier] = frozenset()

    def signs(self, node: str, public: bytes) -> bool:
        return (node, public) in self.signers or ("", public) in self.signers


@dataclass(frozen=True, slots=True)
class Step:
    """One step that held: its number, its name and what it showed."""

    number: int
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class ReceiptSeen:
    """A receipt that holds: who received, with what result, and whether its key was among the trusted ones."""

    receiver: str
    status: str
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was proved."""

    fact: str
    """Name of the fact: its leaf hash in hex."""
    header: dict[str, Any]
    """The signed header."""
    trusted: bool
    """Whether the keys were believed; otherwise only the file's consistency with itself was shown."""
    checkpoint: Checkpoint
    index: int
    content: bool
    """Whether salt and body were in the file and fit."""
    officer: Signed | None
    """The officer's own signature, if the content has one: with which passkey, and on which page."""
    witnesses: tuple[tuple[str, int], ...]
    """Name of each counted witness, and when it saw the checkpoint (seconds since 1970 UTC)."""
    receipts: tuple[ReceiptSeen, ...]
    steps: tuple[Step, ...]


def parse_trusted(texts: Iterable[str]) -> TrustedKeys:
    """Keys as a person writes them: a verifier key (vkey) for a log or witness, ``NODE=hex`` for a node's signing
    key, or the hex alone. Raises ``InvalidInput``."""
    signers: set[tuple[str, bytes]] = set()
    verifiers: set[Verifier] = set()
    for text in texts:
        found = _HEX_KEY.fullmatch(text)
        if found is None:
            verifiers.add(parse_vkey(text))
        else:
            signers.add((found[1] or "", bytes.fromhex(found[2])))
    witnesses = frozenset(verifier for verifier in verifiers if verifier.kind == COSIGNATURE)
    return TrustedKeys(frozenset(signers), frozenset(verifiers - witnesses), witnesses)


def verify_evidence(evidence: Evidence, trusted: TrustedKeys | None, witnesses_needed: int = 0) -> Report:
    """Verify one fact offline. Raises ``VerificationFailed`` with ``rule`` ``evidence-N`` for step N.

    With ``trusted`` given, the origin's signing key and the log's key must be in it, only trusted witnesses count,
    and receipts under other keys are reported as untrusted. With None nothing about *who* is shown.
    """
    leaf = leaf_hash(evidence.payload)
    with _step(1):
        header = _origin(evidence)
    with _step(2):
        _signature(evidence, trusted)
    with _step(3):
        officer = _content(evidence, header)
    with _step(4):
        checkpoint = _checkpoint(evidence, trusted)
    with _step(5):
        verify_inclusion(leaf, evidence.index, checkpoint.size, evidence.proof, checkpoint.root)
    with _step(6):
        witnesses = _witnesses(evidence, trusted, witnesses_needed)
    with _step(7):
        receipts = tuple(_receipt(receipt, leaf.hex(), trusted) for receipt in evidence.receipts)
    return Report(
        fact=leaf.hex(),
        header=header,
        trusted=trusted is not None,
        checkpoint=checkpoint,
        index=evidence.index,
        content=evidence.body is not None,
        officer=officer,
        witnesses=witnesses,
        receipts=receipts,
        steps=_told(evidence, officer, checkpoint, witnesses, receipts),
    )


@contextmanager
def _step(number: int) -> Iterator[None]:
    """Name the step in whatever fails within it."""
    try:
        yield
    except VerificationFailed as error:
        what = f"Step {number} ({STEPS[number - 1]}) failed: {error.what}"
        raise VerificationFailed(what, why=error.why, remedy=error.remedy, rule=f"evidence-{number}") from None


def _origin(evidence: Evidence) -> dict[str, Any]:
    """(1) The payload is canonical JSON of a header of version 1, and of the node that the file names."""
    header = _canonical(evidence.payload, "header")
    if header.get("v") != 1:
        raise _failed(f"the header has format {header.get('v')!r:.20}", "get a newer verifier")
    texts = ("node", "record", "kind", "time", "commitment")
    if any(not isinstance(header.get(name), str) for name in texts) or type(header.get("size")) is not int:
        raise _failed("the header lacks a field of every header")
    if header["node"] != evidence.node:
        raise _failed(f"the header is of {header['node']!r:.20}, the file says {evidence.node!r:.20}")
    return header


def _signature(evidence: Evidence, trusted: TrustedKeys | None) -> None:
    """(2) The origin's key, which must be believed where keys are given, signed exactly this header."""
    if trusted is not None and not trusted.signs(evidence.node, evidence.sign_key):
        raise _failed(
            f"the signing key {evidence.sign_key.hex()} of {evidence.node} is not among the trusted keys",
            f"compare it with {evidence.node} by another way, then give --key {evidence.node}=HEX",
        )
    dsse.verify(dsse.FACT_TYPE, evidence.payload, evidence.signature, evidence.sign_key)


def _content(evidence: Evidence, header: dict[str, Any]) -> Signed | None:
    """(3) Salt and body, if the file shows them, are those to which the header commits. Where an officer signed the act
    with a passkey, that signature is over this very header and body. Whose passkey it is, the officer's node knows."""
    if evidence.salt is None or evidence.body is None:
        return None
    commitment = hashlib.sha256(_COMMIT + evidence.salt + evidence.body).hexdigest()
    if commitment != header["commitment"] or len(evidence.body) != header["size"]:
        raise _failed("the body is not the one that the origin signed")
    words, assertion = detach(evidence.body)
    return None if assertion is None else check_alone(assertion, challenge(header, words))


def _checkpoint(evidence: Evidence, trusted: TrustedKeys | None) -> Checkpoint:
    """(4) The log, whose key must be believed where keys are given, signed this checkpoint as its own."""
    log = evidence.log_key
    if trusted is not None and log not in trusted.logs:
        raise _failed(
            f"the log's key {format_vkey(log)} is not among the trusted keys",
            "compare it with the log's operator by another way, then give it with --key",
        )
    return open_checkpoint(evidence.checkpoint, (log,))


def _witnesses(evidence: Evidence, trusted: TrustedKeys | None, needed: int) -> tuple[tuple[str, int], ...]:
    """(6) Distinct keys, none of them the log's own, cosigned the checkpoint; a cosignature that is wrong fails."""
    log = evidence.log_key.public
    believed = evidence.witnesses if trusted is None else tuple(trusted.witnesses)
    lines = {(line.name, line.key_id) for line in parse_note(evidence.checkpoint).signatures}
    found: dict[bytes, tuple[str, int]] = {}
    for verifier in believed:
        if verifier.public != log and (verifier.name, verifier.witness.key_id) in lines:
            found[verifier.public] = (verifier.name, verify_cosignature(evidence.checkpoint, verifier))
    if len(found) < needed:
        kind = "" if trusted is None else "trusted "
        raise _failed(f"{len(found)} {kind}witnesses cosigned, {needed} are needed", "ask for a file with more of them")
    return tuple(sorted(found.values()))


def _receipt(receipt: ReceiptEvidence, fact: str, trusted: TrustedKeys | None) -> ReceiptSeen:
    """(7) The receipt is signed, and about this fact: it names it, or its digest covers a list that does."""
    dsse.verify(dsse.RECEIPT_TYPE, receipt.payload, receipt.signature, receipt.key)
    document = _canonical(receipt.payload, "receipt")
    receiver, status, facts = document.get("receiver"), document.get("status"), document.get("facts")
    if not isinstance(receiver, str) or not isinstance(status, str) or not isinstance(facts, list):
        raise _failed("the receipt lacks a field of every receipt")
    if fact not in facts:
        _covered(receipt.covers, fact, document)
    return ReceiptSeen(receiver, status, trusted is not None and trusted.signs(receiver, receipt.key))


def _covered(covers: tuple[str, ...], fact: str, document: dict[str, Any]) -> None:
    if fact not in covers or any(_FACT.fullmatch(name) is None for name in covers):
        raise _failed("a receipt is about another fact")
    if hashlib.sha256(bytes.fromhex("".join(covers))).hexdigest() != document.get("digest"):
        raise _failed("a receipt of a batch does not cover the facts that the file lists for it")


def _canonical(payload: bytes, what: str) -> dict[str, Any]:
    document: dict[str, Any] = load_json(payload, what)
    try:
        same = isinstance(document, dict) and canonical(document) == payload
    except (TypeError, ValueError):  # too deep, a key that is not ASCII, half a surrogate pair
        same = False
    if not same:
        raise _failed(f"the {what} is not canonical JSON")
    return document


def _told(
    evidence: Evidence,
    officer: Signed | None,
    checkpoint: Checkpoint,
    witnesses: tuple[tuple[str, int], ...],
    receipts: tuple[ReceiptSeen, ...],
) -> tuple[Step, ...]:
    """The seven steps in words."""
    seen = ", ".join(f"{name} at {iso(seconds * SECOND)}" for name, seconds in witnesses)
    got = ", ".join(f"{one.receiver}: {one.status}" + ("" if one.trusted else " (key not trusted)") for one in receipts)
    told = (
        f"the header is well formed and of {evidence.node}",
        f"signed with the key {evidence.sign_key.hex()}",
        _told_content(evidence, officer),
        f"signed by {format_vkey(evidence.log_key)}, {checkpoint.size} leaves",
        f"the header is leaf {evidence.index}",
        seen or "no witness",
        got or "none in the file",
    )
    return tuple(Step(number, name, shown) for number, (name, shown) in enumerate(zip(STEPS, told, strict=True), 1))


def _told_content(evidence: Evidence, officer: Signed | None) -> str:
    if evidence.body is None:
        return "not in the file"
    said = "salt and body are what the header commits to"
    if officer is None:
        return f"{said}; no officer's own signature is in them"
    return f"{said}; an officer signed them with the passkey {officer.key} ({officer.algorithm}) on {officer.origin}"


def _failed(
    why: str, remedy: str = "ask for a new copy of the file, and the holder for an explanation"
) -> VerificationFailed:
    return VerificationFailed("the evidence does not hold", why=why, remedy=remedy)
