from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from base64 import b64encode
from http.client import HTTPResponse
from typing import Any, Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import InvalidInput, NotFound, Refusal, Unauthenticated, Unavailable, VerificationFailed
from spean.core.world import Clock, ManualClock, SystemClock, SystemEntropy
from spean.exchange.httpsig import Request, sign_request
from spean.exchange.make import Signer
from spean.exchange.page import PULL_TYPE, GiveBack, Pull, ReceiptItem, encode
from spean.peers.client import Peer, PeerClient


class Partner(Protocol):
    """What these tests use of the played partner (conftest.py)."""

    port: int
    gate: Any
    loop: asyncio.AbstractEventLoop

    def peer(self, host: str = ..., *, tls: str | None = ..., scheme: str = ...) -> Peer: ...


KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def pull(after: int = 0, wait_ms: int = 0) -> Pull:
    return Pull(after, wait_ms, 100, 0, [ReceiptItem(b"{}", "KH-1", b"s" * 64)], b"", [], 1)


def test_a_pull_brings_a_page_over_pinned_tls(client: PeerClient, partner: Partner) -> None:
    page = client.pull(partner.peer(), pull(after=1))
    assert (page.sender, page.after, page.items[0].seq) == ("KR", 1, 2)
    assert partner.gate.asked[-1] == ("KH", pull(after=1))


def test_checkpoint_proof_tile_identity_and_give_back(client: PeerClient, partner: Partner) -> None:
    peer = partner.peer()
    assert client.checkpoint(peer) == b"kr.spean/exchange\n5\nKH"
    assert client.consistency(peer, 3, 5) == [b"h" * 32] * 2
    assert client.tile(peer, "tile/0/000") == b"h" * 64
    assert client.identity(peer.url, peer.tls) == client.identity(peer.url) == b"identity"
    assert [item.index for item in client.give_back(peer, GiveBack(7, 10, 1)).items] == [7]
    assert partner.gate.asked[-1] == ("KH", GiveBack(7, 10, 1))


def test_another_self_signed_certificate_is_refused(client: PeerClient, partner: Partner, other_pem: str) -> None:
    before = len(partner.gate.asked)
    with pytest.raises(Unavailable, match="KR cannot be reached"):
        client.pull(partner.peer(tls=other_pem), pull())
    with pytest.raises(Unavailable):
        client.identity(partner.peer().url, other_pem)
    assert len(partner.gate.asked) == before


def test_without_a_pin_nothing_but_the_public_identity_is_asked(client: PeerClient, partner: Partner) -> None:
    with pytest.raises(Unavailable, match="no certificate is pinned"):
        client.pull(partner.peer(tls=""), pull())
    client.identity(partner.peer().url)
    with pytest.raises(Unavailable, match="no certificate is pinned"):
        client.pull(Peer(partner.peer().url, partner.peer().url), pull())
    with pytest.raises(Unavailable, match="not a certificate"):
        client.pull(partner.peer(tls="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), pull())


@pytest.mark.parametrize(
    "url",
    [
        "http://kr.example:80",
        "http://10.0.0.1",
        "http://localhost.example",
        "ftp://kr.localhost",
        "https://user:word@kr.localhost",
        "https://kr.localhost/path",
        "nonsense",
        "https://kr..localhost",
        "https://kr.localhost:99999",
        "https://kr.localhost:0",
        "https://kr.localhost?x",
        "HTTPS://kr.localhost\n",
        "https://",
        "",
    ],
)
def test_plain_http_is_for_loopback_only_and_odd_addresses_for_nobody(client: PeerClient, url: str) -> None:
    with pytest.raises(Unavailable, match="no usable address"):
        client.checkpoint(Peer("KR", url))


def test_a_partner_that_is_away_is_named(client: PeerClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="KR cannot be reached"):
        client.checkpoint(Peer("KR", f"http://kr.localhost:{port}"))


def test_a_refusal_keeps_its_rule_reason_and_remedy(client: PeerClient, partner: Partner) -> None:
    partner.gate.suspended = True
    try:
        with pytest.raises(Refusal) as raised:
            client.pull(partner.peer(), pull())
    finally:
        partner.gate.suspended = False
    refused = raised.value
    assert (refused.rule, refused.why, refused.remedy) == ("A2", "KH–KR is suspended", "ask INT to mediate")
    assert refused.what.startswith("KR: ")
    with pytest.raises(NotFound):
        client.tile(partner.peer(), "tile/0/001")


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/../0/000", "tile/64/000", "tile/0/0", "entries", "x"])
def test_entries_and_odd_paths_are_not_served(client: PeerClient, partner: Partner, path: str) -> None:
    with pytest.raises((NotFound, Unauthenticated, VerificationFailed, InvalidInput, Unavailable)):
        client.tile(partner.peer(), path)


@pytest.mark.parametrize(("old", "new"), [(5, 3), (-1, 3), (0, 10**17)])
def test_senseless_sizes_are_refused(client: PeerClient, partner: Partner, old: int, new: int) -> None:
    with pytest.raises(InvalidInput):
        client.consistency(partner.peer(), old, new)


def asking_as(node: str, key: Ed25519PrivateKey = KEY, clock: Clock | None = None) -> PeerClient:
    return PeerClient(node, Signer("KH-sign-1", key), clock or SystemClock(), SystemEntropy())


def test_strangers_thieves_and_stopped_clocks_are_not_let_in(partner: Partner) -> None:
    before = len(partner.gate.asked)
    late = ManualClock(SystemClock().now() - 90_000)
    for stranger in (asking_as("TH"), asking_as("KH", clock=late)):
        with pytest.raises(Unauthenticated):
            stranger.pull(partner.peer(), pull())
        stranger.close()
    thief = asking_as("KH", Ed25519PrivateKey.from_private_bytes(b"t" * 32))
    with pytest.raises(VerificationFailed, match="signature"):
        thief.pull(partner.peer(), pull())
    thief.close()
    assert len(partner.gate.asked) == before


def test_a_long_poll_answers_when_there_is_news(client: PeerClient, partner: Partner) -> None:
    pages = []
    waiting = threading.Thread(target=lambda: pages.append(client.pull(partner.peer(), pull(after=2, wait_ms=20_000))))
    start = time.monotonic()
    waiting.start()
    partner.loop.call_soon_threadsafe(partner.gate.news.set)
    waiting.join(10)
    partner.loop.call_soon_threadsafe(partner.gate.news.clear)
    assert [item.seq for item in pages[0].items] == [3]
    assert time.monotonic() - start < 10


def test_a_long_poll_without_news_ends_with_an_empty_page(client: PeerClient, partner: Partner) -> None:
    assert client.pull(partner.peer(), pull(after=2, wait_ms=50)).items == []


def raw(partner: Partner, request: bytes) -> bytes:
    """Send bytes as they are and read one whole answer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", partner.port), 10) as plain, context.wrap_socket(plain) as line:
        line.sendall(request)
        answer = HTTPResponse(line)
        answer.begin()
        head = f"HTTP {answer.status}\n{answer.headers}".encode()
        return head + answer.read()


def request_bytes(partner: Partner, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    authority = f"kr.localhost:{partner.port}"
    head = {"content-type": PULL_TYPE}
    view = Request(method="POST", authority=authority, path="/exchange/v1/pull", query="", headers=head, body=body)
    signed = sign_request(
        view, "KH", Signer("KH-sign-1", KEY), now=SystemClock().now(), nonce=SystemEntropy().bytes(16)
    )
    lines = {"host": authority, "content-length": str(len(body)), **head, **signed, **(headers or {})}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /exchange/v1/pull HTTP/1.1\r\n{text}\r\n".encode() + body


def status(answer: bytes) -> int:
    return int(answer.split(None, 2)[1])


def test_a_replayed_request_is_refused(partner: Partner) -> None:
    request = request_bytes(partner, encode(pull()))
    assert status(raw(partner, request)) == 200
    replayed = raw(partner, request)
    assert status(replayed) == 401
    assert b"came before" in replayed


def test_a_body_changed_on_the_way_is_refused(partner: Partner) -> None:
    request = request_bytes(partner, encode(pull()))
    assert status(raw(partner, request[:-1] + b"\x02")) == 400


def test_signed_garbage_is_422_and_the_wrong_type_415(partner: Partner) -> None:
    garbage = raw(partner, request_bytes(partner, b"\xff" * 50))
    assert status(garbage) == 422
    assert b"pull" in garbage
    assert status(raw(partner, request_bytes(partner, b"{}", {"content-type": "application/json"}))) == 415


def test_a_hundred_megabytes_are_answered_before_they_are_sent(partner: Partner) -> None:
    head = request_bytes(partner, b"", {"content-length": str(100 * 1024 * 1024)})
    answer = raw(partner, head + b"x" * 1000)
    assert status(answer) == 413
    assert b"connection: close" in answer.lower()
    assert b'"error":"TooMuch"' in answer


def test_headers_sent_twice_do_not_slip_past_the_signature(partner: Partner) -> None:
    request = request_bytes(partner, encode(pull()))
    line = b"content-digest: sha-256=:" + b64encode(b"0" * 32) + b":\r\n"
    doubled = request.replace(b"\r\nsignature:", b"\r\n" + line + b"signature:")
    assert doubled != request
    assert status(raw(partner, doubled)) in {400, 401}
