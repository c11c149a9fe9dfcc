"""The client of partners' routes (docs/protocol.md): signed requests, pinned TLS, bounded answers.

It moves bytes and decodes them; whether they are true is judged by the seven receiving steps. Everything that goes
wrong on the way is ``Unavailable`` with the peer's name; what the peer itself refuses keeps its rule and reason.

It uses httpcore2, the engine of httpx2, without its client: there are no redirects, cookies, proxies or settings of
the environment to switch off, and a request costs half the time.
"""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass

import httpcore2

from spean.core.errors import (
    InvalidInput,
    NotFound,
    Refusal,
    SpeanError,
    TooMuch,
    Unauthenticated,
    Unavailable,
    VerificationFailed,
)
from spean.core.world import SECOND, Clock, Entropy
from spean.exchange.codec import check_depth
from spean.exchange.httpsig import Request, sign_request
from spean.exchange.identity import IDENTITY_TYPE, MAX_IDENTITY, split_url
from spean.exchange.make import Signer
from spean.exchange.page import (
    GIVE_BACK_TYPE,
    HASHES_TYPE,
    MAX_PAGE,
    PAGE_TYPE,
    PULL_TYPE,
    RETURNED_TYPE,
    GiveBack,
    Page,
    Pull,
    Returned,
    decode_hashes,
    decode_page,
    decode_returned,
    encode,
)
from spean.peers.pinned import is_local_name, is_loopback, pinned_context, unpinned_context

PREFIX = "/exchange/v1"
MAX_SMALL = 2 * 1024 * 1024
"""Bytes of a checkpoint, a proof or a tile."""
MAX_ERROR = 64 * 1024
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
NONCE_SIZE = 16
_KEEP_ALIVE = 4.0
"""Shorter than uvicorn's five seconds, so that we close first and no request meets a closing connection."""
_LINE_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.ConnectionNotAvailable,
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a partner is reached and what it shows: ``url`` without path, ``tls`` the pinned certificate (PEM)."""

    node: str
    url: str
    tls: str = ""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request to be made, and what answer is accepted."""

    method: str
    path: str
    accepts: str
    limit: int
    query: str = ""
    body: bytes = b""
    body_type: str = ""
    wait: float = 0.0
    signed: bool = True


class PeerClient:
    """Asks partners in the name of ``node``. Safe to share between threads; one connection pool per partner."""

    def __init__(self, node: str, signer: Signer, clock: Clock, entropy: Entropy, *, version: str = "") -> None:
        self._node = node
        self._signer = signer
        self._clock = clock
        self._entropy = entropy
        self._agent = f"spean/{version or '0'}"
        self._pools: dict[Peer, httpcore2.ConnectionPool] = {}
        self._lock = threading.Lock()

    def pull(self, peer: Peer, pull: Pull) -> Page:
        """The next page of ``peer``'s feed for us; the answer may take ``pull.wait_ms``."""
        wait = pull.wait_ms / SECOND
        call = _Call("POST", "/pull", PAGE_TYPE, MAX_PAGE, body=encode(pull), body_type=PULL_TYPE, wait=wait)
        return decode_page(self._ask(peer, call))

    def give_back(self, peer: Peer, request: GiveBack) -> Returned:
        """After a restore: what ``peer`` knows of our log."""
        call = _Call("POST", "/give-back", RETURNED_TYPE, MAX_PAGE, body=encode(request), body_type=GIVE_BACK_TYPE)
        return decode_returned(self._ask(peer, call))

    def checkpoint(self, peer: Peer) -> bytes:
        """The signed note of the peer's latest checkpoint."""
        return self._ask(peer, _Call("GET", "/checkpoint", "text/plain", MAX_SMALL))

    def consistency(self, peer: Peer, old: int, new: int, *, log: str = "exchange") -> list[bytes]:
        """The consistency proof of the peer's log between two sizes."""
        call = _Call("GET", "/consistency", HASHES_TYPE, MAX_SMALL, query=f"log={log}&old={old}&new={new}")
        return decode_hashes(self._ask(peer, call))

    def tile(self, peer: Peer, path: str) -> bytes:
        """A hash tile of the peer's log, e.g. ``tile/0/000``."""
        return self._ask(peer, _Call("GET", f"/{path}", "application/octet-stream", MAX_SMALL))

    def parcel(self, peer: Peer, name: str, start: int) -> bytes:
        """Bytes from ``start`` on of what one of the peer's facts names by its hash; the peer says how many."""
        call = _Call("GET", f"/parcel/{name}", "application/octet-stream", MAX_SMALL, query=f"from={start}")
        return self._ask(peer, call)

    def identity(self, url: str, tls: str = "") -> bytes:
        """The identity document at ``url``. Without ``tls`` the line proves nothing: verify the document."""
        peer = Peer(url, url, tls)
        call = _Call("GET", "/identity", IDENTITY_TYPE, MAX_IDENTITY, signed=False)
        if tls or not url.startswith("https:"):
            return self._ask(peer, call)
        # A connection of its own, closed at once: no other request may ever go over an unpinned one.
        with _open(unpinned_context()) as once:
            return _send(peer, once, self._prepare(_address(peer), call), call)

    def close(self) -> None:
        """Close all connections; a pull that waits ends with ``Unavailable``."""
        with self._lock:
            pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.close()

    def _ask(self, peer: Peer, call: _Call) -> bytes:
        address = _address(peer)
        return _send(peer, self._pool(peer, address), self._prepare(address, call), call)

    def _prepare(self, address: _Address, call: _Call) -> httpcore2.Request:
        path = PREFIX + call.path
        headers = {
            "host": address.authority,
            "user-agent": self._agent,
            "accept": call.accepts,
            "accept-encoding": "identity",
        }
        if call.body_type:
            headers |= {"content-type": call.body_type, "content-length": str(len(call.body))}
        if call.signed:
            view = Request(
                method=call.method,
                authority=address.authority,
                path=path,
                query=call.query,
                headers=headers,
                body=call.body,
            )
            nonce = self._entropy.bytes(NONCE_SIZE)
            headers |= sign_request(view, self._node, self._signer, now=self._clock.now(), nonce=nonce)
        target = f"{path}?{call.query}" if call.query else path
        return httpcore2.Request(
            call.method,
            address.url(target),
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            content=call.body if call.body_type else None,
            extensions={"timeout": _timeout(call.wait), "sni_hostname": address.host},
        )

    def _pool(self, peer: Peer, address: _Address) -> httpcore2.ConnectionPool:
        with self._lock:
            pool = self._pools.get(peer)
            if pool is None:
                pool = self._pools[peer] = _open(_pinned(peer) if address.scheme == "https" else None)
            return pool


@dataclass(frozen=True, slots=True)
class _Address:
    """A partner's address taken apart; ``authority`` is what Host says and what is signed."""

    scheme: str
    host: str
    port: int
    authority: str

    def url(self, target: str) -> httpcore2.URL:
        # Names under localhost need no DNS (RFC 6761), and not every resolver knows them.
        host = "127.0.0.1" if is_local_name(self.host) else self.host
        return httpcore2.URL(
            scheme=self.scheme.encode(), host=host.encode(), port=self.port, target=target.encode("ascii", "replace")
        )


def _address(peer: Peer) -> _Address:
    try:
        scheme, authority, host, port = split_url(peer.url.removesuffix("/"))
    except InvalidInput as error:
        raise _unusable(peer, error.why) from error
    if scheme == "http" and not is_loopback(host):
        raise _unusable(peer, "plain http is for one's own machine only")
    return _Address(scheme, host, port, authority)


def _pinned(peer: Peer) -> ssl.SSLContext:
    try:
        return pinned_context(peer.tls)
    except ValueError as error:
        raise _unusable(peer, str(error)) from error


def _unusable(peer: Peer, why: str) -> Unavailable:
    return Unavailable(f"{peer.node} has no usable address", why=why, remedy="correct the peer's entry")


def _send(peer: Peer, pool: httpcore2.ConnectionPool, request: httpcore2.Request, call: _Call) -> bytes:
    try:
        answer = pool.handle_request(request)
        try:
            return _read(peer, answer, call)
        finally:
            answer.close()
    except (*_LINE_ERRORS, OSError, RuntimeError) as error:
        why = str(error) or type(error).__name__
        raise Unavailable(f"{peer.node} cannot be reached", why=why, remedy="it is tried again") from error


def _open(context: ssl.SSLContext | None) -> httpcore2.ConnectionPool:
    return httpcore2.ConnectionPool(
        ssl_context=context, max_connections=16, max_keepalive_connections=4, keepalive_expiry=_KEEP_ALIVE
    )


def _timeout(wait: float) -> dict[str, float]:
    return {"connect": CONNECT_SECONDS, "read": wait + READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}


def _read(peer: Peer, answer: httpcore2.Response, call: _Call) -> bytes:
    """The body of a good answer, or the error that the peer told us."""
    headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
    if b"content-encoding" in headers:
        raise _strange(peer, "it compresses answers, which hides their size")
    good = answer.status == 200
    body = _collect(peer, answer, call.limit if good else MAX_ERROR)
    if not good:
        raise _told(peer, answer.status, body)
    media = headers.get(b"content-type", "")
    if media != call.accepts and media.partition(";")[0] != call.accepts:
        raise _strange(peer, f"it answers with {media[:80]!r} instead of {call.accepts}")
    return body


def _collect(peer: Peer, answer: httpcore2.Response, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_stream():
        size += len(chunk)
        if size > limit:
            raise _strange(peer, f"its answer is longer than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _told(peer: Peer, status: int, body: bytes) -> SpeanError:
    """The peer's own error, with its rule and reason cut to a length that fits a page."""
    told = _words(body)
    what, why = f"{peer.node}: {told.get('what') or f'HTTP {status}'}", told.get("why", "")
    remedy, rule = told.get("remedy", ""), told.get("rule", "")
    if status == 403:
        return Refusal(rule or "peer", why, remedy=remedy, what=what)
    kinds: dict[int, type[SpeanError]] = {
        400: VerificationFailed,
        401: Unauthenticated,
        404: NotFound,
        413: TooMuch,
        429: TooMuch,
    }
    if status == 422:
        return InvalidInput(f"request to {peer.node}", why or what, remedy=remedy, rule=rule or "form")
    return kinds.get(status, Unavailable)(what, why=why, remedy=remedy, rule=rule)


def _words(body: bytes) -> dict[str, str]:
    try:
        check_depth(body)
        told = json.loads(body)
    except (ValueError, TooMuch, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        name: "".join(sign for sign in text[:500] if sign.isprintable())
        for name, text in told.items()
        if isinstance(name, str) and isinstance(text, str)
    }


def _strange(peer: Peer, why: str) -> Unavailable:
    return Unavailable(f"{peer.node} answers strangely", why=why, remedy="call its duty desk; nothing was taken over")
