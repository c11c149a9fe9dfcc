"""The outermost layer of every HTTP face: how long, how deep and of what type a body may be; security headers.

It reads a body itself, counting, and answers before the application is called. So a body that is too long costs
at most its limit in memory, whatever ``Content-Length`` promised, and no handler can forget the check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spean.core.errors import SpeanError, TooMuch
from spean.exchange.codec import MAX_BODY, check_depth
from spean.exchange.page import GIVE_BACK_TYPE, MAX_PAGE, PULL_TYPE

READ_SECONDS = 30.0
"""How long a sender may take for its body, so that slow ones hold no connection for ever."""
_JSON = "application/json"
SECURITY_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_HSTS = "max-age=63072000"


@dataclass(frozen=True, slots=True)
class Limit:
    """What bodies are accepted under a path prefix. Types are compared without blanks, in small letters."""

    prefix: str
    max_body: int
    types: frozenset[str] = field(default_factory=lambda: frozenset({_JSON}))
    streamed: bool = False
    """The application takes the body piece by piece: it is counted on its way, and each piece has to come in time."""


PARTNERS = Limit("/exchange/", MAX_PAGE, frozenset({PULL_TYPE, GIVE_BACK_TYPE}))
FORM_TYPE = "application/x-www-form-urlencoded"
OFFICERS = Limit("/api/", MAX_BODY)
FILE_TYPE = "multipart/form-data"
MAX_FILE = 64 << 30
"""Bytes of a file for the ledgers: a year of a large bank, uncompressed."""
FILES = Limit("/money/imports/file", MAX_FILE, frozenset({FILE_TYPE}), streamed=True)
IMPORTS = Limit("/api/v1/money/imports/file", MAX_FILE, frozenset({"application/octet-stream"}), streamed=True)
MAX_LIST = 256 << 20
"""Bytes of a published list."""
MAX_TABLE = 64 << 20
"""Bytes of an extract for places without a line, of its questions, of a group, of a file of entities that a page takes."""
LISTS = Limit("/same/lists/file", MAX_LIST, frozenset({FILE_TYPE}), streamed=True)
TABLES = Limit("/border/files/", MAX_TABLE, frozenset({FILE_TYPE}), streamed=True)
LISTED = Limit("/api/v1/lists/file", MAX_LIST, frozenset({"application/octet-stream"}), streamed=True)
MAX_ENTITIES = 16 << 30
"""Bytes of a file of entities."""
THINGS = Limit("/entities/files/import", MAX_TABLE, frozenset({FILE_TYPE}), streamed=True)
ENTITIES = Limit("/api/v1/entities/import", MAX_ENTITIES, frozenset({"application/octet-stream"}), streamed=True)
PAGES = Limit("/", MAX_BODY, frozenset({FORM_TYPE, _JSON}))


class WrongType(SpeanError):
    """The body is of a type that this path does not take."""

    status = 415


class TooSlow(SpeanError):
    """The body did not arrive in time."""

    status = 408


class Limits:
    """Pure ASGI middleware. The first of ``limits`` whose prefix fits a path applies; the last one fits all."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Sequence[Limit] = (PARTNERS, IMPORTS, LISTED, ENTITIES, OFFICERS, FILES, LISTS, TABLES, THINGS, PAGES),
        *,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        if not limits or limits[-1].prefix != "/":
            raise ValueError("the last limit must hold for every path")
        self._app = app
        self._limits = tuple(limits)
        self._read_seconds = read_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _secured(scope, send)
        limit = next(found for found in self._limits if scope["path"].startswith(found.prefix))
        try:
            if limit.streamed:
                self._check(scope, limit)
                await self._app(scope, self._counted(receive, limit), guarded)
                return
            body = await self._read(scope, receive, limit)
        except SpeanError as error:
            await _answer(error)(scope, receive, guarded)
            return
        if body is None:
            return
        await self._app(scope, _replay(body, receive), guarded)

    def _check(self, scope: Scope, limit: Limit) -> Headers:
        """Length and type, as far as the head of the request says them."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit.max_body:
            raise _too_long(limit)
        if length not in {"", "0"} or "transfer-encoding" in headers:
            _check_type(headers, limit)
        return headers

    def _counted(self, receive: Receive, limit: Limit) -> Receive:
        """The body as it comes. Raises ``TooMuch`` or ``TooSlow`` in whoever reads it."""
        size = 0

        async def counted() -> Message:
            nonlocal size
            try:
                async with asyncio.timeout(self._read_seconds):
                    message = await receive()
            except TimeoutError as error:
                raise TooSlow("Body too slow", why=f"over {self._read_seconds} s", remedy="send it faster") from error
            size += len(message.get("body", b""))
            if size > limit.max_body:
                raise _too_long(limit)
            return message

        return counted

    async def _read(self, scope: Scope, receive: Receive, limit: Limit) -> bytes | None:
        """The whole body, checked; None when the sender went away."""
        headers = self._check(scope, limit)
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await _collect(receive, limit)
        except TimeoutError as error:
            raise TooSlow("Body too slow", why=f"over {self._read_seconds} s", remedy="send it faster") from error
        if body:
            media = _check_type(headers, limit)
            if media == _JSON:
                _check_json(body)
        return body


async def _collect(receive: Receive, limit: Limit) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit.max_body:
            raise _too_long(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _check_type(headers: Headers, limit: Limit) -> str:
    media = headers.get("content-type", "").replace(" ", "").lower().removesuffix(";charset=utf-8")
    media = FILE_TYPE if media.startswith(f"{FILE_TYPE};boundary=") else media
    if media not in limit.types:
        types = " or ".join(sorted(limit.types))
        raise WrongType("Wrong content type", why=f"{media[:80] or 'none'} is not taken here", remedy=f"send {types}")
    if "content-encoding" in headers:
        raise WrongType("Compressed bodies are not taken", why="they hide their size", remedy="send it as it is")
    return media


def _check_json(body: bytes) -> None:
    try:
        check_depth(body)
    except TooMuch as deep:
        deep.status = 422
        raise


def _too_long(limit: Limit) -> TooMuch:
    return TooMuch("Body too long", why=f"over {limit.max_body} bytes", remedy=f"at most {limit.max_body} bytes")


def _answer(error: SpeanError) -> Response:
    """The answer to a body that is not read to its end: the connection closes, or the rest would be read anyway."""
    return JSONResponse(error.diagnostics(), status_code=error.status, headers={"connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body on as one message; later calls see the connection itself (its end, above all)."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _secured(scope: Scope, send: Send) -> Send:
    """Add the security headers that the application has not set itself."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if scope["scheme"] == "https":
                headers.setdefault("strict-transport-security", _HSTS)
        await send(message)

    return guarded
