"""The story's stage in the demo: served nodes, each a process, under the demo's own clock."""

from __future__ import annotations

from spean.core.errors import SpeanError
from spean.core.world import HOUR, MINUTE, SystemClock, SystemEntropy
from spean.demo.desk import Refused
from spean.demo.federation import Federation
from spean.demo.minutes.stage import BANKS, SECOND, Player
from spean.exchange.make import Signer
from spean.exchange.page import Pull
from spean.keys import NodeKeys
from spean.peers.client import Peer, PeerClient

BEFORE = 76 * HOUR
"""How long before now the story's first hour lies, so that its last day is today."""
FIRST_MINUTE = 101
_PULL = Pull(after=0, wait_ms=0, limit=1, known_size=0, receipts=[], cosignature=b"", seen=[], now=0)


def beginning() -> int:
    """Midnight of the story's day (ms UTC), as its clock counts."""
    return SystemClock().now() - BEFORE - FIRST_MINUTE * MINUTE


class Served:
    """Implements ``Stage``."""

    def __init__(self, federation: Federation, agreement: str) -> None:
        self._federation = federation
        self.agreement = agreement
        nodes = federation.nodes
        self.players: dict[str, Player] = {name: played.desk for name, played in nodes.items()}
        self.players |= {f"{node}+": nodes[node].player(role.name) for node, role in SECOND.items()}
        self.players |= {code: nodes[role.node].player(role.name) for code, role in BANKS.items()}

    def move(self, moment: int) -> None:
        clock = self._federation.clock
        clock.set(min(0, moment - SystemClock().now()))

    def now(self) -> int:
        return self._federation.clock.now()

    def cut(self, node: str) -> None:
        self._federation.halt(self._federation.nodes[node])

    def mend(self, node: str) -> None:
        self._federation.resume(self._federation.nodes[node])

    def forge(self, node: str, of: str) -> None:
        """With real keys that the trust root never saw."""
        federation, entropy = self._federation, SystemEntropy()
        target = federation.nodes[node]
        keys = NodeKeys.generate(entropy, federation.clock.now(), ("localhost", "localhost"))
        client = PeerClient(of, Signer(keys.sign_id, keys.sign), federation.clock, entropy, version="0")
        try:
            client.pull(Peer(node, target.url, ""), _PULL)
        except SpeanError as error:
            raise Refused(error.status, {"rule": error.rule, "why": error.why or error.what}) from error
        finally:
            client.close()
