"""Partners: invite, accept after comparing words by telephone, revoke; and what we believe about each (R40, O9).

Accepting a partner concludes the instrument ``peering`` at our end: agreement texts, directory entries and keys may pass,
nothing else (docs/design.md, decision 6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from spean.core.roles import Role
from spean.core.world import from_iso
from spean.exchange.identity import Identity, fingerprint, invite, parse_invite, verify_identity
from spean.exchange.receive import SignKey
from spean.keys import fingerprint_words
from spean.ledger.note import Verifier, parse_vkey
from spean.node.entry.people import Who
from spean.node.instruments import touch_register
from spean.store.rows import KeyUse, PeerKeyRow, PeerRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx


@dataclass(frozen=True, slots=True)
class Trust:
    """What we believe about a partner, ready for use."""

    node: str
    url: str
    log: Verifier
    """The key with which its log signs now."""
    logs: tuple[Verifier, ...]
    """All keys with which it ever signed and that are not revoked."""
    seal: bytes
    tls: str
    sign: tuple[SignKey, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as the two people see it."""

    identity: Identity
    words: str
    text: str


class Peering:
    """The partners of this node."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._cache: dict[str, Trust] = {}
        self._rev = -1

    def invite(self) -> Offer:
        """Our invitation, and the words that we read out when the partner calls."""
        document = self._ground.identity_document()
        return Offer(self._verified(document), fingerprint_words(fingerprint(document)), invite(document))

    def look(self, text: str) -> Offer:
        """Somebody's invitation: who it claims to be, and the words that must be the same on the telephone."""
        document = parse_invite(text)
        return Offer(self._verified(document), fingerprint_words(fingerprint(document)), text)

    def accept(self, who: Who, text: str, words: str) -> PeerRow:
        """Accept an invitation once its words were compared aloud with the partner's."""
        who.need(Role.ADMINISTRATOR)
        offer = self.look(text)
        if words.split() != offer.words.split():
            raise Refusal("O9", "the words differ from this invitation's", what="Not accepted",
                          remedy="call the partner on a number you know and compare again")  # fmt: skip
        return self.admit(parse_invite(text))

    def admit(self, document: bytes) -> PeerRow:
        """Write a partner in. A newer identity document (higher serial) of a known partner replaces its address."""
        ground = self._ground
        identity = self._verified(document)
        if identity.node == ground.me:
            raise InvalidInput("invitation", "it is our own", remedy="take the partner's")
        now = ground.clock.now()
        row = PeerRow(
            node=identity.node, name=identity.name, url=identity.url, identity=document, status="active", added_at=now
        )
        with ground.writing() as work:
            tx = work.tx
            known = self._known(tx, identity.node)
            if known is not None:
                if known.status == "revoked":
                    raise Conflict(
                        f"{identity.node} was revoked here",
                        remedy="its key needs a new ceremony: spean peer accept --again",
                    )
                if self._verified(known.identity).serial > identity.serial:
                    raise Conflict("this invitation is older than what we know", remedy="ask for a new one")
                row = replace(known, name=identity.name, url=identity.url, identity=document, status="active")
            tx.peers.save(row)
            self._save_keys(tx, identity)
            touch_register(tx)
            self.load(tx)
            work.touched.append(f"node:{identity.node}")
        with ground.reading():
            return row  # reading takes the new partner into the cache

    def _save_keys(self, tx: Tx, identity: Identity) -> None:
        since = from_iso(identity.issued)
        vkey = identity.log_key.encode()
        rows: tuple[tuple[KeyUse, str, bytes], ...] = (
            ("sign", identity.sign_id, bytes.fromhex(identity.sign_key)),
            ("seal", identity.seal_id, bytes.fromhex(identity.seal_key)),
            ("log", f"log-{identity.sign_id}", vkey),
            ("tls", f"tls-{identity.sign_id}", identity.tls.encode()),
        )
        for use, key_id, public in rows:
            tx.peers.add_key(PeerKeyRow(node=identity.node, key_id=key_id, use=use, public=public, valid_from=since))

    def revoke(self, who: Who, node: str, reason: str) -> PeerRow:
        """Believe nothing from this partner any more: its keys are revoked, nothing leaves to it."""
        who.need(Role.ADMINISTRATOR)
        ground = self._ground
        now = ground.clock.now()
        with ground.writing() as work:
            row = self._known(work.tx, node)
            if row is None:
                raise NotFound(f"no partner {node}", remedy="spean peer list shows them")
            work.tx.peers.save(replace(row, status="revoked", last_error=reason))
            for key in work.tx.peers.keys(node):
                work.tx.peers.revoke_key(key.key_id, now)
            work.tx.alarms.raise_("peer-revoked", node, "critical", f"{node} was revoked: {reason}", now)
            touch_register(work.tx)
        return replace(row, status="revoked")

    def list(self) -> list[PeerRow]:
        with self._ground.store.read() as tx:
            return tx.peers.list()

    def trust(self, node: str) -> Trust:
        """What we believe about ``node``; ``NotFound`` when it is no partner."""
        found = self._cache.get(node)
        if found is None:
            raise NotFound(f"{node} is no partner of ours", remedy="spean peer accept")
        return found

    def active(self) -> tuple[str, ...]:
        """Names of the partners with whom we exchange."""
        return tuple(sorted(node for node, trust in self._cache.items() if trust.active))

    def load(self, tx: Tx) -> None:
        """Read all partners and keys into the cache; called when another process or transaction changed them."""
        self._cache = {row.node: self._trust(tx, row) for row in tx.peers.list()}

    def _trust(self, tx: Tx, row: PeerRow) -> Trust:
        keys = tx.peers.keys(row.node)
        newest = {key.use: key for key in keys if key.revoked_at is None}
        logs = tuple(parse_vkey(key.public.decode()) for key in keys if key.use == "log" and key.revoked_at is None)
        every = [parse_vkey(key.public.decode()) for key in keys if key.use == "log"]
        sign = tuple(
            SignKey(key.key_id, key.public, key.valid_from, key.valid_until, key.revoked_at)
            for key in keys
            if key.use == "sign"
        )
        seal = newest.get("seal")
        tls = newest.get("tls")
        return Trust(
            node=row.node, url=row.url, log=(logs or tuple(every))[-1], logs=logs, seal=b"" if seal is None else seal.public,
            tls="" if tls is None else tls.public.decode(), sign=sign, active=row.status == "active",
        )  # fmt: skip

    def _verified(self, document: bytes) -> Identity:
        settings = self._ground.settings
        return verify_identity(document, bytes.fromhex(settings.root), realm=settings.realm)

    def _known(self, tx: Tx, node: str) -> PeerRow | None:
        return next((row for row in tx.peers.list() if row.node == node), None)
