"""Signed notes (C2SP ``signed-note``): text with one signature line per key.

    text line(s)
                                   (one empty line)
    — name base64(key id ‖ signature)

A *verifier key* (vkey) is written ``name+key id in hex+base64(type ‖ public key)``. Two types are known here: 0x01
signs the text itself; 0x04 is a witness's timestamped cosignature (C2SP ``tlog-cosignature``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import ed25519

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_BYTES = 64 * 1024
MAX_SIGNATURES = 64
KEY_ID = 4
"""Length of a key id in bytes."""

_DASH = "\N{EM DASH} "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
# 44 characters without padding: one byte of type and 32 of key.
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
_STAMP = 8
_MAX_SECONDS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Verifier:
    """Whose signature counts: a name, an Ed25519 public key (32 bytes) and the type of signature."""

    name: str
    public: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise InvalidInput("name", f"{self.name[:80]!r} is no key name", remedy="no spaces, no plus, not empty")
        if len(self.public) != ed25519.KEY or self.kind not in (ED25519, COSIGNATURE):
            raise InvalidInput("public", "it is no Ed25519 key of a known type", remedy="give 32 bytes, type 1 or 4")

    @property
    def key_id(self) -> bytes:
        """SHA-256(name ‖ newline ‖ type ‖ key), first four bytes: tells keys of one name apart, proves nothing."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:KEY_ID]

    @property
    def witness(self) -> Verifier:
        """The same name and key, for timestamped cosignatures."""
        return replace(self, kind=COSIGNATURE)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: name, key id and what the key made (64 bytes, or 8 of time and 64)."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note whose form is right. ``signed_by`` holds the trusted keys whose signatures were verified."""

    text: str
    signatures: tuple[Signature, ...]
    signed_by: tuple[Verifier, ...] = ()


def is_key_name(name: str) -> bool:
    """Whether C2SP allows this as a key's name: not empty, no white space, no plus, no control character."""
    return name != "" and name.isprintable() and " " not in name and "+" not in name


def format_vkey(verifier: Verifier) -> str:
    """The verifier key as text."""
    material = base64.b64encode(bytes([verifier.kind]) + verifier.public).decode()
    return f"{verifier.name}+{verifier.key_id.hex()}+{material}"


def parse_vkey(text: str) -> Verifier:
    """Read a verifier key. Raises ``InvalidInput`` for a foreign type, a wrong key id or anything malformed."""
    found = _VKEY.fullmatch(text)
    if found is None:
        raise _bad_vkey(text, "it does not read name+id+key")
    name, key_id, material = found.groups()
    raw = base64.b64decode(material)
    verifier = Verifier(name, raw[1:], raw[0])
    if verifier.key_id.hex() != key_id:
        raise _bad_vkey(text, "its id is not that of its name and key: a character was altered")
    return verifier


def sign_note(text: str, name: str, private: Ed25519PrivateKey) -> bytes:
    """A note with one signature. ``text`` ends with a newline."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise InvalidInput("text", "a note is lines of text", remedy="end it with a newline, use no control characters")
    verifier = Verifier(name, ed25519.public_of(private))
    return f"{text}\n{signature_line(verifier, private.sign(text.encode()))}".encode()


def parse_note(data: bytes) -> Note:
    """Take a note apart **without believing it**: no signature is verified. Raises ``VerificationFailed``."""
    if len(data) > MAX_BYTES:
        raise _bad_note(f"it has {len(data)} bytes; {MAX_BYTES} are allowed")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise _bad_note("it is not UTF-8") from None
    if _CONTROL.search(whole):
        raise _bad_note("it has a control character")
    text, gap, lines = whole.rpartition("\n\n")
    if gap == "" or not lines.endswith("\n"):
        raise _bad_note("text, empty line and signature lines are not all there")
    rows = lines[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise _bad_note(f"it has {len(rows)} signatures; {MAX_SIGNATURES} are allowed")
    return Note(text + "\n", tuple(_signature(row) for row in rows))


def open_note(data: bytes, verifiers: Iterable[Verifier]) -> Note:
    """The note, once at least one of ``verifiers`` is found to have signed it.

    Lines of unknown keys are ignored, as C2SP demands; a line of a known key that fails makes the whole note fail.
    Raises ``VerificationFailed``.
    """
    note = parse_note(data)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed_by = []
    for signature in note.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is not None:
            check_signature(note.text, verifier, signature)
            if verifier not in signed_by:
                signed_by.append(verifier)
    if not signed_by:
        raise VerificationFailed(
            "No trusted key signed this note",
            why=f"it is signed by {', '.join(signature.name for signature in note.signatures)[:200]}",
            remedy="give the verifier key of its signer, from a source that you trust",
        )
    return replace(note, signed_by=tuple(signed_by))


def check_signature(text: str, verifier: Verifier, signature: Signature) -> int:
    """Raise ``VerificationFailed`` unless this line is the verifier's over ``text``.

    Returns the time (seconds since 1970 UTC) of a cosignature; 0 for a plain signature, which has none.
    """
    stamp = _STAMP if verifier.kind == COSIGNATURE else 0
    if len(signature.value) != stamp + ed25519.SIGNATURE:
        raise _bad_note(f"the signature of {signature.name} has a wrong length")
    seconds = int.from_bytes(signature.value[:stamp], "big")
    if seconds > _MAX_SECONDS:
        raise _bad_note(f"the time of {signature.name}'s cosignature is out of range")
    message = cosigned(text, seconds) if stamp else text.encode()
    ed25519.verify(verifier.public, signature.value[stamp:], message)
    return seconds


def cosigned(text: str, seconds: int) -> bytes:
    """The bytes that a witness signs: what it saw, and when (C2SP ``tlog-cosignature``)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def stamped(seconds: int, signature: bytes) -> bytes:
    """The value of a cosignature: eight bytes of time, then the signature."""
    if not 0 <= seconds <= _MAX_SECONDS:
        raise InvalidInput("seconds", f"{seconds} is no time", remedy="give seconds since 1970 UTC")
    return seconds.to_bytes(_STAMP, "big") + signature


def signature_line(verifier: Verifier, value: bytes) -> str:
    """A signature line with its newline."""
    return f"{_DASH}{verifier.name} {base64.b64encode(verifier.key_id + value).decode()}\n"


def add_signature(data: bytes, line: str) -> bytes:
    """The note with one more signature line; it replaces an older line of the same name and key id.

    Nothing is verified here: verify what a peer sends before adding it.
    """
    note = parse_note(data)
    new = _signature(line.removesuffix("\n"))
    kept = [old for old in note.signatures if (old.name, old.key_id) != (new.name, new.key_id)]
    if len(kept) == MAX_SIGNATURES:
        raise InvalidInput("line", f"a note has at most {MAX_SIGNATURES} signatures", remedy="drop an old one")
    rows = [f"{_DASH}{one.name} {base64.b64encode(one.key_id + one.value).decode()}\n" for one in (*kept, new)]
    return f"{note.text}\n{''.join(rows)}".encode()


def _signature(row: str) -> Signature:
    name, space, encoded = row.removeprefix(_DASH).partition(" ")
    if not row.startswith(_DASH) or space == "" or not is_key_name(name):
        raise _bad_note("a signature line does not read: dash, name, signature")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise _bad_note(f"the signature of {name} is not base64") from None
    if base64.b64encode(raw).decode() != encoded or len(raw) <= KEY_ID:
        raise _bad_note(f"the signature of {name} is too short or not in its one base64 form")
    return Signature(name, raw[:KEY_ID], raw[KEY_ID:])


def _bad_note(why: str) -> VerificationFailed:
    return VerificationFailed("This is no valid note", why=why, remedy="fetch it again from the log that it names")


def _bad_vkey(text: str, why: str) -> InvalidInput:
    return InvalidInput("vkey", f"{text[:120]!r}: {why}", remedy="copy the verifier key again, whole")
