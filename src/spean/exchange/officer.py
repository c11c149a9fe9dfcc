"""The officer's own signature as two nodes use it: over a fact that is about to be made, and over one that came.

What is signed, and how it is checked, stands in ``ledger/officer.py``; here a header becomes what is signed, and a
node's address the relying party of its officers' passkeys.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any, NamedTuple

import msgspec

from spean.core.errors import InvalidInput, VerificationFailed
from spean.core.fact import Header
from spean.exchange.codec import encode_header
from spean.exchange.identity import split_url
from spean.exchange.make import HeaderFields
from spean.ledger import officer
from spean.ledger.officer import Assertion, Signed, as_json, attach, check, detach

__all__ = [
    "Assertion", "Signed", "Site", "as_json", "attach", "challenge", "challenge_of", "check", "credential_of", "detach",
    "given", "shown", "site_of",
]  # fmt: skip

_PORTS = {"http": 80, "https": 443}


class _Response(msgspec.Struct, frozen=True):
    client: str = msgspec.field(name="clientDataJSON")
    authenticator: str = msgspec.field(name="authenticatorData")
    signature: str


class _Credential(msgspec.Struct, frozen=True):
    id: str
    response: _Response


class Site(NamedTuple):
    """Where a node's officers use their passkeys: the relying party's id, and the only origin that is believed."""

    rp_id: str
    origin: str


def site_of(url: str) -> Site:
    """The site of the node at ``url`` (its identity document names it). Raises ``InvalidInput``."""
    scheme, _, host, port = split_url(url)
    return Site(host, f"{scheme}://{host}" if port == _PORTS[scheme] else f"{scheme}://{host}:{port}")


def challenge(fields: HeaderFields, words: bytes) -> bytes:
    """What is to be signed for a fact that is not made yet."""
    return challenge_of(Header(**fields, commitment="", size=0), words)


def challenge_of(header: Header, words: bytes) -> bytes:
    """What was to be signed for a fact with this header and these words (the body without the assertion)."""
    fields: dict[str, Any] = msgspec.json.decode(encode_header(header))
    return officer.challenge(fields, words)


def given(credential: object, key: bytes) -> Assertion:
    """An assertion as a browser hands it on (WebAuthn Level 3, ``AuthenticationResponseJSON``), made with the passkey
    whose public ``key`` its node keeps. Raises ``InvalidInput``."""
    try:
        found = msgspec.convert(credential, _Credential)
        said = found.response
        document = {
            "authenticator": said.authenticator,
            "client": said.client,
            "credential": found.id,
            "key": urlsafe_b64encode(key).decode().rstrip("="),
            "signature": said.signature,
        }
        return officer.from_json(document)
    except (VerificationFailed, msgspec.ValidationError) as wrong:
        why = wrong.why if isinstance(wrong, VerificationFailed) else str(wrong)
        raise InvalidInput(
            "officer", why, remedy="send what navigator.credentials.get gave, as JSON", rule="R1"
        ) from wrong


def credential_of(credential: object) -> bytes:
    """The id of the passkey that a browser's assertion names. Raises ``InvalidInput``."""
    return given(credential, b"-").credential


def shown(payload: bytes, body: bytes) -> Signed | None:
    """What a reader is shown of the officer's signature in a kept fact, which was judged when it came in. None when there
    is none, or when it does not hold (a fact that was refused for it is kept, too)."""
    if officer.MARK not in body:
        return None
    try:
        words, assertion = detach(body)
        fields: dict[str, Any] = msgspec.json.decode(payload)
        return None if assertion is None else officer.check_alone(assertion, officer.challenge(fields, words))
    except (VerificationFailed, msgspec.DecodeError, TypeError):
        return None
