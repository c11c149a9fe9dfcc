from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import VerificationFailed
from spean.exchange import seal
from spean.exchange.make import Made

Make = Callable[..., Made]
KEY, OTHER = b"k" * 32, b"o" * 32
NAME, OTHER_NAME = "ab" * 32, "cd" * 32
PRIVATE = X25519PrivateKey.from_private_bytes(b"p" * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
INFO = seal.seal_info("KR", "KH", NAME)


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_seal_opens_for_its_receiver_only() -> None:
    sealed = seal.seal_key(KEY, PUBLIC, INFO)
    assert len(sealed) == seal.SEALED_SIZE
    assert seal.open_key(sealed, PRIVATE, INFO) == KEY
    with pytest.raises(VerificationFailed):
        seal.open_key(sealed, X25519PrivateKey.generate(), INFO)


@pytest.mark.parametrize("parties", [("KH", "KR", NAME), ("KR", "TH", NAME), ("KR", "KH", OTHER_NAME)])
def test_a_seal_is_bound_to_sender_receiver_and_fact(parties: tuple[str, str, str]) -> None:
    with pytest.raises(VerificationFailed):
        seal.open_key(seal.seal_key(KEY, PUBLIC, INFO), PRIVATE, seal.seal_info(*parties))


def test_names_cannot_be_shifted_within_the_info() -> None:
    assert seal.seal_info("KR", "KHT", "H") != seal.seal_info("KR", "KH", "TH")


def test_any_flipped_byte_of_a_seal_is_noticed() -> None:
    sealed = seal.seal_key(KEY, PUBLIC, INFO)
    for place in range(len(sealed)):
        # X25519 ignores the top bit of its last byte, which is not the one flipped here.
        with pytest.raises(VerificationFailed):
            seal.open_key(flipped(sealed, place), PRIVATE, INFO)
    for length in (0, 1, 31, 79):
        with pytest.raises(VerificationFailed):
            seal.open_key(sealed[:length], PRIVATE, INFO)


def test_a_public_key_of_another_length_is_refused() -> None:
    with pytest.raises(VerificationFailed):
        seal.seal_key(KEY, b"short", INFO)


@given(st.binary(max_size=200))
def test_content_opens_with_its_key_and_name_only(body: bytes) -> None:
    content = seal.encrypt_content(KEY, b"s" * 32, body, NAME)
    assert len(content) == len(body) + seal.CONTENT_OVERHEAD
    assert seal.decrypt_content(KEY, content, NAME) == (b"s" * 32, body)
    for key, name in ((OTHER, NAME), (KEY, OTHER_NAME)):
        with pytest.raises(VerificationFailed):
            seal.decrypt_content(key, content, name)


def test_altered_or_shortened_content_is_noticed() -> None:
    content = seal.encrypt_content(KEY, b"s" * 32, b"body", NAME)
    for place in range(len(content)):
        with pytest.raises(VerificationFailed):
            seal.decrypt_content(KEY, flipped(content, place), NAME)
    for length in range(len(content)):
        with pytest.raises(VerificationFailed):
            seal.decrypt_content(KEY, content[:length], NAME)


def test_content_too_short_for_a_salt_is_refused() -> None:
    short = seal.encrypt_content(KEY, b"", b"body", NAME)
    with pytest.raises(VerificationFailed, match="salt"):
        seal.decrypt_content(KEY, short, NAME)


def test_the_commitment_holds_for_the_signed_body_alone(make: Make) -> None:
    made = make(b'{"form":{}}')
    assert made.fact.content is not None
    salt, body = seal.decrypt_content(made.key, made.fact.content, made.fact.id)
    header = made.fact.header
    seal.check_commitment(header, salt, body)
    for wrong_salt, wrong_body in ((b"x" * 32, body), (salt, b'{"form":[]}'), (salt, body + b" "), (salt[:31], body)):
        with pytest.raises(VerificationFailed):
            seal.check_commitment(header, wrong_salt, wrong_body)
    # Salt and body cannot be cut at another place.
    moved = replace(header, size=len(body) + 1)
    with pytest.raises(VerificationFailed):
        seal.check_commitment(moved, salt[:31], salt[31:] + body)


def test_a_batch_key_opens_each_of_its_facts_only() -> None:
    wrapped = seal.wrap_key(KEY, NAME, OTHER)
    assert len(wrapped) == seal.WRAPPED_SIZE
    assert seal.unwrap_key(KEY, NAME, wrapped) == OTHER
    for key, name, bytes_ in ((OTHER, NAME, wrapped), (KEY, OTHER_NAME, wrapped), (KEY, NAME, flipped(wrapped, 5))):
        with pytest.raises(VerificationFailed):
            seal.unwrap_key(key, name, bytes_)
