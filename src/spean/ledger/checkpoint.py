"""Checkpoints of a log (C2SP ``tlog-checkpoint``) and their cosignatures by witnesses (``tlog-cosignature``).

    origin
    size
    base64 of the root hash
    (extension lines)

The log signs a checkpoint under its origin as key name. A *witness* first verifies that the log only appended since
what it saw before, and then signs what it saw and when; two partners can so never be shown two different logs.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import ed25519
from spean.ledger.merkle import HASH, MAX_SIZE
from spean.ledger.note import (
    COSIGNATURE,
    Verifier,
    check_signature,
    cosigned,
    is_key_name,
    open_note,
    parse_note,
    sign_note,
    signature_line,
    stamped,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log claims to be: its name, how many leaves it has, and the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text of a checkpoint. Raises ``InvalidInput`` when it could not be read back."""
    root = base64.b64encode(checkpoint.root).decode()
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    text = "".join(line + "\n" for line in lines)
    try:
        same = parse_checkpoint(text) == checkpoint
    except VerificationFailed as error:
        raise InvalidInput("checkpoint", error.why, remedy="give origin, size, 32-byte root, full lines") from None
    if not same:
        raise InvalidInput("checkpoint", "a line holds a line break", remedy="give each line by itself")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint. Raises ``VerificationFailed``."""
    if not text.endswith("\n"):
        raise _bad("its last line is not ended")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise _bad("it needs three lines, none of them empty")
    origin, size, root, *extensions = lines
    if _SIZE.fullmatch(size) is None or int(size) > MAX_SIZE:
        raise _bad(f"{size[:40]!r} is no size of a log")
    return Checkpoint(origin, int(size), _root(root), tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> bytes:
    """The checkpoint as a note, signed by the log under its origin as name."""
    if not is_key_name(checkpoint.origin):
        raise InvalidInput("origin", "it cannot be a key's name", remedy="give an origin without space or plus")
    return sign_note(format_checkpoint(checkpoint), checkpoint.origin, private)


def open_checkpoint(data: bytes, logs: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in a note, once one of ``logs`` is found to have signed it as its own.

    Several keys are given while a log changes its key. Raises ``VerificationFailed`` also when the checkpoint's origin
    is not the signer's name, and when a key of a witness is given: a witness's word is not the log's.
    """
    keys = tuple(logs)
    if any(key.kind == COSIGNATURE for key in keys):
        raise _bad("the key of a witness was given where that of the log belongs")
    note = open_note(data, keys)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin not in (key.name for key in note.signed_by):
        raise _bad(f"it is the checkpoint of {checkpoint.origin[:80]!r}, signed by another log")
    return checkpoint


def cosign(data: bytes, name: str, private: Ed25519PrivateKey, seconds: int) -> str:
    """A witness's signature line for this checkpoint note, to be added by ``note.add_signature``.

    Cosign only what you have verified: the log's signature, and consistency with what you saw before.
    ``seconds`` is the time since 1970 UTC.
    """
    text = parse_note(data).text
    parse_checkpoint(text)
    verifier = Verifier(name, ed25519.public_of(private), COSIGNATURE)
    return signature_line(verifier, stamped(seconds, private.sign(cosigned(text, seconds))))


def verify_cosignature(data: bytes, verifier: Verifier) -> int:
    """When the witness cosigned this checkpoint note: seconds since 1970 UTC, the latest if it did so repeatedly.

    The name and key of ``verifier`` count, whatever its type. Raises ``VerificationFailed`` when it did not cosign,
    or when any line of its key fails.
    """
    witness = verifier.witness
    note = parse_note(data)
    parse_checkpoint(note.text)
    key_id = witness.key_id
    times = [
        check_signature(note.text, witness, signature)
        for signature in note.signatures
        if (signature.name, signature.key_id) == (witness.name, key_id)
    ]
    if not times:
        raise _bad(f"{verifier.name} has not cosigned it")
    return max(times)


def _root(text: str) -> bytes:
    try:
        root = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _bad("its root hash is not base64") from None
    if len(root) != HASH or base64.b64encode(root).decode() != text:
        raise _bad(f"its root hash does not have {HASH} bytes in their one base64 form")
    return root


def _bad(why: str) -> VerificationFailed:
    return VerificationFailed("This checkpoint cannot be accepted", why=why, remedy="fetch it again from its log")
