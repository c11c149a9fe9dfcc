"""Passkeys (WebAuthn Level 3) by the package ``webauthn``: options for the browser, and what is believed of its answers.

Usernameless: the passkey itself says whose it is. The person is verified by her authenticator each time. No attestation is asked for: which
brand of key an officer holds is not this node's question. Nothing here reads or writes; challenges come in, verified answers go out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from spean.core.errors import NotFound, Unauthenticated
from spean.store.rows import PasskeyRow, UserRow

TIMEOUT_MS = 300_000
MAX_TEXT = 16_384
"""Characters of one field of a credential; real ones have some hundreds."""
TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "internal", "hybrid", "cable"})


@dataclass(frozen=True, slots=True)
class Place:
    """What a passkey is bound to: the node's host name (RP id) and the origin of its pages."""

    rp_id: str
    origin: str
    name: str

    @classmethod
    def of(cls, url: str, name: str) -> Place:
        """From the node's address; a browser leaves the default port out of an origin."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        standard = {"https": 443, "http": 80}.get(parts.scheme)
        port = "" if parts.port in (None, standard) else f":{parts.port}"
        shown = f"[{host}]" if ":" in host else host
        return cls(host, f"{parts.scheme}://{shown}{port}", name)


@dataclass(frozen=True, slots=True)
class Asserted:
    """A verified answer: the counter and whether the passkey is copied to other devices now."""

    sign_count: int
    backed_up: bool


class ClonedPasskey(Unauthenticated):
    """A passkey's counter went backwards: two devices have it."""


def registration_options(place: Place, user: UserRow, challenge: bytes, held: Sequence[PasskeyRow]) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is asked for."""
    return {
        "rp": {"id": place.rp_id, "name": place.name},
        "user": {"id": encoded(user.id.encode()), "name": user.name, "displayName": user.name},
        "challenge": encoded(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (-8, -7, -257)],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [_descriptor(row) for row in held],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def assertion_options(place: Place, challenge: bytes, allowed: Sequence[PasskeyRow] = ()) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is asked for; without ``allowed`` the browser offers whatever it has for this node."""
    return {
        "challenge": encoded(challenge),
        "timeout": TIMEOUT_MS,
        "rpId": place.rp_id,
        "allowCredentials": [_descriptor(row) for row in allowed],
        "userVerification": "required",
    }


def challenge_of(credential: dict[str, Any]) -> bytes:
    """The challenge that the answer claims to answer. Raises ``Unauthenticated`` for anything that is no credential."""
    try:
        response = credential["response"]
        for text in (credential["id"], *(value for value in response.values() if isinstance(value, str))):
            if len(text) > MAX_TEXT:
                raise ValueError("a field of it is too long")
        said = json.loads(decoded(response["clientDataJSON"]))
        if said.get("crossOrigin") or said.get("topOrigin"):
            raise ValueError("it was made inside another site's frame")
        return decoded(said["challenge"])
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as wrong:
        raise refused(f"it is no credential of this node's page: {wrong}") from wrong


def credential_id(credential: dict[str, Any]) -> bytes:
    """Which passkey answers. Raises ``Unauthenticated``."""
    try:
        return decoded(credential["rawId"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise refused("it does not say which passkey it is") from wrong


def decoded_id(text: str) -> bytes:
    """A passkey's id from its base64url text; raises ``NotFound`` for anything else."""
    try:
        return decoded(text)
    except ValueError:
        raise NotFound("No such passkey", remedy="list them and name one by its id") from None


def registered(
    place: Place, credential: dict[str, Any], challenge: bytes, user: str, label: str, now: int
) -> PasskeyRow:
    """The passkey that was made for our challenge, on our page, by a verified person. Raises ``Unauthenticated``."""
    from webauthn import verify_registration_response

    with _believing():
        made = verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=place.rp_id, expected_origin=place.origin,
            require_user_verification=True,
        )  # fmt: skip
    said = credential["response"].get("transports", ())
    transports = tuple(sorted({name for name in said if isinstance(name, str)} & TRANSPORTS))
    return PasskeyRow(
        id=made.credential_id, user=user, public_key=made.credential_public_key, sign_count=made.sign_count, label=label,
        transports=transports, backed_up=made.credential_backed_up, created_at=now, last_used_at=now,
    )  # fmt: skip


def asserted(place: Place, credential: dict[str, Any], challenge: bytes, row: PasskeyRow) -> Asserted:
    """The answer of a known passkey to our challenge. Raises ``Unauthenticated``, or ``ClonedPasskey`` when its counter did not grow."""
    from webauthn import verify_authentication_response

    with _believing():
        handle = credential["response"].get("userHandle")
        if handle and decoded(handle) != row.user.encode():
            raise ValueError("it names another user")
        done = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=place.rp_id, expected_origin=place.origin,
            credential_public_key=row.public_key, credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    if max(done.new_sign_count, row.sign_count) > 0 and done.new_sign_count <= row.sign_count:
        raise ClonedPasskey(
            "The passkey was not accepted",
            why=f"its counter stands at {done.new_sign_count}, and was at {row.sign_count} before: it may have been copied",
            remedy="drop this passkey, and tell the administrator",
        )
    return Asserted(done.new_sign_count, done.credential_backed_up)


def refused(why: str) -> Unauthenticated:
    """The answer to a passkey that is not believed."""
    return Unauthenticated("The passkey was not accepted", why=why[:300], remedy="try again on this node's own page")


@contextmanager
def _believing() -> Iterator[None]:
    """Turns every way in which a hostile credential can fail into one refusal."""
    try:
        yield
    except Unauthenticated:
        raise
    except Exception as error:
        raise refused(str(error)) from error


def _descriptor(row: PasskeyRow) -> dict[str, Any]:
    return {"type": "public-key", "id": encoded(row.id), "transports": list(row.transports)}


def encoded(data: bytes) -> str:
    """Base64url without padding, as WebAuthn's JSON writes bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The inverse of :func:`encoded`; raises ``ValueError`` or ``TypeError``."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
