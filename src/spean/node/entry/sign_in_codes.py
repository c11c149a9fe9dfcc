"""One-time codes (RFC 6238): six digits, thirty seconds, each step once; their secrets sealed at rest."""

from __future__ import annotations

import base64
from hmac import compare_digest
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from spean.core.errors import VerificationFailed
from spean.core.world import SECOND, Entropy
from spean.keys import NodeKeys

STEP = 30 * SECOND
DIGITS = 6
SECRET_BYTES = 20
_PURPOSE = "one-time codes"
_NAME, _NONCE = 8, 12


def matching_step(secret: bytes, code: str, now: int) -> int | None:
    """The time step whose code this is: the present one, or one before or after for clocks that differ; None for a wrong code."""
    totp = TOTP(secret, DIGITS, SHA1(), STEP // SECOND)  # noqa: S303 - what authenticator apps know; HMAC-SHA1 stands
    present = now // STEP
    given = "".join(code.split())[:32].encode(errors="replace")
    found = None
    for step in (present - 1, present, present + 1):  # always all three, so that time tells nothing
        if compare_digest(totp.generate(step * STEP // SECOND), given):
            found = step
    return found


def key_uri(secret: bytes, account: str, issuer: str) -> str:
    """What an authenticator app scans (``otpauth://``)."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?secret={base32(secret)}&issuer={quote(issuer, safe='')}&digits={DIGITS}&period=30"


def base32(secret: bytes) -> str:
    """The secret for typing by hand."""
    return base64.b32encode(secret).decode()


def seal(secret: bytes, user: str, keys: NodeKeys, entropy: Entropy) -> bytes:
    """The secret as it stands at rest: id of the sealing key, nonce, AES-256-GCM bound to the user."""
    name, key = next(iter(keys.derived(_PURPOSE).items()))
    nonce = entropy.bytes(_NONCE)
    return bytes.fromhex(name) + nonce + AESGCM(key).encrypt(nonce, secret, user.encode())


def unseal(sealed: bytes, user: str, keys: NodeKeys) -> bytes:
    """The secret; raises ``VerificationFailed`` when it was changed, is another user's, or its key is gone."""
    name, nonce, data = sealed[:_NAME].hex(), sealed[_NAME : _NAME + _NONCE], sealed[_NAME + _NONCE :]
    key = keys.derived(_PURPOSE).get(name)
    try:
        if key is None:
            raise ValueError(f"it was sealed under {name}, which this node has no longer")
        return AESGCM(key).decrypt(nonce, data, user.encode())
    except (InvalidTag, ValueError) as error:
        raise VerificationFailed(
            "The secret of the one-time codes cannot be opened",
            why=str(error) or "it was changed, or belongs to another user",
            remedy="recover the account with two people",
        ) from error
