"""A node's identity document: who it is, where it is reached, which keys it holds.

It is a DSSE envelope with two signatures: the node's own (it holds the keys that it names) and that of its
realm's trust root (it is admitted). A demo's or an exercise's root admits no real node, nor a real root a
played one (R40).
"""

from __future__ import annotations

import re
import zlib
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

import msgspec
from cryptography import x509

from spean.core.errors import InvalidInput, Refusal, TooMuch, VerificationFailed
from spean.core.ids import check_node
from spean.core.world import from_iso
from spean.exchange.codec import check_depth
from spean.exchange.make import Signer
from spean.ledger import dsse

IDENTITY_TYPE: Final = "application/vnd.spean.identity+json;v=1"
MAX_IDENTITY = 16 * 1024
_KEY_ID = re.compile(r"[!#-\[\]-~]{1,100}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_URL = re.compile(rf"(https?)://(({_LABEL}(?:\.{_LABEL}){{0,20}})(?::([1-9][0-9]{{0,4}}))?)")
_PORTS = {"http": "80", "https": "443"}
_INVITE = re.compile(r"spean1\.([A-Za-z0-9_-]{40,30000})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The content of an identity document. Keys are hex of 32 bytes; ``serial`` rises with each new document."""

    v: int = 1
    node: str
    name: str
    """In words, e.g. ``Anti-Scam Unit, Republic of Korea``."""
    url: str
    """Scheme, host and port under which partners reach it; no path."""
    realm: str
    """Name of the trust root under which the node lives."""
    serial: int
    issued: str
    """ISO 8601 UTC."""
    sign_id: str
    sign_key: str
    seal_id: str
    seal_key: str
    log_key: str
    """Verifier key of the exchange log, C2SP signed-note: ``name+hash+base64``."""
    tls: str
    """The pinned TLS certificate as PEM; empty when the node is reached by plain http on its own machine."""


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """DSSE JSON envelope."""

    payload: str
    payload_type: Literal["application/vnd.spean.identity+json;v=1"]
    signatures: list[_Signature]


_ENCODER = msgspec.json.Encoder(order="sorted")
_IDENTITY = msgspec.json.Decoder(Identity)
_DOCUMENT = msgspec.json.Decoder(_Envelope)


def draft_identity(identity: Identity, node: Signer) -> bytes:
    """The document signed by the node alone; the realm's root endorses it, wherever that key is kept."""
    _check(identity)
    payload = _ENCODER.encode(identity)
    return _pack(payload, [_sign(payload, node)])


def endorse(draft: bytes, root: Signer) -> bytes:
    """Admit a node: add the root's signature. Raises ``VerificationFailed`` unless the node's own holds."""
    payload, signatures = _unpack(draft)
    identity = _read(payload)
    _verify_node(identity, payload, signatures)
    return _pack(payload, [signatures[0], _sign(payload, root)])


def make_identity(identity: Identity, node: Signer, root: Signer) -> bytes:
    """Both signatures at once, where one hand holds both keys (a demo, an exercise)."""
    return endorse(draft_identity(identity, node), root)


def verify_identity(document: bytes, root_public: bytes, *, realm: str = "") -> Identity:
    """The identity, when the node and our root signed it.

    Raises ``InvalidInput`` for a wrong form, ``VerificationFailed`` for a wrong signature, and ``Refusal`` (R40)
    when another root admitted it or it names another ``realm``.
    """
    payload, signatures = _unpack(document)
    identity = _read(payload)
    _verify_node(identity, payload, signatures)
    try:
        if len(signatures) != 2:
            raise VerificationFailed("no root signed it")
        dsse.verify(IDENTITY_TYPE, payload, _raw(signatures[1].sig), root_public)
    except VerificationFailed as foreign:
        raise _other_realm(identity, "our trust root did not admit this node") from foreign
    if realm and identity.realm != realm:
        raise _other_realm(identity, f"it lives in {identity.realm!r}, we live in {realm!r}")
    return identity


def read_identity(document: bytes) -> Identity:
    """The identity with the node's own signature checked but not its admission: for showing, never for trusting."""
    payload, signatures = _unpack(document)
    identity = _read(payload)
    _verify_node(identity, payload, signatures)
    return identity


def fingerprint(document: bytes) -> bytes:
    """SHA-256 of what was signed, 32 bytes: two people compare it in words over the telephone."""
    payload, _ = _unpack(document)
    return sha256(b"spean/identity/1" + payload).digest()


def invite(document: bytes) -> str:
    """The document as one line of text to hand over: ``spean1.<compressed document>.<fingerprint>``."""
    packed = urlsafe_b64encode(zlib.compress(document, 9)).decode().rstrip("=")
    return f"spean1.{packed}.{fingerprint(document).hex()}"


def parse_invite(text: str) -> bytes:
    """The document in an invitation. Raises ``InvalidInput`` when it is damaged or not one."""
    found = _INVITE.fullmatch(re.sub(r"\s+", "", text))
    if found is None:
        raise _bad("invitation", "not an invitation of Spean", "paste the whole line that starts with spean1.")
    packed = found[1]
    try:
        inflate = zlib.decompressobj()
        document = inflate.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MAX_IDENTITY)
        if not inflate.eof:
            raise ValueError("too long or cut short")
    except (ValueError, zlib.error) as error:
        raise _bad("invitation", f"damaged: {error}", "copy it again") from error
    if fingerprint(document).hex() != found[2]:
        raise _bad("invitation", "the fingerprint differs from the document", "copy it again")
    return document


def split_url(url: str) -> tuple[str, str, str, int]:
    """Scheme, authority, host and port of a node's address. Raises ``InvalidInput`` when it is anything else."""
    found = _URL.fullmatch(url)
    if found is None or int(found[4] or 0) > 65_535:
        raise _bad("url", f"{url[:100]!r} is not scheme, host and port", "e.g. https://kr.example:8443")
    scheme, authority, host, port = found.groups()
    return scheme, authority, host, int(port or _PORTS[scheme])


def _sign(payload: bytes, signer: Signer) -> _Signature:
    signature = dsse.sign(IDENTITY_TYPE, payload, signer.private)
    return _Signature(keyid=signer.key_id, sig=b64encode(signature).decode())


def _pack(payload: bytes, signatures: list[_Signature]) -> bytes:
    text = b64encode(payload).decode()
    return _ENCODER.encode(_Envelope(payload=text, payload_type=IDENTITY_TYPE, signatures=signatures))


def _unpack(document: bytes) -> tuple[bytes, list[_Signature]]:
    if len(document) > MAX_IDENTITY:
        raise _bad("identity", f"{len(document)} bytes", f"at most {MAX_IDENTITY}")
    try:
        check_depth(document)
        envelope = _DOCUMENT.decode(document)
        payload = b64decode(envelope.payload, validate=True)
    except (msgspec.MsgspecError, ValueError, RecursionError, TooMuch) as error:
        raise _bad("identity", f"not a DSSE envelope: {error}", "fetch the document again") from error
    if not 1 <= len(envelope.signatures) <= 2:
        raise _bad("identity", f"{len(envelope.signatures)} signatures", "the node's and its root's")
    return payload, envelope.signatures


def _read(payload: bytes) -> Identity:
    try:
        identity = _IDENTITY.decode(payload)
        if _ENCODER.encode(identity) != payload:
            raise ValueError("not canonical, or a field is unknown or missing")
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _bad("identity", f"not an identity: {error}", "fetch the document again") from error
    _check(identity)
    return identity


def _verify_node(identity: Identity, payload: bytes, signatures: list[_Signature]) -> None:
    if signatures[0].keyid != identity.sign_id:
        raise VerificationFailed("The node did not sign its own identity", why="another key's id stands first")
    dsse.verify(IDENTITY_TYPE, payload, _raw(signatures[0].sig), bytes.fromhex(identity.sign_key))


def _raw(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise VerificationFailed("A signature is not base64", why=str(error), remedy="fetch it again") from error


def _check(identity: Identity) -> None:
    check_node(identity.node)
    if identity.v != 1 or not 1 <= identity.serial <= 2**53:
        raise _bad("identity.serial", "version or serial is out of range", "version 1, serial from 1")
    for field in ("name", "realm", "log_key"):
        text = getattr(identity, field)
        if not 1 <= len(text) <= 300 or not text.isprintable():
            raise _bad(f"identity.{field}", "empty, too long or unprintable", "1 to 300 characters")
    split_url(identity.url)
    for field in ("sign_id", "seal_id"):
        if _KEY_ID.fullmatch(getattr(identity, field)) is None:
            raise _bad(f"identity.{field}", "not a key id", "1 to 100 visible ASCII characters")
    _check_keys(identity)


def _check_keys(identity: Identity) -> None:
    try:
        from_iso(identity.issued)
        if any(re.fullmatch(r"[0-9a-f]{64}", key) is None for key in (identity.sign_key, identity.seal_key)):
            raise ValueError("a key is not 64 hex digits")
        if identity.tls:
            x509.load_pem_x509_certificate(identity.tls.encode())
    except ValueError as error:
        raise _bad("identity", f"a key, certificate or time is malformed: {error}", "make it anew") from error
    if not identity.tls and identity.url.startswith("https:"):
        raise _bad("identity.tls", "https without a certificate to pin", "name the certificate")


def _other_realm(identity: Identity, why: str) -> Refusal:
    return Refusal("R40", why, remedy="accept only nodes of your own trust root", what=f"{identity.node} is refused")


def _bad(field: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(field, why, remedy=remedy)
