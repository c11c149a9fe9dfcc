"""The signature of the acting officer: a passkey's assertion over one adverse act (R1; docs/protocol.md section 2).

    challenge = SHA-256("spean/officer/1" ‖ 0x00 ‖ header ‖ 0x00 ‖ words)

``header`` is the canonical JSON of the fact's header without ``commitment`` and ``size``, which depend on the body;
``words`` is the body without the assertion. So it binds node, actor, moment, record, what it builds on, envelope and
every word; it cannot be used for a second act, since that builds on the first. The assertion stands in the body,
beside the actor's name, and is erased with it. What the authenticator signs is WebAuthn Level 3, section 6.3.3.

This is pure and needs nothing but ``cryptography``: the node uses it, and so does ``spean-verify``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn
from urllib.parse import urlsplit

from spean.core.canonical import canonical
from spean.core.errors import VerificationFailed
from spean.ledger.cose import MAX_KEY, Key, read_key

CONTEXT = b"spean/officer/1"
UNKNOWABLE = ("commitment", "size")
"""Fields of a header that follow from the body in which the assertion stands."""
NAMES = ("authenticator", "client", "credential", "key", "signature")
MOST = {"authenticator": 1024, "client": 4096, "credential": 1023, "key": MAX_KEY, "signature": 512}
"""Bytes of each part; a credential's id is limited by WebAuthn, section 5.8.3."""
MARK = b',"officer":'
_PRESENT, _VERIFIED, _EXTENDED = 0x01, 0x04, 0x80
_FIXED = 37
"""Bytes of authenticator data: hash of the relying party's id, flags, counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a passkey gave, with its public key."""

    authenticator: bytes
    """Authenticator data."""
    client: bytes
    """Client data as JSON, exactly as the browser made it."""
    credential: bytes
    """Id of the passkey."""
    key: bytes
    """COSE_Key (``cose.read_key``)."""
    signature: bytes

    @property
    def count(self) -> int:
        """The authenticator's counter of signatures; 0 when it has none."""
        return int.from_bytes(self.authenticator[33:_FIXED], "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What an assertion that holds shows."""

    algorithm: str
    key: str
    """The first 16 hex digits of the public key's SHA-256: the same in all acts of one passkey."""
    origin: str
    """The page on which the officer confirmed the act, as the browser wrote it."""


def challenge(header: Mapping[str, Any], words: bytes) -> bytes:
    """What an officer's passkey signs: 32 bytes out of a header's fields and the body without the assertion."""
    known = {name: value for name, value in header.items() if name not in UNKNOWABLE}
    return sha256(b"\x00".join((CONTEXT, canonical(known), words))).digest()


def attach(words: bytes, assertion: bytes) -> bytes:
    """The body: ``words`` with the assertion (``as_json``) as its last field."""
    return words[:-1] + MARK + assertion + b"}"


def detach(body: bytes) -> tuple[bytes, Assertion | None]:
    """The body without the assertion, and the assertion if there is one. Raises ``VerificationFailed``."""
    try:
        document = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        _fail("the body is not JSON")
    if not isinstance(document, dict) or "officer" not in document:
        return body, None
    assertion = from_json(document["officer"])
    last = MARK + as_json(assertion) + b"}"
    if not body.endswith(last):
        _fail("it is not the last field of the body, in its one form")
    return body[: -len(last)] + b"}", assertion


def as_json(assertion: Assertion) -> bytes:
    """The one byte string of an assertion: canonical JSON, each part in base64url without padding."""
    return canonical({name: _b64(getattr(assertion, name)) for name in NAMES})


def from_json(document: object) -> Assertion:
    """An assertion out of JSON values; raises ``VerificationFailed`` naming what is wrong."""
    if not isinstance(document, dict) or set(document) != set(NAMES):
        _fail(f"it has {', '.join(NAMES)} and nothing else")
    return Assertion(**{name: _bytes(name, document[name]) for name in NAMES})


def check(assertion: Assertion, challenge_: bytes, rp_id: str, origin: str) -> Signed:
    """Raise ``VerificationFailed`` (R1) unless the passkey signed exactly this challenge on exactly this origin's page,
    with its officer present and verified (by finger, face or PIN). The steps are those of WebAuthn, section 7.2."""
    seen = _client(assertion.client, challenge_)
    if seen != origin:
        _fail(f"it was made on {seen[:80]!r}, not on {origin}", "confirm the act on the page of the officer's own node")
    return _signed(assertion, rp_id, origin)


def check_alone(assertion: Assertion, challenge_: bytes) -> Signed:
    """The same for somebody who does not know where the node's page is: the origin is what the browser wrote, and the
    passkey must belong to that very host. Raises ``VerificationFailed``."""
    origin = _client(assertion.client, challenge_)
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        host = ""
    return _signed(assertion, host, origin)


def _client(data: bytes, challenge_: bytes) -> str:
    """The origin that the browser wrote, once type and challenge are as they must be."""
    try:
        document = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        _fail("its client data is not JSON")
    if not isinstance(document, dict) or document.get("type") != "webauthn.get":
        _fail("its client data is not of an assertion")
    if document.get("challenge") != _b64(challenge_):
        _fail(
            "it was made over something else than this act",
            "look at the act again as it would be now, and confirm that",
        )
    if document.get("crossOrigin", False) is not False or "topOrigin" in document:
        _fail("it was made inside another site's page")
    origin = document.get("origin")
    if not isinstance(origin, str):
        _fail("its client data names no origin")
    return origin


def _signed(assertion: Assertion, rp_id: str, origin: str) -> Signed:
    data = assertion.authenticator
    flags = data[32] if len(data) >= _FIXED else 0
    if len(data) < _FIXED or (len(data) > _FIXED) != bool(flags & _EXTENDED):
        _fail("its authenticator data has another length")
    if data[:32] != sha256(rp_id.encode()).digest():
        _fail(f"it belongs to a passkey of another site than {rp_id[:80]}")
    if not flags & _PRESENT:
        _fail("nobody was present")
    if not flags & _VERIFIED:
        _fail("the officer was not verified by the passkey", "use a passkey with finger, face or PIN")
    key: Key = read_key(assertion.key)
    key.verify(assertion.signature, data + sha256(assertion.client).digest())
    return Signed(algorithm=key.algorithm, key=sha256(assertion.key).hexdigest()[:16], origin=origin)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _bytes(name: str, text: object) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        raw = None
    if raw is None or _b64(raw) != text or not 1 <= len(raw) <= MOST[name]:
        _fail(f"{name} is base64url of 1 to {MOST[name]} bytes, without padding")
    return raw


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _fail(why: str, remedy: str = "confirm the act again with your own passkey") -> NoReturn:
    raise VerificationFailed("The officer's signature does not hold", why=why, remedy=remedy, rule="R1")
