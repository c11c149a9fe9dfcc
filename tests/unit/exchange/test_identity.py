from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.canonical import canonical
from spean.core.errors import InvalidInput, Refusal, VerificationFailed
from spean.exchange.identity import (
    Identity,
    draft_identity,
    endorse,
    fingerprint,
    invite,
    make_identity,
    parse_invite,
    read_identity,
    verify_identity,
)
from spean.exchange.make import Signer
from spean.ledger import ed25519

ROOT = Signer("demo-root", Ed25519PrivateKey.from_private_bytes(b"r" * 32))
ROOT_PUBLIC = ed25519.public_of(ROOT.private)


@pytest.fixture
def identity(signer: Signer) -> Identity:
    return Identity(
        node="KR",
        name="Anti-Scam Unit, played Korea",
        url="http://kr.localhost:8001",
        realm="demo-2026",
        serial=1,
        issued="2026-03-04T01:41:00.000Z",
        sign_id=signer.key_id,
        sign_key=ed25519.public_of(signer.private).hex(),
        seal_id="KR-seal-1",
        seal_key="5e" * 32,
        log_key="kr.spean/exchange+abcd1234+AQID",
        tls="",
    )


@pytest.fixture
def document(identity: Identity, signer: Signer) -> bytes:
    return make_identity(identity, signer, ROOT)


def test_node_and_root_sign_and_both_are_checked(document: bytes, identity: Identity) -> None:
    assert verify_identity(document, ROOT_PUBLIC) == identity
    assert verify_identity(document, ROOT_PUBLIC, realm="demo-2026") == identity


def test_the_root_may_sign_elsewhere_and_later(identity: Identity, signer: Signer, document: bytes) -> None:
    draft = draft_identity(identity, signer)
    assert read_identity(draft) == identity
    with pytest.raises(Refusal, match="R40"):
        verify_identity(draft, ROOT_PUBLIC)
    assert endorse(draft, ROOT) == document


def test_another_root_or_realm_never_mixes_with_ours(document: bytes) -> None:
    with pytest.raises(Refusal, match="R40"):
        verify_identity(document, b"\1" * 32)
    with pytest.raises(Refusal, match="R40"):
        verify_identity(document, ROOT_PUBLIC, realm="real")


def test_the_node_must_hold_the_key_that_it_names(identity: Identity) -> None:
    thief = Signer(identity.sign_id, Ed25519PrivateKey.from_private_bytes(b"t" * 32))
    with pytest.raises(VerificationFailed):
        make_identity(identity, thief, ROOT)
    draft = draft_identity(identity, replace(thief, key_id="other"))
    with pytest.raises(VerificationFailed, match="own identity"):
        read_identity(draft)


def repacked(document: bytes, **changes: object) -> bytes:
    outer = json.loads(document)
    payload = {**json.loads(b64decode(outer["payload"])), **changes}
    outer["payload"] = b64encode(canonical(payload)).decode()
    return canonical(outer)


def test_no_field_can_be_changed_or_added(document: bytes) -> None:
    with pytest.raises(VerificationFailed):
        verify_identity(repacked(document, url="http://evil.localhost:1"), ROOT_PUBLIC)
    with pytest.raises(InvalidInput):
        verify_identity(repacked(document, admin=True), ROOT_PUBLIC)


def test_a_flipped_bit_is_noticed_or_changes_nothing_that_counts(document: bytes, identity: Identity) -> None:
    passed = 0
    for place in range(len(document)):
        altered = bytearray(document)
        altered[place] ^= 4
        try:
            assert verify_identity(bytes(altered), ROOT_PUBLIC, realm="demo-2026") == identity
        except (InvalidInput, VerificationFailed, Refusal):
            continue
        passed += 1
    # DSSE's key ids are hints outside the signature, and the last base64 digits hold two or four unused bits.
    assert passed <= len("demo-root") + 6


@pytest.mark.parametrize(
    "changes",
    [
        {"node": "korea"},
        {"name": ""},
        {"name": "a\nb"},
        {"url": "https://kr.example/path"},
        {"url": "ftp://kr.example"},
        {"url": "https://kr.example:8443"},
        {"serial": 0},
        {"issued": "yesterday"},
        {"sign_key": "00"},
        {"seal_id": "with blank"},
        {"tls": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
        {"realm": "x" * 301},
    ],
)
def test_each_field_keeps_its_rule(identity: Identity, signer: Signer, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        make_identity(replace(identity, **changes), signer, ROOT)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 10_000, b"\xff", b"x" * 20_000])
def test_garbage_is_no_identity(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        verify_identity(data, ROOT_PUBLIC)


def test_an_invitation_is_one_line_that_survives_wrapping(document: bytes) -> None:
    line = invite(document)
    assert line.isascii()
    assert not any(sign.isspace() for sign in line)
    wrapped = "\n  ".join(line[start : start + 60] for start in range(0, len(line), 60))
    assert parse_invite(f" {wrapped}\n") == document


def test_a_damaged_invitation_is_refused(document: bytes) -> None:
    line = invite(document)
    other = "A" if line[60] != "A" else "B"
    damaged = [line[:-1], line[7:], line[:60] + other + line[61:], line[:-1] + ("0" if line[-1] != "0" else "1"), ""]
    for text in damaged:
        with pytest.raises(InvalidInput):
            parse_invite(text)


def test_an_invitation_cannot_unpack_to_a_bomb(document: bytes) -> None:
    bomb = urlsafe_b64encode(zlib.compress(b"\0" * 20_000_000)).decode().rstrip("=")
    with pytest.raises(InvalidInput, match="too long"):
        parse_invite(f"spean1.{bomb}.{'0' * 64}")


def test_the_fingerprint_is_of_what_was_signed(document: bytes, identity: Identity, signer: Signer) -> None:
    assert fingerprint(draft_identity(identity, signer)) == fingerprint(document)
    assert len(fingerprint(document)) == 32
    assert fingerprint(make_identity(replace(identity, serial=2), signer, ROOT)) != fingerprint(document)
