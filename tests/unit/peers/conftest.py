"""A partner on loopback: the real routes and limits under a real uvicorn, with a gate that keeps what it saw."""

from __future__ import annotations

import asyncio
import datetime
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette

from spean.api.partners import partner_routes
from spean.core.errors import NotFound, Refusal
from spean.core.world import SystemClock, SystemEntropy
from spean.door.limits import Limits
from spean.exchange import httpsig
from spean.exchange.make import Signer
from spean.exchange.page import GiveBack, Item, Page, Pull, Returned, ReturnedItem, encode
from spean.ledger import ed25519
from spean.peers.client import Peer, PeerClient

SIGNER = Signer("KH-sign-1", Ed25519PrivateKey.from_private_bytes(b"k" * 32))


def page_of(items: list[Item], after: int, now: int = 1) -> Page:
    return Page("KR", after, after + len(items), items, [], b"note", 0, [], [], 0, now)


@dataclass
class PlayedGate:
    """Knows one partner, KH; has two items for it; anything new wakes those who wait."""

    authorities: frozenset[str]
    nonces: httpsig.Nonces = field(default_factory=httpsig.Nonces)
    asked: list[tuple[str, object]] = field(default_factory=list)
    suspended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def authenticate(self, request: httpsig.Request) -> str:
        keys = {("KH", SIGNER.key_id): ed25519.public_of(SIGNER.private)}
        now = SystemClock().now()
        return httpsig.verify_request(
            request, lambda *name: keys.get(name), self.nonces, authorities=self.authorities, now=now
        )

    async def serve_pull(self, peer: str, pull: Pull, wait_ms: int) -> bytes:
        self.asked.append((peer, pull))
        if self.suspended:
            raise Refusal("A2", "KH–KR is suspended", remedy="ask INT to mediate")
        if pull.after >= 2 and wait_ms:
            try:
                await asyncio.wait_for(self.news.wait(), wait_ms / 1000)
            except TimeoutError:
                return encode(page_of([], pull.after))
        items = [Item(pull.after + 1, b"{}", "KR-1", b"s" * 64, 0, b"c" * 60)]
        return encode(page_of(items, pull.after))

    async def serve_checkpoint(self, peer: str) -> bytes:
        return b"kr.spean/exchange\n5\n" + peer.encode()

    async def serve_tile(self, peer: str, path: str) -> bytes:
        if path != "tile/0/000":
            raise NotFound("No such tile")
        return b"h" * 64

    async def serve_consistency(self, peer: str, old: int, new: int, log: str) -> list[bytes]:
        return [b"h" * 32] * (new - old)

    async def serve_identity(self) -> bytes:
        return b"identity"

    async def serve_give_back(self, peer: str, request: GiveBack) -> bytes:
        self.asked.append((peer, request))
        item = ReturnedItem(request.after, b"n" * 32, 1, True, 0)
        return encode(Returned("KR", [item], [], b"", b"", False, request.now))


def self_signed(folder: Path, name: str) -> tuple[Path, Path, str]:
    """A key file, a certificate file, and the certificate as text."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / f"{name}.key", folder / f"{name}.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    certificate_file.write_bytes(pem)
    return key_file, certificate_file, pem.decode()


@dataclass
class Partner:
    """A running partner."""

    port: int
    gate: PlayedGate
    pem: str
    loop: asyncio.AbstractEventLoop

    def peer(self, host: str = "kr.localhost", *, tls: str | None = None, scheme: str = "https") -> Peer:
        return Peer("KR", f"{scheme}://{host}:{self.port}", self.pem if tls is None else tls)


def serve(
    app: Callable[..., object], port_socket: socket.socket, **tls: str
) -> tuple[uvicorn.Server, threading.Thread]:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1, **tls,  # type: ignore[arg-type]
    )  # fmt: skip
    server = uvicorn.Server(config)
    ready = threading.Event()

    async def run() -> None:
        server.loop = asyncio.get_running_loop()  # type: ignore[attr-defined]
        ready.set()
        await server.serve(sockets=[port_socket])

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    ready.wait(5)
    return server, thread


def bound() -> socket.socket:
    # With the protocol named, asyncio switches Nagle off; else each answer waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


@pytest.fixture(scope="session")
def partner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    listening = bound()
    port = listening.getsockname()[1]
    key, certificate, pem = self_signed(tmp_path_factory.mktemp("tls"), "kr")
    gate = PlayedGate(frozenset({f"kr.localhost:{port}", f"127.0.0.1:{port}"}))
    app = Limits(Starlette(routes=partner_routes(gate)))
    server, thread = serve(app, listening, ssl_keyfile=str(key), ssl_certfile=str(certificate))
    yield Partner(port, gate, pem, server.loop)  # type: ignore[attr-defined]
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="session")
def other_pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    return self_signed(tmp_path_factory.mktemp("other"), "kr")[2]


@pytest.fixture
def client() -> Iterator[PeerClient]:
    client = PeerClient("KH", SIGNER, SystemClock(), SystemEntropy())
    yield client
    client.close()
