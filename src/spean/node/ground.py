"""What every part of the node stands on: settings, clock, chance, store, keys, engine, agreements; and the parts themselves.

The parts find one another here. The ground holds no state of its own but caches that the store can rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.agreements.registry import Registry
from spean.core.errors import NotFound
from spean.core.fact import Fact, Header
from spean.core.world import DAY, Clock, Entropy
from spean.exchange.make import Signer
from spean.exchange.receive import SignKey
from spean.keys import ContentKeys, NodeKeys, key_id
from spean.node.acts.acting import Acting
from spean.node.acts.assertions import Assertions
from spean.node.acts.carried import Carried
from spean.node.acts.mediating import Mediating
from spean.node.acts.onward import Onward
from spean.node.acts.previewing import Previewing
from spean.node.acts.reactions import Reactions
from spean.node.acts.recalling import Recalling
from spean.node.care.clockwork import Clockwork
from spean.node.care.escalating import Escalating
from spean.node.care.key_recovery import KeyRecovery
from spean.node.care.keyring import KeyRing, MemoryKeyRing
from spean.node.care.logs import Logs
from spean.node.care.machine import Machines
from spean.node.care.restoring import Restoring
from spean.node.care.rotating import Rotating
from spean.node.care.verifying import Verifying
from spean.node.committer import Committer
from spean.node.entry.administering import Administering
from spean.node.entry.people import People
from spean.node.entry.recovering import Recoveries
from spean.node.entry.signing_in import SigningIn
from spean.node.folding import Projector
from spean.node.instruments import Instruments
from spean.node.money.money import Money
from spean.node.private.private import Private
from spean.node.same.desk import MatchingDesk
from spean.node.same.same import Same
from spean.node.settings import Settings
from spean.node.views.auditing import Auditing
from spean.node.views.desks import Desks
from spean.node.views.figures import Figures
from spean.node.views.handing_over import HandingOver
from spean.node.views.indexing import Indexing
from spean.node.views.inspecting import Inspecting
from spean.node.views.partners import Partners
from spean.node.views.reading import Reading
from spean.node.views.recall_watch import RecallWatch
from spean.node.views.register import Register
from spean.node.views.searching import Searching
from spean.node.wire.line import HttpLine
from spean.node.wire.peering import Peering
from spean.node.wire.pulling import Line, Pulling
from spean.node.wire.receiving import Receiving
from spean.node.wire.serving import Serving
from spean.node.wire.witnessing import Witnessing
from spean.node.work import Work
from spean.procedures.engine import Engine
from spean.store import Store, Tx

FORMER = 30 * DAY
"""How long a retired log key still signs beside the new one, for partners that were away."""


class Ground:
    """Shared parts of one node."""

    def __init__(self, *, settings: Settings, home: Path, clock: Clock, entropy: Entropy, store: Store,
                 content_keys: ContentKeys, keys: NodeKeys, engine: Engine, line: Line | None = None,
                 keyring: KeyRing | None = None) -> None:  # fmt: skip
        self.settings = settings
        self.home = home
        self.clock = clock
        self.entropy = entropy
        self.store = store
        self.content_keys = content_keys
        self.engine = engine
        self.me = settings.node
        self.keyring: KeyRing = keyring or MemoryKeyRing(keys)
        self.use_keys(keys)
        self.identity: bytes | None = None
        self.on_commit: Callable[[], object] = lambda: None
        self.stopping = False
        """Set when the server is told to end: pulls that wait are answered at once."""
        self.registry = Registry(())
        self.registry_rev = -1
        self.committer = Committer(self)
        self.projector = Projector(self)
        self.people = People(self)
        self.signing_in = SigningIn(self)
        self.recoveries = Recoveries(self)
        self.administering = Administering(self)
        self.machines = Machines(self)
        self.peering = Peering(self)
        self.instruments = Instruments(self)
        self.acting = Acting(self)
        self.assertions = Assertions(self)
        self.previewing = Previewing(self)
        self.receiving = Receiving(self)
        self.mediating = Mediating(self)
        self.carried = Carried(self)
        self.onward = Onward(self)
        self.witnessing = Witnessing(self)
        self.serving = Serving(self)
        self.reading_desk = Reading(self)
        self.indexing = Indexing(self)
        self.searching = Searching(self)
        self.recalling = Recalling(self)
        self.rotating = Rotating(self)
        self.key_recovery = KeyRecovery(self)
        self.restoring = Restoring(self)
        self.reactions = Reactions(self)
        self.logs = Logs(self)
        self.inspecting = Inspecting(self)
        self.auditing = Auditing(self)
        self.verifying = Verifying(self)
        self.recall_watch = RecallWatch(self)
        self.desks = Desks(self)
        self.register = Register(self)
        self.partners = Partners(self)
        self.handing_over = HandingOver(self)
        self.figures = Figures(self)
        self._begin_capabilities()
        self.pulling = Pulling(self, line or HttpLine(self))
        self.clockwork = Clockwork(self)
        self.escalating = Escalating(self)

    def _begin_capabilities(self) -> None:
        """The parts that stand on all of the above: they listen to what is accepted."""
        self.money = Money(self)
        self.same = Same(self)
        self.matching = MatchingDesk(self)
        self.private = Private(self)
        self.matching.listen()

    def use_keys(self, keys: NodeKeys) -> None:
        """Sign with these keys from now on."""
        self.keys = keys
        self.signer = Signer(keys.sign_id, keys.sign)
        if hasattr(self, "pulling"):
            self.pulling.line.close()
        self.seals = tuple(keys.seals().values())

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """A write transaction with its gathered work; flushed and committed at the end, or nothing happened."""
        try:
            with self.store.write() as tx:
                self._refresh(tx)
                work = Work(self, tx)
                yield work
                work.flush()
                self._reconsider(work)
        except BaseException:
            self.registry_rev = -1  # what was taken into the register in a failed transaction did not happen
            raise
        self.on_commit()

    def _reconsider(self, work: Work) -> None:
        """Agreements or partners changed: what waited for them, in both directions, is judged again."""
        keys = list(dict.fromkeys(work.touched))
        if keys:
            work.touched.clear()
            self.receiving.revisit(work, keys)
            self.acting.deliver_behind(work)
            work.flush()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A snapshot to read from."""
        with self.store.read() as tx:
            self._refresh(tx)
            yield tx

    def take_in(self) -> None:
        """Load partners and agreements, so that the first request does not pay for it."""
        with self.store.read() as tx:
            self._refresh(tx)

    def _refresh(self, tx: Tx) -> None:
        """Take in partners and agreements that another process (or a failed transaction) changed."""
        rev = int(tx.meta.get("registry_rev") or 0)
        if rev != self.registry_rev:
            sign_id = tx.meta.get("sign_id") or ""
            if sign_id and sign_id != self.keys.sign_id:
                self.use_keys(self.keyring.load(sign_id))
            self.instruments.load(tx)
            self.restoring.load(tx)
            self.registry_rev = rev

    def identity_document(self) -> bytes:
        """Our identity document, admitted by the trust root."""
        if self.identity is None:
            raise NotFound("this node has not been admitted by its trust root", remedy="spean trust admit")
        return self.identity

    def sign_keys(self, node: str) -> Sequence[SignKey]:
        """The signing keys that we believe to be a node's, ours included."""
        if node == self.me:
            known = [SignKey(self.keys.sign_id, self.keys.sign_public, 0)]
            return known + [
                SignKey(key_id(key.public), key.public, 0, key.retired_at)
                for key in self.keys.retired
                if key.use == "sign"
            ]
        try:
            return self.peering.trust(node).sign
        except NotFound:
            return ()

    def former_signer(self) -> Signer | None:
        """The signing key that was retired last, if that is not long ago: a partner may not have heard of the new one."""
        since = self.clock.now() - FORMER
        retired = [key for key in self.keys.retired if key.use == "sign" and (key.retired_at or 0) > since]
        if not retired:
            return None
        last = max(retired, key=lambda key: key.retired_at or 0)
        return Signer(key_id(last.public), Ed25519PrivateKey.from_private_bytes(last.private))

    def former_log_keys(self) -> list[Ed25519PrivateKey]:
        """Log keys that were retired not long ago."""
        since = self.clock.now() - FORMER
        return [
            Ed25519PrivateKey.from_private_bytes(key.private)
            for key in self.keys.retired if key.use == "log" and (key.retired_at or 0) > since
        ]  # fmt: skip

    def is_peer(self, node: str) -> bool:
        return node in self.peering.active()

    def is_mediating(self, header: Header) -> bool:
        """Whether we carry this fact between others; we may be one of its recipients, too."""
        envelope = header.envelope
        return envelope is not None and envelope.via == self.me and any(node != self.me for node in envelope.recipients)

    def after(self, work: Work, fact: Fact, form: Any) -> None:
        """What follows from a fact that counts."""
        self.reactions.after(work, fact, form)
        self.private.after(work, fact, form)
        self.same.accepted(work, fact, form)
        self.matching.accepted(work, fact)
