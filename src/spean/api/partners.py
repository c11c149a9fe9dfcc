"""Routes for partners (docs/protocol.md): pull, checkpoint, tiles, consistency, identity, give-back.

A partner proves itself by a signed request (RFC 9421) over pinned TLS. No path names a feed: whose feed it is
follows from who asks, so a peer can ask only for its own. Hash tiles go out, entries of others never.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from spean.core.errors import InvalidInput, NotFound, SpeanError
from spean.exchange import httpsig
from spean.exchange.page import (
    GIVE_BACK_TYPE,
    HASHES_TYPE,
    PAGE_TYPE,
    PULL_TYPE,
    RETURNED_TYPE,
    GiveBack,
    Pull,
    decode_give_back,
    decode_pull,
    encode,
)

PREFIX = "/exchange/v1"
NOTE_TYPE = "text/plain; charset=utf-8"
TILE_TYPE = "application/octet-stream"
IDENTITY_TYPE = "application/vnd.spean.identity+json;v=1"
_HASH_TILE = re.compile(r"tile/(?:[0-9]|[1-5][0-9]|6[0-3])(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?")
"""Hash tiles of C2SP tlog-tiles; ``tile/entries/…`` does not match."""
_PARCEL = re.compile(r"[0-9a-f]{64}")


class PartnerGate(Protocol):
    """What a node offers its partners. ``peer`` is the name of the node that asks, already proved."""

    async def authenticate(self, request: httpsig.Request) -> str:
        """Who signed this request. Raises ``Unauthenticated``, ``VerificationFailed``, ``Refusal`` or ``TooMuch``."""

    async def serve_pull(self, peer: str, pull: Pull, wait_ms: int) -> bytes:
        """The encoded page for ``peer``; waits up to ``wait_ms`` milliseconds for something new."""

    async def serve_checkpoint(self, peer: str) -> bytes:
        """The signed note of the exchange log's latest checkpoint, with cosignatures."""

    async def serve_tile(self, peer: str, path: str) -> bytes:
        """A hash tile of the exchange log, e.g. ``tile/0/000``. Raises ``NotFound``."""

    async def serve_consistency(self, peer: str, old: int, new: int, log: str) -> list[bytes]:
        """The consistency proof between two sizes of the ``exchange`` or ``domestic`` log. Raises ``NotFound`` beyond its size."""

    async def serve_identity(self) -> bytes:
        """This node's identity document; it is public."""

    async def serve_parcel(self, peer: str, name: str, start: int) -> bytes:
        """Bytes from ``start`` on of what a fact to ``peer`` names by this hash. Raises ``NotFound``."""

    async def serve_give_back(self, peer: str, request: GiveBack) -> bytes:
        """What this node knows of the log of ``peer``, which was restored: an encoded ``Returned``."""


Answer = Callable[[PartnerGate, Request, bytes, str], Awaitable[Response]]


def partner_routes(gate: PartnerGate) -> list[Route]:
    """The routes, to be mounted at the root of the application."""

    def route(path: str, method: str, answer: Answer) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                body = await request.body()
                peer = await gate.authenticate(_signed_part(request, body))
                return await answer(gate, request, body, peer)
            except SpeanError as error:
                return _error(error)

        return Route(PREFIX + path, endpoint, methods=[method])

    async def identity(_: Request) -> Response:
        try:
            return Response(await gate.serve_identity(), media_type=IDENTITY_TYPE)
        except SpeanError as error:
            return _error(error)

    return [
        Route(f"{PREFIX}/identity", identity, methods=["GET"]),
        route("/pull", "POST", _pull),
        route("/give-back", "POST", _give_back),
        route("/checkpoint", "GET", _checkpoint),
        route("/consistency", "GET", _consistency),
        route("/parcel/{name}", "GET", _parcel),
        route("/{path:path}", "GET", _tile),
    ]


def _signed_part(request: Request, body: bytes) -> httpsig.Request:
    # A header that comes twice is joined as RFC 9110 says, so the signature covers both or fails.
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return httpsig.Request(
        method=request.method,
        authority=headers.get("host", ""),
        path=request.scope.get("raw_path", b"").decode("latin-1") or request.url.path,
        query=request.scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
    )


async def _pull(gate: PartnerGate, request: Request, body: bytes, peer: str) -> Response:
    _check_type(request, PULL_TYPE)
    pull = decode_pull(body)
    return Response(await gate.serve_pull(peer, pull, pull.wait_ms), headers={"content-type": PAGE_TYPE})


async def _give_back(gate: PartnerGate, request: Request, body: bytes, peer: str) -> Response:
    _check_type(request, GIVE_BACK_TYPE)
    returned = await gate.serve_give_back(peer, decode_give_back(body))
    return Response(returned, headers={"content-type": RETURNED_TYPE})


async def _checkpoint(gate: PartnerGate, _request: Request, _body: bytes, peer: str) -> Response:
    return Response(await gate.serve_checkpoint(peer), headers={"content-type": NOTE_TYPE})


async def _consistency(gate: PartnerGate, request: Request, _body: bytes, peer: str) -> Response:
    old, new = _size(request, "old"), _size(request, "new")
    log = request.query_params.get("log", "exchange")
    if log not in ("exchange", "domestic"):
        raise InvalidInput("log", "no such log", remedy="exchange or domestic")
    if old > new:
        raise InvalidInput("old", f"{old} is larger than new", remedy="give the smaller size as old")
    return Response(encode(await gate.serve_consistency(peer, old, new, log)), headers={"content-type": HASHES_TYPE})


async def _parcel(gate: PartnerGate, request: Request, _body: bytes, peer: str) -> Response:
    name = request.path_params["name"]
    if _PARCEL.fullmatch(name) is None:
        raise NotFound("No such parcel for you", remedy="ask for what a fact to you names")
    return Response(await gate.serve_parcel(peer, name, _size(request, "from")), headers={"content-type": TILE_TYPE})


async def _tile(gate: PartnerGate, request: Request, _body: bytes, peer: str) -> Response:
    path = request.path_params["path"]
    if _HASH_TILE.fullmatch(path) is None:
        raise NotFound("No such tile", why="only hash tiles are served", remedy="ask for tile/<level>/<number>")
    return Response(await gate.serve_tile(peer, path), headers={"content-type": TILE_TYPE})


def _size(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if re.fullmatch(r"[0-9]{1,16}", text, re.ASCII) is None:
        raise InvalidInput(name, "not a size of a log", remedy="give old and new as whole numbers")
    return int(text)


def _check_type(request: Request, expected: str) -> None:
    # Limits checks this for a whole application; a signed pull must not pass as a give-back either.
    if request.headers.get("content-type") != expected:
        raise InvalidInput("content-type", "of another message", remedy=f"send {expected}")


def _error(error: SpeanError) -> Response:
    return JSONResponse(error.diagnostics(), status_code=error.status)
