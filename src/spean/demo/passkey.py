"""An authenticator in software, for the demonstration's played officers and for tests: what a security key does, without the key.

It answers a page's ``navigator.credentials.create`` and ``get`` as a browser hands them on (WebAuthn Level 3, ``toJSON``): ES256, no
attestation, the person is present and verified. Never for a real person: whoever has this object has her key.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

from spean.core.errors import NotFound
from spean.core.world import Entropy

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
"""Flags of authenticator data (WebAuthn 6.1)."""
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_NO_MODEL = bytes(16)


@dataclass(frozen=True, slots=True)
class _Credential:
    id: bytes
    key: ec.EllipticCurvePrivateKey
    user: bytes


class SoftPasskey:
    """One device with its passkeys for one node. ``rp_id`` is the node's host name, ``origin`` its address, both as a browser says them."""

    def __init__(self, rp_id: str, origin: str, entropy: Entropy) -> None:
        self.rp_id = rp_id
        self.origin = origin
        self.flags = PRESENT | VERIFIED
        self.count = 0
        """The signature counter; it grows with each use."""
        self._entropy = entropy
        self._credentials: list[_Credential] = []

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey for the user in the registration options; the credential as JSON."""
        private = int.from_bytes(self._entropy.bytes(32), "big") % (_P256_ORDER - 1) + 1
        made = _Credential(
            self._entropy.bytes(32), ec.derive_private_key(private, ec.SECP256R1()), _bytes(options["user"]["id"])
        )
        self._credentials.append(made)
        numbers = made.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = _NO_MODEL + len(made.id).to_bytes(2, "big") + made.id + encode_cbor(cose)
        data = self._data(self.flags | ATTESTED) + attested
        response = {
            "clientDataJSON": _text(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": _text(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "authenticatorData": _text(data),
            "transports": ["internal"],
        }
        return _credential(made, response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Sign in: an assertion by the passkey that the options allow, the newest if they name none. Raises ``NotFound``."""
        allowed = {_bytes(each["id"]) for each in options.get("allowCredentials", ())}
        fitting = [each for each in self._credentials if not allowed or each.id in allowed]
        if not fitting:
            raise NotFound("no passkey of this device is asked for", remedy="register it first")
        return self._assert(fitting[-1], options["challenge"])

    def assertion(self, challenge: bytes) -> dict[str, Any]:
        """An assertion over ``challenge`` by the newest passkey: how an officer signs a fact's hash."""
        return self.get({"challenge": _text(challenge)})

    def _assert(self, credential: _Credential, challenge: str) -> dict[str, Any]:
        self.count += 1
        client_data = self._client_data("webauthn.get", challenge)
        data = self._data(self.flags)
        signed = data + sha256(client_data).digest()
        signature = credential.key.sign(signed, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        response = {
            "clientDataJSON": _text(client_data),
            "authenticatorData": _text(data),
            "signature": _text(signature),
            "userHandle": _text(credential.user),
        }
        return _credential(credential, response)

    def _data(self, flags: int) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said, separators=(",", ":")).encode()


def _credential(credential: _Credential, response: dict[str, Any]) -> dict[str, Any]:
    name = _text(credential.id)
    return {
        "id": name,
        "rawId": name,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    }


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
