"""DSSE envelopes."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import VerificationFailed
from spean.ledger import dsse, ed25519

ONE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
TWO = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
KEYS = ed25519.public_of(ONE), ed25519.public_of(TWO)


def test_pae_is_the_example_of_the_specification():
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert dsse.pae("", b"") == b"DSSEv1 0  0 "


def test_lengths_are_those_of_bytes():
    assert dsse.pae("ស", "ស្ពាន".encode()).startswith(b"DSSEv1 3 \xe1\x9e\x9f 15 ")


def test_the_key_that_signed_is_told():
    signature = dsse.sign(dsse.FACT_TYPE, b"payload", TWO)
    assert dsse.verify(dsse.FACT_TYPE, b"payload", signature, *KEYS) == KEYS[1]


@pytest.mark.parametrize(
    ("kind", "payload", "keys"),
    [
        (dsse.RECEIPT_TYPE, b"payload", KEYS),
        (dsse.FACT_TYPE, b"payloae", KEYS),
        (dsse.FACT_TYPE, b"payload", KEYS[:1]),
        (dsse.FACT_TYPE, b"payload", ()),
    ],
)
def test_type_payload_and_key_are_bound(kind, payload, keys):
    signature = dsse.sign(dsse.FACT_TYPE, b"payload", TWO)
    with pytest.raises(VerificationFailed, match="No known key"):
        dsse.verify(kind, payload, signature, *keys)
