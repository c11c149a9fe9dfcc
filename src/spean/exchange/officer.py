"""The officer's own signature as two nodes use it: over a fact that is about to be made, and over one that came.

What is signed, and how it is checked, stands in ``ledger/officer.py``; here a header becomes what is signed, and a
node's address the relying party of its officers' passkeys.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from spean.core.errors import InvalidInput, VerificationFailed
from spean.core.fact import Header
from spean.exchange.codec import encode_header
from spean.exchange.identity import split_url
from spean.exchange.make import HeaderFields
from spean.ledger import officer
from spean.ledger.officer import Assertion, Signed, as_json, attach, check

__all__ = ["Assertion", "Signed", "Site", "as_json", "attach", "challenge", "challenge_of", "check", "given", "site_of"]

_PORTS = {"http": 80, "https": 443}


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


def given(document: object) -> Assertion:
    """An assertion as a person's program sends it. Raises ``InvalidInput``."""
    try:
        return officer.from_json(document)
    except VerificationFailed as wrong:
        raise InvalidInput(
            "officer", wrong.why, remedy="send what the passkey gave, each part in base64url", rule="R1"
        ) from wrong
