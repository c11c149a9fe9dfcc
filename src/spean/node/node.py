"""The one object that every face calls, divided by what it does.

indexing    the search index    searching      search over it
people      users, tokens                      acting      the way of a fact out
peering     partners and what we believe       receiving   the way of a fact in (seven steps)
pulling     fetching from partners             serving     answering partners
reading_desk reading, preview, holders         recalling   correct, withdraw, erase, recall
logs        evidence, export, verification     witnessing  forks, cosignatures
clockwork   timers and alarms                  restoring   backup, restore, catching up
rotating    keys                               desks       the directory
onward      passing on (carried: its judge)    figures     late answers
register    agreements for people                partners    how each partner is
handing_over  the shift's note, which somebody hands over and somebody takes over
previewing  who would receive an act, and why  signing_in  passkeys, passwords with codes, links; sessions
recoveries  lost authenticators, by two people
money       ledgers, cases that are followed, the banks' side
administering  users, their rights, tokens, links  machines    keys and their ages, backups, versions, storage
"""

from __future__ import annotations

from pathlib import Path

from spean.candidates import procedures as candidates
from spean.circulars import procedures as circulars
from spean.core.errors import NotFound, Refusal
from spean.core.world import Clock, Entropy, SystemClock, SystemEntropy, iso
from spean.directory import procedures as directory
from spean.dossiers import procedures as dossiers
from spean.exchange.identity import Identity, draft_identity, endorse, verify_identity
from spean.exchange.make import Signer
from spean.hits import procedures as hits
from spean.holds import procedures as holds
from spean.keys import ContentKeys, NodeKeys
from spean.keys import files as key_files
from spean.ledger.note import Verifier, format_vkey
from spean.mules import procedures as mules
from spean.node.care.keyring import FileKeyRing, KeyRing
from spean.node.ground import Ground
from spean.node.settings import Settings, load_settings, save_settings
from spean.node.wire.pulling import Line
from spean.onward import procedures as onward
from spean.preservation import procedures as preservation
from spean.procedures.declare import Procedure
from spean.procedures.engine import Engine
from spean.recalls import procedures as recalls
from spean.requests import procedures as requests
from spean.restitution import procedures as restitution
from spean.store import Store
from spean.treaties import procedures as treaties
from spean.trust import procedures as trust

PROCEDURES: tuple[Procedure, ...] = tuple(
    each
    for room in (
        treaties, circulars, requests, recalls, onward, trust, directory, holds, preservation, restitution, mules, dossiers, candidates, hits,
    )
    for each in room.PROCEDURES
)  # fmt: skip
"""All procedures that this version knows."""


class Node(Ground):
    """A running node: the ground with its parts."""

    def start(self) -> None:
        """Begin to pull and to keep the clocks."""
        self.pulling.start()
        self.clockwork.start()
        self.money.start()

    def close(self) -> None:
        """End the loops and close what is open."""
        self.pulling.stop()
        self.clockwork.stop()
        self.money.close()
        self.store.close()
        self.content_keys.close()


def create(home: Path, settings: Settings, *, entropy: Entropy | None = None, clock: Clock | None = None,
           passphrase: str | None = None) -> Path:  # fmt: skip
    """Make a node's home: settings, keys, empty stores, and its identity as a draft for the trust root to admit."""
    entropy, clock = entropy or SystemEntropy(), clock or SystemClock()
    if (home / "settings.json").exists():
        raise Refusal("O8", f"there is a node in {home} already", remedy="name an empty folder", what="Not made")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    save_settings(settings, home)
    hosts = (settings.url.split("://", 1)[1].rsplit(":", 1)[0], settings.listen.rsplit(":", 1)[0])
    keys = NodeKeys.generate(entropy, clock.now(), hosts)
    key_files.save(keys, home / "keys", entropy, passphrase)
    store = Store.open(settings.store_url(home))
    store.migrate()
    store.close()
    ContentKeys.open(settings.content_keys_url(home)).close()
    draft = home / "identity.draft"
    draft.write_bytes(
        draft_identity(identity_of(settings, keys, clock.now(), serial=1), Signer(keys.sign_id, keys.sign))
    )
    return draft


def identity_of(settings: Settings, keys: NodeKeys, now: int, serial: int) -> Identity:
    """What a node says of itself."""
    return Identity(
        node=settings.node, name=settings.name, url=settings.url, realm=settings.realm, serial=serial, issued=iso(now),
        sign_id=keys.sign_id, sign_key=keys.sign_public.hex(), seal_id=keys.seal_id, seal_key=keys.seal_public.hex(),
        log_key=format_vkey(Verifier(settings.log_origin, keys.log_public)), tls=keys.tls_certificate if settings.tls else "",
    )  # fmt: skip


def admit(home: Path, root: Signer) -> None:
    """The trust root admits the node whose draft lies in ``home`` (a lab or demo; otherwise the draft travels to the root)."""
    document = endorse((home / "identity.draft").read_bytes(), root)
    admitted(home, document)


def admitted(home: Path, document: bytes) -> Identity:
    """Take the admitted identity document in."""
    settings = load_settings(home)
    identity = verify_identity(document, bytes.fromhex(settings.root), realm=settings.realm)
    if identity.node != settings.node:
        raise Refusal(
            "R40", f"the document is of {identity.node}", remedy="bring the one for this node", what="Not taken"
        )
    (home / "identity").write_bytes(document)
    return identity


def open_node(home: Path, *, clock: Clock | None = None, entropy: Entropy | None = None, line: Line | None = None,
              passphrase: str | None = None) -> Node:  # fmt: skip
    """Open the node in ``home``. Raises ``NotFound``, ``InvalidInput`` or ``Unavailable``."""
    settings = load_settings(home)
    entropy = entropy or SystemEntropy()
    ring = FileKeyRing(home, entropy, passphrase)
    store = Store.open(settings.store_url(home))
    store.migrate()
    content = ContentKeys.open(settings.content_keys_url(home))
    with store.read() as tx:
        keys = ring.load(tx.meta.get("sign_id") or "")
    return assemble(settings, home, keys, store, content, clock or SystemClock(), entropy, line, ring)


def assemble(settings: Settings, home: Path, keys: NodeKeys, store: Store, content: ContentKeys, clock: Clock, entropy: Entropy,
             line: Line | None = None, keyring: KeyRing | None = None) -> Node:  # fmt: skip
    """Put a node together from its parts (the simulation gives its own)."""
    node = Node(settings=settings, home=home, clock=clock, entropy=entropy, store=store, content_keys=content, keys=keys,
                engine=Engine(PROCEDURES), line=line, keyring=keyring)  # fmt: skip
    document = home / "identity"
    if node.identity is None and document.exists():
        node.identity = document.read_bytes()
    node.take_in()
    return node


def root_signer(path: Path) -> Signer:
    """A trust root's private key from its file, for admitting nodes."""
    from spean.keys.root import load_root

    if not path.exists():
        raise NotFound(f"no trust root in {path}", remedy="spean trust new makes one")
    return load_root(path)
