from __future__ import annotations

from base64 import b64decode
from dataclasses import replace

import pytest

from spean.core.errors import TooMuch, Unauthenticated, VerificationFailed
from spean.exchange.httpsig import LIFE, Nonces, Request, digest_header, sign_request, signature_base, verify_request
from spean.exchange.make import Signer
from spean.ledger import ed25519

NOW = 1_772_586_000_000
TYPE = "application/vnd.spean.pull+msgpack;v=1"
HERE = frozenset({"kr.localhost:8443"})


def request(**changes: object) -> Request:
    values: dict[str, object] = {
        "method": "POST",
        "authority": "kr.localhost:8443",
        "path": "/exchange/v1/pull",
        "query": "",
        "headers": {"content-type": TYPE},
        "body": b"body",
    }
    return Request(**{**values, **changes})  # type: ignore[arg-type]


def signed(signer: Signer, plain: Request, *, nonce: bytes = b"n" * 16, now: int = NOW) -> Request:
    return replace(plain, headers={**plain.headers, **sign_request(plain, "KH", signer, now=now, nonce=nonce)})


def verify(signer: Signer, asked: Request, nonces: Nonces | None = None, now: int = NOW) -> str:
    keys = {("KH", signer.key_id): ed25519.public_of(signer.private)}
    return verify_request(asked, lambda node, key: keys.get((node, key)), nonces or Nonces(), authorities=HERE, now=now)


def test_a_signed_request_proves_its_node(signer: Signer) -> None:
    assert verify(signer, signed(signer, request())) == "KH"
    plain = request(method="GET", path="/exchange/v1/consistency", query="old=1&new=2", headers={}, body=b"")
    assert verify(signer, signed(signer, plain)) == "KH"


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"path": "/exchange/v1/give-back"},
        {"query": "a=1"},
        {"authority": "KR.localhost:8443 "},
        {"body": b"Body"},
        {"body": b""},
    ],
)
def test_nothing_that_is_signed_can_be_changed(signer: Signer, changes: dict[str, object]) -> None:
    with pytest.raises((VerificationFailed, Unauthenticated)):
        verify(signer, replace(signed(signer, request()), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["content-type", "content-digest", "signature", "signature-input"])
@pytest.mark.parametrize("value", [None, "", "x", "sha-256=:AAAA:"])
def test_no_signed_header_can_be_changed_or_left_out(signer: Signer, name: str, value: str | None) -> None:
    asked = signed(signer, request())
    headers = {key: text for key, text in asked.headers.items() if key != name}
    if value is not None:
        headers[name] = value
    with pytest.raises((VerificationFailed, Unauthenticated)):
        verify(signer, replace(asked, headers=headers))


def test_a_body_and_its_digest_changed_together_are_noticed(signer: Signer) -> None:
    asked = signed(signer, request())
    headers = {**asked.headers, "content-digest": digest_header(b"evil")}
    with pytest.raises(VerificationFailed):
        verify(signer, replace(asked, body=b"evil", headers=headers))


def test_a_body_cannot_be_added_to_a_get(signer: Signer) -> None:
    asked = signed(signer, request(method="GET", headers={}, body=b""))
    with pytest.raises(Unauthenticated, match="components"):
        verify(signer, replace(asked, body=b"more"))


def test_the_same_request_is_accepted_once(signer: Signer) -> None:
    nonces, asked = Nonces(), signed(signer, request())
    verify(signer, asked, nonces)
    for later in (0, 30_000, LIFE * 1000):
        with pytest.raises(Unauthenticated, match="came before"):
            verify(signer, asked, nonces, NOW + later)
    assert verify(signer, signed(signer, request(), nonce=b"m" * 16), nonces) == "KH"


@pytest.mark.parametrize("offset", [-61_000, 61_000, -3_600_000, 3_600_000])
def test_a_stale_or_future_request_is_refused(signer: Signer, offset: int) -> None:
    with pytest.raises(Unauthenticated, match="clock"):
        verify(signer, signed(signer, request(), now=NOW + offset))


@pytest.mark.parametrize("offset", [-60_000, -1000, 1000, 60_000])
def test_clocks_may_differ_by_a_minute(signer: Signer, offset: int) -> None:
    assert verify(signer, signed(signer, request(), now=NOW + offset)) == "KH"


def test_an_unknown_key_is_refused_and_a_key_serves_its_own_node_only(signer: Signer) -> None:
    asked = signed(signer, request())
    with pytest.raises(Unauthenticated, match="unknown or revoked"):
        verify_request(asked, lambda *_: None, Nonces(), authorities=HERE, now=NOW)
    disguised = {**asked.headers, "signature-input": asked.headers["signature-input"].replace("KH/", "TH/")}
    with pytest.raises(VerificationFailed):
        verify_request(
            replace(asked, headers=disguised),
            lambda *_: ed25519.public_of(signer.private),
            Nonces(),
            authorities=HERE,
            now=NOW,
        )


def test_a_request_for_another_node_is_refused_here(signer: Signer) -> None:
    with pytest.raises(Unauthenticated, match="not this node"):
        verify(signer, signed(signer, request(authority="th.localhost:8443")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@path" ', ""),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        ('tag="spean"', 'tag="other"'),
        (";nonce=", ";x=1;nonce="),
        ("spean=(", "sig1=("),
        ('"content-type")', '"content-type" "date")'),
    ],
)
def test_only_the_exact_profile_is_accepted(signer: Signer, old: str, new: str) -> None:
    asked = signed(signer, request())
    line = asked.headers["signature-input"]
    assert old in line
    with pytest.raises(Unauthenticated):
        verify(signer, replace(asked, headers={**asked.headers, "signature-input": line.replace(old, new)}))


def test_a_long_life_is_refused_though_signed(signer: Signer) -> None:
    asked = signed(signer, request())
    created = NOW // 1000
    line = asked.headers["signature-input"].replace(f"expires={created + 60}", f"expires={created + 6000}")
    with pytest.raises(Unauthenticated, match="lives longer"):
        verify(signer, replace(asked, headers={**asked.headers, "signature-input": line}))


def test_nonces_are_bounded_and_forgotten_when_they_no_longer_matter() -> None:
    nonces = Nonces(per_node=3)
    for number in range(3):
        nonces.use("KH", f"nonce{number}", until=100, now=40)
    with pytest.raises(TooMuch) as raised:
        nonces.use("KH", "nonce3", until=100, now=40)
    assert raised.value.status == 429
    nonces.use("TH", "nonce0", until=100, now=40)
    nonces.use("KH", "nonce3", until=161, now=101)


def test_a_refused_request_does_not_use_up_its_nonce(signer: Signer) -> None:
    nonces, asked = Nonces(), signed(signer, request())
    with pytest.raises(VerificationFailed):
        verify(signer, replace(asked, body=b"other"), nonces)
    assert verify(signer, asked, nonces) == "KH"


def test_the_vector_of_rfc_9421_appendix_b_2_6() -> None:
    """https://www.rfc-editor.org/rfc/rfc9421.html#appendix-B.2.6, key test-key-ed25519 of B.1.4."""
    base = signature_base(
        [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@method", "POST"),
            ("@path", "/foo"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
            ("content-length", "18"),
        ],
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"',
    )
    public = b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    signature = b64decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
    ed25519.verify(public, signature, base)
