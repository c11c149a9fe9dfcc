"""What is carried when a fact is passed on, opened and checked; which marks must stay (A5). Pure."""

from __future__ import annotations

import msgspec

from spean.agreements.model import Instrument
from spean.core.errors import InvalidInput, Refusal, TooMuch, VerificationFailed
from spean.core.fact import Envelope, Header
from spean.core.marks import Tlp
from spean.exchange.codec import UnknownFormat, decode_header, fact_id
from spean.exchange.seal import check_commitment
from spean.ledger import dsse
from spean.onward.model import Grant, Signed
from spean.procedures import forms

KEPT = ("data", "subject", "handling", "source", "grade", "nature")
"""Marks that stay exactly as the owner set them."""


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    by: str
    form: msgspec.Raw


def opened(signed: Signed) -> tuple[str, Header]:
    """Name and header of a carried fact whose words are the signed ones; raises ``Refusal`` (A5)."""
    try:
        payload = signed.payload.encode()
        header = decode_header(payload)
        check_commitment(header, bytes.fromhex(signed.salt), signed.body.encode())
    except (InvalidInput, UnknownFormat, VerificationFailed, UnicodeError) as wrong:
        raise Refusal("A5", f"the carried fact is not whole: {wrong}", remedy="carry it as it was received") from wrong
    return fact_id(payload), header


def check_signature(signed: Signed, public: bytes) -> None:
    """Raise ``Refusal`` (A5) unless ``public`` signed the carried header."""
    try:
        dsse.verify(dsse.FACT_TYPE, signed.payload.encode(), bytes.fromhex(signed.signature), public)
    except VerificationFailed as forged:
        raise Refusal("A5", "the owner did not sign what is carried", remedy="carry it as it was received") from forged


def grant_in(signed: Signed, header: Header) -> Grant:
    """The terms of a carried consent; raises ``Refusal`` (A5) when it is none."""
    try:
        if (header.procedure, header.kind) != ("onward-consent", "grant"):
            raise InvalidInput("consent", f"a {header.kind} of {header.procedure}", remedy="carry the grant")
        return forms.decode(Grant, bytes(msgspec.json.decode(signed.body.encode(), type=_Body).form))
    except (InvalidInput, TooMuch, msgspec.MsgspecError, UnicodeError, RecursionError) as wrong:
        raise Refusal("A5", f"what is carried is no consent: {wrong}", remedy="carry the owner's grant") from wrong


def keep_marks(outer: Envelope, original: Envelope) -> None:
    """Raise ``Refusal`` (A5) when passing on would loosen a mark that the owner set."""
    for name in KEPT:
        theirs, ours = getattr(original, name), getattr(outer, name)
        if ours != theirs:
            raise Refusal("A5", f"{name} {theirs} stays on it, not {ours}", remedy=f"leave {name} as the owner set it")
    if Tlp(outer.tlp).rank < Tlp(original.tlp).rank:
        raise Refusal("A5", f"TLP:{original.tlp} stays on it", remedy="raise the TLP mark, or leave it")
    if outer.review > original.review:
        raise Refusal("R33", f"it is to be reviewed by {original.review}", remedy="choose that day or an earlier one")


def needs_consent(instrument: Instrument, receiver: str) -> bool:
    """Whether the onward rule of the instrument *under which it was received* wants the owner's consent.

    Raises ``Refusal`` (A5) when what is received under it is never passed on.
    """
    if instrument.onward == "never":
        raise Refusal("A5", f"what is received under {instrument.title} is never passed on",
                      remedy="ask the owner to send it itself")  # fmt: skip
    return instrument.onward == "consent" or receiver not in instrument.parties
