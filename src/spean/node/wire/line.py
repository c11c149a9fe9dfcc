"""Partners over HTTP: the node's trust in a partner turned into where and how it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean import __version__
from spean.exchange.make import Signer
from spean.exchange.page import GiveBack, Page, Pull, Returned
from spean.peers.client import Peer, PeerClient

if TYPE_CHECKING:
    from spean.node.ground import Ground


class HttpLine:
    """Implements ``pulling.Line``."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._client: PeerClient | None = None

    def pull(self, node: str, request: Pull, *, signer: Signer | None = None) -> Page:
        if signer is None:
            return self._http().pull(self._peer(node), request)
        client = self._new(signer)
        try:
            return client.pull(self._peer(node), request)
        finally:
            client.close()

    def consistency(self, node: str, old: int, new: int, *, log: str = "exchange") -> list[bytes]:
        return self._http().consistency(self._peer(node), old, new, log=log)

    def give_back(self, node: str, request: GiveBack) -> Returned:
        return self._http().give_back(self._peer(node), request)

    def parcel(self, node: str, name: str, start: int) -> bytes:
        return self._http().parcel(self._peer(node), name, start)

    def close(self) -> None:
        """End all connections; the next call opens new ones (also after a rotation of our key)."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _http(self) -> PeerClient:
        if self._client is None:
            self._client = self._new(self._ground.signer)
        return self._client

    def _new(self, signer: Signer) -> PeerClient:
        ground = self._ground
        return PeerClient(ground.me, signer, ground.clock, ground.entropy, version=__version__)

    def _peer(self, node: str) -> Peer:
        trust = self._ground.peering.trust(node)
        return Peer(node, trust.url, trust.tls)
