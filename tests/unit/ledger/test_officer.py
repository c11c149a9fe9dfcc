"""The officer's own signature: what holds, and everything that must not."""

import base64
import hashlib
import json
from dataclasses import replace

import cbor2
import pytest
import webauthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import VerificationFailed
from spean.ledger.cose import read_key
from spean.ledger.officer import (
    NAMES,
    Assertion,
    as_json,
    attach,
    challenge,
    check,
    check_alone,
    detach,
    from_json,
)

RP, ORIGIN = "kr.example", "https://kr.example:8443"
HEADER = {"v": 1, "node": "KR", "kind": "hold", "builds_on": ["ab"], "commitment": "c" * 64, "size": 9}
WORDS = b'{"by":"Lee Hana","form":{"reason":"a report of fraud"}}'
P256 = ec.derive_private_key(7, ec.SECP256R1())
ED = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
RSA = rsa.generate_private_key(65537, 2048)


def number(value: int, length: int | None = None) -> bytes:
    return value.to_bytes(length or (value.bit_length() + 7) // 8, "big")


def cose(key: object) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        public = key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: number(public.x, 32), -3: number(public.y, 32)})
    if isinstance(key, Ed25519PrivateKey):
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()})
    public = key.public_key().public_numbers()
    return cbor2.dumps({1: 3, 3: -257, -1: number(public.n), -2: number(public.e)})


def sign(key: object, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(data)
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def asserted(
    what: bytes, key: object = P256, *, rp_id: str = RP, flags: int = 0x05, more: bytes = b"", **client: object
) -> Assertion:
    document = {"type": "webauthn.get", "challenge": b64(what), "origin": ORIGIN, "crossOrigin": False, **client}
    data = json.dumps({name: value for name, value in document.items() if value is not None}).encode()
    authenticator = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + (9).to_bytes(4, "big") + more
    signature = sign(key, authenticator + hashlib.sha256(data).digest())
    return Assertion(authenticator=authenticator, client=data, credential=b"id", key=cose(key), signature=signature)


WHAT = challenge(HEADER, WORDS)


@pytest.mark.parametrize(("key", "name"), [(P256, "ES256"), (ED, "EdDSA"), (RSA, "RS256")])
def test_three_kinds_of_passkeys_hold(key, name):
    assertion = asserted(WHAT, key)
    signed = check(assertion, WHAT, RP, ORIGIN)
    assert (signed.algorithm, signed.origin, len(signed.key), assertion.count) == (name, ORIGIN, 16, 9)
    assert check_alone(assertion, WHAT) == signed
    # The library that registers passkeys judges the same bytes in the same way.
    webauthn.verify_authentication_response(
        credential={
            "id": b64(b"id"), "rawId": b64(b"id"), "type": "public-key",
            "response": {
                "clientDataJSON": b64(assertion.client), "authenticatorData": b64(assertion.authenticator),
                "signature": b64(assertion.signature),
            },
        },
        expected_challenge=WHAT, expected_rp_id=RP, expected_origin=ORIGIN, credential_public_key=assertion.key,
        credential_current_sign_count=0, require_user_verification=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"flags": 0x01}, "not verified"),
        ({"flags": 0x04}, "nobody was present"),
        ({"rp_id": "kh.example"}, "another site"),
        ({"more": b"xx"}, "another length"),
        ({"flags": 0x85}, "another length"),
        ({"type": "webauthn.create"}, "not of an assertion"),
        ({"origin": "https://kr.example"}, "was made on 'https://kr.example'"),
        ({"origin": "https://kr.example:8443.evil.example"}, "was made on"),
        ({"origin": None}, "names no origin"),
        ({"crossOrigin": True}, "inside another site"),
        ({"topOrigin": ORIGIN}, "inside another site"),
        ({"challenge": b64(hashlib.sha256(b"another").digest())}, "something else"),
        ({"challenge": b64(WHAT) + "="}, "something else"),
    ],
)
def test_what_was_made_otherwise_is_refused(change, why):
    with pytest.raises(VerificationFailed, match=why) as failed:
        check(asserted(WHAT, **change), WHAT, RP, ORIGIN)
    assert failed.value.rule == "R1"


def test_every_word_of_header_and_body_is_bound():
    for other in (
        challenge({**HEADER, "node": "KH"}, WORDS),
        challenge({**HEADER, "builds_on": ["cd"]}, WORDS),
        challenge(HEADER, WORDS.replace(b"fraud", b"theft")),
        challenge({**HEADER, "node": "K"}, b"R" + WORDS),
    ):
        assert other != WHAT
        with pytest.raises(VerificationFailed, match="something else"):
            check(asserted(WHAT), other, RP, ORIGIN)
    assert challenge({**HEADER, "commitment": "d" * 64, "size": 1}, WORDS) == WHAT, "these follow from the assertion"


@pytest.mark.parametrize("key", [P256, ED, RSA])
def test_another_key_or_signature_is_refused(key):
    good = asserted(WHAT, key)
    flipped = good.signature[:-1] + bytes([good.signature[-1] ^ 1])
    for bad in (
        replace(good, signature=flipped),
        replace(good, signature=b"x"),
        replace(good, key=cose(ec.derive_private_key(8, ec.SECP256R1()))),
        replace(good, client=good.client.replace(b'"crossOrigin": false', b'"crossOrigin":false')),
        replace(good, authenticator=good.authenticator[:33] + bytes(4)),
    ):
        with pytest.raises(VerificationFailed):
            check(bad, WHAT, RP, ORIGIN)


def test_a_doubled_field_of_client_data_is_refused():
    good = asserted(WHAT)
    data = good.client[:-1] + b', "challenge": "x"}'
    with pytest.raises(VerificationFailed, match="not JSON"):
        check(replace(good, client=data), WHAT, RP, ORIGIN)


def test_extensions_may_follow_when_the_flag_says_so():
    check(asserted(WHAT, flags=0x85, more=cbor2.dumps({"uvm": True})), WHAT, RP, ORIGIN)


def test_attach_and_detach():
    assertion = asserted(WHAT)
    body = attach(WORDS, as_json(assertion))
    assert detach(body) == (WORDS, assertion)
    assert detach(WORDS) == (WORDS, None)
    first = b'{"officer":' + as_json(assertion) + b"," + WORDS[1:]
    blank = body.replace(b',"officer":', b', "officer":')
    for bad in (first, blank, b"no json", attach(WORDS, b"7"), attach(WORDS, b"{}")):
        with pytest.raises(VerificationFailed):
            detach(bad)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["", "a", "a+b/", "YQ==", "YR", 7, None, "A" * 6000, "ü", "YQ "])
def test_parts_have_one_form(name, value):
    document = {**json.loads(as_json(asserted(WHAT))), name: value}
    with pytest.raises(VerificationFailed, match=name):
        from_json(document)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        [1, 2],
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32},
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
        {1: 2, 3: -7, -1: 2, -2: b"x" * 32, -3: b"y" * 32},
        {1: 2, 3: -35, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
        {1: 1, 3: -8, -1: 6, -2: b"x" * 31},
        {1: 1, 3: -8, -1: 6, -2: 7},
        {1: 1, 3: -8, -1: 6, -2: b"x" * 32, 2: b"kid"},
        {1: 1, 3: -8, -1: 6, "x": b"x" * 32},
        {1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"},
        {1: 3, 3: -257, -1: b"\x00" + b"\xff" * 256, -2: b"\x01\x00\x01"},
        {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x01\x00\x00\x00\x01"},
        {1: 3, 3: -257, -1: b"\xff" * 513, -2: b"\x01\x00\x01"},
        {1: 3, 3: -257, -1: b"\xff" * 256, -2: b""},
    ],
)
def test_other_keys_are_refused(fields):
    with pytest.raises(VerificationFailed, match="cannot be read"):
        read_key(cbor2.dumps(fields))


def test_a_key_has_one_form():
    good = cose(ED)
    assert read_key(good).algorithm == "EdDSA"
    twice = bytes([good[0] + 1]) + good[1:] + cbor2.dumps(1) + cbor2.dumps(1)
    longer = good.replace(b"\x58\x20", b"\x59\x00\x20")
    endless = b"\xbf" + good[1:] + b"\xff"
    for bad in (b"", good + b"\x00", good[:-1], twice, longer, endless, b"\xa1" * 2000, b"\xbb" + bytes(8)):
        with pytest.raises(VerificationFailed, match="cannot be read"):
            read_key(bad)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_key_are_read_or_refused(data):
    try:
        read_key(data)
    except VerificationFailed:
        return


@given(
    st.sampled_from(["authenticator", "client", "key", "signature", "challenge"]), st.integers(0, 4000), st.integers(1, 255),
    st.sampled_from([P256, ED]),
)  # fmt: skip
def test_one_changed_byte_never_holds(part, place, change, key):
    good, what = asserted(WHAT, key), WHAT
    raw = bytearray(what if part == "challenge" else getattr(good, part))
    raw[place % len(raw)] ^= change
    if part == "challenge":
        what = bytes(raw)
    else:
        good = replace(good, **{part: bytes(raw)})
    with pytest.raises(VerificationFailed):
        check(good, what, RP, ORIGIN)


@given(st.binary(min_size=1, max_size=120), st.binary(min_size=1, max_size=300), st.binary(min_size=1, max_size=80))
def test_any_bytes_as_an_assertion_are_refused(authenticator, client, signature):
    bad = Assertion(authenticator=authenticator, client=client, credential=b"x", key=cose(ED), signature=signature)
    for judge in (lambda: check(bad, WHAT, RP, ORIGIN), lambda: check_alone(bad, WHAT)):
        with pytest.raises(VerificationFailed):
            judge()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(["type", "challenge", "origin", "crossOrigin", "topOrigin", "x"]), _JSON))
def test_any_client_data_is_refused_without_another_error(document):
    data = json.dumps(document).encode()
    good = asserted(WHAT)
    with pytest.raises(VerificationFailed):
        check(replace(good, client=data), WHAT, RP, ORIGIN)


@given(_JSON)
def test_any_json_as_an_assertion_is_read_or_refused(document):
    try:
        from_json(document)
    except VerificationFailed:
        return
    raise AssertionError("nothing random is an assertion")
