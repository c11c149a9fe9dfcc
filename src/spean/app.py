"""Composition root: a node's home in, a running server out."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from spean.api.officers import officers_app
from spean.api.outofband import OutOfBand
from spean.api.partners import partner_routes
from spean.api.problems import LastResort
from spean.door import workers
from spean.door.access import Access
from spean.door.limits import Limit, Limits
from spean.door.protocol import BoundedProtocol
from spean.node import Node, open_node
from spean.node.wire.gate import Gate
from spean.node.wire.watch import Watch
from spean.web.routes import web_routes

MAX_BATCH = 16 * 1024 * 1024
"""Bytes of a batch of acts; every other body of an officer is at most 1 MiB."""
MAX_CONNECTIONS = 1024
SHUTDOWN_SECONDS = 5
RESTART_SECONDS = 1.0
_log = logging.getLogger("spean.app")


def build_app(node: Node) -> ASGIApp:
    """The ASGI application of ``node``: officers' and partners' routes, limited. Its lifespan starts and closes it."""
    watch = Watch(node)
    gate = Gate(node, watch)
    outofband = OutOfBand(node)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        workers.limit()
        tasks = [
            asyncio.create_task(_keep("watch", watch.run)),
            asyncio.create_task(_keep("alarms", outofband.keep_sending)),
        ]
        node.start()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            node.on_commit = lambda: None  # the loop that the watch wakes is about to end
            await asyncio.to_thread(node.close)

    access = Access(node)
    app = officers_app(node, access, lifespan=lifespan)
    app.router.routes.extend(partner_routes(gate))
    app.router.routes.extend(web_routes(node, access, watch))
    return _limited(LastResort(app))


def _limited(app: ASGIApp) -> ASGIApp:
    """Batches may be longer than anything else."""
    single = Limits(app)
    batch = Limits(app, (Limit("/", MAX_BATCH),))

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_batch = path.startswith("/api/v1/records/") and path.endswith("/batch")
        await (batch if is_batch else single)(scope, receive, send)

    return limited


async def _keep(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run ``run`` again when it fails: a database that was away must not leave partners unawakened for good."""
    while True:
        try:
            await run()
        except Exception as failed:
            _log.error("%s ended by %s; it starts again", name, type(failed).__name__)
        await asyncio.sleep(RESTART_SECONDS)


def tls_context(node: Node) -> ssl.SSLContext:
    """The node's own certificate (self-signed, pinned by partners), TLS 1.3 only.

    OpenSSL reads keys from files only: the key is written encrypted under a fresh password, read and removed at once.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    password = secrets.token_urlsafe(32)
    handle, name = tempfile.mkstemp(prefix="spean-", suffix=".pem")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(node.keys.tls_pem(password))
        context.load_cert_chain(name, password=password)
    finally:
        os.unlink(name)
    return context


class _Server(uvicorn.Server):
    """Tells the node at once that the end has come, so that partners' waiting pulls do not delay it."""

    def __init__(self, config: uvicorn.Config, node: Node) -> None:
        super().__init__(config)
        self._node = node

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._node.stopping = True
        super().handle_exit(sig, frame)


def server(node: Node) -> uvicorn.Server:
    """A server for ``node``, ready to run: one worker, no access log, the line bounded."""
    host, _, port = node.settings.listen.rpartition(":")
    config = uvicorn.Config(
        build_app(node), host=host.strip("[]"), port=int(port), http=BoundedProtocol, ws="none", lifespan="on",
        access_log=False, server_header=False, proxy_headers=False, limit_concurrency=MAX_CONNECTIONS,
        log_level="warning", timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ssl_context_factory=(lambda *_: tls_context(node)) if node.settings.tls else None,
    )  # fmt: skip
    return _Server(config, node)


def serve(home: Path, passphrase: str | None = None) -> None:
    """Open the node in ``home`` and serve until a signal ends it. Raises ``NotFound`` or ``Unavailable``."""
    made = server(open_node(home, passphrase=passphrase))
    gc.freeze()  # what a start has loaded stays; only what comes later is looked through
    gc.enable()
    made.run()
