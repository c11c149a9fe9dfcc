"""The evidence file: everything that proves one fact, in one JSON file, for somebody who has no node.

It holds the fact's header as it was signed, the origin's signature, the place in a log with its proof, the log's
checkpoint with the cosignatures of witnesses, and the receipts of those who got the fact. Salt and body are in it
only when the holder wants to show them and they are not erased; without them all the rest still verifies (D4).

``encode`` and ``decode`` are here; what it proves is in ``evidence_check``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spean.core.canonical import canonical
from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import ed25519
from spean.ledger.merkle import HASH, MAX_SIZE
from spean.ledger.note import MAX_BYTES, MAX_SIGNATURES, Verifier, format_vkey, parse_vkey

FORMAT = "spean-evidence/1"
MAX_FILE = 8 * 1024 * 1024
"""Bytes of a file: a body of 1 MiB and its receipts fit several times."""
MAX_RECEIPTS = 256
MAX_COVERED = 65_536
MAX_PROOF = 64
SALT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptEvidence:
    """A signed receipt (DSSE, ``dsse.RECEIPT_TYPE``) and the key that made it, as the file claims."""

    payload: bytes
    signature: bytes
    key_id: str
    key: bytes
    """Public signing key of the receiver, 32 bytes."""
    covers: tuple[str, ...] = ()
    """For the receipt of a batch that does not name the fact itself: the names of all facts that it covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact with its proof. Keys stand in it as claims: the verifier says which of them it trusts."""

    payload: bytes
    """The header as it was signed: canonical JSON, and the entry of the log."""
    signature: bytes
    key_id: str
    node: str
    """Origin of the fact."""
    sign_key: bytes
    """The origin's public signing key, 32 bytes."""
    log_key: Verifier
    """Key of the log in which the fact stands: the origin's, or that of a receiver."""
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    """The signed note, with the cosignatures."""
    witnesses: tuple[Verifier, ...] = ()
    salt: bytes | None = None
    body: bytes | None = None
    receipts: tuple[ReceiptEvidence, ...] = ()


def encode(evidence: Evidence) -> bytes:
    """The evidence file: canonical JSON and a newline. Raises ``InvalidInput`` when it could not be read back."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "fact": {
            "payload": _b64(evidence.payload),
            "signature": _b64(evidence.signature),
            "key_id": evidence.key_id,
        },
        "origin": {"node": evidence.node, "sign_key": _b64(evidence.sign_key)},
        "log": {
            "key": format_vkey(evidence.log_key),
            "index": evidence.index,
            "proof": [_b64(hash_) for hash_ in evidence.proof],
            "checkpoint": _b64(evidence.checkpoint),
            "witnesses": [format_vkey(witness) for witness in evidence.witnesses],
        },
        "receipts": [
            {
                "payload": _b64(receipt.payload),
                "signature": _b64(receipt.signature),
                "key_id": receipt.key_id,
                "key": _b64(receipt.key),
                "covers": list(receipt.covers),
            }
            for receipt in evidence.receipts
        ],
    }
    if evidence.salt is not None and evidence.body is not None:
        document["content"] = {"salt": _b64(evidence.salt), "body": _b64(evidence.body)}
    data = canonical(document) + b"\n"
    try:
        same = decode(data) == evidence
    except VerificationFailed as error:
        raise InvalidInput("evidence", error.why, remedy="keep to the limits of the format") from None
    if not same:
        raise InvalidInput("evidence", "salt and body belong together", remedy="give both or neither")
    return data


def decode(data: bytes) -> Evidence:
    """Read an evidence file strictly: every field known, once, of its type and within its limit.

    Nothing is believed yet. Raises ``VerificationFailed``.
    """
    document = _load(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _bad("format", f"this verifier reads {FORMAT}")
    top = _fields(document, "file", ("format", "fact", "origin", "log", "receipts"), ("content",))
    fact = _fields(top["fact"], "fact", ("payload", "signature", "key_id"))
    origin = _fields(top["origin"], "origin", ("node", "sign_key"))
    log = _fields(top["log"], "log", ("key", "index", "proof", "checkpoint", "witnesses"))
    content = _fields(top["content"], "content", ("salt", "body")) if "content" in top else None
    return Evidence(
        payload=_bytes(fact["payload"], "fact.payload"),
        signature=_bytes(fact["signature"], "fact.signature", ed25519.SIGNATURE),
        key_id=_text(fact["key_id"], "fact.key_id"),
        node=_text(origin["node"], "origin.node"),
        sign_key=_bytes(origin["sign_key"], "origin.sign_key", ed25519.KEY),
        log_key=_vkey(log["key"], "log.key"),
        index=_index(log["index"]),
        proof=tuple(_bytes(one, "log.proof", HASH) for one in _list(log["proof"], "log.proof", MAX_PROOF)),
        checkpoint=_note(log["checkpoint"]),
        witnesses=tuple(
            _vkey(one, "log.witnesses") for one in _list(log["witnesses"], "log.witnesses", MAX_SIGNATURES)
        ),
        salt=None if content is None else _bytes(content["salt"], "content.salt", SALT),
        body=None if content is None else _bytes(content["body"], "content.body"),
        receipts=tuple(_receipt(one) for one in _list(top["receipts"], "receipts", MAX_RECEIPTS)),
    )


def load_json(data: bytes, what: str) -> Any:
    """JSON without floats or doubled keys; nesting ends at the interpreter's guard. Raises ``VerificationFailed``."""
    try:
        return json.loads(data, object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        raise _bad(what, f"it is not the JSON that we write: {str(error)[:120]}") from None


def _load(data: bytes) -> Any:
    if len(data) > MAX_FILE:
        raise _bad("file", f"it has {len(data)} bytes; {MAX_FILE} are allowed")
    return load_json(data, "file")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"{text[:20]} is no whole number")


def _receipt(value: Any) -> ReceiptEvidence:
    fields = _fields(value, "receipt", ("payload", "signature", "key_id", "key", "covers"))
    covers = _list(fields["covers"], "receipt.covers", MAX_COVERED)
    return ReceiptEvidence(
        payload=_bytes(fields["payload"], "receipt.payload"),
        signature=_bytes(fields["signature"], "receipt.signature", ed25519.SIGNATURE),
        key_id=_text(fields["key_id"], "receipt.key_id"),
        key=_bytes(fields["key"], "receipt.key", ed25519.KEY),
        covers=tuple(_text(one, "receipt.covers") for one in covers),
    )


def _fields(value: Any, where: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not set(needed) <= set(value) <= {*needed, *optional}:
        raise _bad(where, f"it has {', '.join(needed)} and nothing else")
    return value


def _list(value: Any, where: str, limit: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > limit:
        raise _bad(where, f"it is a list of at most {limit}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 120 or not value.isprintable():
        raise _bad(where, "it is a printable text of 1 to 120 characters")
    return value


def _index(value: Any) -> int:
    if type(value) is not int or not 0 <= value < MAX_SIZE:
        raise _bad("log.index", "it is a whole number from 0")
    return value


def _bytes(value: Any, where: str, length: int | None = None) -> bytes:
    try:
        raw = base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        raw = None
    if raw is None or _b64(raw) != value or (length is not None and len(raw) != length):
        raise _bad(where, "it is base64" + ("" if length is None else f" of {length} bytes"))
    return raw


def _note(value: Any) -> bytes:
    raw = _bytes(value, "log.checkpoint")
    if len(raw) > MAX_BYTES:
        raise _bad("log.checkpoint", f"it has at most {MAX_BYTES} bytes")
    return raw


def _vkey(value: Any, where: str) -> Verifier:
    try:
        return parse_vkey(_text(value, where))
    except InvalidInput as error:
        raise _bad(where, error.why) from None


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bad(where: str, why: str) -> VerificationFailed:
    return VerificationFailed(
        f"The evidence file is malformed at {where}", why=why, remedy="ask for a new copy of the file", rule="evidence"
    )
