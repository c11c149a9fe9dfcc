"""The node's side of the partners' routes: prove who asks, wait for news, answer in a worker thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spean.core.errors import NotFound
from spean.core.world import SECOND
from spean.exchange import httpsig
from spean.exchange.page import GiveBack, Pull, encode

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.wire.watch import Watch


class Gate:
    """Implements ``api.partners.PartnerGate``."""

    def __init__(self, ground: Ground, watch: Watch) -> None:
        self._ground = ground
        self._watch = watch
        self._nonces = httpsig.Nonces()
        self._authorities = frozenset({urlsplit(ground.settings.url).netloc.lower(), ground.settings.listen.lower()})

    async def authenticate(self, request: httpsig.Request) -> str:
        ground = self._ground
        peer = httpsig.verify_request(
            request, self._key_of, self._nonces, authorities=self._authorities, now=ground.clock.now()
        )
        ground.serving.check_partner(peer)
        return peer

    def _key_of(self, node: str, key_id: str) -> bytes | None:
        return next(
            (key.public for key in self._ground.sign_keys(node) if key.key_id == key_id and key.revoked_at is None),
            None,
        )

    async def serve_pull(self, peer: str, pull: Pull, wait_ms: int) -> bytes:
        await asyncio.to_thread(self._ground.serving.take_pull, peer, pull)
        deadline = asyncio.get_running_loop().time() + wait_ms / SECOND
        while not self._ground.stopping and not await asyncio.to_thread(
            self._ground.serving.has_news, peer, pull.after
        ):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await self._watch.wait(left)
        return await asyncio.to_thread(self._encoded, peer, pull)

    def _encoded(self, peer: str, pull: Pull) -> bytes:
        return encode(self._ground.serving.page(peer, pull))

    async def serve_checkpoint(self, peer: str) -> bytes:
        self._ground.restoring.check()
        with self._ground.store.read() as tx:
            return self._ground.serving.note(tx)

    async def serve_tile(self, peer: str, path: str) -> bytes:
        return await asyncio.to_thread(self._ground.serving.tile, path)

    async def serve_consistency(self, peer: str, old: int, new: int, log: str) -> list[bytes]:
        return await asyncio.to_thread(self._ground.serving.consistency, old, new, log)

    async def serve_identity(self) -> bytes:
        document = self._ground.identity_document()
        if not document:
            raise NotFound("this node has not been admitted by its trust root", remedy="spean trust admit")
        return document

    async def serve_parcel(self, peer: str, name: str, start: int) -> bytes:
        return await asyncio.to_thread(self._ground.private.parcels.serve, peer, name, start)

    async def serve_give_back(self, peer: str, request: GiveBack) -> bytes:
        return encode(await asyncio.to_thread(self._ground.restoring.give_back, peer, request))
