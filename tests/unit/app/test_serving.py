"""The server on a real line: TLS with the node's own certificate, long or silent heads of requests, start and end."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from spean import app
from spean.core.errors import NotFound
from spean.core.world import SeededEntropy, SystemClock
from spean.door.protocol import MAX_HEAD, BoundedProtocol
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.settings import Settings
from spean.peers.pinned import pinned_context


@pytest.fixture
def new_node(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    """Makes nodes that listen on a free port."""
    nodes = []

    def make(name: str = "KR", **more: Any) -> Node:
        entropy = SeededEntropy(5)
        root = new_root(tmp_path / f"root-{name}.json", "test.spean", entropy)
        settings = Settings(
            node=name, name=f"Desk of {name}", realm="test.spean", root=root_public(root),
            url=f"{'http' if more.get('tls') is False else 'https'}://{name.lower()}.localhost:8443",
            listen="127.0.0.1:0", **more,
        )  # fmt: skip
        create(tmp_path / name, settings, entropy=entropy)
        admit(tmp_path / name, root)
        nodes.append(open_node(tmp_path / name, clock=SystemClock()))
        return nodes[-1]

    yield make
    for node in nodes:
        node.close()


@contextmanager
def running(node: Node) -> Iterator[str]:
    """The node served by uvicorn in a thread; its address."""
    server = app.server(node)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.01)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def test_it_serves_with_the_certificate_that_partners_pin(new_node: Callable[..., Node], tmp_path: Path) -> None:
    node = new_node()
    with running(node) as address:
        context = pinned_context(node.keys.tls_certificate)
        with httpx2.Client(verify=context, base_url=f"https://{address}", trust_env=False) as client:
            answer = client.get("/health")
            assert answer.json()["ok"] is True
            assert "server" not in answer.headers
            assert answer.headers["strict-transport-security"]
            assert client.get("/exchange/v1/identity").content == node.identity_document()
        other = new_node("KH")
        with pytest.raises(httpx2.ConnectError), httpx2.Client(
            verify=pinned_context(other.keys.tls_certificate), trust_env=False
        ) as client:  # fmt: skip
            client.get(f"https://{address}/health")


def test_the_key_is_never_on_the_disk_in_clear(
    new_node: Callable[..., Node], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = new_node()
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    seen: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(self: ssl.SSLContext, certfile: str, *rest: Any, **more: Any) -> None:
        path = Path(certfile)
        assert path.stat().st_mode & 0o077 == 0
        seen.append(path.read_bytes())
        load(self, certfile, *rest, **more)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    context = app.tls_context(node)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_3
    assert b"ENCRYPTED PRIVATE KEY" in seen[0]
    assert list(spool.iterdir()) == []


def test_there_must_be_a_node(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        app.serve(tmp_path / "nothing")


async def _converse(address: str, *parts: bytes) -> bytes:
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = b""
    async with asyncio.timeout(5):
        with suppress(ConnectionResetError):  # it hangs up while we still talk
            while chunk := await reader.read(1 << 16):
                answer += chunk
    writer.close()
    return answer


HEAD = b"GET /health HTTP/1.1\r\nhost: kr.localhost\r\n"


def test_a_head_that_is_too_long_is_cut_off(new_node: Callable[..., Node]) -> None:
    with running(new_node(tls=False)) as address:
        fill = b"x-fill: " + b"a" * 1000 + b"\r\n"
        long = asyncio.run(_converse(address, HEAD, fill * (MAX_HEAD // 1000 + 1)))
        assert long.startswith(b"HTTP/1.1 431")
        endless = asyncio.run(_converse(address, b"GET /" + b"a" * (MAX_HEAD + 1)))
        assert endless.startswith(b"HTTP/1.1 431")
        short = asyncio.run(_converse(address, HEAD, fill * 20 + b"connection: close\r\n\r\n"))
        assert short.startswith(b"HTTP/1.1 200")


def test_the_body_does_not_count_as_head(new_node: Callable[..., Node]) -> None:
    with running(new_node(tls=False)) as address:
        body = b'{"link": "' + b"a" * (3 * MAX_HEAD) + b'"}'
        head = b"POST /api/v1/session HTTP/1.1\r\nhost: kr.localhost\r\ncontent-type: application/json\r\n"
        head += b"content-length: %d\r\n" % len(body)
        once = asyncio.run(_converse(address, head + b"connection: close\r\n\r\n" + body))
        assert once.startswith(b"HTTP/1.1 422")
        torn = asyncio.run(_converse(address, head + b"connection: close\r\n\r", b"\n" + body))
        assert torn.startswith(b"HTTP/1.1 422")
        two = asyncio.run(_converse(address, head + b"\r\n" + body + HEAD + b"connection: close\r\n\r\n"))
        assert b"HTTP/1.1 200" in two


def test_who_stays_silent_is_hung_up_on(new_node: Callable[..., Node], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.05)
    with running(new_node(tls=False)) as address:
        assert asyncio.run(_converse(address)) == b""
        assert asyncio.run(_converse(address, HEAD)) == b""


def test_closing_ends_loops_and_wakes_nobody(new_node: Callable[..., Node]) -> None:
    node = new_node(tls=False)
    with running(node):
        assert "clockwork" in {thread.name for thread in threading.enumerate()}
    node.on_commit()  # the server's loop is gone; a late commit must not fall over it
