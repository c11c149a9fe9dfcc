"""A partner that answers as it likes: the client believes nothing, follows nothing and reads only so much."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from spean.core.errors import InvalidInput, Refusal, TooMuch, Unavailable
from spean.exchange.page import MAX_PAGE, PAGE_TYPE, Pull
from spean.peers.client import MAX_SMALL, Peer, PeerClient

PULL = Pull(0, 0, 1, 0, [], b"", [], 1)


@contextmanager
def partner_that_answers(answer: bytes, repeat: bytes = b"", times: int = 0) -> Iterator[Peer]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    sent = [0]

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            line.recv(65_536)
            try:
                line.sendall(answer)
                for _ in range(times):
                    line.sendall(repeat)
                    sent[0] += len(repeat)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Peer("KR", f"http://kr.localhost:{listening.getsockname()[1]}")
    finally:
        listening.close()
        thread.join(5)
        assert sent[0] < 100 * 1024 * 1024


def response(status: str, media: str, body: bytes, *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {media}", f"content-length: {len(body)}", *more, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (response("302 Found", "text/plain", b"", "location: http://127.0.0.1:1/"), "HTTP 302"),
        (response("200 OK", "text/html", b"<p>hello</p>"), "text/html"),
        (response("200 OK", "text/plain", b"x", "content-encoding: gzip"), "compresses"),
        (response("500 Oops", "text/plain", b"oops"), "HTTP 500"),
        (response("503 Away", "application/json", b"[" * 10_000), "HTTP 503"),
        (response("503 Away", "application/json", b'["what"]'), "HTTP 503"),
        (response("200 OK", "text/plain", b"short")[:-3], "cannot be reached"),
        (b"SSH-2.0-OpenSSH\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
    ],
)
def test_odd_answers_are_unavailable_and_nothing_is_followed(client: PeerClient, answer: bytes, why: str) -> None:
    with partner_that_answers(answer) as peer, pytest.raises(Unavailable, match=why):
        client.checkpoint(peer)


@pytest.mark.parametrize("length", [f"content-length: {2 * MAX_PAGE}", "transfer-encoding: chunked"])
def test_an_endless_answer_is_cut_off(client: PeerClient, length: str) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {PAGE_TYPE}\r\n{length}\r\n\r\n".encode()
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n" if "chunked" in length else b"x" * 0x100000
    with partner_that_answers(head, chunk, 200) as peer, pytest.raises(Unavailable, match="longer than"):
        client.pull(peer, PULL)


def test_a_small_thing_may_not_be_large(client: PeerClient) -> None:
    answer = response("200 OK", "text/plain", b"x" * (MAX_SMALL + 1))
    with partner_that_answers(answer) as peer, pytest.raises(Unavailable, match="longer than"):
        client.checkpoint(peer)


def test_a_page_of_garbage_is_refused(client: PeerClient) -> None:
    answer = response("200 OK", PAGE_TYPE, b"\xdd\xff\xff\xff\xff")
    with partner_that_answers(answer) as peer, pytest.raises(InvalidInput, match="page"):
        client.pull(peer, PULL)


def test_told_words_are_cut_and_cleaned(client: PeerClient) -> None:
    body = b'{"what":"' + b"w" * 2000 + b'","why":"a\\u001b[31mb","rule":"R26","remedy":7}'
    answer = response("403 No", "application/json", body)
    with partner_that_answers(answer) as peer, pytest.raises(Refusal) as raised:
        client.checkpoint(peer)
    assert (raised.value.rule, raised.value.why, raised.value.remedy) == ("R26", "a[31mb", "")
    assert len(raised.value.what) < 600
    with partner_that_answers(response("429 Slow", "application/json", b"{}")) as peer, pytest.raises(TooMuch):
        client.checkpoint(peer)
