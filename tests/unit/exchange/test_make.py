from __future__ import annotations

from collections.abc import Callable

import pytest

from spean.core.errors import InvalidInput, TooMuch, VerificationFailed
from spean.core.world import SeededEntropy
from spean.exchange.codec import MAX_BODY, decode_header
from spean.exchange.make import HeaderFields, Made, Signer, make_facts
from spean.exchange.seal import check_commitment, decrypt_content
from spean.ledger import dsse, ed25519

Make = Callable[..., Made]


def test_a_fact_is_signed_encrypted_and_readable_with_its_key(make: Make, signer: Signer) -> None:
    body = b'{"by":"Kim Ji-woo","form":{"wallet":"TXYZ"}}'
    made = make(body)
    fact = made.fact
    dsse.verify(dsse.FACT_TYPE, fact.payload, fact.signature, ed25519.public_of(signer.private))
    assert decode_header(fact.payload) == fact.header
    assert fact.content is not None
    salt, read = decrypt_content(made.key, fact.content, fact.id)
    check_commitment(fact.header, salt, read)
    assert read == body


def test_no_word_of_the_body_stands_in_what_is_signed_or_stored(make: Make) -> None:
    fact = make(b'{"by":"Kim Ji-woo"}').fact
    assert b"Kim" not in fact.payload
    assert fact.content is not None
    assert b"Kim" not in fact.content


def test_a_fact_is_no_receipt(make: Make, signer: Signer) -> None:
    fact = make().fact
    with pytest.raises(VerificationFailed):
        dsse.verify(dsse.RECEIPT_TYPE, fact.payload, fact.signature, ed25519.public_of(signer.private))


def test_equal_words_have_different_names_keys_and_content(
    fields: HeaderFields, signer: Signer, entropy: SeededEntropy
) -> None:
    made = make_facts([(fields, b"{}")] * 20, signer, entropy)
    assert len({one.fact.id for one in made}) == 20
    assert len({one.key for one in made}) == 20
    assert len({one.fact.content for one in made}) == 20


def test_what_a_peer_would_refuse_is_not_made(make: Make) -> None:
    with pytest.raises(InvalidInput):
        make(kind="Not A Kind")
    with pytest.raises(TooMuch, match="attach a file"):
        make(b"x" * (MAX_BODY + 1))
    assert make(b"x" * MAX_BODY).fact.header.size == MAX_BODY
